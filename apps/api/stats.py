"""How much there is, from a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count

from apps.api import reads
from apps.claims.models import Aspect, Claim, Edge, Level
from apps.finding.remembering import remembered
from apps.studies.models import Study, StudyStatus
from apps.terms.models import Term
from apps.vesicles.models import Cargo, Preparation, VesicleSource


def current() -> dict[str, Any]:
    """The counts of now, and the newest release."""
    return {**remembered("stats", _counts), "release": reads.releases().first()}


def _counts() -> dict[str, Any]:
    edges, aspects, levels = _claims()
    statuses = Counter(dict(Study.objects.public().values_list("status").order_by().annotate(n=Count("pk"))))
    return {
        "counts": {
            "claims": edges.total(),
            "studies": statuses.total(),
            "sources": VesicleSource.objects.public().count(),
            "preparations": Preparation.objects.public().count(),
            "cargos": Cargo.objects.public().count(),
            "terms": Term.objects.count(),
        },
        "claims_by_edge": {value: edges[value] for value in Edge.values},
        "claims_by_aspect": {value: aspects[value] for value in Aspect.values},
        "claims_by_level": {value: levels[value] for value in Level.values},
        "claims_of_retracted_studies": edges.total() - Claim.objects.counting().count(),
        "studies_by_status": {value: statuses[value] for value in StudyStatus.values},
    }


def _claims() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Accepted claims by edge, by aspect and by level, from one query."""
    edges, aspects, levels = Counter[str](), Counter[str](), Counter[str]()
    groups = Claim.objects.accepted().values_list("edge", "aspect", "level").order_by().annotate(n=Count("pk"))
    for edge, aspect, level, number in groups:
        edges[edge] += number
        aspects[aspect] += number
        levels[level] += number
    return edges, aspects, levels
