"""Two versions of a claim, field by field: what each says, in words, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from apps.claims.models import LADDER, Claim, Measure, Model, Shown

# A text of more words than this is shown whole, before and after.
MOST_WORDS = 3_000
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Piece(NamedTuple):
    """A run of words, or an entry of a list: the `same` on both sides, or only here (`gone` before, `new` after)."""

    is_: str
    text: str


class Difference(NamedTuple):
    """One field of two versions, each side in pieces. Without a version before, all is new and nothing `changed`."""

    label: str
    is_list: bool
    before: list[Piece]
    after: list[Piece]
    changed: bool


def compared(before: Claim | None, after: Claim) -> list[Difference]:
    """Every field of the two versions, in the order of the page. Both come from `for_record`: this asks for nothing."""
    new = dict(said(after))
    old = dict(said(before)) if before else {}
    return [_difference(label, old.get(label, type(value)()), value) for label, value in new.items()]


def changes(before: Claim | None, after: Claim) -> list[Difference]:
    """Only the fields in which they differ."""
    return [each for each in compared(before, after) if each.changed] if before else []


def said(claim: Claim) -> Iterator[tuple[str, str | list[str]]]:
    """What a version says, by field, as a person reads it; a list where the claim has one."""
    yield "Statement", claim.statement
    yield "Aspect", _small(claim.get_aspect_display())
    yield "Effect", _small(claim.get_effect_display())
    yield "Outcome", claim.outcome
    yield "Edge", _small(claim.get_edge_display())
    yield "Preparation", f"{claim.preparation.accession} ({claim.preparation.term} of {claim.preparation.source.name})"
    yield "Cargo", claim.cargo.name if claim.cargo else "the vesicle as a whole"
    yield "Disease", claim.disease.text
    yield "Recipient", claim.recipient.text if claim.recipient else ""
    yield "Therapies", [name.text for name in claim.therapy_names]
    yield "Targets", [name.text for name in claim.target_names]
    yield "Measures", [measured(measure) for measure in claim.measures.all()]
    yield "Shown in", [_small(str(Model(model).label)) for model in claim.models_used]
    yield "Found in", claim.locator
    for rung, asks in LADDER.items():
        yield asks.capitalize(), _small(str(Shown(getattr(claim, rung)).label))
    yield "Independent validation cohort", _small(claim.get_validation_display())
    yield "Level", claim.level
    yield "Level set by hand", claim.level_override
    yield "Why it was set by hand", claim.level_override_reason


def measured(measure: Measure) -> str:
    """A measure in a line: `AUC 0.87 (0.8 to 0.93), p < 0.001, 40 cases`."""
    parts = [f"{measure.name} {_number(measure.value)}".strip()]
    if measure.ci_low is not None or measure.ci_high is not None:
        parts[0] += f" ({_number(measure.ci_low) or '…'} to {_number(measure.ci_high) or '…'})"
    if measure.p is not None:
        parts.append(f"p {measure.get_p_relation_display()} {_number(measure.p)}")
    counted = ((measure.n_cases, "cases"), (measure.n_controls, "controls"), (measure.n, "in all"))
    parts += [f"{number} {what}" for number, what in counted if number is not None]
    return ", ".join(filter(None, [*parts, measure.note]))


def _small(label: str) -> str:
    """The label of a choice as it stands in running text."""
    return label[:1].lower() + label[1:]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}".replace("-", "\N{MINUS SIGN}")


def _difference(label: str, before: str | list[str], after: str | list[str]) -> Difference:
    is_list = isinstance(after, list)
    old, new = (side if isinstance(side, list) else _WORD.findall(side) for side in (before, after))
    sides = _matched(old, new, joined=not is_list)
    return Difference(label, is_list, *sides, changed=before != after)


def _matched(old: Sequence[str], new: Sequence[str], *, joined: bool) -> tuple[list[Piece], list[Piece]]:
    before: list[Piece] = []
    after: list[Piece] = []
    for is_, old_run, new_run in _runs(old, new):
        before += _pieces("same" if is_ else "gone", old_run, joined=joined)
        after += _pieces("same" if is_ else "new", new_run, joined=joined)
    return before, after


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    if old == new or max(len(old), len(new)) > MOST_WORDS:
        yield old == new, old, new
        return
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag == "equal", old[old_from:old_to], new[new_from:new_to]


def _pieces(is_: str, run: Sequence[str], *, joined: bool) -> list[Piece]:
    if not run:
        return []
    return [Piece(is_, "".join(run))] if joined else [Piece(is_, entry) for entry in run]
