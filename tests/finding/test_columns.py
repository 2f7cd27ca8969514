"""Each column has one meaning: what the table on the page shows is what SQL puts into files of very many claims."""

import json

import pytest
from django.core.management import call_command

from apps.claims.models import Claim
from apps.finding import columns
from tests.api.test_budgets import a_full_claim
from tests.api.test_written import a_varied_claim
from tests.makers import a_claim, a_preparation, a_source, a_study

pytestmark = pytest.mark.django_db
AUTHORS = (
    [],
    ["Doe J"],
    ["Consortium"],
    ["van der Doe J", "Roe R"],
    ["Doe J", "Synthetic Group", "Roe R"],
    [" Doe", "Ünal  Ö"],
)
NUMBERS = (
    0,
    1,
    -1,
    0.5,
    0.1 + 0.2,
    1 / 3,
    1e-4,
    1e-5,
    123456.789,
    999999999999,
    1e12,
    1.5e12,
    123456789012345,
    1e300,
    -2e-7,
)


def compared(claims):
    """Each value of each claim as the page has it and as a file has it, and the line of JSON beside them."""
    listed = list(columns.with_columns(claims))
    keys = [claim.pk for claim in listed]
    for claim, row, line in zip(listed, columns.rows(keys), columns.lines(keys, "https://example.org/"), strict=True):
        by_hand = {name: column.value(claim) for name, column in columns.COLUMNS.items()}
        yield by_hand, dict(zip(columns.COLUMNS, row, strict=True)), json.loads(line)


def agree(claims):
    """How many claims were compared, and found the same."""
    count = 0
    for count, (by_hand, by_sql, line) in enumerate(compared(claims), 1):  # noqa: B007
        assert by_sql == by_hand
        assert line == {**by_hand, "url": f"https://example.org/{by_hand['claim']}"}
        assert list(line) == [*columns.COLUMNS, "url"]
    return count


def test_varied_claims_have_the_same_values_on_the_page_and_in_a_file():
    for number in range(24):
        a_varied_claim(number)
    a_full_claim()

    assert agree(Claim.objects.order_by("-pk")) == 25


@pytest.mark.parametrize("authors", AUTHORS)
def test_a_study_is_named_the_same(authors):
    a_claim(preparation=a_preparation(study=a_study(authors=authors), source=a_source()))

    assert agree(Claim.objects.all()) == 1


def test_numbers_are_written_the_same():
    measures = tuple({"name": f"synthetic {place}", "value": number} for place, number in enumerate(NUMBERS))
    a_claim(measures=(*measures, {"name": " padded ", "value": None, "n_cases": 3, "n_controls": 0, "n": 3}))

    assert agree(Claim.objects.all()) == 1


def test_what_a_preparation_reports_is_counted_the_same():
    for value in ("reported", "not_reported", "not_applicable", "not_curated"):
        a_claim(preparation=a_preparation(metric_lysate=value, metric_antibodies="reported"))

    assert agree(Claim.objects.all()) == 4


def test_every_claim_of_the_starter_collection_has_the_same_values():
    call_command("load_starter", verbosity=0)

    assert agree(Claim.objects.accepted().order_by("accession")) > 0
