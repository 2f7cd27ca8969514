import filecmp
import gzip
import shutil

import pytest
from django.core.management import CommandError, call_command

from apps.terms.building import Wanted, chosen_genes, with_ancestors
from apps.terms.sources import Gene, Sources, diseases, hyphenated, preferred
from apps.terms.table import SynonymRecord, TermRecord, read_table, write_table
from tests.terms.places import NEEDS_SOURCES, SHARED, VOCABULARY, a_file, evidence

CURATED = ("groundings.tsv", "cargos.tsv", "additions.tsv")


@NEEDS_SOURCES
@pytest.mark.slow
def test_our_tables_are_what_the_sources_and_the_evidence_give(tmp_path):
    """Building is repeatable to the byte, and the tables at hand are its output."""
    for name in CURATED:
        shutil.copy(VOCABULARY / name, tmp_path / name)

    call_command("build_vocabulary", str(SHARED / "data"), evidence=evidence(), out=tmp_path, verbosity=0)
    call_command("build_cargos", evidence=evidence(), out=tmp_path, verbosity=0)

    built = sorted(path.name for path in tmp_path.glob("*.tsv"))
    assert built == sorted(path.name for path in VOCABULARY.glob("*.tsv"))
    assert filecmp.cmpfiles(tmp_path, VOCABULARY, built, shallow=False) == (built, [], [])


def test_a_table_is_read_as_it_was_written(tmp_path):
    records = [TermRecord("DOID:2", "two", (SynonymRecord("zwei"), SynonymRecord("deux", "former")), ("DOID:1",))]
    write_table(tmp_path / "t.tsv", [*records, TermRecord("DOID:1", "one")])

    found = list(read_table(tmp_path / "t.tsv"))

    assert [each.curie for each in found] == ["DOID:1", "DOID:2"]
    assert found[1].synonyms == records[0].synonyms
    assert found[1].parents == ("DOID:1",)


def test_a_chosen_term_brings_all_above_it_and_no_other():
    terms = {
        "A:1": TermRecord("A:1", "one"),
        "A:2": TermRecord("A:2", "two", parents=("A:1", "B:9")),
        "A:3": TermRecord("A:3", "three", parents=("A:2",)),
        "A:4": TermRecord("A:4", "four", parents=("A:2",)),
    }

    found = with_ancestors(["A:3"], terms)

    assert set(found) == {"A:1", "A:2", "A:3"}
    assert found["A:2"].parents == ("A:1",)


def test_a_gene_brings_those_that_share_a_name_with_it():
    genes = {
        curie: Gene(TermRecord(curie, label, (SynonymRecord(alias),)), ())
        for curie, label, alias in (("HGNC:1", "KLK3", "PSA"), ("HGNC:2", "NPEPPS", "PSA"), ("HGNC:3", "MET", "HGFR"))
    }
    wanted = Wanted()
    wanted.cargos.add(("protein", "KLK3", ""))

    assert [gene.record.label for gene in chosen_genes(genes, wanted)] == ["KLK3", "NPEPPS"]


@pytest.mark.parametrize(
    ("name", "variants"), [("MKN45", ["MKN-45"]), ("HELA", []), ("786O", []), ("SW480", ["SW-480"])]
)
def test_the_hyphen_before_the_number_is_offered(name, variants):
    assert hyphenated(name) == variants


@pytest.mark.parametrize(
    ("own", "given", "chosen"),
    [
        ({"CHEBI:1"}, set(), "CHEBI:1"),
        ({"CHEBI:1", "CHEBI:2"}, set(), None),
        ({"CHEBI:1", "CHEBI:2"}, {"CHEBI:2"}, "CHEBI:2"),
        (set(), {"CHEBI:2"}, None),
    ],
)
def test_of_several_chebi_ids_none_is_guessed(own, given, chosen):
    assert preferred(own, given) == chosen


def test_a_missing_source_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"HumanDO_labels.tsv.gz: missing"):
        call_command("build_vocabulary", str(tmp_path), evidence=tmp_path, out=tmp_path, verbosity=0)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("illness · DOID:1 · x · ·", "line 2: vocabulary: 'illness'"),
        ("disease · DOID:1 · · ·", "line 2: label: DOID:1 is in no raw file, so it needs one"),
        ("disease · DOID:1 · x · DOID:404 ·", "line 2: parents: DOID:404 of DOID:1 is not in the table"),
    ],
)
def test_a_fault_in_the_additions_names_line_and_field(tmp_path, row, says):
    from apps.terms.building import read_additions, with_additions
    from apps.terms.table import BadVocabulary

    path = a_file(tmp_path, "additions.tsv", "vocabulary · curie · label · parents · seen_in", row)

    with pytest.raises(BadVocabulary) as refusal:
        with_additions({}, read_additions(path)["disease"], path)

    assert says in str(refusal.value)


# The ontology's root, *disease*, is in none of the raw files; these stand right below it.
TOPMOST = {"DOID:14566", "DOID:150", "DOID:225", "DOID:7"}


def test_every_disease_but_the_topmost_has_a_parent_in_the_table():
    table = {record.curie: record for record in read_table(VOCABULARY / "disease.tsv") if not record.obsolete}

    assert {curie for curie, record in table.items() if not record.parents} == TOPMOST
    assert all(parent in table for record in table.values() for parent in record.parents)


def test_a_disease_has_the_parents_of_the_whole_ontology_and_the_synonyms_of_the_slim(tmp_path):
    folder = tmp_path / "disease_ontology"
    folder.mkdir()
    labels = "id\tlabel\tsubClassOf\nDOID:1\tgrowth\tdisease\nDOID:2\tcancer\tgrowth\nDOID:3\tbetween\tcancer\n"
    with gzip.open(folder / "HumanDO_labels.tsv.gz", "wt") as file:
        file.write(labels + "DOID:4\tsynthetic cancer\tbetween\n")
    with gzip.open(folder / "DO_cancer_slim.obo.gz", "wt") as file:
        file.write("format-version: 1.2\n\n[Term]\nid: DOID:2\nname: cancer\n\n")
        file.write('[Term]\nid: DOID:4\nname: synthetic cancer\nsynonym: "SC" EXACT []\nis_a: DOID:2\n\n')
        file.write("[Term]\nid: DOID:5\nname: of the slim alone\nis_a: DOID:2\n")

    found = diseases(Sources(tmp_path))

    parents = {curie: record.parents for curie, record in found.items()}
    assert parents == {
        "DOID:1": (),
        "DOID:2": ("DOID:1",),
        "DOID:3": ("DOID:2",),
        "DOID:4": ("DOID:3",),
        "DOID:5": ("DOID:2",),
    }
    assert [each.text for each in found["DOID:4"].synonyms] == ["SC"]
