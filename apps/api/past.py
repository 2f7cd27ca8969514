"""A claim as it was on a day: the parameter `as_of`."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from apps.api.problems import missing, refused, shown
from apps.claims.history import first_public
from apps.records.models import ACCESSION

AS_OF = OpenApiParameter(
    "as_of",
    OpenApiTypes.DATE,
    OpenApiParameter.QUERY,
    description="The claim as it was when this day ended, in UTC: its version of then. What it refers to (study, "
    "preparation, names) is as it is now. 404 where the claim was not public then.",
)


def day_of(request: Request) -> date | None:
    """The day that is asked for, if any; refused where it is none, or still to come."""
    asked = request.query_params.get("as_of")
    if asked is None:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = date.max
    if day.isoformat() != asked or not 1 < day.year < date.max.year:
        raise _unfit(asked, "is no day such as 2026-11-01")
    if day > timezone.now().date():
        raise _unfit(asked, "is still to come")
    return day


def explain(accession: str, day: date) -> None:
    """Raise the answer for a claim that was not public on the day, where it was on another."""
    first = first_public(accession) if ACCESSION.fullmatch(accession) else None
    if first:
        raise missing(f"{accession} was not public on {day}. It first was on {first}.")


def _unfit(asked: str, why: str) -> Exception:
    value = shown(asked)
    return refused([{"field": "as_of", "value": value, "message": f"as_of: {value!r} {why}."}])
