"""The rules of curation, broken by raw SQL: the database names each, and nothing has changed."""

import pytest
from django.db import IntegrityError, transaction

from apps.curation.discussion import comment
from apps.curation.models import Assignment, Comment, Likeness, Mention
from apps.people.models import Role
from tests.makers import a_claim, a_study, a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def said():
    a_user("bob")
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    return comment(accession=claim.accession, by=a_user("alice"), text="Synthetic words for @bob.")


INSERT = "INSERT INTO curation_comment (claim_id, by_id, text) VALUES (%s, %s, %s)"


def test_a_comment_says_something(said):
    refused("comment_says_something", INSERT, [said.claim_id, said.by_id, ""])


def test_a_comment_is_not_too_long(said):
    refused("comment_not_too_long", INSERT, [said.claim_id, said.by_id, "x" * 4001])
    run(INSERT, [said.claim_id, said.by_id, "x" * 4000])


def test_a_comment_is_on_a_claim(said):
    study = a_study()
    study.refresh_from_db()
    refused("comment_on_a_claim", INSERT, [study.accession, said.by_id, "Synthetic."])


def test_a_comment_stays_as_it_was_said(said):
    refused("comment_not_changed", "UPDATE curation_comment SET text = 'other'")
    refused("comment_not_deleted", "DELETE FROM curation_comment")


def test_a_mention_stays_and_is_there_once(said):
    bob = Mention.objects.get().person_id
    refused("mention_once", "INSERT INTO curation_mention (comment_id, person_id) VALUES (%s, %s)", [said.pk, bob])
    refused("mention_not_changed", "UPDATE curation_mention SET person_id = %s", [said.by_id])
    refused("mention_not_deleted", "DELETE FROM curation_mention")


def test_a_person_has_one_bookmark_in_a_discussion(said):
    refused(
        "reading_once",
        "INSERT INTO curation_reading (person_id, claim_id) VALUES (%s, %s)",
        [said.by_id, said.claim_id],
    )


ASSIGN = "INSERT INTO curation_assignment (claim_id, reviewer_id, by_id) VALUES (%s, %s, %s)"


def test_nobody_is_asked_to_review_what_they_wrote():
    claim = a_claim(state="submitted", author=a_user("alice"))
    erin, bob = a_user("erin", role=Role.EDITOR), a_user("bob")

    refused("assignment_to_a_second_person", ASSIGN, [claim.pk, claim.author_id, erin.pk])
    run(ASSIGN, [claim.pk, bob.pk, erin.pk])
    refused("assignment_to_a_second_person", "UPDATE curation_assignment SET reviewer_id = %s", [claim.author_id])


def test_only_editors_ask():
    claim = a_claim(state="submitted", author=a_user("alice"))
    bob = a_user("bob")

    refused("assignment_by_an_editor", ASSIGN, [claim.pk, bob.pk, bob.pk])


def test_an_assignment_goes_with_its_draft_and_stays_in_history():
    claim = a_claim(state="submitted", author=a_user("alice"))
    Assignment.objects.create(claim=claim, reviewer=a_user("bob"), by=a_user("erin", role=Role.EDITOR))
    claim.state = "draft"
    claim.save()
    claim.delete()

    assert not Assignment.objects.exists()
    labels = Assignment.pgh_event_models["insert"].objects.order_by("pgh_id").values_list("pgh_label", flat=True)
    assert list(labels) == ["insert", "delete"]


@pytest.fixture
def pair():
    studies = [a_study(), a_study()]
    for study in studies:
        study.refresh_from_db()
    return sorted(study.accession for study in studies)


LIKE = "INSERT INTO curation_likeness (one_id, other_id, score) VALUES (%s, %s, %s)"


def test_a_pair_is_there_once_and_in_order(pair):
    run(LIKE, [*pair, 0.9])
    refused("likeness_once", LIKE, [*pair, 0.8])
    refused("likeness_in_order", LIKE, [*reversed(pair), 0.8])


def test_a_score_is_a_share(pair):
    refused("likeness_score_is_share", LIKE, [*pair, 1.5])


def test_a_pair_is_ruled_out_by_somebody(pair):
    run(LIKE, [*pair, 0.9])
    refused("likeness_ruled_out_by_somebody", "UPDATE curation_likeness SET ruled_out_at = now()")


def test_a_comment_outlives_the_draft_that_it_was_on():
    claim = a_claim(state="draft", author=a_user("alice"))
    claim.refresh_from_db()
    comment(accession=claim.accession, by=a_user("alice"), text="Entered twice.")
    claim.delete()

    assert Comment.objects.get().claim.removed_at
    with pytest.raises(IntegrityError), transaction.atomic():
        Comment.objects.all().delete()
    assert not Likeness.objects.exists()
