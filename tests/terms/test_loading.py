import gzip
import json

import pytest
from django.core.management import CommandError, call_command

from apps.terms.grounding import ground_names
from apps.terms.loading import VocabularyRefused, load
from apps.terms.models import AlternativeId, Name, Synonym, Term, TermAncestor
from apps.terms.readers import read
from apps.terms.table import BadVocabulary, SynonymRecord, TermRecord
from tests.terms.places import VOCABULARY, a_file

pytestmark = pytest.mark.django_db

CANCER = TermRecord("DOID:162", "cancer", (SynonymRecord("malignant neoplasm"),))
LUNG = TermRecord("DOID:1324", "lung cancer", parents=("DOID:162",), alternative_ids=("DOID:13075",))
NSCLC = TermRecord("DOID:3908", "lung non-small cell carcinoma", parents=("DOID:1324", "DOID:162"))
HEADER = "curie · label · synonyms · parents"


def distances(curie):
    return dict(TermAncestor.objects.filter(term__curie=curie).values_list("ancestor__curie", "distance"))


def test_terms_come_with_all_their_ways_up():
    summary = load("disease", [NSCLC, LUNG, CANCER])

    assert (summary.terms, summary.created) == (3, 3)
    assert distances("DOID:3908") == {"DOID:3908": 0, "DOID:1324": 1, "DOID:162": 1}
    assert distances("DOID:162") == {"DOID:162": 0}
    assert set(Term.objects.under(Term.objects.get(curie="DOID:162"))) == set(Term.objects.all())


def test_loading_twice_changes_nothing():
    load("disease", [NSCLC, LUNG, CANCER])
    before = [list(model.objects.order_by("pk").values()) for model in (Term, Synonym, AlternativeId, TermAncestor)]

    summary = load("disease", [CANCER, LUNG, NSCLC])

    assert summary.nothing_changed
    assert before == [
        list(model.objects.order_by("pk").values()) for model in (Term, Synonym, AlternativeId, TermAncestor)
    ]


def test_a_term_that_a_name_uses_becomes_obsolete_and_others_go():
    load("disease", [NSCLC, LUNG, CANCER])
    ground_names([("disease", "lung cancer", "")])

    summary = load("disease", [CANCER])

    assert (summary.obsoleted, summary.removed) == (1, 1)
    assert Term.objects.get(curie="DOID:1324").obsolete
    assert not Term.objects.filter(curie="DOID:3908").exists()
    assert Name.objects.get().terms.get().curie == "DOID:1324"


def test_without_replace_the_others_stay():
    load("disease", [LUNG, CANCER])

    load("disease", [TermRecord("DOID:4", "disease")], replace=False)

    assert Term.objects.filter(obsolete=False).count() == 3
    assert distances("DOID:1324") == {"DOID:1324": 0, "DOID:162": 1}


def test_a_cycle_is_refused_with_its_terms_named():
    ring = [TermRecord("DOID:1", "one", parents=("DOID:2",)), TermRecord("DOID:2", "two", parents=("DOID:1",))]

    with pytest.raises(VocabularyRefused, match=r"DOID:1.*DOID:2"):
        load("disease", ring)

    assert not Term.objects.exists()


def test_a_term_belongs_to_one_vocabulary():
    load("disease", [CANCER])

    with pytest.raises(VocabularyRefused, match="DOID:162 is a term of the vocabulary disease already"):
        load("tissue", [CANCER])


def test_a_term_stands_once():
    with pytest.raises(VocabularyRefused, match="DOID:162 stands twice"):
        load("disease", [CANCER, CANCER])


def test_parents_that_the_file_lacks_are_told():
    assert load("disease", [LUNG]).unknown_parents == [("DOID:1324", "DOID:162")]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (["curie · name", "DOID:162 · cancer"], "bad.tsv, line 1: the header lacks label"),
        ([HEADER + " · colour"], "line 1: unknown columns colour"),
        ([HEADER, "DOID:162 · cancer · ·", "cancer · cancer · ·"], "line 3: curie: 'cancer' is not a CURIE"),
        ([HEADER, "DOID:162 · cancer · · the disease"], "line 2: parents: 'the disease' is not a CURIE"),
        ([HEADER, "DOID:162 · · ·"], "line 2: label: DOID:162 has none"),
        ([HEADER, "DOID:162 · cancer"], "line 2: 2 columns where the header has 4"),
    ],
)
def test_a_fault_in_a_table_names_file_line_and_field(tmp_path, rows, says):
    path = a_file(tmp_path, "bad.tsv", *rows)

    with pytest.raises(CommandError) as refusal:
        call_command("load_vocabulary", "disease", str(path), verbosity=0)

    assert says in str(refusal.value)
    assert "Nothing was changed" in str(refusal.value)
    assert not Term.objects.exists()


@pytest.mark.parametrize("name", ["none.tsv", "words.txt", "no_ending"])
def test_a_file_that_cant_be_is_refused(tmp_path, name):
    with pytest.raises(BadVocabulary, match=name):
        list(read(tmp_path / name))


@pytest.mark.parametrize("name", ["broken.tsv.gz", "broken.obo.gz", "broken.json", "other.json"])
def test_rubbish_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"{}" if name.startswith("other") else b"\x00\xff rubbish \xfe")

    with pytest.raises(BadVocabulary, match=name):
        list(read(tmp_path / name))


OBO = """format-version: 1.2
ontology: test

[Term]
id: DOID:162
name: cancer
synonym: "malignant \\"neoplasm\\"" EXACT []
synonym: "tumour" BROAD []

[Term]
id: DOID:1324
name: lung cancer
alt_id: DOID:13075
is_a: DOID:162 ! cancer

[Term]
id: DOID:9
name: gone
is_obsolete: true

[Term]
id: BFO:0000002
"""

GRAPH = {
    "graphs": [
        {
            "nodes": [
                {
                    "id": "http://purl.obolibrary.org/obo/DOID_162",
                    "lbl": "cancer",
                    "type": "CLASS",
                    "meta": {
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": 'malignant "neoplasm"'},
                            {"pred": "hasBroadSynonym", "val": "tumour"},
                        ]
                    },
                },
                {
                    "id": "http://purl.obolibrary.org/obo/DOID_1324",
                    "lbl": "lung cancer",
                    "type": "CLASS",
                    "meta": {
                        "basicPropertyValues": [
                            {
                                "pred": "http://www.geneontology.org/formats/oboInOwl#hasAlternativeId",
                                "val": "DOID:13075",
                            }
                        ]
                    },
                },
                {
                    "id": "http://purl.obolibrary.org/obo/DOID_9",
                    "lbl": "gone",
                    "type": "CLASS",
                    "meta": {"deprecated": True},
                },
                {"id": "http://purl.obolibrary.org/obo/RO_1", "lbl": "part of", "type": "PROPERTY"},
            ],
            "edges": [
                {
                    "sub": "http://purl.obolibrary.org/obo/DOID_1324",
                    "pred": "is_a",
                    "obj": "http://purl.obolibrary.org/obo/DOID_162",
                }
            ],
        }
    ]
}

TABLE = [
    "curie · label · synonyms · broad · parents · alternative_ids · obsolete",
    'DOID:162 · cancer · malignant "neoplasm" · tumour · · ·',
    "DOID:1324 · lung cancer · · · DOID:162 · DOID:13075 ·",
    "DOID:9 · gone · · · · · 1",
]


def test_the_three_forms_of_a_vocabulary_say_the_same(tmp_path):
    (tmp_path / "v.obo").write_text(OBO, encoding="utf-8")
    (tmp_path / "v.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    table = a_file(tmp_path, "v.tsv", *TABLE)
    (tmp_path / "v2.tsv.gz").write_bytes(gzip.compress(table.read_bytes()))

    forms = [
        [(r.curie, r.label, r.synonyms, r.parents, r.alternative_ids, r.obsolete) for r in read(tmp_path / name)]
        for name in ("v.obo", "v.json", "v.tsv", "v2.tsv.gz")
    ]

    assert forms[0] == forms[1] == forms[2] == forms[3]
    assert forms[0][0][2] == (SynonymRecord('malignant "neoplasm"', "exact"), SynonymRecord("tumour", "broad"))


def test_the_command_keeps_the_wanted_prefix_and_says_what_it_did(tmp_path, capsys):
    (tmp_path / "v.obo").write_text(OBO.replace("DOID:9", "XX:9"), encoding="utf-8")

    call_command("load_vocabulary", "disease", str(tmp_path / "v.obo"), prefix=["DOID"], verbosity=0)
    call_command("load_vocabulary", "disease", str(tmp_path / "v.obo"), prefix=["DOID"], verbosity=0)

    said = capsys.readouterr().out
    assert "disease: 2 terms; 2 new" in said
    assert "2 terms, nothing changed" in said


@pytest.mark.parametrize(
    ("vocabulary", "at_least"),
    [
        ("disease", 760),
        ("tissue", 600),
        ("cell_type", 110),
        ("species", 300),
        ("cell_line", 1000),
        ("therapy", 35),
        ("molecule", 5000),
    ],
)
def test_our_own_tables_load_whole(vocabulary, at_least):
    summary = load(vocabulary, read(VOCABULARY / f"{vocabulary}.tsv"))

    assert summary.terms >= at_least
    assert summary.created == summary.terms
    assert summary.unknown_parents == []
    assert load(vocabulary, read(VOCABULARY / f"{vocabulary}.tsv")).nothing_changed
