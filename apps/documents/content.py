"""What a document says of a claim and of a preparation, as the values of columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.claims.content import CLAIM_COLUMNS, Content
from apps.claims.models import Claim
from apps.documents.found import CargoKey, NameKey, cargo_wanted
from apps.documents.schema import ClaimPart, MeasurePart, PreparationPart
from apps.terms.models import Name, NameKind
from apps.vesicles.models import Cargo, Preparation, Reported, VesicleClass


def merged(wanted: Content, claim: Claim) -> Content:
    """What the document says, and what the version says where the document is silent."""
    return Content(
        {**{column: getattr(claim, column) for column in CLAIM_COLUMNS}, **wanted.columns},
        wanted.therapies,
        wanted.targets,
        wanted.measures,
    )


def claim_content(
    part: ClaimPart, preparation: Preparation, names: Mapping[NameKey, Name], cargos: Mapping[CargoKey, Cargo]
) -> Content:
    """What the document says of a claim; a key that it leaves out is left out here too."""
    cargo = cargos[cargo_wanted(part.cargo)] if part.cargo else None
    columns: dict[str, Any] = {
        **{name: getattr(part, name) for name in ("aspect", "effect", "outcome", "edge", "statement", "locator")},
        "preparation_id": preparation.pk,
        "cargo_id": cargo and cargo.pk,
        "disease_id": names[NameKind.DISEASE, part.disease, part.disease_id or ""].pk,
        "recipient_id": names[NameKind.RECIPIENT, part.recipient, ""].pk if part.recipient else None,
        "models_used": part.model,
        **(part.ladder or {}),
    }
    if part.validation:
        columns["validation"] = part.validation
    if part.level:
        columns |= {"level_override": part.level.level, "level_override_reason": part.level.reason}
    return Content(
        columns,
        [names[NameKind.THERAPY, text, ""].pk for text in part.therapy or []],
        [names[NameKind.TARGET, text, ""].pk for text in part.targets or []],
        [measure_values(measure) for measure in part.measures or []],
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
    """What the document says of a preparation; what it leaves out is left out here: a curator may have added it.

    An empty list is not left out: it says that the study reports none.
    """
    said = part.vesicle.model_dump(include={"term", "engineered", "loading", "surface"})
    said |= {"isolation": part.isolation}
    said |= part.characterisation.model_dump() if part.characterisation else {}
    values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if part.vesicle.vesicle_class:
        values["vesicle_class"] = VesicleClass(part.vesicle.vesicle_class)
    values |= {f"metric_{item}": Reported(value) for item, value in (part.ev_metric or {}).items()}
    return values
