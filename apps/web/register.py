"""What became of an accession: it leads somewhere, it is gone, or it was never public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from apps.claims.models import Claim, State
from apps.records.models import ACCESSION, Accession, Kind
from apps.studies.models import Study
from apps.vesicles.models import Cargo, Preparation, VesicleSource

PAGES = {
    Kind.STUDY: "study-detail",
    Kind.SOURCE: "source-detail",
    Kind.PREPARATION: "preparation-detail",
    Kind.CARGO: "cargo-detail",
    Kind.CLAIM: "claim-detail",
}
# Merges of merges; more would be a circle.
LONGEST_CHAIN = 20


@dataclass(frozen=True)
class Whereabouts:
    """Where an accession leads now (`address`), or when and why its record went; neither: nothing public is known."""

    address: str = ""
    gone: bool = False
    since: datetime | None = None
    reason: str = ""
    history: str = ""


def public(kind: str) -> QuerySet[Any]:
    """The records of a kind that the public may read."""
    match kind:
        case Kind.STUDY:
            return Study.objects.public()
        case Kind.SOURCE:
            return VesicleSource.objects.public()
        case Kind.PREPARATION:
            return Preparation.objects.public()
        case Kind.CARGO:
            return Cargo.objects.public()
        case _:
            return Claim.objects.accepted()


def look_up(accession: str) -> Whereabouts:
    """Follow the register from the accession to where it leads."""
    given = Accession.objects.filter(pk=accession).first()
    for _ in range(LONGEST_CHAIN):
        if given is None or given.merged_into_id is None:
            break
        given = given.merged_into
    if given is None:
        return Whereabouts()
    if public(given.kind).filter(accession=given.pk).exists():
        return Whereabouts(address=reverse(PAGES[Kind(given.kind)], args=[given.pk]))
    return _gone(given)


def address_of(typed: str) -> str | None:
    """Where an accession that somebody typed leads, or None: what was never public is not known here."""
    accession = typed.strip().upper()
    if not ACCESSION.fullmatch(accession):
        return None
    found = look_up(accession)
    return f"/{accession}" if found.address or found.gone else None


def _gone(given: Accession) -> Whereabouts:
    if given.removed_at:
        # A draft that was thrown away was never public, and stays unknown.
        was_public = given.kind != Kind.CLAIM
        return Whereabouts(gone=was_public, since=given.removed_at)
    if given.kind != Kind.CLAIM:
        return Whereabouts()
    last = Claim.objects.filter(accession=given.pk, state=State.WITHDRAWN).order_by("-version").first()
    if last is None:
        return Whereabouts()
    past = reverse("claim-history", args=[given.pk])
    return Whereabouts(gone=True, since=last.left_at, reason=last.state_reason, history=past)
