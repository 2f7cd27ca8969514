"""The page of a claim, as it is and as it was on a day, and the page of its history."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.claims.history import Edition, editions, first_public, on_day
from apps.claims.models import Claim, ClaimQuerySet, State
from apps.claims.neighbours import agreeing_with
from apps.records.models import Accession
from apps.synthesis import proposition
from apps.synthesis.showing import of_claim
from apps.web.views.records import Missing, of_record, one


@of_record
def claim(request: HttpRequest, accession: str) -> HttpResponse:
    """The accepted version; with `as_of`, the one that was public when that day ended."""
    if "as_of" in request.GET:
        return _as_it_was(request, accession, request.GET["as_of"])
    return _shown(request, one(_whole(Claim.objects.accepted()), accession))


def _shown(request: HttpRequest, record: Claim, day: date | None = None) -> HttpResponse:
    asks, found = ({}, None) if day else proposition.of_claim(record)
    context = {
        "claim": record,
        "study": record.preparation.study,
        "day": day,
        "beside": agreeing_with(record),
        "group": group(record),
        "disputes": of_claim(record),
        "proposition": found,
        "proposition_address": urlencode(asks),
    }
    return render(request, "web/claim.html", context)


def group(record: Claim) -> dict[str, str]:
    """How a search is held to the claims that may agree with this one or contradict it, on any disease."""
    if record.cargo:
        return {"cargo": record.cargo.accession, "aspect": record.aspect}
    return {"source_category": record.preparation.source.category, "aspect": record.aspect}


def _whole(claims: ClaimQuerySet) -> ClaimQuerySet:
    return claims.for_record().defer("search").prefetch_related("preparation__study__notices")


def _as_it_was(request: HttpRequest, accession: str, asked: str) -> HttpResponse:
    day = _day(asked)
    if day is None:
        return _not_then(request, accession, f"“{asked[:40]}” is no day such as 2026-11-01.", HTTPStatus.BAD_REQUEST)
    if day > timezone.now().date():
        return _not_then(request, accession, f"{day} is still to come.", HTTPStatus.BAD_REQUEST)
    record = _whole(on_day(Claim.objects.all(), day)).filter(accession=accession).first()
    if record:
        return _shown(request, record, day)
    first = first_public(accession)
    if first is None:
        raise Missing
    return _not_then(request, accession, f"{accession} was not public on {day}. It first was on {first:%Y-%m-%d}.")


def _not_then(
    request: HttpRequest, accession: str, why: str, status: HTTPStatus = HTTPStatus.NOT_FOUND
) -> HttpResponse:
    """Say why there is nothing to read of that day."""
    known = first_public(accession) is not None
    context = {"accession": accession, "why": why, "status": status.value, "known": known}
    return render(request, "web/not_then.html", context, status=status)


def _day(text: str) -> date | None:
    """The day, written as 2026-11-01 and in no other way."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.isoformat() == text and found.year > 1 and found != date.max else None


@of_record
def history(request: HttpRequest, accession: str) -> HttpResponse:
    """The versions that were public, what each changed, why, and on whose word; also of a withdrawn claim."""
    found = editions(accession)
    if not found:
        raise Missing
    context = {
        "accession": accession,
        "editions": found,
        "current": _current(found),
        "withdrawn": _withdrawn(found),
        "first": found[-1].claim.accepted_at,
        "merged": Accession.objects.filter(pk=accession).values_list("merged_into", flat=True).first(),
    }
    return render(request, "web/claim_history.html", context)


def _current(found: list[Edition]) -> Claim | None:
    return next((edition.claim for edition in found if edition.claim.state == State.ACCEPTED), None)


def _withdrawn(found: list[Edition]) -> Claim | None:
    """The last version, where it was withdrawn and nothing came in its place."""
    newest = found[0].claim
    return newest if newest.state == State.WITHDRAWN else None
