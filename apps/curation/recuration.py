"""Which studies are due to be read again, and why: one rule, for the count, the list and the page that states it."""

from __future__ import annotations

from datetime import date

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from apps.studies.models import Depth, Notice, Study

YEARS = 2
RULE = (
    f"A study is due when it was curated more than {YEARS} years ago, when only its abstract was read though "
    "PubMed Central has the full text, or when a notice on it appeared since."
)


def due(today: date) -> QuerySet[Study]:
    """The studies that are due, those with a notice first, then the longest uncurated; each with its reasons."""
    long_ago = Q(curated_on__lt=_years_before(today))
    readable = Q(depth=Depth.ABSTRACT, pmcid__isnull=False)
    noticed = Notice.objects.filter(
        study=OuterRef("pk"), overruled_at__isnull=True, first_seen__gt=OuterRef("curated_on")
    )
    found = Study.objects.annotate(noticed=Exists(noticed)).filter(long_ago | readable | Q(noticed=True))
    return found.annotate(long_ago=_whether(long_ago), readable=_whether(readable)).order_by(
        F("noticed").desc(), "curated_on", "accession"
    )


def _whether(holds: Q) -> Case:
    return Case(When(holds, then=Value(True)), default=Value(False), output_field=BooleanField())


def _years_before(today: date) -> date:
    """The same day years ago; the first of March for a leap day."""
    try:
        return today.replace(year=today.year - YEARS)
    except ValueError:
        return date(today.year - YEARS, 3, 1)
