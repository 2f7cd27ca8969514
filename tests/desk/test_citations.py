"""What editors do about the services and what they report."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.citations import asking_now
from apps.citations.models import Alert, Check, Feed, RefreshRun
from apps.claims.models import Claim
from apps.people.models import Role
from apps.studies.models import Notice
from tests.desk.test_admin import seen_of
from tests.makers import a_claim, a_notice, a_preparation, a_study, a_user, signed_in
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db

ALERTS, FEEDS = reverse("admin:citations_alert_changelist"), reverse("admin:citations_feed_changelist")
STUDIES, RUNS = reverse("admin:studies_study_changelist"), reverse("admin:citations_refreshrun_changelist")


@pytest.fixture
def erin(client):
    erin = a_user("erin", role=Role.EDITOR)
    signed_in(client, erin)
    return erin


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CURATOR)
    signed_in(client, alice)
    return alice


@pytest.fixture
def alert():
    study = a_study()
    a_claim(preparation=a_preparation(study=study))
    return Alert.objects.create(notice=a_notice(study=study, service="crossref", reason="made-up reason"))


def test_alerts_that_nobody_has_seen_are_what_one_comes_for(client, erin, alert):
    seen = Alert.objects.create(
        notice=a_notice(study=a_study(), service="openalex"), seen_at=timezone.now(), seen_by=erin
    )

    first = text_of(client.get(ALERTS))
    every = text_of(client.get(ALERTS, {"to_do": "all"}))

    assert alert.notice.study.accession in first
    assert "made-up reason" in first
    assert seen.notice.study.accession not in first
    assert every.index(alert.notice.study.accession) < every.index(seen.notice.study.accession)
    assert "1" in re.search(r"Retraction alerts (\d+)", text_of(client.get(reverse("admin:index")))).group(1)


def test_one_click_marks_an_alert_as_seen(client, erin, alert):
    page = client.get(ALERTS).content.decode()
    address = re.search(r'formaction="([^"]+)"', page).group(1)

    assert client.get(address).status_code == 405
    answer = client.post(address, follow=True)

    alert.refresh_from_db()
    assert alert.seen_by == erin
    assert "1 marked as seen." in text_of(answer)


def test_several_alerts_are_marked_at_once(client, erin, alert):
    other = Alert.objects.create(notice=a_notice(study=a_study(), service="openalex"))

    client.post(ALERTS, {"action": "seen_all", "_selected_action": [alert.pk, other.pk]})

    assert not Alert.objects.to_do().exists()


def test_a_curator_reads_alerts_and_decides_nothing(client, alice, alert):
    page = client.get(ALERTS).content.decode()

    assert alert.notice.study.accession in page
    assert "formaction" not in page
    assert "Rule it wrong" not in page
    client.post(reverse("admin:citations_alert_seen", args=[alert.pk]))
    client.post(ALERTS, {"action": "seen_all", "_selected_action": [alert.pk]})
    assert Alert.objects.to_do().get() == alert


def verdict(notice, reason):
    return {"overruled_reason": reason, "why": "", "seen": seen_of(notice)}


def test_from_an_alert_to_a_verdict_and_the_claims_are_back(client, erin, alert):
    page = client.get(ALERTS).content.decode()
    address = re.search(r'href="([^"]+)#id_overruled_reason"', page).group(1)
    assert 'name="overruled_reason"' in client.get(address).content.decode()
    assert not Claim.objects.counting().exists()

    answer = client.post(address, verdict(alert.notice, "It is about another paper."), follow=True)

    assert "now stands as: no notice known. 1 claim counts." in text_of(answer)
    assert Claim.objects.counting().count() == 1
    notice = Notice.objects.get()
    assert (notice.overruled_by, notice.overruled_reason) == (erin, "It is about another paper.")
    assert not Alert.objects.to_do().exists()

    client.post(address, verdict(notice, ""), follow=True)

    assert not Claim.objects.counting().exists()
    assert Notice.objects.get().overruled_at is None


def test_a_verdict_and_its_end_stand_in_the_history(client, erin, alert):
    address = reverse("admin:studies_notice_change", args=[alert.notice_id])
    client.post(address, verdict(alert.notice, "It is about another paper."))
    client.post(address, verdict(alert.notice, ""))

    history = text_of(client.get(reverse("admin:studies_notice_history", args=[alert.notice_id])))

    assert "erin · It is about another paper." in history
    assert "erin · the verdict is taken back" in history


def test_a_curator_overrules_nothing(client, alice, alert):
    answer = client.post(reverse("admin:studies_notice_change", args=[alert.notice_id]), verdict(alert.notice, "no"))

    assert answer.status_code == 403
    assert Notice.objects.get().overruled_at is None


def rows(**changed):
    """The form of the list of feeds, as it is, but for the fields of one service."""
    service = changed.pop("service")
    form = {"form-TOTAL_FORMS": 6, "form-INITIAL_FORMS": 6, "_save": "Save"}
    for number, feed in enumerate(Feed.objects.order_by("service")):
        values = {
            "service": feed.pk,
            "enabled": "on" if feed.enabled else "",
            "young_every": feed.young_every,
            "old_every": feed.old_every,
            "daily_budget": "" if feed.daily_budget is None else feed.daily_budget,
            **(changed if feed.pk == service else {}),
        }
        form |= {f"form-{number}-{name}": value for name, value in values.items() if value != ""}
    return form


def test_an_editor_sets_how_often_a_service_is_asked(client, erin):
    client.post(FEEDS, rows(service="crossref", young_every=3, daily_budget=500))

    feed = Feed.objects.get(pk="crossref")
    assert (feed.young_every, feed.daily_budget) == (3, 500)
    client.post(FEEDS, rows(service="crossref", enabled=""))
    assert not Feed.objects.get(pk="crossref").enabled


def test_an_interval_of_nothing_is_refused_in_words(client, erin):
    answer = client.post(FEEDS, rows(service="crossref", young_every=0))

    assert answer.status_code == 200
    assert Feed.objects.get(pk="crossref").young_every == 7
    assert "feed_intervals_positive" in answer.content.decode()


def test_a_curator_sets_nothing(client, alice):
    client.post(FEEDS, rows(service="crossref", young_every=3))

    assert Feed.objects.get(pk="crossref").young_every == 7


@pytest.fixture
def queued(monkeypatch):
    """What was handed to the queue."""
    sent = []
    monkeypatch.setattr(asking_now, "_queue", lambda services, unheard: sent.append((services, unheard)))
    return sent


def not_due(study):
    later = timezone.now() + timedelta(days=9)
    for feed in Feed.objects.all():
        Check.objects.create(study=study, feed=feed, due_at=later)


def due():
    return Check.objects.filter(due_at__lte=timezone.now())


def test_studies_that_are_chosen_are_asked_about_now(client, erin, queued, django_capture_on_commit_callbacks):
    chosen, other = a_study(), a_study()
    not_due(chosen)
    not_due(other)

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(STUDIES, {"action": "ask_now", "_selected_action": [chosen.pk]}, follow=True)

    assert "1 study will be asked about at Crossref" in text_of(answer)
    assert {check.study for check in due()} == {chosen}
    assert len(queued) == 1


def test_a_service_that_is_chosen_is_asked_about_all_now(client, erin, queued, django_capture_on_commit_callbacks):
    not_due(a_study())

    with django_capture_on_commit_callbacks(execute=True):
        client.post(FEEDS, {"action": "ask_all_now", "_selected_action": ["openalex"]})

    assert [check.feed_id for check in due()] == ["openalex"]
    assert queued[0][0] == ["openalex"]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_is_told_and_nothing_is_lost(client, erin, monkeypatch, tmp_path):
    real = asking_now.app.connection_for_write
    nobody = f"redis+socket://{tmp_path / 'nobody'}"
    monkeypatch.setattr(asking_now.app, "connection_for_write", lambda: real(url=nobody))
    study = a_study()
    not_due(study)

    answer = client.post(STUDIES, {"action": "ask_now", "_selected_action": [study.pk]}, follow=True)

    seen = text_of(answer)
    assert "The queue of background work can't be reached just now." in seen
    assert "1 study will be asked about" in seen
    assert due().count() == Feed.objects.filter(enabled=True).count()


def test_a_curator_is_not_offered_to_ask_now_nor_anybody_to_delete_by_the_dozen(client, alice):
    a_study()

    page = client.get(STUDIES).content.decode()
    assert "ask_now" not in page
    signed_in(client, a_user("root", role=Role.ADMINISTRATOR))
    page = client.get(STUDIES).content.decode()
    assert "ask_now" in page
    assert "delete_selected" not in page


def test_a_run_that_goes_on_shows_how_far_it_has_come(client, erin):
    RefreshRun.objects.create(feed_id="crossref", asked_by="schedule", wanted=40, found=9, not_known=1)
    began = timezone.now() - timedelta(seconds=90)
    RefreshRun.objects.create(
        feed_id="openalex", asked_by="admin", state="done", wanted=4, found=4, started_at=began, ended_at=timezone.now()
    )

    page = client.get(RUNS)

    assert '<progress max="40" value="10"' in page.content.decode()
    assert "10 of 40" in text_of(page)
    assert "1 min 30 s" in text_of(page)


def test_editors_meet_the_alarm_when_they_come_in(client, erin):
    a_study()
    assert "growing old" in text_of(client.get(reverse("admin:index")))

    Feed.objects.update(last_success=timezone.now())

    assert "growing old" not in text_of(client.get(reverse("admin:index")))


def test_curators_meet_no_alarm(client, alice):
    a_study()

    assert "growing old" not in text_of(client.get(reverse("admin:index")))
