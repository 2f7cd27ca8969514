"""Free words read as what they name, and never so that claims are lost without a word."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.claims.search import index
from apps.finding import language, names
from apps.finding.answering import answer, interpreted
from apps.finding.asking import All, Any, Is, Not, Search, Text
from apps.finding.entities import understand
from apps.terms.models import Synonym
from apps.vesicles.models import CargoSynonym
from tests.makers import a_cargo, a_claim, a_name, a_term
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence():
    cancer = a_term("DOID:162", "cancer")
    stomach = a_term("DOID:10534", "stomach cancer", parents=(cancer,))
    Synonym.objects.create(term=stomach, text="gastric cancer", key="gastric cancer")
    liver = a_term("DOID:3571", "liver cancer", parents=(cancer,))
    a_term("UBERON:0002107", "liver", "tissue")
    breast = a_term("DOID:1612", "breast cancer", parents=(cancer,))
    bladder = a_term("DOID:11054", "urinary bladder cancer", parents=(cancer,))
    for term in (breast, bladder):
        Synonym.objects.create(term=term, text="BC", key="bc")
    leukaemia = a_term("DOID:9952", "acute lymphocytic leukemia")
    Synonym.objects.create(term=leukaemia, text="ALL", key="all")
    cisplatin = a_term("CHEBI:27899", "cisplatin", "therapy")
    pdl1 = a_cargo("CD274", kind="protein")
    CargoSynonym.objects.create(cargo=pdl1, text="PD-L1")
    gastric, drug = a_name("disease", "gastric cancer", (stomach,)), a_name("therapy", "CDDP", (cisplatin,))
    claims = [
        a_claim(cargo=a_cargo("miR-21"), disease=gastric, therapies=(drug,)),
        a_claim(cargo=a_cargo("miR-21-5p"), disease=gastric, therapies=(drug,)),
        a_claim(cargo=a_cargo("cisplatin", kind="small_molecule"), disease=a_name("disease", "hepatoma", (liver,))),
        a_claim(cargo=pdl1, disease=a_name("disease", "breast cancer", (breast,))),
        a_claim(disease=a_name("disease", "bladder cancer", (bladder,)), statement="Beside miR-21 nothing was seen."),
        a_claim(disease=a_name("disease", "ALL", (leukaemia,))),
    ]
    index()
    names.refresh()
    return claims


def read_as(typed):
    understood = understand(typed)
    return {each.typed: {meaning.label for meaning in each.meanings} for each in understood.read}, understood.words


def found(typed):
    return set(answer(Search(typed)).every_key())


@pytest.mark.parametrize(
    "typed", ["miR-21 cisplatin gastric", "gastric  cisplatin mir 21", "MIR21 gastric cancer CISPLATIN"]
)
def test_words_are_read_as_cargo_drug_and_disease(evidence, typed):
    names_read, left = read_as(typed)

    assert sorted(names_read.values(), key=str) == [{"cisplatin"}, {"miR-21", "miR-21-5p"}, {"stomach cancer"}]
    assert left == ""
    assert found(typed) == {evidence[0].pk, evidence[1].pk}


@pytest.mark.parametrize("typed", ["PDL1", "PD-L1", "pd l1", "CD274"])
def test_a_cargo_is_read_by_any_of_its_names(evidence, typed):
    assert read_as(typed)[0] == {typed: {"CD274"}}


def test_the_rest_stays_words(evidence):
    assert read_as("beside cisplatin nothing") == ({"cisplatin": {"cisplatin"}}, "beside nothing")


def test_a_drug_that_is_also_a_payload_is_found_as_both(evidence):
    assert understand("cisplatin").question == Any(
        (Is("therapy", ("CHEBI:27899",)), Is("cargo", (evidence[2].cargo.accession,)))
    )
    assert found("cisplatin") == {claim.pk for claim in evidence[:3]}


@pytest.mark.parametrize("typed", ["liver cisplatin", "gastric mucosa cisplatin", "gastric", "all claims", "bc"])
def test_what_may_mean_something_else_is_not_read(evidence, typed):
    assert "cancer" not in str(read_as(typed)[0])
    assert "leukemia" not in str(read_as(typed)[0])


@pytest.mark.parametrize(
    "typed",
    [
        '"miR-21"',
        "miR-21 -cisplatin",
        "miR-21 or PD-L1",
        "miR-21 (5p)",
        "cargo:miR-21",
        "miR-21 in gastric cancer is a long title that nobody types but many people paste",
    ],
)
def test_syntax_and_titles_are_not_read(evidence, typed):
    assert interpreted(Search(typed)).names == ()


def test_an_ambiguous_acronym_asks(client, evidence):
    taken = interpreted(Search("BC exosome"))
    assert taken.question == Text("BC exosome")
    assert [{each.label for each in name.meanings} for name in taken.doubts] == [
        {"breast cancer", "urinary bladder cancer"}
    ]

    response = client.get("/search/", {"q": "BC cisplatin"})

    page = " ".join(text_of(response).split())
    assert "BC may mean several things: breast cancer (disease, 1 claim), urinary bladder cancer" in page
    assert "?q=cisplatin&amp;disease=DOID:1612" in response.content.decode().replace("%3A", ":")


def test_the_page_says_what_was_read_and_offers_the_words(client, evidence):
    response = client.get("/search/", {"q": "miR-21"})
    page = " ".join(text_of(response).split())

    assert "cargo: miR-21 · miR-21-5p" in page
    assert "Taken as words only, they stand in 3 claims: search as words instead" in page
    assert "2 claims for miR-21" in page
    as_words = client.get("/search/?q=miR-21&as=words")
    assert "3 claims for miR-21" in " ".join(text_of(as_words).split())
    assert "Read names in them" in text_of(as_words)


def test_where_names_find_nothing_the_words_are_searched(client, evidence):
    search_words = a_claim(statement="PD-L1 was measured beside cisplatin.", disease="synthetic disease")
    index()

    page = " ".join(text_of(client.get("/search/", {"q": "PD-L1 cisplatin"})).split())

    assert "No claim is about all of these at once: cargo PD-L1 , therapy or cargo cisplatin" in page
    assert search_words.accession in page


@pytest.mark.parametrize(
    "typed", ["miR-21 cisplatin gastric", "one two three four five six seven eight nine ten eleven"]
)
def test_reading_costs_at_most_three_queries(evidence, django_assert_max_num_queries, typed):
    with django_assert_max_num_queries(3):
        understand(typed)


@given(
    st.lists(st.sampled_from(["miR-21", "gastric", "BC", "PD-L1", "the", "\u3000", "'", "x" * 400, "%"]), max_size=14)
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_read(evidence, words):
    assert understand(" ".join(words)).question is not None


LEAVES = st.sampled_from(
    [
        Text("miR-21"),
        Text("drug resistance", phrase=True),
        Is("edge", ("harm", "benefit")),
        Is("disease", ("gastric cancer", "DOID:162")),
        Is("study", ("10.1002/(sici)1097-0142",)),
    ]
)
NODES = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=2, max_size=3).map(lambda found: Any(tuple(found))),
        LEAVES.map(Not),
    ),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NODES)
def test_a_question_that_is_written_is_read_back(node):
    written = language.write(node)

    if language.is_question(written):
        assert language.write(language.parse(written)) == written
