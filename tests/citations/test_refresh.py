from contextlib import contextmanager
from datetime import date, timedelta
from typing import ClassVar

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.citations import locking, runner
from apps.citations.clients import Answer, Gives, Ids, NoticeRecord, Outcome, batches
from apps.citations.clients.interface import Nature
from apps.citations.models import Alert, Check, Feed, RefreshRun
from apps.citations.refresh import AlreadyRunning, ask_again, due, is_due, refresh
from apps.citations.runner import OutOfBudget, count_request
from apps.citations.storing import store
from apps.claims.models import Claim
from apps.studies.models import CitationCount, Notice, Study
from tests.citations.server import Fault
from tests.citations.server.store import (
    AWKWARD_DOIS,
    FIRST_PMID,
    LANCET,
    PAIR_NOTICE,
    PAIR_NOTICE_PMID,
    PAIR_PAPER,
    synthetic,
)
from tests.makers import a_claim, a_notice, a_preparation, a_study, a_user

pytestmark = pytest.mark.django_db


def the_study(number, **fields):
    """The study in our database that the services know under that number."""
    known = synthetic(number)
    return a_study(pmid=known.pmid, pmcid=known.pmcid, doi=known.doi, **fields)


def a_hundred():
    return [the_study(number) for number in range(1, 101)]


class Scripted:
    """A service that answers what a test tells it to."""

    name, batch_size = "europepmc", 100
    gives: ClassVar = frozenset({Gives.COUNTS, Gives.NOTICES})


def answered(study, *notices, day=None, outcome=Outcome.FOUND, **more):
    """Store one answer of the scripted service."""
    now = (
        timezone.now()
        if day is None
        else timezone.make_aware(timezone.datetime.combine(day, timezone.datetime.min.time()))
    )
    store(Feed.objects.get(pk="europepmc"), Scripted(), [Answer(study.pk, outcome, notices=notices, **more)], now)
    study.refresh_from_db()
    return study


def test_a_refresh_stores_a_count_of_the_day_for_every_study(feed, client_of):
    studies = a_hundred()

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert (run.state, run.wanted, run.found, run.absent, run.not_known) == ("done", 100, 100, 0, 0)
    counts = dict(CitationCount.objects.values_list("study_id", "count"))
    assert counts == {study.pk: synthetic(number).counts["europepmc"] for number, study in enumerate(studies, 1)}
    assert set(CitationCount.objects.values_list("service", "day")) == {("europepmc", timezone.now().date())}


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "icite"])
def test_studies_are_asked_about_in_the_fewest_requests(service, services, client_of):
    a_hundred()
    client = client_of(service)

    refresh(Feed.objects.get(pk=service), asked_by="test", client=client)

    assert len(services.requests(service)) == -(-100 // client.batch_size)


def test_a_study_that_a_service_does_not_have_is_confirmed_absent(feed, client_of):
    study = a_study(pmid="999999999")

    refresh(feed, asked_by="test", client=client_of("europepmc"))

    check = study.checks.get(feed=feed)
    assert check.outcome == "absent"
    assert check.known_at is not None


def test_a_failed_check_is_not_known_and_keeps_what_was_known(feed, services, client_of):
    study = the_study(1)
    refresh(feed, asked_by="test", client=client_of("europepmc"))
    before = study.checks.get(feed=feed)
    services.misbehave(Fault("html"))

    ask_again(feed)
    refresh(feed, asked_by="test", client=client_of("europepmc"))

    after = study.checks.get(feed=feed)
    assert after.outcome == "not_known"
    assert after.message
    assert after.known_at == before.known_at
    assert CitationCount.objects.get().count == synthetic(1).counts["europepmc"]


def test_one_poisonous_study_does_not_spoil_the_rest(feed, services, client_of):
    studies = a_hundred()
    services.misbehave(Fault("500", ids=(synthetic(42).pmid,)))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert (run.found, run.not_known) == (99, 1)
    assert Check.objects.get(outcome="not_known").study == studies[41]


def test_what_failed_by_chance_is_asked_again_in_the_same_run(feed, services, client_of):
    a_hundred()
    services.misbehave(Fault("503", times=3), Fault("html", times=2), Fault("cut", times=2))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert (run.state, run.found, run.not_known) == ("done", 100, 0)


def test_a_service_that_is_down_is_left_in_peace_and_all_stays_due(feed, services, client_of, monkeypatch):
    monkeypatch.setattr(runner, "BREAKER", 2)
    a_hundred()
    services.misbehave(Fault("503"))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    feed.refresh_from_db()
    assert run.state == "paused"
    assert feed.paused_until > timezone.now()
    assert not is_due(feed, timezone.now())
    assert len(due(feed)) == 100
    assert not CitationCount.objects.exists()


def test_a_pause_lasts_as_long_as_the_service_asks_for(feed, services, client_of, monkeypatch):
    monkeypatch.setattr(runner, "BREAKER", 1)
    the_study(1)
    services.misbehave(Fault("429", retry_after="3600"))

    refresh(feed, asked_by="test", client=client_of("europepmc"))

    feed.refresh_from_db()
    assert timedelta(minutes=55) < feed.paused_until - timezone.now() < timedelta(minutes=65)


def test_what_is_not_due_is_not_asked_about(feed, services, client_of):
    the_study(1)
    refresh(feed, asked_by="test", client=client_of("europepmc"))
    services.forget()

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert run.wanted == 0
    assert not services.requests("europepmc")


@pytest.mark.parametrize(("age", "days"), [(0, "young_every"), (10, "old_every")])
def test_a_young_study_is_due_sooner_than_an_old_one(feed, client_of, age, days):
    Feed.objects.filter(pk=feed.pk).update(young_every=3, old_every=40)
    feed.refresh_from_db()
    study = the_study(1, year=timezone.now().year - age)

    refresh(feed, asked_by="test", client=client_of("europepmc"))

    check = study.checks.get(feed=feed)
    assert check.due_at - check.asked_at == timedelta(days=getattr(feed, days))


def test_a_second_count_of_a_day_changes_nothing_and_a_drop_on_another_is_kept():
    study = a_study()

    answered(study, citations=9, day=date(2026, 1, 1))
    answered(study, citations=8, day=date(2026, 1, 1))
    answered(study, citations=7, day=date(2026, 1, 2))

    assert list(study.citation_counts.values_list("count", flat=True)) == [9, 7]


RETRACTION = NoticeRecord(Nature.RETRACTION, "10.9999/retraction", date(2024, 1, 1), "made up")
CONCERN = NoticeRecord(Nature.CONCERN, "10.9999/concern", date(2023, 1, 1))
CORRECTION = NoticeRecord(Nature.CORRECTION, "10.9999/correction", date(2025, 1, 1))
REINSTATEMENT = NoticeRecord(Nature.REINSTATEMENT, "10.9999/reinstatement", date(2025, 6, 1))


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ([(CORRECTION,)], "corrected"),
        ([(CONCERN,), (CONCERN, RETRACTION)], "retracted"),
        ([(RETRACTION,), (RETRACTION, CORRECTION)], "retracted"),
        ([(RETRACTION,), (CORRECTION,)], "retracted"),
        ([(RETRACTION,), ()], "retracted"),
        ([(RETRACTION,), (RETRACTION, REINSTATEMENT)], "published"),
    ],
)
def test_the_status_follows_from_all_notices_whatever_came_last(reports, status):
    study = a_study()

    for number, notices in enumerate(reports):
        answered(study, *notices, day=date(2026, 1, 1 + number))

    assert study.status == status


def test_a_notice_that_vanishes_is_marked_and_kept_and_unmarked_when_it_returns():
    study = answered(a_study(), RETRACTION, day=date(2026, 1, 1))

    answered(study, day=date(2026, 1, 2))
    vanished = study.notices.get()
    answered(study, RETRACTION, day=date(2026, 1, 3))

    assert vanished.vanished_on == date(2026, 1, 2)
    assert (study.notices.get().vanished_on, study.notices.get().last_seen) == (None, date(2026, 1, 3))


def test_a_check_that_failed_marks_no_notice_as_vanished():
    study = answered(a_study(), RETRACTION, day=date(2026, 1, 1))

    answered(study, outcome=Outcome.NOT_KNOWN, day=date(2026, 1, 2))

    assert study.notices.get().vanished_on is None


def test_a_service_says_nothing_of_what_another_reported():
    study = a_study()
    a_notice(study=study, nature="concern", service="curation")

    answered(study, day=date(2026, 1, 2))

    assert study.notices.get().vanished_on is None
    assert study.status == "concern"


def test_a_retraction_takes_the_claims_out_at_once_and_alerts_editors():
    claim = a_claim()
    assert Claim.objects.counting().count() == 1

    answered(claim.preparation.study, RETRACTION)

    assert not Claim.objects.counting().exists()
    assert Claim.objects.accepted().exists()
    assert Alert.objects.get().notice.study == claim.preparation.study


def test_a_mere_correction_alerts_nobody():
    answered(a_study(), CORRECTION)

    assert not Alert.objects.exists()


def reported_by(service, study, *notices):
    """Store what another service says of a study."""
    client = Scripted()
    client.name = service
    answers = [Answer(study.pk, Outcome.FOUND, notices=notices)]
    store(Feed.objects.get(pk=service), client, answers, timezone.now())
    study.refresh_from_db()


def alerted(study):
    return sorted((alert.notice.service, alert.notice.nature) for alert in Alert.objects.filter(notice__study=study))


def test_what_a_second_service_says_too_is_a_second_notice_and_no_second_alert():
    study = answered(a_study(), RETRACTION)

    reported_by("openalex", study, NoticeRecord(Nature.RETRACTION))
    reported_by("crossref", study, NoticeRecord(Nature.WITHDRAWAL, "10.9999/withdrawal"))

    assert study.notices.count() == 3
    assert alerted(study) == [("europepmc", "retraction")]


def test_a_service_that_repeats_what_was_overruled_alerts_again_for_the_verdict_held_for_that_notice_only():
    study = answered(a_study(), RETRACTION)
    study.notices.update(overruled_at=timezone.now(), overruled_by=a_user("erin"), overruled_reason="another paper")
    study.refresh_from_db()
    assert study.status == "published"

    reported_by("crossref", study, RETRACTION)

    assert study.status == "retracted"
    assert alerted(study) == [("crossref", "retraction"), ("europepmc", "retraction")]


def test_each_piece_of_news_alerts_once():
    study = answered(a_study(), CONCERN)

    answered(study, CONCERN, RETRACTION)
    answered(study, CONCERN, RETRACTION, REINSTATEMENT)

    assert alerted(study) == [("europepmc", "concern"), ("europepmc", "reinstatement"), ("europepmc", "retraction")]


@pytest.mark.parametrize("notice_pmid", [None, PAIR_NOTICE_PMID])
def test_the_notice_is_not_the_paper(client_of, services, settings, notice_pmid):
    address = {**settings.CITATION_SERVICES["retraction_watch"], "base_url": services.url("retraction_watch")}
    settings.CITATION_SERVICES = {**settings.CITATION_SERVICES, "retraction_watch": address}
    paper, notice = a_study(pmid=None, doi=PAIR_PAPER), a_study(pmid=notice_pmid, doi=PAIR_NOTICE)

    for service in ("europepmc", "crossref", "openalex", "retraction_watch"):
        refresh(Feed.objects.get(pk=service), asked_by="test", client=client_of(service))

    paper.refresh_from_db()
    notice.refresh_from_db()
    assert (paper.status, notice.status) == ("retracted", "published")
    assert not notice.notices.exists()


def test_a_correction_beside_a_retraction_keeps_both(client_of):
    study = a_study(pmid=None, doi=LANCET)

    refresh(Feed.objects.get(pk="crossref"), asked_by="test", client=client_of("crossref"))

    assert set(study.notices.values_list("nature", flat=True)) == {"correction", "retraction"}
    study.refresh_from_db()
    assert study.status == "retracted"


def test_awkward_dois_are_found(client_of):
    for doi in AWKWARD_DOIS:
        a_study(pmid=None, doi=doi)

    run = refresh(Feed.objects.get(pk="crossref"), asked_by="test", client=client_of("crossref"))

    assert (run.found, run.not_known) == (len(AWKWARD_DOIS), 0)


def test_missing_identifiers_are_filled_and_present_ones_never_overwritten(client_of):
    known = synthetic(1)
    lacking = a_study(pmid=known.pmid, pmcid=None, doi=None)
    differing = a_study(pmid=synthetic(2).pmid, pmcid=None, doi="10.9999/kept")

    refresh(Feed.objects.get(pk="idconv"), asked_by="test", client=client_of("idconv"))

    lacking.refresh_from_db()
    differing.refresh_from_db()
    assert (lacking.pmcid, lacking.doi) == (known.pmcid, known.doi)
    assert (differing.pmcid, differing.doi) == (None, "10.9999/kept"), "an answer about another DOI is not trusted"


def test_who_could_not_be_asked_for_want_of_an_identifier_is_due_once_it_is_known(client_of):
    known = synthetic(1)
    study = a_study(pmid=None, doi=known.doi)
    icite = Feed.objects.get(pk="icite")
    refresh(icite, asked_by="test", client=client_of("icite"))
    assert not due(icite)

    refresh(Feed.objects.get(pk="idconv"), asked_by="test", client=client_of("idconv"))

    assert [(ids.ref, ids.pmid) for ids in due(icite)] == [(study.pk, known.pmid)]


def test_an_identifier_that_is_filled_while_a_study_is_asked_about_without_is_used_at_once(feed, client_of):
    study = a_study(pmid=None, doi="10.9999/only.a.doi")
    answer = Answer(study.pk, Outcome.NOT_KNOWN, message="no PMID to ask by", askable=False)
    Study.objects.filter(pk=study.pk).update(pmid=synthetic(1).pmid)
    icite = Feed.objects.get(pk="icite")

    store(icite, client_of("icite"), [answer], timezone.now())

    assert [ids.pmid for ids in due(icite)] == [synthetic(1).pmid]


def test_dois_that_need_a_request_of_their_own_are_stored_one_by_one(client_of):
    ids = [Ids(number, doi=f"10.9999/with,comma.{number}") for number in range(3)]
    together = [Ids(number, doi=f"10.9999/plain.{number}") for number in range(3, 6)]

    assert [len(batch) for batch in batches(client_of("crossref"), [*ids, *together])] == [1, 1, 1, 3]


def test_an_identifier_that_another_study_has_is_left_alone(client_of):
    a_study(pmid=None, doi=synthetic(1).doi)
    lacking = a_study(pmid=synthetic(1).pmid)

    refresh(Feed.objects.get(pk="idconv"), asked_by="test", client=client_of("idconv"))

    lacking.refresh_from_db()
    assert lacking.doi is None


def test_the_relative_citation_ratio_stands_with_the_count(client_of):
    study = the_study(30)

    refresh(Feed.objects.get(pk="icite"), asked_by="test", client=client_of("icite"))

    assert study.citation_counts.get().ratio == synthetic(30).ratio


def test_a_budget_is_kept(feed):
    feed.daily_budget = 2
    run = RefreshRun.objects.create(feed=feed, asked_by="test")

    count_request(run)
    count_request(run)

    with pytest.raises(OutOfBudget, match="budget of 2 requests a day"):
        count_request(run)
    assert feed.request_counts.get().requests == 2


def test_a_run_whose_process_died_is_marked_lost_and_the_next_goes_on(feed, client_of):
    the_study(1)
    dead = RefreshRun.objects.create(feed=feed, asked_by="test")

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    dead.refresh_from_db()
    assert (dead.state, run.state, run.found) == ("lost", "done", 1)


@contextmanager
def held_by_another_process(service):
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    parameters.pop("context", None)
    with psycopg.connect(**parameters) as other:
        other.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [locking.LOCKS, service])
        yield
        # The end of a connection gives it back too, but a moment later.
        other.execute("SELECT pg_advisory_unlock_all()")


def test_one_run_at_a_time(feed):
    with held_by_another_process("europepmc"), pytest.raises(AlreadyRunning, match="europepmc"):
        refresh(feed, asked_by="test", client=None)

    assert not RefreshRun.objects.exists()


def test_a_run_that_has_had_its_time_leaves_the_rest_to_the_next(feed, client_of):
    a_hundred()

    run = refresh(feed, asked_by="test", seconds=1e-9, client=client_of("europepmc"))

    assert run.state == "done"
    assert "100 studies are left" in run.message


def test_a_study_without_an_identifier_for_the_service_is_not_known_rather_than_clean(client_of):
    study = a_study(pmid=None, doi="10.9999/only.a.doi")

    refresh(Feed.objects.get(pk="icite"), asked_by="test", client=client_of("icite"))

    assert study.checks.get(feed="icite").outcome == "not_known"


def test_storing_the_same_batch_twice_is_the_same_as_once():
    study = answered(a_study(), RETRACTION, citations=3, day=date(2026, 1, 1))
    before = [list(model.objects.values()) for model in (CitationCount, Notice, Alert)]

    answered(study, RETRACTION, citations=3, day=date(2026, 1, 1))

    assert [list(model.objects.values()) for model in (CitationCount, Notice, Alert)] == before


def test_half_a_batch_is_never_stored(feed, monkeypatch):
    study = a_study()
    monkeypatch.setattr("apps.citations.storing.store_checks", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        answered(study, RETRACTION, citations=3)

    assert not CitationCount.objects.exists()
    assert not Notice.objects.exists()
    assert not Alert.objects.exists()


def test_the_numbers_of_the_services_are_the_synthetic_ones():
    assert the_study(5).pmid == str(FIRST_PMID + 5)
    assert Study.objects.get().preparations.count() == 0
    assert a_preparation(study=Study.objects.get()).study.pmid
