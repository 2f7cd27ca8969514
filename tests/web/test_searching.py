"""The search page: words, facets, limits and the counts beside them."""

import re

import pytest
from django.http import QueryDict

from apps.finding import language, names
from apps.finding.answering import answer
from apps.finding.asking import Search
from apps.finding.facets import facets
from apps.finding.fields import FIELDS
from apps.web.views.pages import QUESTIONS
from tests.claims.test_search import HOSTILE
from tests.makers import a_cargo, a_preparation, a_source
from tests.web.evidence import another_claim, some_evidence
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db


def search_for(query):
    return Search.read(QueryDict(query.removeprefix("?")))


def accessions(response):
    return set(re.findall(r"EXCL[0-9]{7}", text_of(response)))


@pytest.fixture
def mixed():
    """Four claims that differ in what facets ask."""
    stem = a_preparation(source=a_source(category="mesenchymal_stem_cell"))
    tumour = a_preparation(source=a_source(category="tumour_cell"))
    return [
        another_claim(cargo=a_cargo("miR-21"), preparation=tumour, edge="harm", models_used=["animal", "in_vitro"]),
        another_claim(cargo=a_cargo("miR-21"), preparation=tumour, edge="harm", models_used=["in_vitro"]),
        another_claim(
            cargo=a_cargo("miR-21"), preparation=stem, edge="benefit", models_used=["animal"], aspect="safety"
        ),
        another_claim(cargo=a_cargo("H19", kind="lncRNA"), preparation=stem, edge="neutral"),
    ]


def test_words_and_facets_narrow(client, mixed):
    one, two, three, four = (claim.accession for claim in mixed)

    assert accessions(client.get("/search/")) == {one, two, three, four}
    assert accessions(client.get("/search/?q=miR-21")) == {one, two, three}
    assert accessions(client.get("/search/?q=miR-21&edge=harm")) == {one, two}
    assert accessions(client.get("/search/?edge=harm&edge=benefit")) == {one, two, three}
    assert accessions(client.get("/search/?edge=harm&model=animal")) == {one}
    assert accessions(client.get("/search/?source_category=mesenchymal_stem_cell&cargo_kind=miRNA")) == {three}
    assert accessions(client.get("/search/?aspect=safety")) == {three}


def test_each_count_is_what_its_click_gives(mixed):
    for query in (
        "",
        "q=miR-21",
        "edge=harm",
        "q=miR-21&model=in_vitro",
        "cargo_kind=miRNA&source_category=tumour_cell",
    ):
        asked = search_for(query)
        for facet in facets(asked, answer(asked).facets):
            for choice in facet.choices:
                alone = asked.narrowed_to(facet.field.name, [choice.value])
                assert answer(alone).count == choice.count, (query, facet.field.name, choice.value)


def test_a_facet_links_set_and_clear_its_values(mixed):
    asked = search_for("q=miR-21&edge=harm")
    listed = {facet.field.name: facet.choices for facet in facets(asked, answer(asked).facets)}
    choices = {choice.value: choice for choice in listed["edge"]}

    assert choices["harm"].turned.address() == "?q=miR-21"
    assert choices["benefit"].turned.address() == "?q=miR-21&edge=harm&edge=benefit"


def test_values_that_nobody_knows_are_left_out(client, mixed):
    assert len(accessions(client.get("/search/?edge=nonsense&level=Z&sort=sideways&page=banana"))) == 4


def test_a_search_can_be_held_to_records(client):
    evidence = some_evidence()
    another_claim(cargo=a_cargo("miR-96"))
    for limit in (
        f"cargo={evidence.cargo.accession}",
        f"study={evidence.study.accession}",
        f"source={evidence.source.accession}",
        f"preparation={evidence.preparation.accession}",
        "term=DOID:9256",
    ):
        assert accessions(client.get(f"/search/?{limit}")) == {evidence.claim.accession}, limit
    assert "not known here" in text_of(client.get("/search/?cargo=EXCG9999999"))
    assert client.get("/search/?term=%00&cargo=%00").status_code == 200


def test_pages_follow_each_other_and_keep_the_search(client):
    for _ in range(30):
        another_claim(cargo=a_cargo("miR-21"))

    first = client.get("/search/?q=miR-21&edge=harm")
    onward = re.search(r'rel="next" href="([^"]+)"', first.content.decode())[1].replace("&amp;", "&")
    second = client.get(f"/search/{onward}")

    assert onward.startswith("?q=miR-21&edge=harm&after=")
    assert len(accessions(first)) == 25
    assert len(accessions(second)) == 5
    assert not accessions(first) & accessions(second)
    assert "Page 2 of 2" in text_of(second)
    for name in ("page", "after", "before"):
        assert client.get(f"/search/?{name}=" + "9" * 5000).status_code == 200


def test_an_identifier_goes_straight_to_its_page(client):
    evidence = some_evidence(pmid="32795414")

    assert client.get("/search/?q=32795414")["Location"] == evidence.study.get_absolute_url()
    followed = client.get(f"/search/?q={evidence.claim.accession.lower()}", follow=True)
    assert followed.status_code == 200
    assert evidence.claim.statement in text_of(followed)


def test_nothing_found_says_why_and_offers_what_is_near(client):
    evidence = some_evidence()
    names.refresh()

    response = client.get("/search/?q=oncomiR-22+synthetic&edge=harm")
    seen = " ".join(text_of(response).split())

    assert "0 claims" in seen
    assert "No claim at all holds oncomiR-22 ." in seen
    assert f"Did you mean {evidence.cargo} (cargo, 1 claim)" in seen
    assert "?q=synthetic&amp;edge=harm&amp;cargo=" in response.content.decode()
    assert "Search without this word: synthetic" in seen
    assert "Search for the same words without narrowing" in seen
    assert "not what is known" in seen


@pytest.mark.parametrize("words", ["zebra", "zebra " * 300, " ".join(f"zebra{n}" for n in range(40))])
def test_to_say_why_costs_a_few_queries(client, django_assert_max_num_queries, words):
    some_evidence()
    with django_assert_max_num_queries(14):
        client.get("/search/", {"q": words})


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_the_page_answers_whatever_is_typed(client, typed):
    some_evidence()

    response = client.get("/search/", {"q": typed, "edge": typed, "term": typed, "page": typed})

    assert response.status_code in {200, 302}


def test_a_value_that_no_facet_knows_is_said_to_be_unknown(client, mixed):
    page = text_of(client.get("/search/?aspect=nonsense&edge=harm"))

    assert "Aspect: nonsense is none of diagnosis, prognosis" in " ".join(page.split())
    assert "narrows nothing" not in text_of(client.get("/search/?edge=harm"))


def test_words_are_cut_before_they_stand_in_every_link(client, mixed):
    long = client.get("/search/", {"q": "miR-21 " * 5_000})

    assert len(long.content) < 200_000


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected"])
def test_what_was_never_public_leads_nowhere(client, state):
    claim = another_claim(state=state)

    for typed in (claim.accession, claim.preparation.accession, claim.preparation.study.accession):
        assert client.get("/search/", {"q": typed}).status_code == 200


def test_what_was_withdrawn_leads_to_the_page_that_says_so(client):
    claim = another_claim(state="withdrawn")

    assert client.get("/search/", {"q": claim.accession}, follow=True).status_code == 410


def test_a_question_of_the_language_narrows(client, mixed):
    one, _, three, four = (claim.accession for claim in mixed)

    assert accessions(client.get("/search/", {"q": "cargo:miR-21 edge:harm model:animal"})) == {one}
    assert accessions(client.get("/search/", {"q": "miR-21 -edge:harm"})) == {three}
    assert accessions(client.get("/search/", {"q": "(edge:neutral OR aspect:safety)"})) == {three, four}
    assert accessions(client.get("/search/", {"q": "NOT cargo_kind:miRNA"})) == {four}


def test_a_broken_question_is_pointed_at_and_read_as_words(client, mixed):
    response = client.get("/search/", {"q": "miR-21 edge:good"})

    page = " ".join(text_of(response).split())
    assert "edge: 'good' is none of harm, benefit, mixed, neutral (character 13)." in page
    assert "So all of it was taken as words." in page
    assert "miR-21 edge:<mark>g</mark>ood" in response.content.decode()


def test_the_help_names_every_field_and_its_questions_can_be_read(client):
    page = client.get("/help/search/").content.decode()

    for name in FIELDS:
        assert f'id="field-{name}"' in page
    for typed, _ in QUESTIONS:
        assert language.read(typed).syntax
        assert language.read(typed).fault is None
