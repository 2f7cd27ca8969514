"""The acts of curation: the only ways in which a claim is written and passes from state to state.

Each is atomic, locks all versions of the claim first, and refuses in a sentence for the person who asked. The database
holds the same rules once more, for whoever does not come through here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pghistory
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from apps.claims import search
from apps.claims.acts import ACTS, DRAFTERS, ChangedMeanwhile, NotAllowed, OutOfStep, may, must_have_role
from apps.claims.content import Content, content_of, level_values, rewrite_lists, write_lists
from apps.claims.models import Claim, Decision, State, Verdict
from apps.people.models import User
from apps.studies.models import Study
from apps.vesicles.models import Preparation

OVERTAKEN = "Version {} was accepted first."


# --- writing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft(*, content: Content, by: User, reason: str = "") -> Claim:
    """Write a new claim, as a draft of the person's."""
    must_have_role(DRAFTERS, "write", by)
    study = _study_of(content)
    with _on_record(by, reason):
        return _write(content, study=study, by=by, key=next_key(study))


@transaction.atomic
def edit(*, claim_id: int, content: Content, seen: str, by: User, reason: str = "") -> Claim:
    """Write what a draft says anew. `seen` is the digest of what the person began from.

    Raises ChangedMeanwhile when the draft no longer says that: nobody's edit is written over unread.
    """
    claim = _own(claim_id, by, "edit")
    current = content_of(claim)
    if current.digest != seen:
        raise ChangedMeanwhile(f"{claim} was changed since you opened it: compare, and save again.", current)
    study = _study_of(content)
    if study.pk != claim.preparation.study_id:
        raise NotAllowed(f"{claim} belongs to {claim.preparation.study.accession}: a claim never changes its study.")
    with _on_record(by, reason):
        for column, value in {**content.columns, **level_values(content, study)}.items():
            setattr(claim, column, value)
        claim.save()
        rewrite_lists(claim, content)
        search.index(Claim.objects.filter(pk=claim.pk))
    return _fresh(claim)


@transaction.atomic
def discard(*, claim_id: int, by: User, reason: str = "") -> None:
    """Throw a draft away; history keeps what it said."""
    claim = _own(claim_id, by, "discard")
    with _on_record(by, reason):
        claim.delete()


@transaction.atomic
def give_up(*, claim_id: int, by: User, reason: str) -> Claim:
    """Let go of a draft that was decided on: it stays, rejected, with its author's reason."""
    claim = _own(claim_id, by, "give_up")
    if not reason.strip():
        raise NotAllowed(f"Write why: without a reason, {claim} can't be given up.")
    with _on_record(by, reason):
        return _to(claim, State.REJECTED, state_reason=reason)


@transaction.atomic
def revise(*, accession: str, by: User, reason: str) -> Claim:
    """Begin a new version of an accepted claim, as a draft that says the same; the public text stays meanwhile."""
    must_have_role(ACTS["revise"].least, "revise", by)
    versions = _locked(Claim.objects.filter(accession=accession))
    basis = _accepted(versions)
    if basis is None:
        raise NotAllowed(f"{accession} is not public, so there is nothing to revise.")
    if own := next((claim for claim in versions if claim.state == State.DRAFT and claim.author_id == by.pk), None):
        raise NotAllowed(f"You have a draft of {accession} already: version {own.version}.")
    if not reason.strip():
        raise NotAllowed("Say what is to change, and why.")
    content = content_of(basis)
    with _on_record(by, reason):
        return _write(content, study=_study_of(content), by=by, key=basis.key, basis=basis)


@transaction.atomic
def catch_up(*, claim_id: int, by: User, reason: str = "") -> Claim:
    """Set a draft, as it is, against the version that is public now: its author has compared the two."""
    claim = _own(claim_id, by, "catch_up")
    accepted = _accepted(_versions_of(claim))
    if accepted is None:
        raise NotAllowed(f"{claim} is not public, so there is nothing to catch up with.")
    with _on_record(by, reason):
        claim.basis = accepted
        claim.save(update_fields=["basis"])
    return claim


# --- review ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(*, claim_id: int, by: User, reason: str = "") -> Claim:
    """Hand a draft in for review."""
    claim = _own(claim_id, by, "submit")
    _must_be_current(claim, _versions_of(claim))
    with _on_record(by, reason):
        return _to(claim, State.SUBMITTED)


@transaction.atomic
def take_back(*, claim_id: int, by: User, reason: str = "") -> Claim:
    """Make one's own submission a draft again, before anybody decided on it."""
    claim = _own(claim_id, by, "take_back")
    with _on_record(by, reason):
        return _to(claim, State.DRAFT)


@transaction.atomic
def request_changes(*, claim_id: int, by: User, reason: str) -> Claim:
    """Send a submission back to its author, who reads what to change."""
    claim = _decided(claim_id, by, "request_changes", Verdict.CHANGES, reason)
    with _on_record(by, reason):
        return _to(claim, State.DRAFT)


@transaction.atomic
def reject(*, claim_id: int, by: User, reason: str) -> Claim:
    """Refuse a submission for good."""
    claim = _decided(claim_id, by, "reject", Verdict.REJECTED, reason)
    with _on_record(by, reason):
        return _to(claim, State.REJECTED, state_reason=reason)


@transaction.atomic
def accept(*, claim_id: int, by: User, reason: str = "") -> Claim:
    """Make a submission public, in place of the version before; submissions that rival it are overtaken."""
    claim = _decided(claim_id, by, "accept", Verdict.ACCEPTED, reason)
    versions = _versions_of(claim)
    _must_be_current(claim, versions)
    now = timezone.now()
    with _on_record(by, reason):
        for other in versions:
            if other.pk != claim.pk and other.state in (State.ACCEPTED, State.SUBMITTED):
                overtaken = OVERTAKEN.format(claim.version) if other.state == State.SUBMITTED else ""
                _to(other, State.SUPERSEDED, left_at=now, state_reason=overtaken)
        _to(claim, State.ACCEPTED, accepted_at=now, accepted_by=by)
        search.index(Claim.objects.filter(pk=claim.pk))
    return claim


@transaction.atomic
def withdraw(*, claim_id: int, by: User, reason: str) -> Claim:
    """Take an accepted claim out of what is public; its address goes on saying that and why."""
    claim = _decided(claim_id, by, "withdraw", Verdict.WITHDRAWN, reason)
    with _on_record(by, reason):
        return _to(claim, State.WITHDRAWN, left_at=timezone.now(), state_reason=reason)


# --- what they share -------------------------------------------------------------------------------------------------


def next_key(study: Study) -> str:
    """The first key e1, e2, … that no claim of the study has; whoever asks holds the study's lock.

    Documents number their claims c1, c2, …: a release that brings one must not meet another claim under its key.
    """
    taken = set(Claim.objects.filter(preparation__study=study).values_list("key", flat=True))
    return next(key for number in range(1, len(taken) + 2) if (key := f"e{number}") not in taken)


def _must_be_current(claim: Claim, versions: list[Claim]) -> None:
    """A revision goes on from what is public now."""
    accepted = _accepted(versions)
    if claim.basis_id == (accepted and accepted.pk):
        return
    if accepted is None:
        _refuse_orphan(claim)
    raise OutOfStep(
        f"Version {accepted.version} of {claim} became public since version {claim.version} was begun: "
        "its author compares the two and brings the draft up to date first."
    )


def _refuse_orphan(claim: Claim) -> NoReturn:
    raise OutOfStep(f"What version {claim.version} of {claim} was written against is no longer public.")


def _decided(claim_id: int, by: User, act: str, verdict: Verdict, reason: str) -> Claim:
    """Check a decision under lock, and note it."""
    claim = _locked_one(claim_id)
    statement = may(act, claim, by)
    if verdict != Verdict.ACCEPTED and not reason.strip():
        raise NotAllowed(f"Write why: without a reason, {claim} can't be {ACTS[act].done}.")
    assert statement is not None  # noqa: S101 - every decision rests on one
    with _on_record(by, reason):
        Decision.objects.create(claim=claim, verdict=verdict, by=by, reason=reason.strip(), interest=statement)
    return claim


def _own(claim_id: int, by: User, act: str) -> Claim:
    """One's own claim, as the act takes it, under lock."""
    claim = _locked_one(claim_id)
    may(act, claim, by)
    return claim


def _locked_one(claim_id: int) -> Claim:
    """The version, with all versions of its claim locked, so that two acts on one claim come one after the other."""
    accession = Claim.objects.values_list("accession", flat=True).get(pk=claim_id)
    return next(claim for claim in _locked(Claim.objects.filter(accession=accession)) if claim.pk == claim_id)


def _versions_of(claim: Claim) -> list[Claim]:
    return list(Claim.objects.filter(accession=claim.accession))


def _locked(claims: QuerySet[Claim]) -> list[Claim]:
    return list(claims.select_related("preparation__study", "author").select_for_update(of=("self",)).order_by("pk"))


def _accepted(versions: list[Claim]) -> Claim | None:
    return next((claim for claim in versions if claim.state == State.ACCEPTED), None)


def _study_of(content: Content) -> Study:
    """The study that the content's preparation is of, locked: keys are given one after the other."""
    study = Preparation.objects.values_list("study_id", flat=True).get(pk=content.columns["preparation_id"])
    return Study.objects.select_for_update(no_key=True).get(pk=study)


def _write(content: Content, *, study: Study, by: User, key: str, basis: Claim | None = None) -> Claim:
    values = {**content.columns, **level_values(content, study), "author": by, "key": key}
    if basis is not None:
        last = Claim.objects.filter(accession=basis.accession).aggregate(last=Max("version"))["last"]
        values |= {"accession": basis.accession, "version": last + 1, "basis": basis}
    claim = Claim.objects.create(**values)
    write_lists((claim, content))
    search.index(Claim.objects.filter(pk=claim.pk))
    return _fresh(claim)


def _to(claim: Claim, state: State, **values: object) -> Claim:
    claim.state = state
    for column, value in values.items():
        setattr(claim, column, value)
    claim.save(update_fields=["state", *values])
    return claim


def _fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


@contextmanager
def _on_record(by: User, reason: str) -> Iterator[None]:
    """Put who and why into each row of history that is written inside."""
    with pghistory.context(user=by.pk, **({"reason": reason.strip()} if reason.strip() else {})):
        yield
