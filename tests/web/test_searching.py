"""The search page: words, facets, limits and the counts beside them."""

import re

import pytest
from django.http import QueryDict

from apps.web.searching import FACETS, Search
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
    assert accessions(client.get("/search/?category=mesenchymal_stem_cell&kind=miRNA")) == {three}
    assert accessions(client.get("/search/?aspect=safety")) == {three}


def test_each_count_is_what_its_click_gives(mixed):
    for query in ("", "q=miR-21", "edge=harm", "q=miR-21&model=in_vitro", "kind=miRNA&category=tumour_cell"):
        asked = search_for(query)
        for facet, choices in asked.facets():
            for choice in choices:
                alone = search_for(asked.address().removeprefix("?"))
                alone.chosen = {**alone.chosen, facet.name: [choice.value]}
                assert alone.claims.count() == choice.count, (query, facet.name, choice.value)


def test_a_facet_links_set_and_clear_its_values(mixed):
    asked = search_for("q=miR-21&edge=harm")
    choices = {choice.value: choice for facet, found in asked.facets() for choice in found if facet.name == "edge"}

    assert choices["harm"].address == "?q=miR-21"
    assert choices["benefit"].address == "?q=miR-21&edge=harm&edge=benefit"


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

    first, second = client.get("/search/?q=miR-21&edge=harm"), client.get("/search/?q=miR-21&edge=harm&page=2")

    assert len(accessions(first)) == 25
    assert len(accessions(second)) == 5
    assert not accessions(first) & accessions(second)
    assert "?q=miR-21&amp;edge=harm&amp;page=2" in first.content.decode()
    assert client.get("/search/?page=" + "9" * 5000).status_code == 200


def test_an_identifier_goes_straight_to_its_page(client):
    evidence = some_evidence(pmid="32795414")

    assert client.get("/search/?q=32795414")["Location"] == evidence.study.get_absolute_url()
    followed = client.get(f"/search/?q={evidence.claim.accession.lower()}", follow=True)
    assert followed.status_code == 200
    assert evidence.claim.statement in text_of(followed)


def test_nothing_found_says_so_and_offers_what_is_near(client, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    some_evidence()

    seen = text_of(client.get("/search/?q=paclitxel"))

    assert "0 claims" in seen
    assert "Did you mean paclitaxel" in seen
    assert "not what is known" in seen


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_the_page_answers_whatever_is_typed(client, typed):
    some_evidence()

    response = client.get("/search/", {"q": typed, "edge": typed, "term": typed, "page": typed})

    assert response.status_code in {200, 302}


def test_every_facet_of_the_page_is_named_once():
    assert len({facet.name for facet in FACETS}) == len(FACETS)


def test_a_value_that_no_facet_knows_is_said_to_be_unknown(client, mixed):
    page = text_of(client.get("/search/?aspect=nonsense&edge=harm"))

    assert "Aspect: nonsense is not known here, and narrows nothing." in " ".join(page.split())
    assert "is not known here" not in text_of(client.get("/search/?edge=harm"))


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
