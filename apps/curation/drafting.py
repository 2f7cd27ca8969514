"""Drafts that programs write: documents as they are uploaded at the desk, and one claim over what a draft says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from apps.claims import workflow
from apps.claims.acts import DRAFTERS, OutOfStep, must_have_role
from apps.claims.content import content_of
from apps.claims.models import Claim, State
from apps.curation.uploads.changes import Watch
from apps.documents.editing import NotTaken, PlacedReading, content_for
from apps.documents.found import Found
from apps.documents.reading import Fault, Reading, inner_faults, set_faults
from apps.documents.schema import ClaimPart, Document, Where
from apps.documents.storing import LOCK, Refused, import_documents
from apps.people.models import Role, User
from apps.vesicles.cargos import CargoConflict

DOCUMENTS = "documents"
LONGEST_WAIT = "10s"


class Drafted(NamedTuple):
    """What became of a claim of a document: a draft of the person's, or a version that stays as it was."""

    document: int
    key: str
    claim: Claim
    made: bool


@transaction.atomic
def draft_documents(*, documents: Sequence[Document], by: User) -> list[Drafted]:
    """Store the documents as drafts of the person's: all of them, or none. Raises NotAllowed, or NotTaken.

    A draft that the person has already is not written over: nothing here says that they read what it says now.
    """
    must_have_role(DRAFTERS, "write", by)
    readings = [
        PlacedReading(Path(f"{DOCUMENTS}/{at}"), document, within=(DOCUMENTS, at))
        for at, document in enumerate(documents)
    ]
    _refuse([fault for reading in readings for fault in inner_faults(reading)] + list(set_faults(readings)))
    _wait_for_imports()
    there = list(_versions(readings))
    _refuse(list(_unseen(there, by)))
    before = {each.claim.pk: content_of(each.claim).digest for each in there}
    watch = Watch(by)
    _import(readings, by)
    written = list(_versions(readings))
    _refuse([*_overwritten(written, before, by), *_closed(readings, watch)])
    return [_drafted(at, key, versions, before, by) for at, key, versions in _by_claim(readings, written)]


def _wait_for_imports() -> None:
    """Take the lock of imports: what is there stays as it is until we have written. A program waits for it a while."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as busy:
        if not isinstance(busy.__cause__, LockNotAvailable):
            raise
        raise OutOfStep("A large import is being stored: nothing was written. Ask again in a few minutes.") from None


def _import(readings: Sequence[Reading], by: User) -> None:
    try:
        import_documents(readings, author=by)
    except Refused as refused:
        _refuse(refused.faults)
    except CargoConflict as conflict:
        _refuse([Fault(Path(), 0, "", str(conflict))])


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise NotTaken(faults)


class Version(NamedTuple):
    """A version that the database has of a claim of a document."""

    reading: Reading
    document: int
    at: int
    claim: Claim


def _versions(readings: Sequence[Reading]) -> Iterator[Version]:
    """Every version that the database has of the claims of the documents, in a fixed number of queries."""
    found = Found(readings)
    for document, reading in enumerate(readings):
        study, _ = found.study_of(reading)
        for at, part in enumerate(reading.document.claims if study else ()):
            for claim in found.claims.get((study.pk, part.id), ()):  # type: ignore[union-attr]
                yield Version(reading, document, at, claim)


def _is_readable(claim: Claim, by: User) -> bool:
    """As `readable_by` has it."""
    return claim.state != State.DRAFT or claim.author_id == by.pk or by.at_least(Role.CURATOR)


def _unseen(there: list[Version], by: User) -> Iterator[Fault]:
    """Ids that are taken by drafts which the person can't read, and so must not hear more of."""
    readable = {(each.document, each.at) for each in there if _is_readable(each.claim, by)}
    hidden = {(each.document, each.at): each for each in there if (each.document, each.at) not in readable}
    for reading, _, at, claim in hidden.values():
        said = f"{claim.key!r} is a claim of somebody else's, not accepted yet: give this claim another id"
        yield reading.fault(("claims", at, "id"), said)


def _overwritten(written: list[Version], before: Mapping[int, str], by: User) -> Iterator[Fault]:
    for reading, _, at, claim in written:
        own = claim.state == State.DRAFT and claim.author_id == by.pk
        if own and before.get(claim.pk, "") not in ("", content_of(claim).digest):
            said = f"{claim.key!r} is your draft {claim.accession}, version {claim.version}, and says something else"
            yield reading.fault(("claims", at, "id"), f"{said}: change it there, or leave this claim out")


def _closed(readings: Sequence[Reading], watch: Watch) -> Iterator[Fault]:
    for identifiers, message in watch.refusals():
        for reading in readings:
            if identifiers.items() & reading.document.study.identifiers.items():
                yield reading.fault(("study",), message)


def _by_claim(readings: Sequence[Reading], written: list[Version]) -> Iterator[tuple[int, str, list[Claim]]]:
    versions: dict[tuple[int, int], list[Claim]] = {}
    for each in written:
        versions.setdefault((each.document, each.at), []).append(each.claim)
    for document, reading in enumerate(readings):
        for at, part in enumerate(reading.document.claims):
            yield document, part.id, versions[document, at]


def _drafted(document: int, key: str, versions: list[Claim], before: Mapping[int, str], by: User) -> Drafted:
    """The person's own draft of the claim, else its latest version."""
    last = max((each for each in versions if _is_readable(each, by)), key=lambda claim: claim.version)
    own = (claim for claim in versions if claim.state == State.DRAFT and claim.author_id == by.pk)
    claim = next(own, last)
    return Drafted(document, key, claim, made=claim.pk not in before)


@transaction.atomic
def edit_claim(*, claim: Claim, part: ClaimPart, seen: str, by: User, within: Where, reason: str = "") -> Claim:
    """Write a draft anew, where it still says what was `seen`. Raises NotAllowed, or NotTaken with every fault."""
    content = content_for(claim, part, within=within)
    try:
        with transaction.atomic():
            return workflow.edit(claim_id=claim.pk, content=content, seen=seen, by=by, reason=reason)
    except (DataError, IntegrityError) as problem:
        raise NotTaken([Fault(Path(), 0, "", _in_words(problem))]) from problem


def _in_words(problem: DatabaseError) -> Any:
    return f"the database refuses it: {str(problem).partition(chr(10))[0]}"
