"""One claim in the shape of a document: out of the database, and back over what a draft says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.claims.content import Content
from apps.claims.models import LADDER, Claim, Measure, Shown
from apps.documents.content import claim_content
from apps.documents.found import cargo_wanted, names_of_claim
from apps.documents.reading import Fault, Reading, claim_faults, measure_faults
from apps.documents.schema import ClaimPart, Document, PreparationPart, Where
from apps.terms.grounding import ground_names
from apps.vesicles.cargos import CargoConflicts, find_cargos
from apps.vesicles.models import Preparation


def pointer(where: Where) -> str:
    """A path as RFC 6901 writes it: `/documents/0/claims/1/edge`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where)


@dataclass(frozen=True)
class PlacedReading(Reading):
    """A document that came within something larger: its faults have pointers into that for fields."""

    within: Where = ()
    # So much of each path belongs to the document alone.
    without: int = 0

    def fault(self, where: Where, message: str) -> Fault:
        return Fault(self.path, 0, pointer((*self.within, *where[self.without :])), message)


class NotTaken(Exception):
    """What a claim can't say, with every fault; nothing was written."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(" ".join(fault.message for fault in faults))


# --- out of the database ----------------------------------------------------------------------------------------------


def part_of(claim: Claim) -> dict[str, Any]:
    """What a version says, with every key of a document; null where it says nothing."""
    cargo, same = claim.cargo, ("aspect", "effect", "outcome", "edge", "statement", "locator", "validation")
    level = {"level": claim.level_override, "reason": claim.level_override_reason} if claim.level_override else None
    return {
        "id": claim.key,
        "preparation": claim.preparation.key,
        "cargo": {"kind": cargo.kind, "name": cargo.name} if cargo else None,
        **{name: getattr(claim, name) for name in same},
        "disease": claim.disease.text,
        "disease_id": claim.disease.given_curie or None,
        "recipient": claim.recipient.text if claim.recipient else None,
        "therapy": [link.name.text for link in claim.therapy_links.all()],
        "targets": [link.name.text for link in claim.target_links.all()],
        "model": claim.models_used,
        "measures": [_measure(measure) for measure in claim.measures.all()],
        "ladder": {rung: getattr(claim, rung) for rung in LADDER},
        "level": level,
    }


def _measure(measure: Measure) -> dict[str, Any]:
    exact = measure.p is None or measure.p_relation == "="
    numbers = ("value", "ci_low", "ci_high", "n_cases", "n_controls", "n")
    return {
        "name": measure.name,
        **{name: getattr(measure, name) for name in numbers},
        "p": measure.p if exact else f"{measure.p_relation}{measure.p!r}",
        "note": measure.note or None,
    }


# --- and back ---------------------------------------------------------------------------------------------------------


def content_for(claim: Claim, part: ClaimPart, *, within: Where) -> Content:
    """What the draft is to say, where the part is all of it: what it leaves out is not curated. Raises NotTaken."""
    made = {each.key: each for each in Preparation.objects.filter(study=claim.preparation.study_id)}
    reading = _reading(part, list(made), within)
    if faults := [*claim_faults(reading, 0), *measure_faults(reading, 0), *_identity_faults(reading, claim)]:
        raise NotTaken(faults)
    names = ground_names(set(names_of_claim(part)))
    wanted = {cargo_wanted(part.cargo)} if part.cargo else set()
    try:
        cargos = find_cargos(wanted)
    except CargoConflicts as conflicts:
        said = [reading.fault(("claims", 0, "cargo"), message) for message in conflicts.found.values()]
        raise NotTaken(said) from None
    said_of_it = claim_content(part, made[part.preparation], names, cargos)
    silent = {
        **dict.fromkeys((*LADDER, "validation"), Shown.NOT_CURATED),
        **dict.fromkeys(("level_override", "level_override_reason"), ""),
    }
    said_of_it.columns = {**silent, **said_of_it.columns}
    return said_of_it


def _reading(part: ClaimPart, keys: list[str], within: Where) -> Reading:
    """The claim as a document of its own, for the rules that hold between the parts of one."""
    known = [PreparationPart.model_construct(id=key) for key in keys]
    document = Document.model_construct(preparations=known, claims=[part])
    return PlacedReading(Path(), document, within=within, without=2)


def _identity_faults(reading: Reading, claim: Claim) -> Iterator[Fault]:
    part = reading.document.claims[0]
    if part.id != claim.key:
        yield reading.fault(("claims", 0, "id"), f"a claim keeps its id: this one is {claim.key!r}")
    if part.accession not in (None, claim.accession):
        yield reading.fault(("claims", 0, "accession"), f"a claim keeps its accession: this one is {claim.accession}")
