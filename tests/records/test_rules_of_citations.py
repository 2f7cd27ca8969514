"""What the record of asking the citation services can't be."""

import pytest

from tests.makers import a_study
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db

FEED = "INSERT INTO citations_feed (service, enabled, young_every, old_every, failures, last_message) VALUES "


@pytest.fixture
def feed():
    run(FEED + "('crossref', true, 7, 30, 0, '') ON CONFLICT DO NOTHING")


def test_only_a_service_that_we_speak_is_a_feed():
    refused("feed_service_known", FEED + "('oracle', true, 7, 30, 0, '')")


@pytest.mark.parametrize("interval", ["young_every", "old_every"])
def test_a_study_is_not_asked_about_all_the_time(feed, interval):
    refused("feed_intervals_positive", f"UPDATE citations_feed SET {interval} = 0 WHERE service = 'crossref'")


CHECK = "INSERT INTO citations_check (study_id, feed_id, message) VALUES (%s, 'crossref', '')"


def test_one_row_says_where_the_asking_stands(feed):
    study = a_study()
    run(CHECK, [study.pk])

    refused("check_once", CHECK, [study.pk])


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("check_outcome_known", "outcome = 'maybe'"),
        ("check_known_when_asked", "asked_at = '2026-11-01', known_at = '2026-11-02'"),
    ],
)
def test_a_check_says_no_more_than_was_asked(feed, rule, change):
    study = a_study()
    run(CHECK, [study.pk])

    refused(rule, f"UPDATE citations_check SET {change} WHERE study_id = %s", [study.pk])


RUN = """
INSERT INTO citations_refreshrun
    (feed_id, state, asked_by, started_at, wanted, found, absent, not_known, requests, message)
VALUES ('crossref', %s, 'command', now(), 0, 0, 0, 0, 0, '')
"""


def test_one_run_at_a_time_asks_a_service(feed):
    run(RUN, ["done"])
    run(RUN, ["running"])

    refused("run_one_at_a_time", RUN, ["running"])
    refused("run_state_known", RUN, ["asleep"])


def test_the_requests_of_a_day_are_counted_in_one_row(feed):
    count = "INSERT INTO citations_requestcount (feed_id, day, requests) VALUES ('crossref', '2026-11-01', 1)"
    run(count)

    refused("request_count_once_a_day", count)
