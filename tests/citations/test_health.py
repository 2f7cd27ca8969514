import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.citations.health import alarms, health, warn
from apps.citations.models import Check, Feed, RefreshRun, RequestCount
from tests.makers import a_study

pytestmark = pytest.mark.django_db


def of(service):
    return next(each for each in health() if each.feed.service == service)


def checked(study, outcome, *, ago=1, known=True, due=False, service="crossref"):
    now = timezone.now()
    asked = now - timedelta(days=ago)
    due_at = now + timedelta(days=-1 if due else 5)
    known_at = asked if known else None
    Check.objects.create(
        study=study, feed_id=service, outcome=outcome, asked_at=asked, known_at=known_at, due_at=due_at
    )


def all_answered():
    Feed.objects.update(last_success=timezone.now())


def test_each_study_is_in_one_heap():
    checked(a_study(), "found", ago=3)
    checked(a_study(), "absent", ago=9)
    checked(a_study(), "not_known", known=False, due=True)
    Check.objects.create(study=a_study(), feed_id="crossref")
    a_study()

    seen = of("crossref")

    assert (seen.found, seen.absent, seen.not_known, seen.never_asked) == (1, 1, 1, 2)
    assert seen.studies == 5
    assert seen.due == 3  # not known, never asked, and not even planned
    assert (timezone.now() - seen.oldest).days == 9
    assert (timezone.now() - seen.newest).days == 3


def test_what_was_known_before_a_failure_is_not_called_known_now():
    checked(a_study(), "not_known", ago=20)

    seen = of("crossref")

    assert (seen.found, seen.not_known, seen.oldest) == (0, 1, None)
    assert (timezone.now() - seen.newest).days == 20


def test_requests_are_those_of_today():
    today = timezone.now().date()
    RequestCount.objects.create(feed_id="crossref", day=today, requests=7)
    RequestCount.objects.create(feed_id="crossref", day=today - timedelta(days=1), requests=99)

    assert of("crossref").requests_today == 7
    assert of("openalex").requests_today == 0


def test_a_run_that_is_going_on_is_shown():
    run = RefreshRun.objects.create(feed_id="crossref", asked_by="schedule", wanted=10)
    RefreshRun.objects.create(feed_id="openalex", asked_by="schedule", state="done")

    assert of("crossref").run == run
    assert of("openalex").run is None


def test_a_service_that_is_late_by_more_than_a_day_raises_the_alarm_with_its_last_message():
    all_answered()
    a_study()
    late = timezone.now() - timedelta(days=9)
    Feed.objects.filter(pk="crossref").update(last_success=late, last_failure=late, last_message="503 from crossref")

    (said,) = alarms()

    assert said.startswith(f"Crossref has not answered since {late:%Y-%m-%d}")
    assert "503 from crossref" in said
    assert of("crossref").alarm == said
    assert of("openalex").alarm == ""


@pytest.mark.parametrize(("days", "stale"), [(6, 0), (7.5, 0), (8.5, 1)])
def test_a_day_of_grace_is_given(days, stale):
    all_answered()
    a_study()
    Feed.objects.filter(pk="crossref").update(last_success=timezone.now() - timedelta(days=days))

    assert len(alarms()) == stale


def test_no_alarm_where_nothing_could_be_asked():
    Feed.objects.update(last_success=None)
    assert alarms() == []
    assert [each.alarm for each in health() if each.alarm] == []

    a_study()

    assert "Crossref has never answered." in alarms()
    assert not [said for said in alarms() if "Retraction Watch" in said], "it is switched off"


def test_the_log_gets_one_line_for_all_that_is_stale_and_none_while_all_is_well(caplog):
    all_answered()
    a_study()
    with caplog.at_level(logging.INFO):
        warn()
    assert caplog.records == []

    Feed.objects.update(last_success=None)
    with caplog.at_level(logging.INFO):
        warn()

    (line,) = caplog.records
    assert line.levelname == "WARNING"
    assert "Crossref has never answered" in line.message
    assert "OpenAlex has never answered" in line.message


def test_health_costs_the_same_for_one_study_and_for_thirty(django_assert_num_queries):
    for _ in range(30):
        checked(a_study(), "found")

    with django_assert_num_queries(5):
        health()
