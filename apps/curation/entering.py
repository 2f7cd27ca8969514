"""Writing what a person enters around a paper: the study, its preparations and sources, its claims.

Each function is atomic. A change is made against what the person saw: if the record says something else by now, it is
refused with what it says, and nobody's change is written over unread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pghistory
from django.db import transaction

from apps.claims import search, workflow
from apps.claims.content import Content
from apps.claims.models import Claim
from apps.curation import names as naming
from apps.curation.names import Entered
from apps.people.models import User
from apps.people.permissions import may, may_touch
from apps.studies.models import Study
from apps.terms.models import Name
from apps.vesicles.cargos import find_cargos
from apps.vesicles.models import EV_METRIC, Preparation, VesicleSource

STUDY_COLUMNS = (
    *("kind", "title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct"),
    *("depth", "curated_on", "pages_read"),
)
PREPARATION_COLUMNS = (
    *("source_id", "term", "vesicle_class", "engineered", "loading", "surface"),
    *("isolation", "methods", "markers_positive", "markers_negative", *EV_METRIC),
)
SOURCE_NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")
SOURCE_COLUMNS = ("name", "category", "material", *(f"{name}_id" for name in SOURCE_NAMES))


class RecordChanged(Exception):
    """A change made against something that is no longer there; holds the record as it is now."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{current} was changed since you opened it: compare, and save again.")
        self.current = current


class MayNot(Exception):
    """An act that the person's role does not include."""


def digest(record: Any, columns: tuple[str, ...]) -> str:
    """The same for the same values of the columns, and for no other."""
    values = {column: getattr(record, column) for column in columns}
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def digest_of_study(study: Study) -> str:
    return digest(study, STUDY_COLUMNS)


def digest_of_preparation(made: Preparation) -> str:
    return digest(made, PREPARATION_COLUMNS)


def digest_of_source(source: VesicleSource) -> str:
    return digest(source, SOURCE_COLUMNS)


# --- studies ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_study(*, values: Mapping[str, Any], by: User, reason: str = "") -> Study:
    """Enter a publication or trial."""
    _must_may("studies", "add", by)
    with on_record(by, reason):
        study = Study.objects.create(**values)
        study.refresh_from_db()
        return study


@transaction.atomic
def change_study(*, study_id: int, values: Mapping[str, Any], seen: str, by: User, reason: str = "") -> Study:
    """Change what is said of a study; its claims are found by the new words, and the database follows with levels."""
    study = Study.objects.select_for_update(no_key=True).get(pk=study_id)
    _must_may("studies", "change", by, study)
    if digest_of_study(study) != seen:
        raise RecordChanged(study)
    with on_record(by, reason):
        if _write(study, values):
            search.index(Claim.objects.filter(preparation__study=study))
    return study


# --- preparations and sources -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SourceEntered:
    """A source as a form describes it."""

    name: str
    category: str
    material: str
    names: Mapping[str, Entered] = field(default_factory=dict)


@transaction.atomic
def add_preparation(
    *, study_id: int, values: Mapping[str, Any], source: SourceEntered | None, by: User, reason: str = ""
) -> Preparation:
    """Enter vesicles that a study made, of a source that is there or of one described here."""
    _must_may("vesicles", "add", by)
    study = Study.objects.select_for_update(no_key=True).get(pk=study_id)
    with on_record(by, reason):
        of = {"source_id": _source(source).pk} if source else {}
        made = Preparation.objects.create(study=study, key=_next_key(study), **{**values, **of})
        made.refresh_from_db()
        return made


@transaction.atomic
def change_preparation(
    *,
    preparation_id: int,
    values: Mapping[str, Any],
    source: SourceEntered | None,
    seen: str,
    by: User,
    reason: str = "",
) -> Preparation:
    """Change what is said of a preparation; its claims are found by the new words."""
    made = Preparation.objects.select_for_update(no_key=True).get(pk=preparation_id)
    _must_may("vesicles", "change", by, made)
    if digest_of_preparation(made) != seen:
        raise RecordChanged(made)
    with on_record(by, reason):
        of = {"source_id": _source(source).pk} if source else {}
        if _write(made, {**values, **of}):
            search.index(Claim.objects.filter(preparation=made))
    return made


def _next_key(study: Study) -> str:
    """The first key e1, e2, … that no preparation of the study has; whoever asks holds the study's lock."""
    taken = set(Preparation.objects.filter(study=study).values_list("key", flat=True))
    return next(key for number in range(1, len(taken) + 2) if (key := f"e{number}") not in taken)


def _source(described: SourceEntered) -> VesicleSource:
    """The source that is described in these words, made when it is new."""
    known = naming.named(list(described.names.values()))
    columns: dict[str, Any] = {
        "name": described.name,
        "category": described.category,
        "material": described.material,
        **{column: known[described.names[column]] if column in described.names else None for column in SOURCE_NAMES},
    }
    same = {
        **{column: value for column, value in columns.items() if value is not None},
        **{f"{column}__isnull": True for column, value in columns.items() if value is None},
    }
    return VesicleSource.objects.filter(**same).first() or VesicleSource.objects.create(**columns)


# --- claims -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClaimEntered:
    """A claim as a form holds it: its own columns, and the names and the cargo as they were entered."""

    columns: Mapping[str, Any]
    disease: Entered
    recipient: Entered | None = None
    therapies: tuple[Entered, ...] = ()
    targets: tuple[Entered, ...] = ()
    cargo: tuple[str, str] | None = None  # kind and name
    measures: tuple[Mapping[str, Any], ...] = ()
    note: str = ""  # to the vocabulary work list

    @property
    def names(self) -> list[Entered]:
        own = [self.disease, *self.therapies, *self.targets]
        return [*own, self.recipient] if self.recipient else own


@transaction.atomic
def write_claim(
    *, entered: ClaimEntered, by: User, claim: Claim | None = None, seen: str = "", reason: str = ""
) -> Claim:
    """Write a new draft, or a draft of the person's anew against what they saw; names and cargo come with it."""
    with on_record(by, reason):
        names = naming.named(entered.names)
        content = _content(entered, names)
        naming.note(names=names.values(), text=entered.note, by=by)
    if claim is None:
        return workflow.draft(content=content, by=by, reason=reason)
    return workflow.edit(claim_id=claim.pk, content=content, seen=seen, by=by, reason=reason)


def _content(entered: ClaimEntered, names: Mapping[Entered, Name]) -> Content:
    cargo = None
    if entered.cargo:
        kind, name = entered.cargo
        cargo = find_cargos([(kind, name, "")])[kind, name, ""]
    columns = {
        **entered.columns,
        "cargo_id": cargo and cargo.pk,
        "disease_id": names[entered.disease].pk,
        "recipient_id": names[entered.recipient].pk if entered.recipient else None,
    }
    return Content(
        columns,
        _each_once(names[each].pk for each in entered.therapies),
        _each_once(names[each].pk for each in entered.targets),
        [dict(measure) for measure in entered.measures],
    )


# --- what they share --------------------------------------------------------------------------------------------------


def _each_once(keys: Iterator[int]) -> list[int]:
    return list(dict.fromkeys(keys))


def _write(record: Any, values: Mapping[str, Any]) -> bool:
    """Write the values that differ. Return whether any did."""
    changed = [column for column, value in values.items() if getattr(record, column) != value]
    for column in changed:
        setattr(record, column, values[column])
    if changed:
        record.save(update_fields=changed)
    return bool(changed)


def _must_may(app: str, action: str, by: User, record: Any = None) -> None:
    if not may(by, app, action):
        raise MayNot(f"The role of {by} ({by.role}) does not include this.")
    if record is not None and (said := why_closed(record, by)):
        raise MayNot(said)


def why_closed(record: Any, by: User) -> str:
    """Why the person can't change the record, in a sentence; empty where they can."""
    return "" if may_touch(by, record) else "A public claim rests on it: an editor changes it, or write a revision."


@contextmanager
def on_record(by: User, reason: str) -> Iterator[None]:
    """Put who and why into each row of history that is written inside."""
    with pghistory.context(user=by.pk, **({"reason": reason.strip()} if reason.strip() else {})):
        yield
