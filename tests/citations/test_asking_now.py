import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from redis import Redis

from apps.citations import asking_now
from apps.citations.asking_now import ask_now
from apps.citations.models import Check, Feed
from apps.citations.verdicts import NotAllowed
from apps.people.models import Role
from exodb.celery import app
from tests.makers import a_study, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def erin():
    return a_user("erin", role=Role.EDITOR)


@pytest.fixture
def queue(settings):
    """The real broker's queue, under a name of its own."""
    app.conf.task_default_queue = "asking-now"
    redis = Redis.from_url(settings.REDIS_URL.replace("redis+socket", "unix"))
    redis.delete("asking-now")
    yield redis
    redis.delete("asking-now")
    app.conf.task_default_queue = "celery"


def not_due(study):
    later = timezone.now() + timedelta(days=9)
    for feed in Feed.objects.all():
        Check.objects.create(study=study, feed=feed, due_at=later)


def due():
    return set(Check.objects.filter(due_at__lte=timezone.now()).values_list("study__pmid", "feed"))


def test_the_studies_named_are_due_at_every_service_that_is_switched_on(erin):
    wanted, other = a_study(), a_study()
    not_due(wanted)
    not_due(other)

    asked = ask_now(by=erin, studies=[wanted.pk], unheard=pytest.fail)

    on = set(Feed.objects.filter(enabled=True).values_list("pk", flat=True))
    assert due() == {(wanted.pmid, service) for service in on}
    assert "retraction_watch" not in on
    assert str(asked).startswith("1 study will be asked about at Crossref, ")


def test_a_service_named_is_asked_about_all(erin):
    for _ in range(3):
        not_due(a_study())

    asked = ask_now(by=erin, services=["openalex"], unheard=pytest.fail)

    assert {service for _, service in due()} == {"openalex"}
    assert str(asked) == "3 studies will be asked about at OpenAlex."


def test_a_service_that_is_switched_off_is_not_asked(erin):
    not_due(a_study())

    with pytest.raises(NotAllowed, match="Switched off: Retraction Watch"):
        ask_now(by=erin, services=["retraction_watch", "crossref"], unheard=pytest.fail)

    assert due() == set()


def test_only_an_editor_may():
    with pytest.raises(NotAllowed, match="Only an editor"):
        ask_now(by=a_user("bob"), services=["crossref"], unheard=pytest.fail)


def test_the_queue_gets_one_task_a_service_and_only_after_the_commit(erin, queue, django_capture_on_commit_callbacks):
    a_study()
    with django_capture_on_commit_callbacks() as callbacks:
        ask_now(by=erin, services=["crossref", "openalex"], unheard=pytest.fail)
    assert queue.llen("asking-now") == 0

    for callback in callbacks:
        callback()

    messages = [json.loads(message) for message in queue.lrange("asking-now", 0, -1)]
    assert {message["headers"]["task"] for message in messages} == {"apps.citations.tasks.refresh_feed"}
    assert len(messages) == 2


def test_a_broker_that_is_away_is_told_soon_and_what_is_due_stays_due(
    erin, monkeypatch, tmp_path, django_capture_on_commit_callbacks
):
    away = app.connection_for_write
    monkeypatch.setattr(
        asking_now.app, "connection_for_write", lambda: away(url=f"redis+socket://{tmp_path / 'nobody'}")
    )
    study = a_study()
    not_due(study)
    said = []
    began = time.monotonic()

    with django_capture_on_commit_callbacks(execute=True):
        ask_now(by=erin, services=["crossref"], unheard=said.append)

    assert said == [asking_now.AWAY]
    assert time.monotonic() - began < 5
    assert due() == {(study.pmid, "crossref")}
