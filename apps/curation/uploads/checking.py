"""An uploaded file, checked whole: all its faults at once, or what storing it would do; then stored, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, transaction
from pydantic import ValidationError

from apps.curation.uploads.changes import Change, Watch
from apps.curation.uploads.grouping import StudyRows, Table
from apps.curation.uploads.places import RowReading, place, reading_of, value_at
from apps.curation.uploads.problems import Problems, Unreadable
from apps.curation.uploads.tables import YAML, kind_of, opened
from apps.documents import reading
from apps.documents.reading import Fault, Reading
from apps.documents.storing import Refused, Summary, import_documents
from apps.people.models import User
from apps.vesicles.cargos import CargoConflict

# So many studies are stored in one go: enough that their names are grounded in few queries, few enough for the memory.
BATCH = 500
MOST_LISTED = 100
WHATS = ("studies", "sources", "preparations", "claims")

Progress = Callable[[str, int, int], None]


@dataclass
class Effect:
    """What storing a file does, in numbers, and in the records that it changes."""

    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)

    def add(self, summary: Summary) -> None:
        self.made += summary.made
        self.changed += summary.changed
        self.unchanged += summary.unchanged
        self.remarks += summary.remarks[: MOST_LISTED - len(self.remarks)]
        for kind, text, uses, _ in summary.ungrounded:
            self.names[str(kind), text] += uses

    def as_json(self) -> dict[str, Any]:
        return {
            "records": [
                {"what": what, "new": self.made[what], "changed": self.changed[what], "same": self.unchanged[what]}
                for what in WHATS
            ],
            "remarks": self.remarks,
            "names": [[kind, text, uses] for (kind, text), uses in self.names.most_common(MOST_LISTED)],
            "names_total": len(self.names),
            "changes": [change._asdict() for change in self.changes],
        }


@dataclass
class Source:
    """What was read of a file: the studies of a spreadsheet, or one document."""

    path: Path
    name: str
    problems: Problems = field(default_factory=Problems)
    studies: list[StudyRows] = field(default_factory=list)
    document: Reading | None = None

    def readings(self) -> Iterator[Reading]:
        """Each study as a document; made when it is asked for, so that not all are held at once."""
        if self.document:
            yield self.document
        for rows in self.studies:
            yield reading_of(rows, Path(self.name))

    @property
    def size(self) -> int:
        return len(self.studies) or 1


def silent(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def check(path: Path, name: str, *, author: User, progress: Progress = silent) -> tuple[Problems, Effect | None]:
    """All that is wrong with the file; or, where nothing is, what storing it would do. Nothing is written."""
    source = read(path, name, progress)
    if source.problems:
        return source.problems, None
    with transaction.atomic():
        effect = _import(source, author, progress)
        transaction.set_rollback(True)
    return source.problems, None if source.problems else effect


def store(path: Path, name: str, *, author: User, progress: Progress = silent) -> tuple[Problems, Effect | None]:
    """Store the file as the author's drafts, all of it; or nothing, where anything is wrong by now."""
    source = read(path, name, progress)
    if source.problems:
        return source.problems, None
    with transaction.atomic():
        effect = _import(source, author, progress)
        transaction.set_rollback(bool(source.problems))
    return source.problems, None if source.problems else effect


def read(path: Path, name: str, progress: Progress) -> Source:
    """Read the file and check all that can be checked without the database."""
    source = Source(path, name)
    try:
        kind = kind_of(path, name)
        if kind is YAML:
            _read_document(source)
        else:
            _read_table(source, kind, progress)
    except Unreadable as problem:
        source.problems.add(problem.row, "", "", str(problem))
    return source


def _read_document(source: Source) -> None:
    document, faults = reading.read(source.path)
    for fault in faults:
        source.problems.add(fault.line, fault.field, "", fault.message)
    if document:
        source.document = Reading(Path(source.name), document.document, document.lines)


def _read_table(source: Source, kind: Any, progress: Progress) -> None:
    table = Table(source.problems)
    with opened(source.path, kind) as rows:
        table.read(rows, lambda done: progress("reading", done, 0))
    source.studies = table.studies
    for done, study in enumerate(source.studies, start=1):
        _check_study(study, source)
        progress("checking", done, len(source.studies))


def _check_study(rows: StudyRows, source: Source) -> None:
    """The rules of documents, on the rows of one study."""
    path = Path(source.name)
    try:
        document = reading_of(rows, path)
    except ValidationError as problem:
        for error in problem.errors(include_url=False):
            where, message = reading.explained(error)
            row, column = place(rows, where)
            source.problems.add(row, column, value_at(rows, row, column), message)
    else:
        for fault in reading.inner_faults(document):
            _add(fault, document, source.problems)


def _add(fault: Fault, document: Reading | None, problems: Problems) -> None:
    rows = document.rows if isinstance(document, RowReading) else None
    value = value_at(rows, fault.line, fault.field) if rows else ""
    problems.add(fault.line, fault.field, value, fault.message)


def _import(source: Source, author: User, progress: Progress) -> Effect:
    """Store all, batch after batch, in the transaction of the caller; what is refused is added to the problems."""
    effect, watch, done = Effect(), Watch(author), 0
    for batch in batched(source.readings(), BATCH):
        with _refusals(source.problems):
            effect.add(import_documents(batch, author=author, progress=_told(progress, "storing", done, source.size)))
        done += len(batch)
    if not source.problems:
        effect.changes = watch.changes(MOST_LISTED)
        for refusal in watch.refusals():
            _add_refusal(refusal, source)
    return effect


def _told(progress: Progress, step: str, before: int, total: int) -> Callable[[Sequence[Reading]], Iterable[Reading]]:
    def passing(readings: Sequence[Reading]) -> Iterator[Reading]:
        for done, each in enumerate(readings, start=before):
            progress(step, done, total)
            yield each

    return passing


@contextmanager
def _refusals(problems: Problems) -> Iterator[None]:
    """Whatever a batch is refused for, as problems of the file."""
    try:
        with transaction.atomic():
            yield
    except Refused as refused:
        for fault in refused.faults:
            _add(fault, None, problems)
    except CargoConflict as conflict:
        problems.add(0, "cargo_id", "", str(conflict))
    except DatabaseError as problem:
        if connection.connection is None or connection.connection.closed:
            raise
        problems.add(0, "", "", f"the database refuses it: {str(problem).partition(chr(10))[0]}")


def _add_refusal(refusal: tuple[dict[str, str], str], source: Source) -> None:
    identifiers, message = refusal
    for rows in source.studies:
        for name, value in identifiers.items():
            given = rows.cells.get(name)
            if given and str(given.value).lower() == value.lower():
                source.problems.add(given.row, name, given.value, message)
                return
    source.problems.add(1, "study" if source.document else "", "", message)
