"""What a page costs: as many queries for thirty claims as for one."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache

from apps.studies.models import CitationCount
from tests.makers import a_name, a_notice, a_source
from tests.web.evidence import another_claim, some_evidence

pytestmark = pytest.mark.django_db

# Queries of each page, however much it shows.
BUDGETS = {
    "/": 8,
    "/search/": 9,
    "/search/?q=miR-21": 9,
    "/search/?q=miR-21&edge=harm&level=E": 9,
    "/search/?term=DOID:9256": 11,
    "/studies/": 5,
    "/cargos/": 5,
    "/sources/": 5,
    "/terms/": 4,
    "/notices/": 2,
    "/notices/feed/": 1,
    "/services/": 5,
    "/explore/": 0,
    "/explore/diagnosis/?disease=colon+cancer": 4,
    "/explore/drug-resistance/": 13,
    "/explore/drug-delivery/": 4,
    "/explore/mirna/?cargo=miR-21": 16,
    "/explore/microenvironment/": 3,
    "/explore/cancer-stem-cells/": 6,
    "/explore/regeneration/": 11,
    "/explore/turning/": 6,
    "/explore/less-harm/": 9,
    "/explore/sword/": 7,
    "/explore/trust/": 4,
    "/explore/map/": 2,
    "/explore/network/": 2,
    "/explore/timeline/": 2,
    "/explore/compare/?of=cargo&with=miR-21&with=miR-96": 9,
    "claim": 21,
    "study": 10,
    "source": 15,
    "preparation": 6,
    "cargo": 15,
    "term": 15,
}


def a_count(study, number):
    day = date(2026, 1, 1) + timedelta(days=number)
    CitationCount.objects.create(study=study, service="crossref", day=day, count=number)


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("page", BUDGETS)
def test_a_page_costs_the_same_for_any_number_of_rows(client, django_assert_max_num_queries, page, rows):
    evidence = some_evidence()
    for number in range(rows - 1):
        another_claim(cargo=evidence.cargo, preparation=evidence.preparation, disease=evidence.claim.disease)
        name = a_name("disease", f"colon cancer {number}", (evidence.term,))
        a_source(name=f"other {number}", disease=name)
        a_notice(study=evidence.study, nature="correction", identifier=f"10.1000/{number}")
        a_count(evidence.study, number)
    address = page if page.startswith("/") else getattr(evidence, page).get_absolute_url()
    cache.clear()

    with django_assert_max_num_queries(BUDGETS[page]):
        assert client.get(address).status_code == 200
