"""The acts of curation: who may do what to whose claim; on refusal, nothing has happened."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from apps.claims import workflow
from apps.claims.acts import ACTS, ChangedMeanwhile, NotAllowed, StatementNeeded, why_not
from apps.claims.content import content_of
from apps.claims.models import Claim, Decision, Measure, State
from apps.people.models import Role
from tests.makers import a_claim, a_name, a_preparation, a_study, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return a_user("alice", role=Role.CONTRIBUTOR)


@pytest.fixture
def bob():
    bob = a_user("bob")
    an_interest(bob)
    return bob


@pytest.fixture
def erin():
    erin = a_user("erin", role=Role.EDITOR)
    an_interest(erin)
    return erin


def a_content(**columns):
    """What a made-up draft would say."""
    example = content_of(a_claim(state="draft", therapies=("cisplatin",), measures=({"name": "AUC", "value": 0.9},)))
    preparation = columns.pop("preparation", None) or a_preparation()
    return replace(example, columns={**example.columns, "preparation_id": preparation.pk, **columns})


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_draft_says_what_was_written_and_has_author_key_and_level(alice):
    content = a_content(models_used=["animal"])

    claim = workflow.draft(content=content, by=alice)

    assert content_of(claim) == content
    assert (claim.state, claim.author, claim.key, claim.version) == ("draft", alice, "e1", 1)
    assert (claim.level, claim.level_reason[:16]) == ("D", "Shown in animals")
    assert not Claim.objects.accepted().exists()


def test_drafts_of_one_study_take_the_next_key(alice):
    study = a_study()
    first = workflow.draft(content=a_content(preparation=a_preparation(study=study)), by=alice)
    second = workflow.draft(content=a_content(preparation=a_preparation(study=study)), by=alice)

    assert [first.key, second.key] == ["e1", "e2"]


def test_a_reader_writes_nothing():
    with pytest.raises(NotAllowed, match="role of contributor; rita is reader"):
        workflow.draft(content=a_content(), by=a_user("rita", role=Role.READER))


def test_an_edit_is_stored_whole_and_leaves_its_reason_in_history(alice):
    claim = workflow.draft(content=a_content(), by=alice)
    seen = content_of(claim)
    wanted = replace(
        seen,
        columns={**seen.columns, "statement": "Synthetic words."},
        measures=[],
        targets=[a_name("target", "PTEN").pk],
    )

    edited = workflow.edit(claim_id=claim.pk, content=wanted, seen=seen.digest, by=alice, reason="read it again")

    assert content_of(edited) == wanted
    event = claim.events.model.objects.filter(pgh_obj_id=claim.pk, pgh_label="update").latest("pgh_id")
    assert event.pgh_context == {"user": alice.pk, "reason": "read it again"}
    measured = Measure.pgh_event_models["insert"].objects.filter(claim_id=claim.pk)
    assert sorted(measured.values_list("pgh_label", flat=True)) == ["delete", "insert"]


def test_two_edits_of_one_draft_lose_nothing(alice):
    claim = workflow.draft(content=a_content(), by=alice)
    seen = content_of(claim)
    first = replace(seen, columns={**seen.columns, "outcome": "first"})
    second = replace(seen, columns={**seen.columns, "outcome": "second"})
    workflow.edit(claim_id=claim.pk, content=first, seen=seen.digest, by=alice)

    with pytest.raises(ChangedMeanwhile, match="compare, and save again") as met:
        workflow.edit(claim_id=claim.pk, content=second, seen=seen.digest, by=alice)

    assert met.value.current == first
    workflow.edit(claim_id=claim.pk, content=second, seen=met.value.current.digest, by=alice)
    assert Claim.objects.get(pk=claim.pk).outcome == "second"


def test_a_draft_does_not_move_to_another_study(alice):
    claim = workflow.draft(content=a_content(), by=alice)
    seen = content_of(claim)
    moved = replace(seen, columns={**seen.columns, "preparation_id": a_preparation().pk})

    with pytest.raises(NotAllowed, match="never changes its study"):
        workflow.edit(claim_id=claim.pk, content=moved, seen=seen.digest, by=alice)


def test_a_draft_is_thrown_away_and_remembered(alice):
    claim = workflow.draft(content=a_content(), by=alice)

    workflow.discard(claim_id=claim.pk, by=alice, reason="entered twice")

    assert not Claim.objects.filter(pk=claim.pk).exists()
    assert claim.events.model.objects.get(pgh_obj_id=claim.pk, pgh_label="delete").pgh_context["user"] == alice.pk


# --- who may do what -------------------------------------------------------------------------------------------------

CALLS = {
    "edit": lambda claim, by: workflow.edit(
        claim_id=claim.pk, content=content_of(claim), seen=content_of(claim).digest, by=by
    ),
    "discard": lambda claim, by: workflow.discard(claim_id=claim.pk, by=by),
    "give_up": lambda claim, by: workflow.give_up(claim_id=claim.pk, by=by, reason="why"),
    "catch_up": lambda claim, by: workflow.catch_up(claim_id=claim.pk, by=by),
    "submit": lambda claim, by: workflow.submit(claim_id=claim.pk, by=by),
    "take_back": lambda claim, by: workflow.take_back(claim_id=claim.pk, by=by),
    "request_changes": lambda claim, by: workflow.request_changes(claim_id=claim.pk, by=by, reason="why"),
    "accept": lambda claim, by: workflow.accept(claim_id=claim.pk, by=by),
    "reject": lambda claim, by: workflow.reject(claim_id=claim.pk, by=by, reason="why"),
    "withdraw": lambda claim, by: workflow.withdraw(claim_id=claim.pk, by=by, reason="why"),
}


def test_every_act_is_tried():
    assert {*CALLS, "revise"} == set(ACTS)


def refused_act(act, claim, by, match):
    before = claim.events.model.objects.count(), Decision.objects.count()

    with pytest.raises(NotAllowed, match=match):
        CALLS[act](claim, by)

    assert (claim.events.model.objects.count(), Decision.objects.count()) == before
    assert why_not(act, claim, by)


# --- drafts that were decided on --------------------------------------------------------------------------------------


@pytest.fixture
def sent_back(alice):
    claim = a_claim(state="submitted", author=alice)
    bob = a_user("bob")
    an_interest(bob)
    return workflow.request_changes(claim_id=claim.pk, by=bob, reason="Give the group sizes.")


def test_a_draft_that_was_decided_on_is_not_discarded(sent_back, alice):
    refused_act("discard", sent_back, alice, "was decided on, and that is kept: give it up instead")


def test_its_author_gives_it_up_with_a_reason(sent_back, alice):
    for reason in ("", "  "):
        with pytest.raises(NotAllowed, match="Write why"):
            workflow.give_up(claim_id=sent_back.pk, by=alice, reason=reason)
    assert not why_not("give_up", sent_back, alice)

    given_up = workflow.give_up(claim_id=sent_back.pk, by=alice, reason="The figure does not show it.")

    assert (given_up.state, given_up.state_reason) == ("rejected", "The figure does not show it.")
    assert given_up.decisions.get().verdict == "changes"


def test_a_draft_that_nobody_decided_on_is_discarded_not_given_up(alice):
    refused_act("give_up", a_claim(state="draft", author=alice), alice, "Nobody has decided on")


@pytest.mark.parametrize("act", CALLS)
def test_an_act_takes_its_role(act):
    below = list(Role)[list(Role).index(ACTS[act].least) - 1]
    person = a_user("pat", role=below)
    author = person if ACTS[act].whose == "author" else a_user("alice")

    refused_act(act, a_claim(state=ACTS[act].begins, author=author), person, "takes the role of")


@pytest.mark.parametrize("act", [act for act in CALLS if ACTS[act].whose == "author"])
def test_nobody_writes_in_another_s_draft(act, bob):
    refused_act(act, a_claim(state=ACTS[act].begins, author=a_user("alice")), bob, "nobody else can")


@pytest.mark.parametrize("act", [act for act in CALLS if ACTS[act].whose == "second"])
def test_whoever_wrote_a_claim_can_not_decide_on_it(act, erin):
    refused_act(act, a_claim(state=ACTS[act].begins, author=erin), erin, "Whoever wrote a claim can't decide on it")


@pytest.mark.parametrize(("act", "state"), [(a, s) for a in CALLS for s in State if s != ACTS[a].begins])
def test_an_act_begins_from_one_state_only(act, state, erin):
    author = erin if ACTS[act].whose == "author" else a_user("alice")

    refused_act(act, a_claim(state=state, author=author), erin, f"only what is {ACTS[act].begins.label} can be")


@pytest.mark.parametrize("act", ["request_changes", "accept", "reject", "withdraw"])
def test_a_decision_asks_for_a_statement_of_interests_that_is_not_older_than_a_year(act, alice):
    carol = a_user("carol", role=Role.EDITOR)
    claim = a_claim(state=ACTS[act].begins, author=alice)
    an_interest(carol, made_at=timezone.now() - timedelta(days=366))

    with pytest.raises(StatementNeeded, match="state your interests"):
        CALLS[act](claim, carol)
    assert not why_not(act, claim, carol)

    an_interest(carol)
    CALLS[act](claim, carol)


@pytest.mark.parametrize("act", ["request_changes", "accept", "reject", "withdraw"])
def test_nobody_decides_on_a_study_of_which_they_are_an_author(act, alice):
    carol = a_user("carol", role=Role.EDITOR)
    an_interest(carol, published_as=["doe j"])

    refused_act(
        act, a_claim(state=ACTS[act].begins, author=alice), carol, r"You are an author of EXST\d+, by your statement"
    )


@pytest.mark.parametrize("act", ["request_changes", "reject", "withdraw"])
@pytest.mark.parametrize("reason", ["", "  "])
def test_a_refusal_takes_a_reason(act, reason, erin, alice):
    claim = a_claim(state=ACTS[act].begins, author=alice)

    with pytest.raises(NotAllowed, match="Write why"):
        getattr(workflow, act)(claim_id=claim.pk, by=erin, reason=reason)

    claim.refresh_from_db()
    assert claim.state == ACTS[act].begins
    assert not Decision.objects.filter(by=erin).exists()


# --- from draft to public --------------------------------------------------------------------------------------------


def test_a_claim_goes_from_draft_to_public_by_two_people(alice, bob):
    claim = workflow.draft(content=a_content(statement="Synthetic claim to be found."), by=alice)
    workflow.submit(claim_id=claim.pk, by=alice)
    workflow.request_changes(claim_id=claim.pk, by=bob, reason="which figure?")
    workflow.submit(claim_id=claim.pk, by=alice)

    accepted = workflow.accept(claim_id=claim.pk, by=bob, reason="checked against figure 2")

    assert Claim.objects.accepted().get() == accepted
    assert (accepted.accepted_by, accepted.accepted_with) == (bob, None)
    assert [(one.verdict, one.by, one.reason) for one in accepted.decisions.all()] == [
        ("accepted", bob, "checked against figure 2"),
        ("changes", bob, "which figure?"),
    ]


def test_a_submission_can_be_taken_back(alice):
    claim = a_claim(state="submitted", author=alice)

    assert workflow.take_back(claim_id=claim.pk, by=alice).state == "draft"


def test_what_was_rejected_and_withdrawn_says_why(alice, erin):
    rejected, withdrawn = a_claim(state="submitted", author=alice), a_claim(author=alice)

    workflow.reject(claim_id=rejected.pk, by=erin, reason="not about vesicles")
    workflow.withdraw(claim_id=withdrawn.pk, by=erin, reason="misread")

    rejected.refresh_from_db()
    withdrawn.refresh_from_db()
    assert (rejected.state, rejected.state_reason) == ("rejected", "not about vesicles")
    assert (withdrawn.state, withdrawn.state_reason) == ("withdrawn", "misread")
    assert withdrawn.left_at is not None


# --- revisions -------------------------------------------------------------------------------------------------------


def a_revision(accepted, by, **columns):
    """A submitted revision of an accepted claim."""
    revision = workflow.revise(accession=accepted.accession, by=by, reason="more exact")
    seen = content_of(revision)
    workflow.edit(
        claim_id=revision.pk, content=replace(seen, columns={**seen.columns, **columns}), seen=seen.digest, by=by
    )
    return workflow.submit(claim_id=revision.pk, by=by)


def test_a_revision_begins_as_a_copy_and_leaves_the_public_text_alone(alice):
    public = a_claim(therapies=("cisplatin",), targets=("PTEN",), measures=({"name": "HR", "value": 2.1},))

    revision = workflow.revise(accession=public.accession, by=alice, reason="figure 3 says more")

    assert content_of(revision) == content_of(public)
    assert (revision.accession, revision.version, revision.state) == (public.accession, 2, "draft")
    assert (revision.basis, revision.author) == (public, alice)
    assert Claim.objects.accepted().get() == public


def test_a_revision_takes_a_reason_and_is_begun_once_by_each(alice):
    public = a_claim(author=a_user("zoe"))

    with pytest.raises(NotAllowed, match="Say what is to change"):
        workflow.revise(accession=public.accession, by=alice, reason=" ")
    workflow.revise(accession=public.accession, by=alice, reason="why")
    with pytest.raises(NotAllowed, match=r"You have a draft of .* already: version 2"):
        workflow.revise(accession=public.accession, by=alice, reason="why")


def test_there_is_nothing_to_revise_in_what_is_not_public(alice):
    draft = a_claim(state="draft", author=alice)

    with pytest.raises(NotAllowed, match="not public"):
        workflow.revise(accession=draft.accession, by=alice, reason="why")


def test_an_accepted_revision_takes_the_place_of_what_was_public(alice, bob):
    public = a_claim(author=a_user("zoe"))
    revision = a_revision(public, alice, statement="Synthetic words, more exact.")

    workflow.accept(claim_id=revision.pk, by=bob)

    public.refresh_from_db()
    assert Claim.objects.accepted().get().statement == "Synthetic words, more exact."
    assert (public.state, public.left_at) == ("superseded", Claim.objects.get(pk=revision.pk).accepted_at)


def test_the_first_accepted_revision_overtakes_its_rivals(alice, bob):
    public = a_claim(author=a_user("zoe"))
    carol = a_user("carol")
    first, rival = a_revision(public, alice), a_revision(public, carol)

    workflow.accept(claim_id=first.pk, by=bob)

    rival.refresh_from_db()
    assert (rival.state, rival.state_reason) == ("superseded", f"Version {first.version} was accepted first.")
    with pytest.raises(NotAllowed, match="superseded by a later version: only what is submitted can be accepted"):
        workflow.accept(claim_id=rival.pk, by=bob)


def test_a_draft_that_was_overtaken_is_compared_before_it_is_submitted(alice, bob):
    public = a_claim(author=a_user("zoe"))
    carol = a_user("carol")
    late = workflow.revise(accession=public.accession, by=carol, reason="why")
    workflow.accept(claim_id=a_revision(public, alice).pk, by=bob)

    with pytest.raises(NotAllowed, match=r"Version 3 of .* became public since version 2 was begun"):
        workflow.submit(claim_id=late.pk, by=carol)

    workflow.catch_up(claim_id=late.pk, by=carol)
    assert workflow.submit(claim_id=late.pk, by=carol).state == "submitted"


def test_a_revision_of_what_was_withdrawn_meanwhile_is_not_accepted(alice, bob, erin):
    public = a_claim(author=a_user("zoe"))
    revision = a_revision(public, alice)
    workflow.withdraw(claim_id=public.pk, by=erin, reason="misread")

    with pytest.raises(NotAllowed, match="no longer public"):
        workflow.accept(claim_id=revision.pk, by=bob)

    assert not Claim.objects.accepted().exists()


def test_a_new_claim_can_not_be_accepted_beside_itself(alice, bob):
    claim = a_claim(state="submitted", author=alice)
    workflow.accept(claim_id=claim.pk, by=bob)

    with pytest.raises(NotAllowed, match=r"is accepted by bob on .* UTC: only what is submitted"):
        workflow.reject(claim_id=claim.pk, by=bob, reason="why")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rivals", [True, False])
def test_of_two_acceptances_at_once_one_wins_and_the_other_is_told(rivals):
    public = a_claim(author=a_user("zoe"))
    alice, bob, carol = a_user("alice"), a_user("bob"), a_user("carol")
    an_interest(bob), an_interest(carol)
    first = a_revision(public, alice)
    second = a_revision(public, a_user("dora")) if rivals else first
    ready, told = threading.Barrier(2), []

    def accepting(claim, by):
        try:
            ready.wait(10)
            workflow.accept(claim_id=claim.pk, by=by)
            told.append("accepted")
        except NotAllowed as refusal:
            told.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=accepting, args=pair) for pair in ((first, bob), (second, carol))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(told) == 2
    assert told.count("accepted") == 1
    assert "only what is submitted can be accepted" in next(words for words in told if words != "accepted")
    assert Claim.objects.accepted().filter(accession=public.accession).count() == 1
