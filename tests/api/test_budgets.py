"""A list costs the same for one row as for thirty."""

from datetime import date
from itertools import count

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.citations.models import Check
from apps.claims.models import ReleaseMember
from apps.studies.models import CitationCount
from apps.vesicles.models import CargoMember, CargoSynonym, CargoXref
from tests.api.asking import get
from tests.makers import a_cargo, a_claim, a_name, a_notice, a_preparation, a_release, a_source, a_study, a_term

pytestmark = pytest.mark.django_db

numbers = count(1)
# The moment of the database, the count, the rows, and one query for each relation with many.
MOST = {
    "claims": 12,
    "studies": 7,
    "notices": 3,
    "sources": 8,
    "preparations": 3,
    "cargos": 7,
    "terms": 7,
    "releases": 3,
}


def a_full_claim():
    """A claim with something at every relation that a list shows."""
    number = next(numbers)
    above = a_term("DOID:4", "disease")
    term = a_term(f"DOID:{number + 100}", f"synthetic disease {number}", parents=(above,))
    term.synonyms.create(text=f"synonym {number}", key=f"synonym {number}")
    term.alternative_ids.create(curie=f"OLD:{number}")
    disease = a_name("disease", f"disease {number}", terms=(term,))
    study = a_study()
    a_notice(study=study, nature="correction")
    CitationCount.objects.create(study=study, service="crossref", day=date(2026, 11, 1), count=number)
    Check.objects.create(study=study, feed_id="crossref", outcome="found", asked_at=timezone.now())
    names = {kind: a_name(kind, f"{kind} {number}") for kind in ("species", "cell_line", "cell_type", "tissue")}
    source = a_source(disease=disease, **names)
    cargo, panel = a_cargo(f"miR-{number}"), a_cargo(f"panel {number}")
    CargoSynonym.objects.create(cargo=cargo, text=f"mir{number}")
    CargoXref.objects.create(cargo=cargo, curie=f"mirbase:MI{number}")
    CargoMember.objects.create(panel=panel, member=cargo)
    claim = a_claim(
        preparation=a_preparation(study=study, source=source),
        cargo=panel,
        disease=disease,
        recipient=a_name("recipient", f"recipient {number}"),
        therapies=(f"therapy {number}",),
        targets=(f"target {number}",),
        measures=({"name": "AUC", "value": 0.9},),
    )
    ReleaseMember.objects.create(release=a_release(f"2026.{number}"), claim=claim)


def cost(path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        get(path)
    return len(queries)


@pytest.mark.parametrize("kind", list(MOST))
def test_a_list_costs_the_same_for_one_row_and_for_thirty(kind):
    a_full_claim()
    one = cost(f"{kind}/")
    for _ in range(29):
        a_full_claim()

    assert cost(f"{kind}/") == one <= MOST[kind]


@pytest.mark.parametrize("kind", [kind for kind in MOST if kind != "notices"])
def test_a_record_costs_no_more_than_a_list(kind):
    a_full_claim()
    a_full_claim()
    row = get(f"{kind}/")["results"][0]

    assert cost(row["url"].removeprefix("http://testserver/api/v1/")) < MOST[kind]


def test_statistics_cost_the_same_for_any_number_of_claims():
    # What another test remembered would be asked after first.
    cache.clear()
    a_full_claim()
    one = cost("stats/")
    for _ in range(5):
        a_full_claim()

    assert cost("stats/") == one <= 10
