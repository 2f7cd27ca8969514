"""The status of a study follows from its notices, in whatever order they come and whoever writes them."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.claims.models import Claim
from apps.studies.models import Notice
from tests.makers import a_claim, a_notice, a_preparation, a_study, a_user
from tests.owner import without_triggers
from tests.records.refusals import met

DAY = date(2026, 11, 2)
# What the rule makes of the notices, oldest first; a date belongs to a notice that has one.
MATRIX = [
    ((), "published"),
    (("correction",), "corrected"),
    (("concern",), "concern"),
    (("retraction",), "retracted"),
    (("withdrawal",), "retracted"),
    (("reinstatement",), "published"),
    (("correction", "concern"), "concern"),
    (("concern", "correction"), "concern"),
    (("concern", "retraction"), "retracted"),
    (("retraction", "correction"), "retracted"),
    (("retraction", "concern"), "retracted"),
    ((("retraction", DAY), ("reinstatement", DAY)), "published"),
    ((("reinstatement", date(2026, 11, 3)), ("retraction", DAY)), "published"),
    ((("reinstatement", date(2026, 11, 1)), ("retraction", DAY)), "retracted"),
    (("retraction", ("reinstatement", DAY)), "retracted"),
    ((("retraction", DAY), "reinstatement"), "retracted"),
    (("concern", ("retraction", DAY), ("reinstatement", DAY)), "concern"),
    (("correction", ("retraction", DAY), ("reinstatement", DAY)), "corrected"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("notices", "status"), MATRIX)
def test_the_status_follows_from_the_notices(notices, status):
    study = a_study()

    for notice in notices:
        nature, dated = notice if isinstance(notice, tuple) else (notice, None)
        a_notice(study=study, nature=nature, dated=dated)

    study.refresh_from_db()
    assert study.status == status
    met("notice_derives_status")


def overrule(notice):
    notice.overruled_at, notice.overruled_by, notice.overruled_reason = timezone.now(), a_user("erin"), "another paper"
    notice.save()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("natures", "overruled", "status"),
    [
        (("retraction",), "retraction", "published"),
        (("concern", "retraction"), "retraction", "concern"),
        (("correction", "retraction"), "retraction", "corrected"),
        (("retraction", "withdrawal"), "retraction", "retracted"),
        (("correction", "concern"), "concern", "corrected"),
    ],
)
def test_an_overruled_notice_lifts(natures, overruled, status):
    study = a_study()
    for nature in natures:
        a_notice(study=study, nature=nature)

    overrule(study.notices.get(nature=overruled))

    study.refresh_from_db()
    assert study.status == status


@pytest.mark.django_db
def test_an_overruled_reinstatement_no_longer_lifts():
    study = a_study()
    a_notice(study=study, nature="retraction", dated=DAY)
    lifting = a_notice(study=study, nature="reinstatement", dated=DAY)

    overrule(lifting)

    study.refresh_from_db()
    assert study.status == "retracted"


@pytest.mark.django_db
def test_a_notice_that_its_service_no_longer_shows_still_counts():
    study = a_study()
    notice = a_notice(study=study)

    Notice.objects.filter(pk=notice.pk).update(vanished_on=DAY)

    study.refresh_from_db()
    assert study.status == "retracted"


@pytest.mark.django_db
def test_claims_leave_what_counts_at_once_and_come_back_when_the_report_is_overruled():
    study = a_study()
    claim = a_claim(preparation=a_preparation(study=study))

    notice = a_notice(study=study)
    assert list(Claim.objects.counting()) == []
    assert list(Claim.objects.accepted()) == [claim]

    overrule(notice)
    assert list(Claim.objects.counting()) == [claim]


@pytest.mark.django_db(transaction=True)
def test_two_services_that_report_at_once_can_not_hide_a_retraction():
    study = a_study()
    second_waits = threading.Event()

    def correct() -> None:
        second_waits.set()
        a_notice(study=study, nature="correction", service="another")
        connection.close()

    with transaction.atomic():
        a_notice(study=study, nature="retraction")
        other = threading.Thread(target=correct)
        other.start()
        second_waits.wait()
        # Long enough for the other to take its snapshot, in which this retraction is not there yet.
        other.join(0.5)
        assert other.is_alive()
    other.join()

    study.refresh_from_db()
    assert study.status == "retracted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "news"),
    [
        ("last_seen", date(2026, 11, 20), False),
        ("vanished_on", DAY, True),
    ],
)
def test_the_rule_dates_news_of_a_notice_and_not_that_it_is_still_there(field, value, news):
    notice = a_notice(study=a_study())
    with without_triggers("studies_notice"):
        Notice.objects.update(changed_at=datetime(2026, 11, 1, tzinfo=UTC))

    Notice.objects.update(**{field: value, "changed_at": datetime(1999, 1, 1, tzinfo=UTC)})

    notice.refresh_from_db()
    assert notice.changed_at.year == 2026
    assert (notice.changed_at.date() == date(2026, 11, 1)) is not news
    met("notice_dates_change")
