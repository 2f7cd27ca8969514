import os

import pytest

from apps.documents import reading
from tests.documents.synthetic import a_file, text


def only_fault(path):
    found, faults = reading.read(path)
    assert found is None
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


HUGE = "9" * 400

# What is spoiled, what stands on the line that the message names, the field, and words that say what is wrong.
SPOILED = [
    (("kind: primary", "kind: [primary"), "title: Synthetic", "", "not valid YAML"),
    (("  journal:", "  publisher: X\n  journal:"), "publisher: X", "study.publisher", "unknown key"),
    (
        ("edge: benefit", "edge: good"),
        "edge: good",
        "claims[0].edge",
        "'good' is not one of harm, benefit, mixed, neutral",
    ),
    (("value: 0.87", "value: 87"), "- name: AUC", "claims[0].measures[0]", "ci_low ≤ value ≤ ci_high"),
    (
        ("value: 0.9\n", "value: 90\n"),
        "- name: sensitivity",
        "claims[0].measures[1]",
        "sensitivity lies between 0 and 1",
    ),
    (("ci_low: 0.8", "ci_low: 0.88"), "- name: AUC", "claims[0].measures[0]", "ci_low ≤ value ≤ ci_high"),
    (
        ("name: sensitivity", "name: Sensitivity"),
        "- name: Sensitivity",
        "claims[0].measures[1].name",
        "write sensitivity for 'Sensitivity'",
    ),
    (("    value: 0.9\n", ""), "- name: sensitivity", "claims[0].measures[1]", "has no number"),
    (("p: <0.001", "p: 7"), "p: 7", "claims[0].measures[0].p", "7 is not between 0 and 1"),
    (("p: <0.001", "p: small"), "p: small", "claims[0].measures[0].p", 'looks like 0.03 or "<0.001"'),
    (("value: 0.87", "value: .nan"), "value: .nan", "claims[0].measures[0].value", "is not a number"),
    (("value: 0.87", "value: true"), "value: true", "claims[0].measures[0].value", "is not a number"),
    (("value: 0.87", "value: 1e999"), "value: 1e999", "claims[0].measures[0].value", "is not a number"),
    (("n_cases: 50", "n_cases: 50.5"), "n_cases: 50.5", "claims[0].measures[0].n_cases", "is not a whole number"),
    (("n_cases: 50", "n_cases: -1"), "n_cases: -1", "claims[0].measures[0].n_cases", "is not between 0"),
    (
        ("n_cases: 50", "n_cases: 99999999999"),
        "n_cases: 99999999999",
        "claims[0].measures[0].n_cases",
        "is not between 0",
    ),
    (
        ("preparation: p1", "preparation: p9"),
        "preparation: p9",
        "claims[0].preparation",
        "no preparation 'p9' in this document",
    ),
    (("id: p2", "id: p1"), "id: p1", "preparations[1].id", "'p1' stands twice"),
    (("id: c2", "id: c1"), "id: c1", "claims[1].id", "'c1' stands twice"),
    (('"900000001"', "900000001"), "900000001", "study.pmid", "900000001 is not text: put it in quotes"),
    (('"900000001"', '"PMID 12"'), '"PMID 12"', "study.pmid", "is not well-formed"),
    (("10.9999/Synthetic.900000001", "doi.org/x"), "doi.org/x", "study.doi", "is not well-formed"),
    (("  year: 2020", "  year: 1066"), "year: 1066", "study.year", "1066 is not a year between 1946"),
    (("  year: 2020", "  year: 2999"), "year: 2999", "study.year", "2999 is not a year between 1946"),
    (("  year: 2020", f"  year: {HUGE}"), HUGE, "study.year", "is not a year between"),
    (("  year: 2020", "  year: true"), "year: true", "study.year", "is not a year"),
    (("value: 0.9\n", "value: 1.0e+305\n"), "value: 1.0e+305", "claims[0].measures[1].value", "is too large"),
    (("value: 0.9\n", f"value: {HUGE}\n"), HUGE, "claims[0].measures[1].value", "is too large"),
    (("n_cases: 50", f"n_cases: {HUGE}"), HUGE, "claims[0].measures[0].n_cases", "is not between 0"),
    (("n_cases: 50", "n_cases: .inf"), "n_cases: .inf", "claims[0].measures[0].n_cases", "is not a whole number"),
    (("p: <0.001", f"p: {HUGE}"), HUGE, "claims[0].measures[0].p", "is too large"),
    (("p: <0.001", "p: <1e400"), "p: <1e400", "claims[0].measures[0].p", "is too large"),
    (
        ("outcome: a made-up cancer", f"outcome: {'long ' * 80}"),
        "outcome: long",
        "claims[0].outcome",
        "has 399 characters; at most 300 are kept",
    ),
    (("id: p2", f"id: {'p' * 21}"), "id: ppp", "preparations[1].id", "has 21 characters; at most 20 are kept"),
    (("name: miR-99999", f"name: {'İ' * 200}"), "name: İİ", "claims[0].cargo.name", "more than 300 characters"),
    *(
        ((f"{field}: {old}", f'{field}: "{old}{escape}"'), f"{field}: ", where, f"has {name}")
        for field, old, where in (
            ("journal", "Journal of Synthetic Results", "study.journal"),
            ("doi", "10.9999/Synthetic.900000001", "study.doi"),
            ("loading", "synthetic drug", "preparations[0].vesicle.loading"),
            ("statement", "Made-up vesicles marked a made-up cancer.", "claims[0].statement"),
        )
        for escape, name in (
            (r"\0", "U+0000 (a control character)"),
            (r"\x01", "U+0001 (a control character)"),
            (r"\x85", "U+0085 (a control character)"),
            (r"\u202E", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
            (r"\u200B", "U+200B (ZERO WIDTH SPACE)"),
            (r"\u2028", "U+2028 (LINE SEPARATOR)"),
        )
    ),
    (('pmid: "900000001"', "pmid: |\n    900000001"), "pmid: |", "study.pmid", "is not well-formed"),
    (("  year: 2020", "  year: 2020\n  year: 2021"), "year: 2021", "", "the key 'year' stands twice"),
    (("title: Synthetic study of made-up vesicles", 'title: " "'), 'title: " "', "study.title", "is blank"),
    (
        ("term: exosome, engineered: true", "term: exosome, engineered: perhaps"),
        "term: exosome, engineered: perhaps",
        "engineered",
        "perhaps",
    ),
    (('"2026-11-01"', '"2026-13-01"'), "curated_on", "provenance.curated_on", "is not a date"),
    (('"2026-11-01"', '"2999-01-01"'), "curated_on", "provenance.curated_on", "2999-01-01 has not come yet"),
    (
        ("statement: Made-up control", f"statement: {'long ' * 401}"),
        "statement: long",
        "claims[1].statement",
        "at most 2,000 are kept",
    ),
    (("model: [animal]", "model: []"), "model: []", "claims[1].model", "needs at least one entry"),
    (("[PTEN, SYNTH1]", "PTEN"), "PTEN", "claims[0].targets", "must be a list"),
    (("[PTEN, SYNTH1]", "[PTEN, PTEN]"), "[PTEN, PTEN]", "claims[0].targets", "'PTEN' stands twice"),
    (("  status: published", "  status: published\n  notice: 10.1/x"), "study:", "study", "not published"),
    (
        ("- id: p1", "- accession: EXPR1000001\n  id: p1"),
        "accession: EXPR1000001",
        "preparations[0].accession",
        "given by a database",
    ),
    (
        ("kind: primary", "kind: !!python/object/apply:os.system [ls]"),
        "kind: !!python/object/apply:os.system [ls]",
        "study.kind",
        "is not text",
    ),
    (("statement: Made-up control", "statement: Made-up\x00control"), "", "", "control characters"),
]


@pytest.mark.parametrize(("change", "on_line", "field", "words"), SPOILED, ids=[case[0][1][:60] for case in SPOILED])
def test_a_spoiled_document_is_refused_by_file_line_and_field(tmp_path, change, on_line, field, words):
    path = a_file(tmp_path, change)

    found, (fault, *_) = reading.read(path)

    assert found is None
    assert fault.path == path
    assert on_line in (["", *path.read_text().splitlines()][fault.line])
    assert field in fault.field
    assert words in fault.message


def test_a_sound_document_is_read_whole(tmp_path):
    found, faults = reading.read(a_file(tmp_path))

    assert not faults
    assert found.document.study.doi == "10.9999/synthetic.900000001", "DOIs are kept in lower case"
    assert found.document.claims[0].measures[0].p.model_dump() == {"relation": "<", "value": 0.001}


def test_all_faults_of_a_document_are_told_at_once(tmp_path):
    _, faults = reading.read(a_file(tmp_path, ("edge: benefit", "edge: good"), ("kind: primary", "kind: poem")))

    assert [fault.field for fault in faults] == ["study.kind", "claims[0].edge"]


def test_a_misspelt_key_is_told_with_the_nearest_known_one(tmp_path):
    _, faults = reading.read(a_file(tmp_path, ("  journal:", "  jurnal:")))

    assert any("did you mean 'journal'?" in fault.message for fault in faults)


# Each line repeats the one before ten times: 10,000 parts out of five lines.
BOMB = "a: &a [1]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n" for old, new in ("ab", "bc", "cd", "de", "ef")
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (os.urandom(10_000_000), "10,000,000 bytes; a document has at most"),
        (b"\xff\xfe\x00\x01 rubbish", "not UTF-8"),
        ("kind: größer".encode("latin-1"), "not UTF-8"),
        (b"", "not a document"),
        (b"- a\n- b\n", "not a document"),
        (b"a: " + b"[" * 900 + b"]" * 900, "nested too deep"),
        (b"[" * 200_000, "nested too deep"),
        (b"{a: " * 100_000, "nested too deep"),
(BOMB.encode(), "too many parts"),
        (b"a: &x [*x]\n", "nested too deep"),
        (b"? [a]\n: b\n", "a key must be a plain word"),
    ],
    ids=["10 MB of rubbish", "bytes", "latin-1", "empty", "list", "deep", "2", "3", "bomb", "cycle", "complex key"],
)  # fmt: skip
def test_what_is_no_document_is_refused(tmp_path, content, words):
    path = tmp_path / "rubbish.yaml"
    path.write_bytes(content)

    assert words in only_fault(path).message


def test_one_study_in_two_documents_is_a_fault_that_names_both(tmp_path):
    first, second = a_file(tmp_path), a_file(tmp_path, name="again.yaml")
    readings = [reading.read(path)[0] for path in (first, second)]

    faults = list(reading.set_faults(readings))

    assert {fault.field for fault in faults} == {"study.pmid", "study.doi"}
    assert all(fault.path == second and str(first) in fault.message for fault in faults)


def test_the_same_file_named_twice_is_read_once(tmp_path):
    path = a_file(tmp_path)

    assert reading.documents_under([path, tmp_path, tmp_path / "." / path.name]) == [path]


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such file"):
        reading.documents_under([tmp_path / "nowhere"])


def test_the_synthetic_document_is_visibly_synthetic():
    assert "Synthetic study" in text()
