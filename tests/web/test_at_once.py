"""A retraction that arrives, and the verdict that lifts it: told by pages, API and feed at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import ClassVar

import pytest
from django.db import connection, transaction
from django.test import Client

from apps.citations.clients import Answer, Gives, NoticeRecord, Outcome
from apps.citations.clients.interface import Nature
from apps.citations.models import Alert, Feed
from apps.citations.storing import store
from apps.citations.verdicts import overrule, take_back
from apps.claims.models import Claim
from apps.finding.index import answer, follower, reader
from apps.people.models import Role
from apps.studies.models import Notice
from tests.makers import a_user
from tests.web.evidence import some_evidence

pytestmark = pytest.mark.django_db(transaction=True)

WHEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
RETRACTION = NoticeRecord(Nature.RETRACTION, "10.1000/notice", reason="made-up reason")


class Reporting:
    """A service that gives notices."""

    name, batch_size = "crossref", 50
    gives: ClassVar = frozenset({Gives.COUNTS, Gives.NOTICES})


@pytest.fixture(params=["no index", "an index that has not seen it yet", "an index that follows"])
def evidence(request, settings, tmp_path, monkeypatch):
    """Some evidence; and searches answered by PostgreSQL alone, or by an index where it is in step."""
    settings.SEARCH_INDEX = tmp_path / "search"
    monkeypatch.setattr(answer, "READER", reader.Reader())
    found = some_evidence()
    following, ends = follower.Follower(), Event()
    if request.param != "no index":
        following.step()
    with ThreadPoolExecutor(1) as pool:
        if request.param == "an index that follows":
            pool.submit(follow, following, ends)
        yield found
        ends.set()
    following.close()


def follow(following, ends):
    while not ends.wait(0.05):
        following.step()
    connection.close()


@pytest.fixture
def elsewhere():
    """Another reader, with a connection of their own."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda look, *args: pool.submit(look, *args).result()
        pool.submit(lambda: connection.close()).result()  # noqa: PLW0108 - the connection of that thread


def reported(study):
    store(Feed.objects.get(pk="crossref"), Reporting(), [Answer(study.pk, Outcome.FOUND, notices=(RETRACTION,))], WHEN)


def told(evidence):
    """For each place that tells of the standing, whether it says that the study is retracted now."""
    client = Client()
    claim, study = evidence.claim.accession, evidence.study.accession

    def text(address):
        return client.get(address).content.decode()

    def told_by(path):
        return client.get(f"/api/v1/{path}").json()

    banner = "RETRACTED: this study has been retracted"
    pages = {name: banner in text(getattr(evidence, name).get_absolute_url()) for name in PAGES}
    cards = {where: "flag-retracted" in text(where) for where in ("/search/?q=miR-21", "/studies/", "/")}
    cards |= {
        name: "card-retracted" in text(getattr(evidence, name).get_absolute_url()) for name in ("cargo", "source")
    }
    return {
        **pages,
        **cards,
        "left out of the search": "0</strong> claims" in text(f"/search/?q=miR-21&{STANDING}"),
        "counts in no balance": not Claim.objects.counting().filter(accession=claim).exists(),
        "left out of the bars": '<ul class="balance-key">' not in text(evidence.cargo.get_absolute_url()),
        "page of notices": '<li><p class="card-marks"><span class="flag flag-retraction">' in text("/notices/"),
        "API: study": told_by(f"studies/{study}/")["status"] == "retracted",
        "API: claim": told_by(f"claims/{claim}/")["study"]["status"] == "retracted",
        "API: preparations": told_by("preparations/")["results"][0]["study"]["status"] == "retracted",
        "API: left out": told_by("claims/?retracted=false")["count"] == 0,
        "API: notices": told_by("notices/?overruled=false")["count"] == 1,
        "API: numbers": told_by("stats/")["studies_by_status"]["retracted"] == 1,
        "feed": "<title>Retraction: " in text("/notices/feed/"),
    }


PAGES = ("study", "claim", "preparation")
STANDING = "status=published&status=corrected&status=concern"


def saying(what, evidence):
    return {place for place, says in told(evidence).items() if says is not what}


def test_a_retraction_is_told_everywhere_at_the_same_moment_and_so_is_the_verdict(evidence, elsewhere):
    erin = a_user("erin", role=Role.EDITOR)
    assert elsewhere(saying, False, evidence) == set()

    with transaction.atomic():
        reported(evidence.study)
        assert elsewhere(saying, False, evidence) == set(), "nobody sees the half of it"
        assert saying(True, evidence) == set()
    assert elsewhere(saying, True, evidence) == set()
    alert = Alert.objects.get()
    assert alert.notice.study == evidence.study
    assert alert.seen_at is None

    with transaction.atomic():
        overrule(notice_id=alert.notice_id, by=erin, reason="It is about another paper.")
        assert elsewhere(saying, True, evidence) == set(), "nobody sees the half of it"
    assert elsewhere(saying, False, evidence) == set()
    assert not Alert.objects.to_do().exists()

    take_back(notice_id=alert.notice_id, by=erin)
    assert elsewhere(saying, True, evidence) == set()


def test_a_verdict_outlasts_the_next_reports_of_the_same_notice_and_not_another_one(evidence):
    reported(evidence.study)
    erin = a_user("erin", role=Role.EDITOR)
    overrule(notice_id=Notice.objects.get().pk, by=erin, reason="It is about another paper.")

    reported(evidence.study)
    assert saying(False, evidence) == set()

    other = NoticeRecord(Nature.RETRACTION, "10.1000/another")
    answer = Answer(evidence.study.pk, Outcome.FOUND, notices=(RETRACTION, other))
    store(Feed.objects.get(pk="crossref"), Reporting(), [answer], WHEN)
    assert saying(True, evidence) == set()
    assert Alert.objects.to_do().get().notice.identifier == "10.1000/another"
