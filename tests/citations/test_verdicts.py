import pytest
from django.utils import timezone

from apps.citations.models import Alert
from apps.citations.verdicts import NotAllowed, mark_seen, overrule, take_back
from apps.claims.models import Claim
from apps.people.models import Role
from apps.studies.models import Notice
from tests.makers import a_claim, a_notice, a_preparation, a_study, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin():
    return a_user("erin", role=Role.EDITOR)


def an_alert(**fields):
    return Alert.objects.create(notice=a_notice(study=a_study(), service="crossref", **fields))


def test_an_overruled_notice_counts_no_more_and_its_alert_is_seen(erin):
    alert = an_alert()
    claim = a_claim(preparation=a_preparation(study=alert.notice.study))
    assert claim not in Claim.objects.counting()

    overrule(notice_id=alert.notice_id, by=erin, reason=" It is about another paper. ")

    notice = Notice.objects.get()
    assert (notice.overruled_by, notice.overruled_reason) == (erin, "It is about another paper.")
    assert claim in Claim.objects.counting()
    alert.refresh_from_db()
    assert alert.seen_by == erin


def test_a_verdict_that_is_taken_back_lets_the_notice_count_again(erin):
    notice = a_notice(study=a_study())
    overrule(notice_id=notice.pk, by=erin, reason="mistaken")

    take_back(notice_id=notice.pk, by=erin)

    notice = Notice.objects.get()
    assert (notice.overruled_at, notice.overruled_by, notice.overruled_reason) == (None, None, "")
    assert notice.study.status == "retracted"


def test_a_verdict_holds_for_its_notice_only(erin):
    study = a_study()
    first = a_notice(study=study, service="crossref", identifier="10.1000/first")
    overrule(notice_id=first.pk, by=erin, reason="mistaken")

    a_notice(study=study, service="crossref", identifier="10.1000/second")

    study.refresh_from_db()
    assert study.status == "retracted"


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_verdict_without_a_reason(erin, reason):
    notice = a_notice(study=a_study())

    with pytest.raises(NotAllowed, match="Write why"):
        overrule(notice_id=notice.pk, by=erin, reason=reason)

    assert Notice.objects.get().overruled_at is None


@pytest.mark.parametrize("role", [Role.READER, Role.CONTRIBUTOR, Role.CURATOR])
def test_only_editors_decide(role):
    alert, person = an_alert(), a_user("charlie", role=role)

    for act in (
        lambda: overrule(notice_id=alert.notice_id, by=person, reason="mistaken"),
        lambda: take_back(notice_id=alert.notice_id, by=person),
        lambda: mark_seen(alert_ids=[alert.pk], by=person),
    ):
        with pytest.raises(NotAllowed, match=f"charlie is a {role}"):
            act()

    assert Alert.objects.to_do().get().notice.overruled_at is None


def test_what_was_not_overruled_can_not_be_taken_back(erin):
    notice = a_notice(study=a_study())

    with pytest.raises(NotAllowed, match="nothing to take back"):
        take_back(notice_id=notice.pk, by=erin)


def test_who_saw_an_alert_first_stays(erin):
    alert = an_alert()
    assert mark_seen(alert_ids=[alert.pk], by=erin) == 1

    assert mark_seen(alert_ids=[alert.pk], by=a_user("frank", role=Role.EDITOR)) == 0

    alert.refresh_from_db()
    assert alert.seen_by == erin
    assert alert.seen_at <= timezone.now()


def test_history_knows_who_decided_and_why_also_outside_the_admin(erin):
    notice = a_notice(study=a_study())
    overrule(notice_id=notice.pk, by=erin, reason="mistaken")
    take_back(notice_id=notice.pk, by=erin)

    events = Notice.pgh_event_models["update"].objects.filter(pgh_label="update").order_by("pgh_id")
    assert [event.pgh_context for event in events] == [
        {"user": erin.pk, "reason": "mistaken"},
        {"user": erin.pk, "reason": "the verdict is taken back"},
    ]
