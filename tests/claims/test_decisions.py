"""What a decision and a statement of interests can't be: raw SQL meets each rule by its name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.claims.acts import why_not
from apps.claims.models import Claim, State
from apps.curation import queues
from tests.makers import a_claim, a_decision, a_preparation, a_study, a_user, an_interest
from tests.records.refusals import met, refused, run

pytestmark = pytest.mark.django_db

DECIDE = """INSERT INTO claims_decision (claim_id, verdict, by_id, reason, interest_id)
    VALUES (%(claim)s, %(verdict)s, %(by)s, %(reason)s, %(interest)s)"""


def decision(claim, by, **changed):
    return {
        "claim": claim.pk,
        "verdict": "rejected",
        "by": by.pk,
        "reason": "why",
        "interest": an_interest(by).pk,
        **changed,
    }


@pytest.mark.parametrize("verdict", ["accepted", "changes", "rejected"])
def test_whoever_wrote_a_claim_can_not_decide_on_it(verdict):
    claim = a_claim(state="submitted", author=a_user("alice"))

    refused("decision_by_a_second_person", DECIDE, decision(claim, claim.author, verdict=verdict))


@pytest.mark.parametrize("verdict", ["changes", "rejected", "withdrawn"])
def test_a_decision_takes_a_reason(verdict):
    claim = a_claim(state="accepted" if verdict == "withdrawn" else "submitted")

    refused("decision_has_reason", DECIDE, decision(claim, a_user("bob"), verdict=verdict, reason=""))


def test_a_verdict_that_does_not_exist_is_refused():
    refused("decision_verdict_known", DECIDE, decision(a_claim(state="submitted"), a_user("bob"), verdict="maybe"))


def test_a_decision_rests_on_a_statement_of_one_s_own_that_is_not_older_than_a_year():
    claim, bob = a_claim(state="submitted"), a_user("bob")
    old = an_interest(bob, made_at=timezone.now() - timedelta(days=366))
    tomorrow = an_interest(bob, made_at=timezone.now() + timedelta(days=1))
    another = an_interest(a_user("carol"))

    for statement in (old, tomorrow, another):
        refused("decision_after_statement_of_interests", DECIDE, decision(claim, bob, interest=statement.pk))
    run(DECIDE, decision(claim, bob))


@pytest.mark.parametrize("state", [state for state in State if state != "submitted"])
@pytest.mark.parametrize("verdict", ["accepted", "changes", "rejected"])
def test_a_decision_is_on_what_waits_for_one(state, verdict):
    refused("decision_on_what_waits", DECIDE, decision(a_claim(state=state), a_user("carol"), verdict=verdict))


@pytest.mark.parametrize("state", [state for state in State if state != "accepted"])
def test_only_what_is_accepted_is_withdrawn(state):
    refused("decision_on_what_waits", DECIDE, decision(a_claim(state=state), a_user("carol"), verdict="withdrawn"))


def test_a_decision_does_not_come_before_what_it_is_on_was_submitted():
    claim, bob = a_claim(state="submitted"), a_user("bob")
    dated = """INSERT INTO claims_decision (claim_id, verdict, by_id, reason, interest_id, at)
        VALUES (%(claim)s, %(verdict)s, %(by)s, %(reason)s, %(interest)s, now() - interval '1 second')"""
    early = decision(claim, bob, interest=an_interest(bob, made_at=timezone.now() - timedelta(days=9)).pk)

    refused("decision_on_what_waits", dated, early)
    run(DECIDE, early)


SAME_NAMES = [
    *(("Roe R", "roe r"), ("Roe R", "Roe R."), ("Roe R", "Roe, R."), ("Roe RT", "Roe R. T."), ("Roe RT", "Roe R-T")),
    *(("Núñez-Doe J", "Nunez Doe J"), ("O’Roe K", "O'Roe K"), ("Łoś Ø", "Los O"), ("ÉMILE Z", "Émile Z")),
]
OTHER_NAMES = [("Lin A", "Li NA"), ("Roe R", "Roe RT"), ("Roe R", "Doe R"), ("Roe R", "."), ("Roe R", "R")]


@pytest.mark.parametrize(("printed", "own"), SAME_NAMES)
def test_a_name_is_the_same_without_its_case_accents_and_punctuation(printed, own):
    claim = a_claim(state="submitted", preparation=a_preparation(study=a_study(authors=["Else E.", printed, "-"])))
    bob = a_user("bob")
    statement = an_interest(bob, published_as=["Someone E", own])

    refused("decision_not_on_own_study", DECIDE, decision(claim, bob, interest=statement.pk))
    assert "You are an author" in why_not("accept", claim, bob)
    assert not queues.waiting_for(bob).exists()


@pytest.mark.parametrize(("printed", "own"), OTHER_NAMES)
def test_other_names_are_other_people(printed, own):
    claim = a_claim(state="submitted", preparation=a_preparation(study=a_study(authors=["Else E.", printed, "-"])))
    bob = a_user("bob")
    statement = an_interest(bob, published_as=[own])

    assert not why_not("accept", claim, bob)
    assert queues.waiting_for(bob).get() == claim
    run(DECIDE, decision(claim, bob, interest=statement.pk))


def test_a_later_statement_does_not_take_a_name_back():
    claim = a_claim(state="submitted", preparation=a_preparation(study=a_study(authors=["Roe R"])))
    bob = a_user("bob")
    an_interest(bob, published_as=["Roe R"], made_at=timezone.now() - timedelta(days=500))
    newest = an_interest(bob, published_as=[])

    refused("decision_not_on_own_study", DECIDE, decision(claim, bob, interest=newest.pk))
    assert "You are an author" in why_not("accept", claim, bob)
    assert not queues.waiting_for(bob).exists()


@pytest.mark.parametrize("own", ["Roe R", "roe r"])
def test_nobody_decides_on_a_study_of_which_they_are_an_author(own):
    claim = a_claim(state="submitted", preparation=a_preparation(study=a_study(authors=["Doe J", "Roe R"])))
    statement = an_interest(a_user("bob"), published_as=["Someone E", own])

    refused("decision_not_on_own_study", DECIDE, decision(claim, a_user("bob"), interest=statement.pk))


@pytest.mark.parametrize("change", ["verdict = 'accepted'", "reason = 'another'", "at = '2001-01-01'"])
def test_a_decision_is_kept_as_it_was_made(change):
    made = a_decision(claim=a_claim(state="submitted"), verdict="rejected")

    refused("decision_not_changed", f"UPDATE claims_decision SET {change} WHERE id = %s", [made.pk])
    refused("decision_not_deleted", "DELETE FROM claims_decision WHERE id = %s", [made.pk])


@pytest.mark.parametrize("change", ["none = false, interests = 'shares'", "published_as = '{Roe R}'"])
def test_a_statement_of_interests_is_kept_as_it_was_made(change):
    made = an_interest(a_user("bob"))

    refused("interest_not_changed", f"UPDATE claims_interest SET {change} WHERE id = %s", [made.pk])
    refused("interest_not_deleted", "DELETE FROM claims_interest WHERE id = %s", [made.pk])


@pytest.mark.parametrize(("none", "named"), [(True, "shares"), (False, "")])
def test_a_statement_says_that_there_are_no_interests_or_names_them(none, named):
    refused(
        "interest_none_or_named",
        "INSERT INTO claims_interest (person_id, none, interests, published_as) VALUES (%s, %s, %s, '{}')",
        [a_user("bob").pk, none, named],
    )


def test_a_claim_that_a_person_accepts_has_a_decision_by_the_end_of_the_transaction():
    claim = a_claim(state="submitted")
    accept = "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_by_id = %s WHERE id = %s"

    run("SET CONSTRAINTS ALL IMMEDIATE")  # as at the end of a transaction
    refused("claim_accepted_by_decision", accept, [a_user("bob").pk, claim.pk])
    assert not Claim.objects.accepted().exists()


def test_a_submission_has_its_date_from_the_database():
    claim = a_claim(state="draft")

    run("UPDATE claims_claim SET state = 'submitted', submitted_at = NULL WHERE id = %s", [claim.pk])

    claim.refresh_from_db()
    assert claim.submitted_at is not None
    refused("claim_submitted_has_date", "UPDATE claims_claim SET submitted_at = NULL WHERE id = %s", [claim.pk])


def test_a_second_submission_has_a_date_of_its_own():
    """Queues show the oldest first, from the last time that it was handed in."""
    claim = a_claim(state="submitted")
    run("UPDATE claims_claim SET submitted_at = '2001-01-01' WHERE id = %s", [claim.pk])

    run("UPDATE claims_claim SET state = 'draft' WHERE id = %s", [claim.pk])
    run("UPDATE claims_claim SET state = 'submitted' WHERE id = %s", [claim.pk])

    claim.refresh_from_db()
    assert claim.submitted_at.year > 2001
    met("claim_notes_submission")


def test_a_revision_is_written_against_an_accepted_version_of_the_same_claim():
    claim, another = a_claim(state="draft"), a_claim()

    for basis in (another, claim):
        refused(
            "claim_basis_is_a_version_of_it",
            "UPDATE claims_claim SET basis_id = %s WHERE id = %s",
            [basis.pk, claim.pk],
        )
