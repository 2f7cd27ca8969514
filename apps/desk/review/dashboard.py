"""The first page of the desk: what there is to do for the person who opens it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from apps.citations.models import Alert
from apps.claims.models import Claim
from apps.curation import agreement, queues, recuration
from apps.curation.discussion import unread
from apps.curation.models import Likeness
from apps.desk.review.shared import address, is_editor, person
from apps.people.models import Role
from apps.terms.models import Name
from apps.vesicles.models import Cargo

# How many rows of each kind of work the dashboard shows; the rest is one click away.
SHOWN = 5


class Row(NamedTuple):
    """One thing to do: what it is, where it is done, and a word beside it."""

    label: str
    address: str
    beside: str = ""


class Section(NamedTuple):
    """One kind of work: how much of it, where all of it is, and the first rows."""

    title: str
    how_many: int
    address: str
    rows: list[Row]


def dashboard(request: HttpRequest) -> dict[str, Any]:
    """The sections, those of the person's own work first, in a fixed number of queries."""
    return {"sections": [*_own(request), *_shared(request)], "shown": SHOWN}


def _own(request: HttpRequest) -> Iterable[Section]:
    me = person(request)
    mine = reverse("admin:review_mine")
    yield _claims("Changes requested of me", queues.sent_back_to(me), f"{mine}?which=sent_back", "asked_for")
    if me.at_least(Role.CURATOR):
        yield _claims("Waiting for my review", queues.waiting_for(me), reverse("admin:review"))
    yield _claims("My drafts", queues.begun_by(me), mine)
    yield _claims("Mine, waiting for review", queues.handed_in_by(me), f"{mine}?which=handed_in")
    yield _claims("Decided against", queues.decided_against(me), f"{mine}?which=decided", "state_reason")
    yield _discussions(request)


def _claims(title: str, claims: QuerySet[Claim], everything: str, beside: str = "") -> Section:
    first = [
        Row(
            Truncator(claim.statement).chars(110),
            address(claim),
            Truncator(getattr(claim, beside)).chars(120) if beside else f"{claim} · {claim.disease}",
        )
        for claim in claims.select_related("disease").defer("search")[:SHOWN]
    ]
    return Section(title, claims.count(), everything, first)


def _discussions(request: HttpRequest) -> Section:
    found: QuerySet[Any] = unread(person(request))
    rows = [
        Row(
            f"{reading.claim_id}: {reading.fresh} unread",
            reverse("admin:review_claim", args=[reading.claim_id]),
            "mentions you" if reading.named else "",
        )
        for reading in found[:SHOWN]
    ]
    return Section("Unread comments", found.count(), reverse("admin:review_unread"), rows)


def _shared(request: HttpRequest) -> Iterable[Section]:
    names = Name.objects.to_do().order_by("kind", "text", "pk")
    listed = reverse("admin:terms_name_changelist")
    rows = [
        Row(name.text, reverse("admin:terms_name_change", args=[name.pk]), name.get_kind_display())
        for name in names[:SHOWN]
    ]
    yield Section("Names to ground", names.count(), f"{listed}?to_do=yes", rows)
    yield _cargos()
    if is_editor(request):
        yield _alerts()
    yield _due()
    yield _alike()
    if person(request).at_least(agreement.LEAST["grade"]):
        yield _agreement(request)


def _cargos() -> Section:
    cargos = Cargo.objects.to_do().order_by("name", "pk")
    listed = reverse("admin:vesicles_cargo_changelist")
    rows = [
        Row(cargo.name, reverse("admin:vesicles_cargo_change", args=[cargo.pk]), cargo.get_kind_display())
        for cargo in cargos[:SHOWN]
    ]
    return Section("Cargos to ground", cargos.count(), f"{listed}?to_do=yes", rows)


def _alerts() -> Section:
    """Notices that no editor has looked at."""
    alerts = Alert.objects.to_do()
    listed = reverse("admin:citations_alert_changelist")
    rows = [
        Row(
            f"{alert.notice.get_nature_display()} of {alert.notice.study}",
            reverse("admin:studies_notice_change", args=[alert.notice_id]),
            alert.notice.study.accession,
        )
        for alert in alerts.select_related("notice__study")[:SHOWN]
    ]
    return Section("Retraction alerts", alerts.count(), listed, rows)


def _due() -> Section:
    studies = recuration.due(timezone.now().date())
    rows = [
        Row(Truncator(study.title).chars(110), reverse("admin:entry-study", args=[study.accession]), str(study))
        for study in studies[:SHOWN]
    ]
    return Section("Studies due for re-curation", studies.count(), reverse("admin:review_due"), rows)


def _alike() -> Section:
    pairs = Likeness.objects.to_do()
    listed = reverse("admin:review_alike")
    rows = [Row(f"{pair.one_id} and {pair.other_id}", listed, f"{pair.score:.0%} alike") for pair in pairs[:SHOWN]]
    return Section("Possible duplicates", pairs.count(), listed, rows)


def _agreement(request: HttpRequest) -> Section:
    """How many claims wait to be graded blind, and how far the gradings so far agree, field by field."""
    overview = reverse("admin:curation_sample_changelist")
    rows = [Row(f"Agreement on {each}", overview, each.in_words) for each in agreement.figures()]
    return Section("To grade blind", agreement.open_to(person(request)).count(), overview, rows)
