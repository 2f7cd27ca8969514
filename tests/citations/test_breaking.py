"""What goes wrong in mid-run: dead services, processes and connections, poison, and editors who change things."""

from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.citations import locking, runner
from apps.citations.clients import Answer, Gives, NoticeRecord, Outcome, Unavailable
from apps.citations.clients.interface import Nature
from apps.citations.models import Check, Feed, RefreshRun, RequestCount
from apps.citations.refresh import AlreadyRunning, NotNow, ask_again, due, mark_lost, refresh
from apps.citations.runner import count_request
from apps.studies.models import CitationCount
from tests.citations.server import Fault
from tests.citations.server.store import synthetic
from tests.makers import a_study

pytestmark = pytest.mark.django_db


def the_study(number, **fields):
    known = synthetic(number)
    return a_study(pmid=known.pmid, pmcid=known.pmcid, doi=known.doi, **fields)


def some(number):
    return [the_study(each) for each in range(1, number + 1)]


class Scripted:
    """A service of Europe PMC's name that does what the test tells it to at each request."""

    name, batch_size = "europepmc", 2
    gives = frozenset({Gives.COUNTS, Gives.NOTICES})

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def group(self, ids):
        return "pmid" if ids.pmid else ""

    def fetch(self, batch):
        self.asked.append([ids.ref for ids in batch])
        return [self.answer(ids) for ids in batch]

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_failure):
        pass


def found(ids):
    return Answer(ids.ref, Outcome.FOUND, citations=7)


@contextmanager
def another_connection():
    parameters = {**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}
    parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as other:
        yield other
        # The end of a connection gives its locks back too, but a moment later.
        if not other.closed:
            other.execute("SELECT pg_advisory_unlock_all()")


# --- a service that is down, and studies that poison it ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["500", "503", "hang-up", "cut", "html", "400", "wrong-types"])
def test_whatever_a_service_does_with_one_poisonous_id_the_rest_is_known(feed, services, client_of, kind):
    studies = some(40)
    services.misbehave(Fault(kind, ids=(synthetic(17).pmid,)))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert (run.state, run.found, run.not_known) == ("done", 39, 1)
    check = Check.objects.get(outcome="not_known")
    assert check.study == studies[16]
    assert check.message


def test_several_poisonous_ids_are_no_reason_to_leave_a_service_in_peace(feed, services, client_of, monkeypatch):
    some(40)
    poison = tuple(synthetic(number).pmid for number in (3, 4, 11, 19, 20, 28, 33, 39))
    services.misbehave(Fault("hang-up", ids=poison))

    def unlucky(waiting, most):
        worst_first = sorted(waiting, key=lambda one: one.pmid not in poison)
        return [*worst_first[: most - 1], worst_first[-1]]

    monkeypatch.setattr(runner.random, "sample", unlucky)

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert (run.state, run.found, run.not_known) == ("done", 32, 8)


def test_a_study_whose_record_spoils_the_whole_answer_makes_no_other_unknown(feed, services, client_of):
    the_study(1)
    strangers = [a_study(pmid=str(999_999_990 + number)) for number in range(4)]
    services.misbehave(Fault("endless", ids=(synthetic(1).pmid,)))

    refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert set(Check.objects.filter(study__in=strangers).values_list("outcome", flat=True)) == {"absent"}


def test_a_service_that_answers_with_a_web_page_only_is_not_asked_about_each_study(feed, services, client_of):
    some(100)
    services.misbehave(Fault("html"))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert run.state == "paused"
    assert len(services.requests("europepmc")) == runner.BREAKER + runner.GUESSES
    assert len(due(feed)) == 100


def test_a_service_that_was_down_is_asked_about_one_study_first(feed, services, client_of):
    some(100)
    Feed.objects.filter(pk=feed.pk).update(failures=9, paused_until=timezone.now() - timedelta(seconds=1))
    services.misbehave(Fault("503"))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    assert run.state == "paused"
    assert {seen.ids for seen in services.requests("europepmc")} == {1}
    feed.refresh_from_db()
    assert feed.failures == 10


def test_once_it_answers_again_all_is_asked_for(feed, services, client_of):
    some(100)
    Feed.objects.filter(pk=feed.pk).update(failures=9)

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    feed.refresh_from_db()
    assert (run.state, run.found, feed.failures) == ("done", 100, 0)
    assert [seen.ids for seen in services.requests("europepmc")] == [1, 100]


def test_pauses_double_up_to_half_a_day_however_long_the_network_is_away(feed, services, client_of):
    the_study(1)
    services.misbehave(Fault("503"))
    pauses = []
    for failures in (0, 5, 6, 7, 40, 5000):
        Feed.objects.filter(pk=feed.pk).update(failures=failures, paused_until=None)
        refresh(feed, asked_by="test", client=client_of("europepmc"))
        feed.refresh_from_db()
        pauses.append(round((feed.paused_until - timezone.now()).total_seconds() / 60))
        ask_again(feed)

    assert pauses == [5, 10, 20, 40, 720, 720]


def test_who_asks_for_an_hour_of_peace_gets_it_at_once(feed, services, client_of):
    some(150)
    services.misbehave(Fault("429", retry_after="3600", times=1))

    run = refresh(feed, asked_by="test", client=client_of("europepmc"))

    feed.refresh_from_db()
    assert (run.state, len(services.requests("europepmc"))) == ("paused", 1)
    assert timedelta(minutes=55) < feed.paused_until - timezone.now() < timedelta(minutes=65)


def test_studies_that_can_not_be_asked_about_are_no_sign_of_life(feed):
    a_study(pmid=None, doi="10.9999/only.a.doi")
    Feed.objects.filter(pk=feed.pk).update(failures=3)

    run = refresh(
        feed,
        asked_by="test",
        client=Scripted(lambda ids: Answer(ids.ref, Outcome.NOT_KNOWN, message="no PMID", askable=False)),
    )

    feed.refresh_from_db()
    assert (run.not_known, feed.failures, feed.last_success) == (1, 3, None)


# --- peace and budget -------------------------------------------------------------------------------------------------


def resting(feed):
    Feed.objects.filter(pk=feed.pk).update(
        paused_until=timezone.now() + timedelta(hours=1), last_message="europepmc: HTTP 503"
    )


def test_a_service_in_peace_is_asked_by_nobody(feed, services, client_of):
    the_study(1)
    resting(feed)

    with pytest.raises(NotNow, match=r"left in peace until .* \(europepmc: HTTP 503\)"):
        refresh(feed, asked_by="command", client=client_of("europepmc"))

    assert not services.requests("europepmc")
    assert not RefreshRun.objects.exists()


def test_a_pause_is_overridden_by_who_says_so_and_is_over_when_the_service_answers(feed, client_of):
    the_study(1)
    resting(feed)

    run = refresh(feed, asked_by="command", despite_pause=True, client=client_of("europepmc"))

    feed.refresh_from_db()
    assert (run.found, feed.paused_until) == (1, None)


def test_a_spent_budget_rests_until_tomorrow(feed, services):
    some(3)
    Feed.objects.filter(pk=feed.pk).update(daily_budget=1)
    run = []

    def spend(ids):
        count_request(run[0] if run else run.append(RefreshRun.objects.get()) or run[0])
        return found(ids)

    client = Scripted(spend)
    client.batch_size = 1
    ended = refresh(feed, asked_by="test", client=client)

    feed.refresh_from_db()
    assert (ended.state, ended.found, ended.requests) == ("paused", 1, 1)
    assert "budget of 1 requests a day" in ended.message
    assert feed.paused_until.date() == timezone.now().date() + timedelta(days=1)
    assert RequestCount.objects.get().requests == 1
    assert len(due(feed)) == 2


# --- editors, processes and connections -------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"enabled": False}, {"paused_until": timezone.now() + timedelta(days=1)}])
def test_an_editor_stops_also_the_run_that_is_going_on(feed, change):
    some(4)

    def answer(ids):
        Feed.objects.filter(pk=feed.pk).update(**change)
        return found(ids)

    run = refresh(feed, asked_by="test", client=Scripted(answer))

    assert (run.state, run.found) == ("paused", 2)
    assert "switched off or paused" in run.message


def test_a_run_that_was_declared_lost_stores_nothing_more(feed):
    some(4)

    def answer(ids):
        RefreshRun.objects.update(state="lost", ended_at=timezone.now(), message="taken over")
        return found(ids)

    run = refresh(feed, asked_by="test", client=Scripted(answer))

    assert (run.state, run.message, run.found) == ("lost", "taken over", 0)
    assert not CitationCount.objects.exists()
    with pytest.raises(runner.Stop, match="taken over"):
        count_request(run)
    assert not RequestCount.objects.exists()


def test_a_run_that_is_broken_off_says_so(feed):
    some(4)

    def answer(_ids):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(feed, asked_by="test", client=Scripted(answer))

    run = RefreshRun.objects.get()
    assert (run.state, run.message) == ("lost", "broken off: KeyboardInterrupt")
    assert run.ended_at


def test_lost_runs_are_closed_though_nobody_asks_their_service_again(feed):
    RefreshRun.objects.create(feed=feed, asked_by="test")

    assert mark_lost() == 1

    assert RefreshRun.objects.get().state == "lost"


def test_a_run_whose_process_lives_is_not_called_lost(feed):
    RefreshRun.objects.create(feed=feed, asked_by="test")

    with another_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s, hashtext('europepmc'))", [locking.LOCKS])
        assert mark_lost() == 0

    assert RefreshRun.objects.get().state == "running"


@pytest.mark.django_db(transaction=True)
def test_a_broken_connection_ends_the_run_and_frees_the_lock(feed):
    some(4)

    def answer(ids):
        with connection.cursor() as cursor, another_connection() as other:
            cursor.execute("SELECT pg_backend_pid()")
            other.execute("SELECT pg_terminate_backend(%s, 5000)", cursor.fetchone())
        return found(ids)

    with pytest.raises(DatabaseError):
        refresh(feed, asked_by="test", client=Scripted(answer))
    connection.close()

    assert not CitationCount.objects.exists()
    assert refresh(feed, asked_by="test", client=Scripted(found)).found == 4
    assert set(RefreshRun.objects.values_list("state", flat=True)) == {"done", "lost"}


@pytest.mark.django_db(transaction=True)
def test_the_lock_is_free_after_a_run_though_the_connection_is_kept(feed):
    refresh(feed, asked_by="test", client=Scripted(found))

    with another_connection() as other:
        assert other.execute("SELECT pg_try_advisory_lock(%s, hashtext('europepmc'))", [locking.LOCKS]).fetchone()[0]
        with pytest.raises(AlreadyRunning):
            refresh(feed, asked_by="test", client=Scripted(found))


def test_an_answer_that_the_database_refuses_spoils_no_other(feed):
    good, bad, _also_good = some(3)

    def answer(ids):
        if ids.ref != bad.pk:
            return found(ids)
        return Answer(ids.ref, Outcome.FOUND, notices=(NoticeRecord(Nature.RETRACTION, "10.9999/a\x00b"),))

    client = Scripted(answer)
    client.batch_size = 3
    run = refresh(feed, asked_by="test", client=client)

    assert (run.found, run.not_known) == (2, 1)
    assert good.citation_counts.get().count == 7
    assert "can't be stored" in bad.checks.get(feed=feed).message


def test_even_one_study_stays_due_while_its_service_is_down(feed):
    def answer(_ids):
        raise Unavailable("away")

    some(1)

    run = refresh(feed, asked_by="test", client=Scripted(answer))

    assert (run.state, len(due(feed))) == ("paused", 1)
    check = Check.objects.get()
    assert (check.outcome, check.message, check.known_at) == ("not_known", "away", None)
    assert check.asked_at
