"""Uploads while a worker is at them: seen from outside, cancelled, left, and met by two workers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from django.db import connections
from django.utils import timezone

from apps.claims.models import Claim
from apps.curation.models import Upload, UploadFile, UploadState
from apps.curation.uploads import jobs, tasks
from apps.curation.uploads.grouping import Table
from apps.people.models import Role
from tests.curation.sheets import csv_of, of_studies
from tests.makers import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def upload():
    return jobs.receive(
        name="synthetic.csv", content=csv_of(*of_studies(12)), by=a_user("alice", role=Role.CONTRIBUTOR)
    )


@pytest.fixture
def elsewhere():
    """Do something on another connection, as another process would, and wait for it."""
    with ThreadPoolExecutor(1) as pool:

        def do(act, *args, **options):
            def closing():
                try:
                    return act(*args, **options)
                finally:
                    connections.close_all()

            return pool.submit(closing)

        yield do


@pytest.fixture
def at_row_5(monkeypatch):
    """Have something done when the reading comes to row 5."""
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WORDS", 0)
    todo = []
    real = Table.take

    def take(self, row, columns):
        if row.number == 5:
            todo.pop()()
        real(self, row, columns)

    monkeypatch.setattr(Table, "take", take)
    return todo.append


def test_how_far_it_is_can_be_seen_while_it_is_checked(upload, elsewhere, at_row_5):
    seen = []
    look = Upload.objects.filter(pk=upload.pk).values_list("state", "step", "done").get
    at_row_5(lambda: seen.append(elsewhere(look).result()))

    jobs.check(upload_id=upload.pk)

    assert seen == [("checking", "reading", 3)]


def test_a_check_that_is_cancelled_stops(upload, elsewhere, at_row_5):
    at_row_5(lambda: elsewhere(jobs.cancel, upload_id=upload.pk, by=upload.by).result())

    jobs.check(upload_id=upload.pk)

    upload.refresh_from_db()
    assert (upload.state, upload.effect) == (UploadState.CANCELLED, None)
    assert not UploadFile.objects.exists()
    assert not Claim.objects.exists()


def test_two_workers_do_not_do_the_same(upload, elsewhere, at_row_5):
    at_row_5(lambda: elsewhere(jobs.check, upload_id=upload.pk).result())

    jobs.check(upload_id=upload.pk)

    upload.refresh_from_db()
    assert (upload.state, upload.attempts) == (UploadState.CHECKED, 1)


def test_nothing_is_seen_of_what_is_being_stored_before_its_end(upload, elsewhere, at_row_5, monkeypatch):
    at_row_5(lambda: None)
    jobs.check(upload_id=upload.pk)
    jobs.confirm(upload_id=upload.pk, by=upload.by)
    seen = []
    real = jobs.checking.Watch.changes

    def looking(self, most):
        seen.append((Claim.objects.count(), elsewhere(Claim.objects.count).result()))
        seen.append(elsewhere(Upload.objects.filter(pk=upload.pk).values_list("state", "step").get).result())
        return real(self, most)

    monkeypatch.setattr("apps.curation.uploads.checking.Watch.changes", looking)
    at_row_5(lambda: None)

    jobs.store(upload_id=upload.pk)

    assert seen == [(12, 0), ("storing", "storing")]
    upload.refresh_from_db()
    assert (upload.state, Claim.objects.count()) == (UploadState.STORED, 12)


def an_hour_ago(upload):
    Upload.objects.filter(pk=upload.pk).update(touched_at=timezone.now() - timedelta(hours=1))


def test_what_a_dead_worker_left_is_found_once(upload):
    an_hour_ago(upload)

    assert jobs.left() == [upload]
    assert jobs.left() == []


def test_what_somebody_is_at_is_not_left(upload, elsewhere):
    an_hour_ago(upload)
    held, done = Event(), Event()

    def hold():
        with jobs._alone(upload.pk):
            held.set()
            done.wait(10)

    holding = elsewhere(hold)
    held.wait(10)

    assert jobs.left() == []
    done.set()
    holding.result()


def test_what_is_left_is_given_out_again(upload, monkeypatch):
    an_hour_ago(upload)
    given = []
    monkeypatch.setattr(tasks.check_upload, "delay", lambda **options: given.append(options))

    tasks.find_left_uploads()

    assert given == [{"upload_id": upload.pk}]


def test_what_nobody_confirms_for_two_weeks_is_let_go(upload):
    jobs.check(upload_id=upload.pk)
    Upload.objects.update(touched_at=timezone.now() - timedelta(days=15))

    jobs.left()

    upload.refresh_from_db()
    assert upload.state == UploadState.CANCELLED
    assert not UploadFile.objects.exists()


def test_where_the_broker_is_away_the_upload_waits(upload, monkeypatch, caplog):
    def away(**_):
        raise tasks.OperationalError("no broker")

    monkeypatch.setattr(tasks.check_upload, "delay", away)

    tasks.hand_over(upload)

    upload.refresh_from_db()
    assert upload.state == UploadState.WAITING
    assert "the broker is away" in caplog.text
