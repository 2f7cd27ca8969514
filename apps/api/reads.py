"""The records that the public may read, each with all that its document shows, in a fixed number of queries.

Every record of the API comes from here. A fetch that is not named here raises, so that no list grows a query a row,
and nothing that is not public can come along by a relation.
"""

from __future__ import annotations

from typing import Any

from django.db.models import FETCH_RAISE, Count, IntegerField, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.citations.models import Check
from apps.claims.models import Claim, Release, ReleaseMember, State
from apps.studies.models import CitationCount, Notice, Study
from apps.terms.models import Term, TermAncestor
from apps.vesicles.models import Cargo, CargoMember, Preparation, VesicleSource

SOURCE_NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")


def claims(found: QuerySet[Claim] | None = None) -> QuerySet[Claim]:
    """The accepted claims, newest first, or those found, as they come; `apps.api.written` says what they hold."""
    chosen = Claim.objects.accepted().order_by("-accepted_at", "-pk") if found is None else found
    return chosen.only("pk").fetch_mode(FETCH_RAISE)


def studies() -> QuerySet[Study]:
    return (
        Study.objects.public()
        .annotate(claim_count=_accepted_claims("preparation__study"))
        .prefetch_related(
            "notices",
            Prefetch("citation_counts", _latest_counts(), to_attr="latest_counts"),
            Prefetch("checks", Check.objects.filter(asked_at__isnull=False).order_by("feed"), to_attr="checks_made"),
            Prefetch("preparations", Preparation.objects.public()),
        )
        .order_by("-year", "accession")
        .fetch_mode(FETCH_RAISE)
    )


def _latest_counts() -> QuerySet[CitationCount]:
    """The latest count of each service on each study."""
    return CitationCount.objects.order_by("study_id", "service", "-day").distinct("study_id", "service")


def notices() -> QuerySet[Notice]:
    return Notice.objects.public().select_related("study").order_by("-first_seen", "-pk").fetch_mode(FETCH_RAISE)


def citations(accession: str) -> QuerySet[CitationCount]:
    """Every count of a study, service by service, the latest first."""
    return (
        CitationCount.objects.filter(study__accession=accession, study__in=Study.objects.public())
        .order_by("service", "-day")
        .fetch_mode(FETCH_RAISE)
    )


def sources() -> QuerySet[VesicleSource]:
    return (
        VesicleSource.objects.public()
        .annotate(claim_count=_accepted_claims("preparation__source"))
        .select_related(*SOURCE_NAMES)
        .prefetch_related(*(f"{name}__terms" for name in SOURCE_NAMES))
        .order_by("name", "accession")
        .fetch_mode(FETCH_RAISE)
    )


def preparations() -> QuerySet[Preparation]:
    return (
        Preparation.objects.public()
        .annotate(claim_count=_accepted_claims("preparation"))
        .select_related("study", "source")
        .order_by("accession")
        .fetch_mode(FETCH_RAISE)
    )


def cargos() -> QuerySet[Cargo]:
    panels = CargoMember.objects.filter(panel__in=Cargo.objects.public()).select_related("panel").order_by("panel")
    return (
        Cargo.objects.public()
        .annotate(claim_count=_accepted_claims("cargo"))
        .prefetch_related(
            "synonyms",
            "xrefs",
            Prefetch("memberships", CargoMember.objects.select_related("member")),
            Prefetch("panel_memberships", panels),
        )
        .order_by("name", "accession")
        .fetch_mode(FETCH_RAISE)
    )


def terms() -> QuerySet[Term]:
    above = TermAncestor.objects.filter(distance__gt=0).select_related("ancestor")
    return (
        Term.objects.prefetch_related(
            "synonyms",
            "alternative_ids",
            "parents",
            Prefetch("lineage", above.order_by("distance", "ancestor__label", "ancestor__curie")),
        )
        .order_by("label", "curie")
        .fetch_mode(FETCH_RAISE)
    )


def releases() -> QuerySet[Release]:
    held = ReleaseMember.objects.filter(release=OuterRef("pk")).order_by().values("release")
    public = held.filter(claim__state=State.ACCEPTED)
    return (
        Release.objects.annotate(claim_count=_count(held), public_claim_count=_count(public))
        .order_by("-released_on", "-number")
        .fetch_mode(FETCH_RAISE)
    )


def _accepted_claims(path: str) -> Coalesce:
    """How many accepted claims lead to the record by that path."""
    return _count(Claim.objects.accepted().filter(**{path: OuterRef("pk")}).order_by().values(path))


def _count(grouped: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(grouped.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
