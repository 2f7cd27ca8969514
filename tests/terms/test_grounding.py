import pytest

from apps.terms.grounding import ground_names, load_decisions, reground
from apps.terms.loading import load
from apps.terms.models import Name
from apps.terms.table import BadVocabulary, SynonymRecord, TermRecord
from tests.terms.places import a_file

pytestmark = pytest.mark.django_db

DISEASES = [
    TermRecord("DOID:162", "cancer"),
    TermRecord("DOID:1324", "lung cancer", (SynonymRecord("lung neoplasm"),), ("DOID:162",), ("DOID:13075",)),
    TermRecord("DOID:219", "colon cancer", (SynonymRecord("large bowel tumour"),), ("DOID:162",)),
    TermRecord("DOID:9256", "colorectal cancer", (SynonymRecord("large bowel tumor"),), ("DOID:162",)),
    TermRecord("DOID:1", "gone cancer", obsolete=True),
    TermRecord("DOID:2", "old label", (SynonymRecord("former words", "former"),)),
    TermRecord("DOID:3", "lung neoplasm"),
]
MOLECULES = [
    TermRecord("mirbase:MI0000742", "hsa-mir-34b"),
    TermRecord(
        "mirbase.mature:MIMAT0000685",
        "hsa-miR-34b-5p",
        (SynonymRecord("hsa-miR-34b", "former"),),
        ("mirbase:MI0000742",),
    ),
    TermRecord(
        "mirbase.mature:MIMAT0004676",
        "hsa-miR-34b-3p",
        (SynonymRecord("hsa-miR-34b", "former"),),
        ("mirbase:MI0000742",),
    ),
    TermRecord("HGNC:6364", "KLK3", (SynonymRecord("PSA"),)),
    TermRecord("HGNC:7900", "NPEPPS", (SynonymRecord("PSA"),)),
]
HEADER = "kind · name · curies · relation · reason"


@pytest.fixture(autouse=True)
def _vocabularies():
    load("disease", DISEASES)
    load("molecule", MOLECULES)


def ground(text, *, kind="disease", given=""):
    return ground_names([(kind, text, given)])[kind, text, given]


def curies(name):
    return sorted(term.curie for term in name.terms.all())


@pytest.mark.parametrize(
    ("text", "given", "grounding", "meant"),
    [
        ("Lung Cancer", "", "grounded", ["DOID:1324"]),
        ("lung neoplasm", "", "grounded", ["DOID:3"]),
        ("former words", "", "grounded", ["DOID:2"]),
        ("large bowel tumour", "", "ambiguous", []),
        ("no such disease", "", "unknown", []),
        ("gone cancer", "", "unknown", []),
        ("not stated in the abstract", "", "not_stated", []),
        ("written anyhow", "DOID:162", "grounded", ["DOID:162"]),
        ("written anyhow", "DOID:13075", "grounded", ["DOID:1324"]),
        ("lung cancer", "DOID:404", "unknown", []),
        ("lung cancer", "HGNC:6364", "unknown", []),
    ],
)
def test_a_name_is_grounded_by_what_is_certain_only(text, given, grounding, meant):
    name = ground(text, given=given)

    assert (name.grounding, curies(name)) == (grounding, meant)
    assert name.relation == ("exact" if meant else "")


def test_what_is_ambiguous_names_its_candidates():
    assert ground("large bowel tumour").reason == "DOID:219 or DOID:9256"
    assert ground("PSA", kind="target").reason == "HGNC:6364 or HGNC:7900"


def test_an_unknown_identifier_is_named():
    assert "DOID:404" in ground("lung cancer", given="DOID:404").reason


def test_a_microrna_without_arm_means_its_hairpin_and_never_an_arm():
    name = ground("miR-34b", kind="target")

    assert (name.grounding, name.relation, curies(name)) == ("grounded", "broader", ["mirbase:MI0000742"])
    assert curies(ground("hsa-miR-34b-3p", kind="target")) == ["mirbase.mature:MIMAT0004676"]


def test_grounding_twice_changes_nothing():
    first = ground("lung cancer")

    assert ground("lung cancer") == first
    assert Name.objects.count() == 1
    assert first.terms.count() == 1


def test_a_decided_name_is_not_decided_again():
    name = ground("lung cancer")
    name.terms.set([])
    Name.objects.update(grounding="ungroundable", relation="", reason="a curator's word")

    assert ground("lung cancer").reason == "a curator's word"
    assert reground(Name.objects.all()) == 0


def test_an_undecided_name_is_tried_again_when_the_vocabulary_has_it():
    assert ground("new disease").grounding == "unknown"
    load("disease", [*DISEASES, TermRecord("DOID:7", "new disease")])

    assert reground(Name.objects.all()) == 1
    assert curies(Name.objects.get()) == ["DOID:7"]


def test_a_decision_holds_for_the_same_words_in_another_spelling(tmp_path):
    load_decisions(a_file(tmp_path, "d.tsv", HEADER, "disease · tumour of the lung · DOID:1324 · exact ·"))

    assert curies(ground("Tumor of the Lung")) == ["DOID:1324"]


@pytest.mark.parametrize("rows", [1, 60])
def test_the_number_of_queries_does_not_grow_with_the_names(django_assert_max_num_queries, rows):
    with django_assert_max_num_queries(18):
        ground_names([("disease", f"lung cancer {n}", "") for n in range(rows)] + [("disease", "cancer", "")])


# --- decisions --------------------------------------------------------------------------------------------------------


def test_decisions_become_names_once(tmp_path):
    path = a_file(
        tmp_path,
        "d.tsv",
        HEADER,
        "disease · lung and colon cancer · DOID:1324|DOID:219 · exact ·",
        "disease · late lung cancer · DOID:1324 · broader · a stage",
        "disease · healthy mice · · ungroundable · no disease",
    )

    assert len(load_decisions(path).written) == 3
    assert len(load_decisions(path).written) == 0
    assert curies(ground("lung and colon cancer")) == ["DOID:1324", "DOID:219"]
    assert ground("late lung cancer").relation == "broader"
    assert ground("healthy mice").grounding == "ungroundable"


def test_a_curators_other_decision_is_kept_and_told(tmp_path):
    ground("lung cancer")
    path = a_file(tmp_path, "d.tsv", HEADER, "disease · lung cancer · DOID:162 · broader ·")

    summary = load_decisions(path)

    assert [name.text for name in summary.kept] == ["lung cancer"]
    assert curies(Name.objects.get()) == ["DOID:1324"]
    load_decisions(path, replace=True)
    assert curies(Name.objects.get()) == ["DOID:162"]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("illness · x · DOID:162 · exact ·", "line 2: kind: 'illness'"),
        ("disease · · DOID:162 · exact ·", "line 2: name: missing"),
        ("disease · x · DOID:162 · narrower ·", "line 2: relation: 'narrower'"),
        ("disease · x · · exact ·", "line 2: curies: missing"),
        ("disease · x · DOID · exact ·", "line 2: curies: 'DOID' is not a CURIE"),
        ("disease · x · DOID:404 · exact ·", "line 2: curies: DOID:404 is in none of the loaded vocabularies"),
        ("disease · x · HGNC:6364 · exact ·", "line 2: curies: HGNC:6364 is of molecule, not of disease"),
        ("disease · x · DOID:162 · ungroundable · why", "line 2: curies: a name that can't be grounded has none"),
        ("disease · x · · ungroundable ·", "line 2: reason: missing"),
    ],
)
def test_a_fault_in_the_decisions_names_line_and_field(tmp_path, row, says):
    with pytest.raises(BadVocabulary, match=r"d\.tsv") as refusal:
        load_decisions(a_file(tmp_path, "d.tsv", HEADER, row))

    assert says in str(refusal.value)
    assert not Name.objects.exists()


def test_a_name_is_decided_once(tmp_path):
    row = "disease · x · DOID:162 · exact ·"

    with pytest.raises(BadVocabulary, match="line 3: name: disease 'x' is decided twice"):
        load_decisions(a_file(tmp_path, "d.tsv", HEADER, row, row))
