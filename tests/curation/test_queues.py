"""What waits for whom, who was asked, what is due, what looks alike, and how much everybody did."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.claims import workflow
from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation import likenesses, queues, recuration
from apps.curation.assigning import assign, unassign
from apps.curation.models import Assignment, Likeness
from apps.curation.numbers import numbers
from apps.desk.review import buttons
from apps.people.models import Role
from apps.studies.models import Study
from tests.makers import a_cargo, a_claim, a_decision, a_notice, a_preparation, a_source, a_study, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    return a_user("bob")


@pytest.fixture
def erin():
    return a_user("erin", role=Role.EDITOR)


def submitted(**fields):
    claim = a_claim(state="submitted", author=fields.pop("author", None) or a_user("alice"), **fields)
    claim.refresh_from_db()
    return claim


# --- the queue -------------------------------------------------------------------------------------------------------


def test_what_one_was_asked_for_comes_first_then_what_waits_longest(bob, erin):
    first, second, third = submitted(), submitted(), submitted()
    submitted(author=bob)
    assign(claim_id=third.pk, reviewer=bob, by=erin)

    assert list(queues.waiting_for(bob)) == [third, first, second]
    assert list(queues.waiting_for(erin))[:3] == [first, second, third]
    assert queues.next_for(bob, third.pk) == first


def test_a_study_of_ones_own_does_not_wait_for_one_however_it_is_written(bob):
    an_interest(bob, published_as=["DOE j"])
    submitted()
    other = submitted(preparation=a_preparation(study=a_study(authors=["Poe P"])))

    assert list(queues.waiting_for(bob)) == [other]


def test_a_queue_knows_what_stands_before_and_behind(bob):
    first, second, third = submitted(), submitted(), submitted()

    assert queues.around(bob, second) == (first, third)
    assert queues.around(bob, first) == (None, second)
    assert queues.around(bob, third) == (second, None)
    assert queues.around(bob, a_claim()) == (None, first)


def test_what_came_back_is_apart_from_what_was_begun(bob):
    an_interest(bob)
    alice = a_user("alice")
    begun, back = a_claim(state="draft", author=alice), submitted()
    workflow.request_changes(claim_id=back.pk, by=bob, reason="Give the group sizes.")

    assert list(queues.begun_by(alice)) == [begun]
    (found,) = queues.sent_back_to(alice)
    assert (found, found.asked_for) == (back, "Give the group sizes.")
    workflow.submit(claim_id=back.pk, by=alice)
    assert list(queues.handed_in_by(alice)) == [back]
    assert not queues.sent_back_to(alice).exists()


# --- asking ----------------------------------------------------------------------------------------------------------


def test_an_editor_asks_and_anybody_else_may_still_review(bob, erin):
    claim, carol = submitted(), a_user("carol")
    an_interest(carol)
    assign(claim_id=claim.pk, reviewer=bob, by=erin)
    assign(claim_id=claim.pk, reviewer=erin, by=erin)

    assert Assignment.objects.get().reviewer == erin
    assert workflow.accept(claim_id=claim.pk, by=carol).state == "accepted"


def test_who_may_not_decide_is_not_asked(bob, erin):
    claim = submitted()
    an_interest(bob, published_as=["Doe J"])

    for person, why in (
        (a_user("alice"), "is yours"),
        (bob, "author of"),
        (a_user("cy", role=Role.CONTRIBUTOR), "role"),
    ):
        with pytest.raises(NotAllowed, match=why):
            assign(claim_id=claim.pk, reviewer=person, by=erin)
    with pytest.raises(NotAllowed, match="Editors ask"):
        assign(claim_id=claim.pk, reviewer=erin, by=bob)
    assert not Assignment.objects.exists()


def test_what_is_no_submission_is_not_assigned_and_an_assignment_can_be_taken_back(bob, erin):
    with pytest.raises(NotAllowed, match="only what is submitted"):
        assign(claim_id=a_claim(state="draft").pk, reviewer=bob, by=erin)
    claim = submitted()
    assign(claim_id=claim.pk, reviewer=bob, by=erin)

    with pytest.raises(NotAllowed, match="Editors ask"):
        unassign(claim_id=claim.pk, by=bob)
    unassign(claim_id=claim.pk, by=erin)
    assert not Assignment.objects.exists()


# --- due again -------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 24)


def test_a_study_is_due_for_any_of_three_reasons_and_for_no_other():
    fresh = {"curated_on": TODAY - timedelta(days=30), "depth": "full_text"}
    a_study(**fresh)
    a_study(**fresh, pmcid="PMC9000001")
    a_study(**(fresh | {"depth": "abstract"}))
    overruled = a_study(**fresh)
    a_notice(
        study=overruled,
        nature="correction",
        first_seen=TODAY,
        last_seen=TODAY,
        overruled_at=timezone.now(),
        overruled_by=a_user("erin", role=Role.EDITOR),
        overruled_reason="wrong paper",
    )
    old = a_study(**(fresh | {"curated_on": date(2024, 11, 23)}))
    a_study(**(fresh | {"curated_on": date(2024, 11, 24)}))
    abstract = a_study(**(fresh | {"depth": "abstract"}), pmcid="PMC9000002")
    noticed = a_study(**fresh)
    a_notice(study=noticed, nature="correction", first_seen=TODAY, last_seen=TODAY)
    a_notice(study=a_study(**fresh), nature="correction", first_seen=date(2026, 1, 1), last_seen=TODAY)

    found = recuration.due(TODAY)

    assert [study.pk for study in found] == [noticed.pk, old.pk, abstract.pk]
    assert [(s.noticed, s.long_ago, s.readable) for s in found] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


def test_a_leap_day_has_a_day_two_years_before():
    assert not recuration.due(date(2028, 2, 29)).exists()


# --- likenesses ------------------------------------------------------------------------------------------------------

TITLE = "Synthetic vesicles of made-up cells carry a synthetic microRNA into cultured synthetic macrophages"


def pairs():
    return [{pair.one_id, pair.other_id} for pair in Likeness.objects.to_do()]


def accession(record):
    record.refresh_from_db()
    return record.accession


def test_studies_of_like_titles_and_near_years_are_proposed_once():
    one, other = a_study(title=TITLE), a_study(title=TITLE.replace("carry", "transfer"), year=2021)
    a_study(title=TITLE, year=2023)
    a_study(title="Something else altogether, also synthetic")

    assert likenesses.find(turn=0) == 1
    assert likenesses.find(turn=5) == 0
    assert pairs() == [{accession(one), accession(other)}]


def test_cargos_and_sources_of_one_name_but_for_signs_are_proposed():
    cargos = [a_cargo("TGF-beta 1", kind="protein"), a_cargo("tgf beta1", kind="protein")]
    a_cargo("TGF-alpha 1", kind="protein")
    sources = [a_source(name="Synthetic cells"), a_source(name="synthetic-cells")]
    likenesses.find(turn=0)

    assert {frozenset(pair) for pair in pairs()} == {
        frozenset(accession(record) for record in records) for records in (cargos, sources)
    }


def test_what_is_no_longer_alike_is_forgotten_and_what_was_ruled_out_never_comes_back(erin):
    one, other = a_study(title=TITLE), a_study(title=TITLE + " again")
    likenesses.find(turn=0)
    with pytest.raises(NotAllowed, match="Editors rule"):
        likenesses.rule_out(likeness_id=Likeness.objects.get().pk, by=a_user("bob"))
    likenesses.rule_out(likeness_id=Likeness.objects.get().pk, by=erin)

    assert likenesses.find(turn=0) == 0
    assert pairs() == []
    third = a_study(title=TITLE + " once more")
    likenesses.find(turn=0)
    assert len(pairs()) == 2
    Study.objects.filter(pk=third.pk).update(title="Synthetic, of another kind entirely")
    likenesses.find(turn=0)
    assert pairs() == []
    assert {accession(one), accession(other)} == {Likeness.objects.get().one_id, Likeness.objects.get().other_id}


def test_the_task_finds_them():
    from apps.curation.tasks import find_likenesses

    a_study(title=TITLE), a_study(title=TITLE)
    find_likenesses()

    assert len(pairs()) == 1


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_numbers_tell_what_each_wrote_and_decided(bob, django_assert_num_queries):
    an_interest(bob)
    a_claim(state="draft", author=a_user("alice"))
    back, good = submitted(), submitted()
    workflow.request_changes(claim_id=back.pk, by=bob, reason="why")
    workflow.accept(claim_id=good.pk, by=bob)
    with django_assert_num_queries(3):
        rows = {row.person.username: row for row in numbers()}

    alice = rows["alice"]
    assert (alice.drafted, alice.submitted, alice.accepted, alice.decisions, alice.days) == (3, 2, 1, 0, None)
    assert (rows["bob"].decisions, rows["bob"].days) == (2, 0.0)
    assert Claim.objects.count() == 3
    assert [row.person for row in numbers([bob])] == [bob]


# --- what was decided against ----------------------------------------------------------------------------------------


@pytest.fixture
def alice():
    return a_user("alice")


def test_an_author_is_told_of_a_rejection_with_its_reason(alice, bob):
    an_interest(bob)
    claim = submitted()
    workflow.reject(claim_id=claim.pk, by=bob, reason="No vesicles were shown.")

    (found,) = queues.decided_against(alice)
    assert (found, found.state_reason) == (claim, "No vesicles were shown.")
    assert found.ended == claim.decisions.get().at
    assert not queues.decided_against(bob).exists()


def test_an_author_is_told_of_being_overtaken_and_of_a_withdrawal(alice, bob, erin):
    an_interest(bob), an_interest(erin)
    public = a_claim(author=a_user("zoe"))
    public.refresh_from_db()
    mine = workflow.revise(accession=public.accession, by=alice, reason="why")
    workflow.submit(claim_id=mine.pk, by=alice)
    rival = workflow.revise(accession=public.accession, by=a_user("carol"), reason="why")
    workflow.submit(claim_id=rival.pk, by=rival.author)
    workflow.accept(claim_id=rival.pk, by=bob)

    (found,) = queues.decided_against(alice)
    assert (found, found.state_reason) == (mine, "Version 3 was accepted first.")
    assert not queues.decided_against(public.author).exists(), "what was public and revised was not decided against"
    workflow.withdraw(claim_id=rival.pk, by=erin, reason="The paper says otherwise.")
    assert [each.state_reason for each in queues.decided_against(rival.author)] == ["The paper says otherwise."]


def test_what_was_given_up_or_is_long_ago_is_not_told(alice, bob):
    an_interest(bob)
    given_up, old = submitted(), submitted()
    workflow.request_changes(claim_id=given_up.pk, by=bob, reason="why")
    workflow.give_up(claim_id=given_up.pk, by=alice, reason="why")
    a_decision(claim=old, by=bob, verdict="rejected")
    Claim.objects.filter(pk=old.pk).update(state="rejected", state_reason="why")

    assert list(queues.decided_against(alice)) == [old]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queues, "OF_LATE", timedelta(seconds=-5))
        assert not queues.decided_against(alice).exists()


def test_the_neighbours_cost_the_same_in_a_long_queue(bob, django_assert_num_queries):
    claims = [submitted() for _ in range(9)]
    an_interest(bob, published_as=["Someone E"])

    for claim, at in ((claims[0], 0), (claims[4], 4)):
        with django_assert_num_queries(5):
            before, after = queues.around(bob, claim)
        assert (before, after) == (claims[at - 1] if at else None, claims[at + 1])


def test_the_buttons_ask_once_for_what_they_have_in_common(bob, django_assert_max_num_queries):
    an_interest(bob)
    for state in ("submitted", "accepted", "rejected"):
        claim = a_claim(state=state, author=a_user("alice"))
        claim = Claim.objects.select_related("preparation__study", "author").get(pk=claim.pk)
        with django_assert_max_num_queries(4):
            assert len(buttons.of(claim, a_user("bob"))) == len(buttons.LABELS)
