"""The history of a claim: every state, who and why."""

import pghistory
import pytest

from apps.claims.models import State
from tests.makers import a_claim, a_user, walked_to
from tests.records.refusals import refused_by_protection

pytestmark = pytest.mark.django_db


def test_the_whole_way_of_a_claim_is_in_its_history():
    claim = a_claim(state="draft")
    with pghistory.context(user=a_user("bob").pk, reason="read the paper"):
        walked_to(State.WITHDRAWN, claim)

    events = list(claim.events.order_by("pgh_id"))
    assert [event.state for event in events] == ["draft", "submitted", "accepted", "withdrawn"]
    assert [event.pgh_label for event in events] == ["insert", "update", "update", "update"]
    assert {event.pgh_context["reason"] for event in events[1:]} == {"read the paper"}


def test_what_a_draft_said_before_is_kept():
    claim = a_claim(state="draft")
    claim.statement = "Synthetic vesicles did nothing; this claim is made up too."
    claim.save()

    assert [e.statement for e in claim.events.order_by("pgh_id")] == [
        "Synthetic vesicles made synthetic cells grow; this claim is made up for a test.",
        "Synthetic vesicles did nothing; this claim is made up too.",
    ]


def test_the_history_of_a_claim_is_not_rewritten():
    claim = a_claim()

    refused_by_protection("UPDATE claims_claimevent SET statement = 'other' WHERE pgh_obj_id = %s", [claim.pk])
    refused_by_protection("DELETE FROM claims_claimevent WHERE pgh_obj_id = %s", [claim.pk])


def test_the_measures_of_a_deleted_draft_are_in_history():
    claim = a_claim(state="draft", measures=({"name": "AUC", "value": 0.9},))
    event = claim.measures.get().events.model

    claim.delete()

    assert [(e.pgh_label, e.value) for e in event.objects.order_by("pgh_id")] == [("insert", 0.9), ("delete", 0.9)]
