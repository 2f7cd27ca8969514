"""The database keeps what is derived well formed, too: each rule is met by raw SQL."""

import pytest

from apps.claims.models import Claim
from apps.synthesis.contradicting import take_in
from apps.synthesis.models import Contradiction, Stale, Standing
from tests.records.refusals import met, refused, run
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


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("claim_notes_stale", "UPDATE claims_claim SET key = key WHERE id = {0.pk}"),
        ("study_notes_stale", "UPDATE studies_study SET year = 1999 WHERE id = {0.preparation.study_id}"),
        ("preparation_notes_stale", "UPDATE vesicles_preparation SET engineered = TRUE WHERE id = {0.preparation_id}"),
        ("source_notes_stale", "UPDATE vesicles_vesiclesource SET name = 'x' WHERE id = {0.preparation.source_id}"),
        ("cargo_notes_stale", "UPDATE vesicles_cargo SET name = 'miR-22' WHERE id = {0.cargo_id}"),
        ("name_term_notes_stale", "DELETE FROM terms_name_terms WHERE name_id = {0.disease_id}"),
    ],
)
def test_whoever_changes_what_a_claim_rests_on_the_claim_is_noted(contradiction, rule, change):
    claim = Claim.objects.filter(edge="harm").get()
    draft = of_cargo("harm", state="draft", disease=claim.disease, study=claim.preparation.study)
    Stale.objects.all().delete()

    run(change.format(claim))

    noted = set(Stale.objects.values_list("claim", flat=True))
    assert claim.pk in noted
    assert draft.pk not in noted
    met(rule)
