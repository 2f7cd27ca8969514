"""What a claim and a preparation say, as plain values: of a document and of the database alike, to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.claims.models import LADDER, Claim
from apps.documents.schema import MeasurePart, PreparationPart
from apps.vesicles.models import Reported, VesicleClass


@dataclass
class Content:
    """What a version of a claim says: its columns, and its lists in order."""

    columns: dict[str, Any]
    therapies: list[int]
    targets: list[int]
    measures: list[dict[str, Any]]


CLAIM_COLUMNS = (
    *("aspect", "effect", "outcome", "edge", "statement", "locator", "preparation_id", "cargo_id", "disease_id"),
    *("recipient_id", "models_used", *LADDER, "validation", "level_override", "level_override_reason"),
)
MEASURE_COLUMNS = ("name", "value", "ci_low", "ci_high", "p_relation", "p", "n_cases", "n_controls", "n", "note")


def content_of(claim: Claim) -> Content:
    """What a version says now."""
    return Content(
        {column: getattr(claim, column) for column in CLAIM_COLUMNS},
        [link.name_id for link in claim.therapy_links.all()],
        [link.name_id for link in claim.target_links.all()],
        [{column: getattr(measure, column) for column in MEASURE_COLUMNS} for measure in claim.measures.all()],
    )


def merged(wanted: Content, claim: Claim) -> Content:
    """What the document says, and what the version says where the document is silent."""
    return Content(
        {**{column: getattr(claim, column) for column in CLAIM_COLUMNS}, **wanted.columns},
        wanted.therapies,
        wanted.targets,
        wanted.measures,
    )


def measure_values(measure: MeasurePart) -> dict[str, Any]:
    return {
        **{name: getattr(measure, name) for name in ("name", "value", "ci_low", "ci_high")},
        "p_relation": measure.p.relation if measure.p else "",
        "p": measure.p.value if measure.p else None,
        **{name: getattr(measure, name) for name in ("n_cases", "n_controls", "n")},
        "note": measure.note or "",
    }


def preparation_values(part: PreparationPart) -> dict[str, Any]:
    """What the document says of a preparation; curated items that it leaves out are left out here too."""
    seen = part.characterisation
    values: dict[str, Any] = {
        "term": part.vesicle.term,
        "engineered": part.vesicle.engineered,
        "loading": part.vesicle.loading or "",
        "surface": part.vesicle.surface or "",
        "isolation": part.isolation or None,
        "methods": (seen and seen.methods) or None,
        "markers_positive": (seen and seen.markers_positive) or None,
        "markers_negative": (seen and seen.markers_negative) or None,
    }
    if part.vesicle.vesicle_class:
        values["vesicle_class"] = VesicleClass(part.vesicle.vesicle_class)
    values |= {f"metric_{item}": Reported(value) for item, value in (part.ev_metric or {}).items()}
    return values
