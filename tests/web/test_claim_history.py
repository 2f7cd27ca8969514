"""The history of a claim for everybody, and the claim as it was on a day; what was never public stays unknown."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.claims import workflow
from apps.claims.models import Claim, ReleaseMember
from apps.people.models import Role
from tests.api.asking import get, problem
from tests.makers import a_claim, a_release, a_user, an_interest
from tests.owner import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    bob = a_user("bob", public_name="Synthetic Bob", orcid="0000-0002-1825-0097", email="bob@example.org")
    an_interest(bob)
    return bob


def revised(public, by, bob, reason="The figure says more.", **columns):
    draft = workflow.revise(accession=public.accession, by=by, reason=reason)
    Claim.objects.filter(pk=draft.pk).update(**columns)
    workflow.submit(claim_id=draft.pk, by=by)
    return workflow.accept(claim_id=draft.pk, by=bob, reason="Checked figure 2.")


def on(claim, accepted, left=None):
    """Say that a version was public between two moments, behind the back of the rules that keep such dates."""
    with without_triggers("claims_claim"):
        Claim.objects.filter(pk=claim.pk).update(accepted_at=accepted, left_at=left)


@pytest.fixture
def twice(bob):
    """A claim with two public versions: the first of January and of June 2026."""
    first = a_claim(author=a_user("alice"), statement="Synthetic vesicles feed the tumour.", targets=("PTEN",))
    first.refresh_from_db()
    second = revised(first, a_user("alice"), bob, statement="Synthetic vesicles starve the tumour.", edge="benefit")
    on(first, datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 6, 1, 12, tzinfo=UTC))
    on(second, datetime(2026, 6, 1, 12, tzinfo=UTC))
    return second


def page(client, claim, path="history/", status=200, **asked):
    answer = client.get(f"/claims/{claim.accession}/{path}", asked)
    assert answer.status_code == status, answer.status_code
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def test_every_public_version_stands_there_with_dates_reasons_changes_and_people(client, twice):
    ReleaseMember.objects.create(release=a_release("2026.9"), claim=twice)

    told = page(client, twice)

    assert told.index("Version 2") < told.index("Version 1")
    assert "The figure says more." in told
    assert "Checked figure 2." in told
    assert "<del>feed</del>" in told
    assert "<ins>starve</ins>" in told
    assert "2026.9" in told
    assert "Synthetic Bob" in told
    assert "https://orcid.org/0000-0002-1825-0097" in told
    assert "2026-06-01" in told


def test_no_username_and_no_mail_is_public(client, bob):
    alice = a_user("alice-at-work", public_name="", email="alice@example.org")
    claim = a_claim(author=alice)
    claim.refresh_from_db()
    revised(claim, alice, bob, edge="benefit")
    type(bob).objects.filter(pk=bob.pk).update(public_name="")

    for path in ("", "history/"):
        told = page(client, claim, path)
        assert "a curator" in told
        for secret in (
            "alice-at-work",
            "alice@example.org",
            "bob@example.org",
            ">bob<",
            "by bob",
            "0000-0002-1825-0097",
        ):
            assert secret not in told


def test_the_page_of_a_claim_names_who_curated_and_who_accepted_it(client, twice):
    told = page(client, twice, "")

    assert "<dt>Curated</dt><dd>by a curator" in told
    assert "by Synthetic Bob" in told
    assert f"/claims/{twice.accession}/history/" in told
    assert f'rel="canonical" href="/claims/{twice.accession}/"' in told


def test_drafts_submissions_and_refusals_are_no_part_of_it(client, twice, bob):
    draft = workflow.revise(accession=twice.accession, by=a_user("alice"), reason="secret plan")
    workflow.submit(claim_id=draft.pk, by=a_user("alice"))
    workflow.reject(claim_id=draft.pk, by=bob, reason="secret refusal")

    told = page(client, twice)
    assert "Version 3" not in told
    assert "secret" not in told


def test_what_was_never_public_has_no_history(client):
    for state in ("draft", "submitted", "rejected"):
        claim = a_claim(state=state)
        claim.refresh_from_db()
        page(client, claim, status=404)
        page(client, claim, "", 404, as_of="2026-11-01")
    assert client.get("/claims/EXCL7777777/history/").status_code == 404


def test_a_withdrawn_claim_keeps_its_history_with_the_reason(client, twice):
    erin = a_user("erin", role=Role.EDITOR)
    an_interest(erin)
    workflow.withdraw(claim_id=twice.pk, by=erin, reason="The study was misread.")

    gone = page(client, twice, "", 410)
    assert f"/claims/{twice.accession}/history/" in gone
    told = page(client, twice)
    assert "WITHDRAWN on" in told
    assert "The study was misread." in told
    assert "starve" in page(client, twice, "", as_of="2026-07-01")
    assert "was withdrawn on" in page(client, twice, "", as_of="2026-07-01")


def test_a_claim_of_the_starter_collection_says_with_which_release_it_came(client):
    claim = a_claim(state="draft")
    Claim.objects.filter(pk=claim.pk).update(state="accepted", accepted_at=timezone.now(), accepted_with=a_release())
    claim.refresh_from_db()

    assert "with release 2026.1 of the starter collection" in page(client, claim)


def test_history_costs_the_same_for_two_versions_and_for_five(client, twice, bob):
    counts = []
    for more in (0, 3):
        for number in range(more):
            revised(twice, a_user("alice"), bob, outcome=f"outcome {number}")
        with CaptureQueriesContext(connection) as queries:
            page(client, twice)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 16


# --- on a day --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-01-01", "feed"), ("2026-05-31", "feed"), ("2026-06-01", "starve"), ("2026-06-02", "starve")],
)
def test_a_claim_is_read_as_it_was_when_the_day_ended(client, twice, day, words):
    told = page(client, twice, "", as_of=day)

    assert f"Synthetic vesicles {words} the tumour." in told
    assert f'As it was on <time datetime="{day}">' in told
    assert 'name="robots" content="noindex"' in told
    assert f'rel="canonical" href="/claims/{twice.accession}/"' in told
    assert words in get(f"claims/{twice.accession}/", as_of=day)["statement"]


def test_before_it_was_public_there_is_nothing_and_the_page_says_since_when(client, twice):
    words = f"{twice.accession} was not public on 2025-12-31. It first was on 2026-01-01."

    assert words in page(client, twice, "", 404, as_of="2025-12-31")
    assert words in problem(f"claims/{twice.accession}/", 404, as_of="2025-12-31")["detail"]


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-13-01", "20260101", "2026-1-1", "", "9999-12-31", "0001-01-01", "1\0"]
)
def test_what_is_no_day_is_refused_in_words(client, twice, day):
    page(client, twice, "", 400, as_of=day)
    assert problem(f"claims/{twice.accession}/", 400, as_of=day)["errors"][0]["field"] == "as_of"


def test_a_day_to_come_is_refused(client, twice):
    day = str(timezone.now().date() + timedelta(days=1))

    assert "still to come" in page(client, twice, "", 400, as_of=day)
    assert "still to come" in problem(f"claims/{twice.accession}/", 400, as_of=day)["detail"]


def test_small_letters_lead_to_the_canonical_address_with_the_day(client, twice):
    answer = client.get(f"/claims/{twice.accession.lower()}/?as_of=2026-01-01")

    assert answer.url == f"/claims/{twice.accession}/?as_of=2026-01-01"
