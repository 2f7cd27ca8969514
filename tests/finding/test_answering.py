"""What answers a search: counts, order and pages, over a mixed body of synthetic evidence."""

from datetime import date
from itertools import pairwise

import pytest
from django.http import QueryDict

from apps.claims.models import Claim
from apps.claims.search import index
from apps.finding import postgres
from apps.finding.answering import answer
from apps.finding.asking import SORTS, All, Any, Between, Is, Not, Search, Text
from apps.finding.facets import facets
from apps.finding.fields import FACETS
from apps.finding.language import read
from apps.studies.models import CitationCount
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


def search_for(query):
    return Search.read(QueryDict(query))


@pytest.fixture
def evidence():
    """Claims that differ in every facet, one of them on a disease that two terms mean."""
    cancer = a_term("DOID:162", "cancer")
    bowel = a_term("DOID:9256", "colorectal cancer", parents=(cancer,))
    colon = a_term("DOID:219", "colon cancer", parents=(bowel,))
    stomach = a_term("DOID:10534", "gastric cancer", parents=(cancer,))
    drug = a_term("CHEBI:1", "platinum drug", "therapy")
    cisplatin = a_term("CHEBI:27899", "cisplatin", "therapy", parents=(drug,))
    oxaliplatin = a_term("CHEBI:31941", "oxaliplatin", "therapy", parents=(drug,))
    pten = a_term("HGNC:9588", "PTEN", "molecule")
    human = a_term("NCBITaxon:9606", "Homo sapiens", "species")
    source = a_source(species=a_name("species", "human", (human,)), category="tumour_cell")
    tumour = a_preparation(
        source=source,
        study=a_study(year=2018, status="corrected"),
        isolation=["size_exclusion", "ultrafiltration"],
        metric_enriched_proteins="reported",
        metric_antibodies="not_reported",
    )
    stem = a_preparation(source=a_source(category="mesenchymal_stem_cell"), study=a_study(year=2021), engineered=True)
    cddp, oxa = a_name("therapy", "CDDP", (cisplatin,)), a_name("therapy", "oxaliplatin", (oxaliplatin,))
    platinum = a_name("therapy", "platinum", (drug,))
    both = a_name("disease", "colon and gastric cancer", (colon, stomach))
    claims = [
        a_claim(cargo=a_cargo("miR-21"), preparation=tumour, disease=a_name("disease", "colon cancer", (colon,))),
        a_claim(
            cargo=a_cargo("miR-21"),
            preparation=tumour,
            disease=both,
            therapies=(cddp, oxa),
            targets=(a_name("target", "PTEN", (pten,)),),
            models_used=["animal", "in_vitro"],
        ),
        a_claim(
            cargo=a_cargo("H19", kind="lncRNA"),
            preparation=stem,
            edge="benefit",
            effect="suppresses",
            disease=a_name("disease", "bowel cancer", (bowel,)),
            therapies=(platinum,),
        ),
        a_claim(preparation=stem, aspect="safety", edge="neutral", measures=({"name": "AUC", "value": 0.9},)),
    ]
    index()
    return claims


QUERIES = [
    "",
    "edge=harm",
    "edge=harm&edge=benefit&aspect=safety",
    "disease=DOID:162",
    "disease=DOID:9256&therapy=CHEBI:27899",
    "therapy=CHEBI:1&model=animal",
    "q=miR-21",
    "q=miR-21&reporting=50-74&isolation=size_exclusion",
    "isolation=not_curated&engineered=true",
    "year=2018&status=corrected&level=E&has_measures=false",
    "year=2019..&species=NCBITaxon:9606",
    "cargo_kind=miRNA&cargo=EXCG9999999",
    "study=EXST9999999",
]


@pytest.mark.parametrize("query", QUERIES)
def test_each_count_of_each_facet_is_what_its_click_gives(evidence, query):
    asked = search_for(query)
    counted = answer(asked).facets

    for field in FACETS:
        for value, number in counted.get(field.name, {}).items():
            assert answer(asked.narrowed_to(field.name, [value])).count == number, (field.name, value)


@pytest.mark.parametrize("query", QUERIES)
def test_the_count_is_that_of_the_claims(evidence, query):
    asked = search_for(query)
    counted, plain = answer(asked), answer(asked)
    assert counted.facets is not None

    assert counted.count == plain.count == len(list(plain.every_key())) == len(plain.page(100).keys)


def test_facets_list_what_claims_name_and_count_what_stands_below(evidence):
    listed = {facet.field.name: facet.choices for facet in facets(search_for(""), answer(search_for("")).facets)}

    assert [(each.label, each.count, each.depth) for each in listed["disease"]] == [
        ("colorectal cancer", 3, 0),
        ("colon cancer", 2, 1),
        ("gastric cancer", 1, 0),
    ]
    assert {each.label: each.count for each in listed["therapy"]} == {
        "platinum drug": 2,
        "cisplatin": 1,
        "oxaliplatin": 1,
    }
    assert {each.value: each.count for each in listed["reporting"]} == {"50-74": 2, "not_curated": 2}
    assert {each.value: each.count for each in listed["isolation"]} == {
        "size_exclusion": 2,
        "ultrafiltration": 2,
        "not_curated": 2,
    }


@pytest.mark.parametrize(
    ("query", "queries"),
    # Names and cargos are looked up first.
    [
        ("", 1),
        ("q=miR-21&edge=harm&year=2018", 1),
        ("edge=harm&disease=DOID:162&therapy=CHEBI:1&cargo=miR-21", 1 + 2 + 2 + 1),
    ],
)
def test_all_facets_cost_one_query(evidence, django_assert_num_queries, query, queries):
    asked = search_for(query)
    with django_assert_num_queries(queries):
        assert answer(asked, read(asked.words).question).facets


@pytest.mark.parametrize("sort", SORTS)
def test_pages_lead_through_all_claims_forth_and_back(evidence, sort):
    for number in range(5):
        a_claim(cargo=a_cargo("miR-21"), preparation=evidence[number % 4].preparation)
    index()
    asked = search_for(f"q=miR-21&sort={sort}")
    everything = list(answer(asked).every_key())

    forth, page = [], answer(asked).page(2)
    forth.append(page)
    while page.behind:
        page = answer(asked).page(2, after=page.keys[-1])
        forth.append(page)
    back = [page]
    while page.before:
        page = answer(asked).page(2, before=page.keys[0])
        back.append(page)

    assert len(everything) == 7
    assert [key for each in forth for key in each.keys] == everything
    assert [each.keys for each in back[::-1]] == [each.keys for each in forth]


def test_a_page_behind_a_claim_that_is_not_there_is_empty(evidence):
    assert answer(search_for("")).page(2, after=10**17).keys == []


def test_each_order_is_by_what_it_says(evidence):
    most, least = evidence[2], evidence[0]
    for claim, service, day, count in (
        (most, "crossref", 1, 40),
        (most, "openalex", 2, 7),
        (least, "crossref", 1, 90),
        (least, "crossref", 2, 30),
    ):
        CitationCount.objects.create(
            study=claim.preparation.study, service=service, day=date(2026, 1, day), count=count
        )

    def studies(sort):
        keys = list(answer(search_for(f"sort={sort}")).every_key())
        claims = Claim.objects.select_related("preparation__study").in_bulk(keys)
        return [claims[key] for key in keys]

    assert {claim.preparation.study.pk for claim in studies("citations")[:2]} == {most.preparation.study.pk}
    for earlier, later in pairwise(studies("year")):
        assert earlier.preparation.study.year >= later.preparation.study.year
    for earlier, later in pairwise(studies("level")):
        assert earlier.level <= later.level
    assert studies("newest")[0] == evidence[-1]
    assert studies("relevance") == studies("newest")


def test_a_question_is_put_together(evidence):
    one, two, three, four = (claim.pk for claim in evidence)

    def keys(node):
        return set(postgres.found(node).values_list("pk", flat=True))

    assert keys(All()) == {one, two, three, four}
    assert keys(Any()) == set()
    assert keys(Not(Is("edge", ("harm",)))) == {three, four}
    assert keys(Not(Is("cargo_kind", ("lncRNA",)))) == {one, two, four}
    assert keys(Not(Is("therapy", ("CHEBI:1",)))) == {one, four}
    assert keys(All((Text("miR-21"), Not(Is("model", ("animal",)))))) == {one}
    assert keys(Any((Is("edge", ("neutral",)), Is("disease", ("gastric cancer",))))) == {two, four}
    assert keys(Between("year", 2019, None)) == {three, four}
    assert keys(Between("year", None, 2018)) == {one, two}
    assert keys(read("miR-21").question) == {one, two}


def test_an_address_holds_the_search():
    asked = search_for("q=miR-21+x&edge=harm&edge=benefit&year=2018-2020&sort=year&view=table&nonsense=1&aspect=good")

    assert asked.address() == "?q=miR-21+x&edge=harm&edge=benefit&year=2018..2020&sort=year&view=table"
    assert search_for(asked.address()[1:]).narrowed == asked.narrowed
    assert [(field.name, value) for field, value, _ in asked.unknown] == [("aspect", "good")]
    assert asked.turned("edge", "harm").address() == "?q=miR-21+x&edge=benefit&year=2018..2020&sort=year&view=table"
