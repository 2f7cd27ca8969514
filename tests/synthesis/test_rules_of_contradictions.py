"""The database keeps what is derived well formed, too: each rule is met by raw SQL."""

import pytest

from apps.synthesis.contradicting import take_in
from apps.synthesis.models import Contradiction, Standing
from tests.records.refusals import refused
from tests.synthesis.evidence import of_cargo

pytestmark = pytest.mark.django_db


@pytest.fixture
def contradiction():
    of_cargo("harm")
    of_cargo("benefit")
    take_in()
    return Contradiction.objects.get()


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("contradiction_subject_known", "subject_kind = 'nobody', cargo_id = NULL"),
        ("contradiction_question_known", "question = 'weather'"),
        ("contradiction_has_subject", "subject = ' '"),
        ("contradiction_cargo_where_it_is_one", "cargo_id = NULL"),
        ("contradiction_takes_two", "claims = 1"),
        ("contradiction_closeness_is_share", "closeness = 1.5"),
    ],
)
def test_a_contradiction_is_well_formed(contradiction, rule, change):
    refused(rule, f"UPDATE synthesis_contradiction SET {change} WHERE id = %s", [contradiction.pk])


def test_a_claim_takes_one_side_that_there_is(contradiction):
    standing = Standing.objects.filter(contradiction=contradiction).first()

    refused("standing_stance_known", "UPDATE synthesis_standing SET stance = 'left' WHERE id = %s", [standing.pk])
    refused(
        "standing_once",
        "INSERT INTO synthesis_standing (contradiction_id, claim_id, stance) VALUES (%s, %s, 'harm')",
        [contradiction.pk, standing.claim_id],
    )
