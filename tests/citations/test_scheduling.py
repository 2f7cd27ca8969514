"""The scheduler's side: what a tick starts, what it leaves alone, and the command."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.citations import tasks
from apps.citations.models import Check, Feed, RefreshRun
from apps.citations.refresh import NotNow, is_due, refresh
from exodb.celery import app
from tests.citations.server.store import synthetic
from tests.makers import a_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """What a tick hands to the queue."""
    sent = []
    monkeypatch.setattr(tasks.refresh_feed, "apply_async", lambda **given: sent.append(given))
    return sent


@pytest.fixture
def real_addresses(settings, services):
    """The settings name the services of the test."""
    settings.CITATION_SERVICES = {
        name: {**given, "base_url": services.url(name), "requests_per_second": 1000.0}
        for name, given in settings.CITATION_SERVICES.items()
    }
    return services


def test_every_task_can_be_sent():
    """Celery refuses to send a task whose hard limit lies below its soft one, which may come from the settings."""
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.startswith("apps.")]

    assert {"apps.citations.tasks.tick", "apps.citations.tasks.refresh_feed"} <= {task.name for task in ours}
    for task in ours:
        soft = task.soft_time_limit or app.conf.task_soft_time_limit
        hard = task.time_limit or app.conf.task_time_limit
        assert soft <= hard, task.name


def test_a_tick_starts_what_has_studies_due(sent):
    a_study()

    tasks.tick()

    assert {task["kwargs"]["service"] for task in sent} == {"europepmc", "crossref", "openalex", "icite", "idconv"}
    assert all(task["expires"] for task in sent), "the next tick asks anew: a task that nobody took is no use later"


def test_a_tick_starts_nothing_that_is_going_on_paused_off_or_not_due(sent):
    a_study()
    RefreshRun.objects.create(feed_id="europepmc", asked_by="test")
    Feed.objects.filter(pk="crossref").update(paused_until=timezone.now() + timedelta(hours=1))
    Feed.objects.filter(pk="openalex").update(enabled=False)
    is_due(Feed.objects.get(pk="icite"), timezone.now())
    Check.objects.filter(feed="icite").update(due_at=timezone.now() + timedelta(days=1))

    tasks.mark_lost, kept = (lambda: 0), tasks.mark_lost
    try:
        tasks.tick()
    finally:
        tasks.mark_lost = kept

    assert {task["kwargs"]["service"] for task in sent} == {"idconv"}


def test_a_tick_closes_lost_runs(sent):
    RefreshRun.objects.create(feed_id="europepmc", asked_by="test")

    tasks.tick()

    assert RefreshRun.objects.get().state == "lost"


def test_a_task_that_finds_nothing_due_leaves_no_trace():
    tasks.refresh_feed(service="europepmc", asked_by="schedule")

    assert not RefreshRun.objects.exists()


@pytest.mark.parametrize("change", [{"enabled": False}, {"paused_until": timezone.now() + timedelta(days=1)}])
def test_a_task_that_comes_late_heeds_what_an_editor_did_meanwhile(real_addresses, change):
    a_study()
    Feed.objects.filter(pk="europepmc").update(**change)

    tasks.refresh_feed(service="europepmc", asked_by="schedule")

    assert not real_addresses.requests("europepmc")


# --- a service without an address -------------------------------------------------------------------------------------


def test_without_a_table_retraction_watch_is_off_with_a_clear_word(sent):
    a_study()
    feed = Feed.objects.get(pk="retraction_watch")
    Feed.objects.filter(pk=feed.pk).update(enabled=True)

    tasks.tick()
    with pytest.raises(NotNow, match=r"has no address\. Set CITATIONS_RETRACTION_WATCH_URL first"):
        refresh(feed, asked_by="test")

    assert "retraction_watch" not in {task["kwargs"]["service"] for task in sent}
    assert not RefreshRun.objects.exists()


def test_a_service_without_an_address_can_not_be_switched_on():
    feed = Feed.objects.get(pk="retraction_watch")
    feed.enabled = True

    with pytest.raises(ValidationError, match="CITATIONS_RETRACTION_WATCH_URL"):
        feed.clean()


# --- the command ------------------------------------------------------------------------------------------------------


def told(*arguments):
    out = StringIO()
    call_command("refresh_citations", *arguments, stdout=out, stderr=out, verbosity=0)
    return out.getvalue()


def test_a_dry_run_asks_nothing_and_writes_nothing(real_addresses):
    a_study()
    Feed.objects.filter(pk="crossref").update(paused_until=timezone.now() + timedelta(hours=1))

    said = told("--dry-run")

    assert "europepmc: 1 studies would be asked about\n" in said
    assert "crossref: 1 studies would be asked about, but not now: crossref is left in peace" in said
    assert not real_addresses.requests("europepmc")
    assert not Check.objects.exists()
    assert not RefreshRun.objects.exists()


def test_the_command_asks_about_the_named_study_only(real_addresses):
    known = [synthetic(number) for number in (1, 2)]
    wanted, other = (a_study(pmid=each.pmid, doi=each.doi) for each in known)

    said = told("--service", "europepmc", "--study", wanted.accession)

    assert "1 wanted, 1 found" in said
    assert wanted.citation_counts.exists()
    assert not other.citation_counts.exists()


def test_the_command_heeds_a_pause_unless_told_otherwise(real_addresses):
    a_study(pmid=synthetic(1).pmid)
    Feed.objects.filter(pk="europepmc").update(paused_until=timezone.now() + timedelta(hours=1))

    with pytest.raises(CommandError, match="what was not asked stays due"):
        told("--service", "europepmc")
    assert not real_addresses.requests("europepmc")

    assert "1 found" in told("--service", "europepmc", "--despite-pause")


def test_requests_are_counted_as_the_service_sees_them(real_addresses):
    a_study(pmid=synthetic(1).pmid)

    told("--service", "europepmc")

    assert len(real_addresses.requests("europepmc")) == 1
    assert RefreshRun.objects.get().requests == 1
