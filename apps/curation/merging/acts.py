"""The acts of merging: each atomic, under lock, refused in a sentence."""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.claims import search
from apps.claims.acts import NotAllowed
from apps.curation.merging.cargos import CargoSort
from apps.curation.merging.plans import Plan
from apps.curation.merging.sorts import Sort
from apps.curation.merging.sources import SourceSort
from apps.curation.merging.studies import StudySort
from apps.curation.merging.trace import Trace, rows
from apps.curation.models import Merge
from apps.people.models import Role, User
from apps.records.models import ACCESSION, Accession, Kind

# Who may: merging changes what public claims say that they rest on.
LEAST: dict[str, Role] = {"merge": Role.EDITOR, "undo": Role.EDITOR}
SORTS: dict[str, Sort] = {sort.kind: sort for sort in (StudySort(), SourceSort(), CargoSort())}


def proposed(*, gone: str, into: str) -> Plan:
    """What merging the one into the other would do. Raises NotAllowed where there is nothing to merge."""
    sort, one, other = _pair(gone, into)
    return sort.plan(one, other)


@transaction.atomic
def merge(*, gone: str, into: str, by: User, reason: str, seen: str = "") -> Merge:
    """Make two records one: everything moves to `into`, and the address of `gone` leads there from now on.

    `seen` is the digest of the plan that the person agreed to; a plan that has changed since is refused.
    """
    _must_be_able("merge", by, reason)
    _lock(gone, into)
    sort, one, other = _pair(gone, into, lock=True)
    plan = sort.plan(one, other)
    if plan.conflicts:
        raise NotAllowed(" ".join(plan.conflicts))
    if seen and seen != plan.digest:
        raise NotAllowed("What would move has changed since you looked: look again, and then merge.")
    with pghistory.context(user=by.pk, reason=f"merge of {gone} into {into}: {reason.strip()}"):
        Accession.objects.filter(pk=gone).update(merged_into=into)
        trace = sort.carry_out(one, other)
        made = Merge.objects.create(
            kind=sort.kind, gone_id=gone, into_id=into, by=by, reason=reason.strip(), moved=trace.plain()
        )
        search.index(sort.claims(other))
        _must_hold("Something came to one of the records meanwhile: look again, and then merge.")
    return made


@transaction.atomic
def undo(*, merge_id: int, by: User, reason: str) -> Merge:
    """Bring back the record that a merge let go, and all that moved with it and was not moved on since."""
    _must_be_able("undo", by, reason)
    found = Merge.objects.get(pk=merge_id)
    _lock(found.gone_id, found.into_id)
    found.refresh_from_db()
    if hinders := hindrances(found):
        raise NotAllowed(" ".join(hinders))
    sort, trace = SORTS[found.kind], Trace(**found.moved)
    why = f"undoing the merge of {found.gone_id} into {found.into_id}: {reason.strip()}"
    with pghistory.context(user=by.pk, reason=why):
        into = rows(sort.model).select_for_update().get(accession=found.into_id)
        try:
            gone = _bring_back(sort, trace, found, into)
            found.undone_at, found.undone_by, found.undone_reason = timezone.now(), by, reason.strip()
            found.save(update_fields=["undone_at", "undone_by", "undone_reason"])
            connection.check_constraints()
        except IntegrityError as problem:
            told = str(problem).partition("\n")[0]
            raise NotAllowed(f"What was there before is taken by now, and hinders undoing it: {told}") from problem
        for record in (gone, into):
            search.index(sort.claims(record))
    return found


def hindrances(found: Merge) -> list[str]:
    """What stands in the way of undoing a merge: sentences with the way out."""
    if found.undone_at:
        return [f"It was undone on {found.undone_at:%Y-%m-%d} by {found.undone_by}."]
    sort = SORTS[found.kind]
    into = rows(sort.model).filter(accession=found.into_id).first()
    if into is None:
        onward = Accession.objects.get(pk=found.into_id).merged_into_id
        return [f"{found.into_id} was itself merged into {onward} since: undo that first."]
    return list(sort.hindrances(Trace(**found.moved), into))


def _bring_back(sort: Sort, trace: Trace, found: Merge, into: Any) -> Any:
    """The steps of the merge, backwards; the register still says that the two are one, which lets frozen rows move."""
    trace.change_back(into)
    gone = trace.put_back_record(sort.model, sort.begins_as)
    trace.take_away()
    trace.move_back(gone, into)
    sort.follow(found, trace, gone, into)
    trace.put_back_dropped()
    sort.settle(gone)
    Accession.objects.filter(pk=found.gone_id).update(merged_into=None)
    return gone


def _must_be_able(act: str, by: User, reason: str) -> None:
    if not by.is_active or not by.at_least(LEAST[act]):
        what = {"merge": "merge records", "undo": "undo a merge"}[act]
        raise NotAllowed(f"To {what} takes the role of {LEAST[act].value}; {by} is {by.role}.")
    if not reason.strip():
        raise NotAllowed("Write why: the reason stays in the history of everything that moves.")


def _must_hold(otherwise: str) -> None:
    """Ask the database now what it would ask at the end, while there is somebody to tell."""
    try:
        connection.check_constraints()
    except IntegrityError as problem:
        raise NotAllowed(otherwise) from problem


def _lock(*accessions: str) -> None:
    """Merges of the same records come one after the other, always in the same order."""
    list(Accession.objects.filter(pk__in=accessions).order_by("pk").select_for_update())


def _pair(gone: str, into: str, *, lock: bool = False) -> tuple[Sort, Any, Any]:
    """Both records, and how their kind is merged."""
    for accession in (gone, into):
        _must_be_there(accession)
    if gone == into:
        raise NotAllowed(f"{gone} is one record already.")
    if gone[:4] != into[:4]:
        kinds = (Kind(gone[:4]).label, Kind(into[:4]).label)
        raise NotAllowed(f"{gone} is a {kinds[0]}, {into} a {kinds[1]}: only records of one kind are merged.")
    sort = SORTS[gone[:4]]
    records = rows(sort.model).filter(accession__in=[gone, into]).order_by("pk")
    found = {record.accession: record for record in (records.select_for_update() if lock else records)}
    return sort, found[gone], found[into]


def _must_be_there(accession: str) -> None:
    if not ACCESSION.fullmatch(accession) or accession[:4] not in SORTS:
        raise NotAllowed(f"“{accession[:20]}” is not the accession of a study, source or cargo, such as EXCG0000001.")
    given = Accession.objects.filter(pk=accession).first()
    if given is None:
        raise NotAllowed(f"{accession} was never given to a record.")
    if given.merged_into_id:
        raise NotAllowed(f"{accession} was merged into {given.merged_into_id} already.")
    if given.removed_at:
        raise NotAllowed(f"{accession} was removed on {given.removed_at:%Y-%m-%d}.")
