"""What a version of a claim says, as plain values: to be compared, copied and written as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.claims.levels import assess
from apps.claims.models import LADDER, Claim, ClaimTarget, ClaimTherapy, Measure, Shown
from apps.studies.models import Study

CLAIM_COLUMNS = (
    *("aspect", "effect", "outcome", "edge", "statement", "locator", "preparation_id", "cargo_id", "disease_id"),
    *("recipient_id", "models_used", *LADDER, "validation", "level_override", "level_override_reason"),
)
MEASURE_COLUMNS = ("name", "value", "ci_low", "ci_high", "p_relation", "p", "n_cases", "n_controls", "n", "note")


@dataclass
class Content:
    """What a version of a claim says: its columns, and its lists in order (numbers of names; measures by column)."""

    columns: dict[str, Any]
    therapies: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    measures: list[dict[str, Any]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """The same for the same content, and for no other: what an edit was made against."""
        plain = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def content_of(claim: Claim) -> Content:
    """What a version says now."""
    return Content(
        {column: getattr(claim, column) for column in CLAIM_COLUMNS},
        [link.name_id for link in claim.therapy_links.all()],
        [link.name_id for link in claim.target_links.all()],
        [{column: getattr(measure, column) for column in MEASURE_COLUMNS} for measure in claim.measures.all()],
    )


def level_values(content: Content, study: Study) -> dict[str, str]:
    """The computed level and its reason, as columns."""
    assessment = assess(
        models=content.columns["models_used"],
        study_kind=study.kind,
        validation=content.columns.get("validation", Shown.NOT_CURATED),
    )
    return {"level_computed": assessment.level, "level_reason": assessment.reason}


def write_lists(*written: tuple[Claim, Content]) -> None:
    """Write the therapies, targets and measures of versions that have none yet, in the order of their contents."""
    ClaimTherapy.objects.bulk_create(_links(ClaimTherapy, [(claim, content.therapies) for claim, content in written]))
    ClaimTarget.objects.bulk_create(_links(ClaimTarget, [(claim, content.targets) for claim, content in written]))
    Measure.objects.bulk_create(
        Measure(claim=claim, position=position, **measure)
        for claim, content in written
        for position, measure in enumerate(content.measures)
    )


def rewrite_lists(claim: Claim, content: Content) -> None:
    """Put the lists of the content in place of those that a draft has."""
    for part in (ClaimTherapy, ClaimTarget, Measure):
        part.objects.filter(claim=claim).delete()
    write_lists((claim, content))


def _links(model: type[Any], names_of: Iterable[tuple[Claim, list[int]]]) -> Iterator[Any]:
    return (
        model(claim=claim, name_id=name, position=position)
        for claim, names in names_of
        for position, name in enumerate(names)
    )
