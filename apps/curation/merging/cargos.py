"""Merging cargos: the molecule must be one and the same, and the name that goes stays as a synonym."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import Q

from apps.claims.models import Claim, ClaimQuerySet
from apps.curation.merging.plans import Gain
from apps.curation.merging.sorts import Sort
from apps.curation.merging.trace import Trace
from apps.curation.models import Merge
from apps.records.models import Kind
from apps.vesicles.models import Cargo, CargoMember, CargoSynonym, CargoXref


class CargoSort(Sort):
    kind = Kind.CARGO
    model = Cargo
    compared = ("name", "ungrounded_reason")

    def claims(self, record: Cargo) -> ClaimQuerySet:
        """A panel goes by the names of its members, too."""
        members = CargoMember.objects.filter(member=record.pk).values("panel")
        return Claim.objects.filter(Q(cargo=record.pk) | Q(cargo__in=members))

    def conflicts(self, gone: Cargo, into: Cargo) -> Iterator[str]:
        if gone.kind != into.kind:
            yield (
                f"{gone} is a {gone.get_kind_display()}, {into} a {into.get_kind_display()}: two cargos. "
                "Where a claim names the wrong one, revise the claim."
            )
        yield from _references(gone, into)
        yield from _panels(gone, into)

    def taken_over(self, gone: Cargo, into: Cargo) -> dict[str, Any]:
        """Once there is a cross-reference, there is no reason why none can be given."""
        grounded = into.ungrounded_reason and gone.xrefs.exists()
        return {"ungrounded_reason": ""} if grounded else {}

    def gains(self, gone: Cargo, into: Cargo) -> list[Gain]:
        new = _new_synonym(gone, into)
        return [Gain("synonym", new.text)] if new else []

    def add(self, trace: Trace, gone: Cargo, into: Cargo) -> None:
        if synonym := _new_synonym(gone, into):
            trace.add(synonym)

    def hindrances(self, trace: Trace, into: Cargo) -> Iterator[str]:
        yield from super().hindrances(trace, into)
        was = Cargo(kind=trace.record["kind"], name=trace.record["name"])
        again = Cargo.objects.filter(kind=was.kind, name=was.name).first()
        if again:
            yield f"There is a cargo “{was.name}” again, {again.accession}: merge it into {into.accession} first."
        if into.kind != was.kind:
            yield f"{into.accession} is a {into.get_kind_display()} now: set it to {was.get_kind_display()} first."

    def follow(self, merge: Merge, trace: Trace, gone: Cargo, into: Cargo) -> None:
        """Versions that were written since of claims that came back."""
        moved = Claim.objects.filter(pk__in=trace.ids(Claim)).values("accession")
        Claim.objects.filter(accession__in=moved, written_at__gt=merge.at, cargo=into).update(cargo=gone)


def _new_synonym(gone: Cargo, into: Cargo) -> CargoSynonym | None:
    known = into.name == gone.name or into.synonyms.filter(text=gone.name).exists()
    return None if known else CargoSynonym(cargo=into, text=gone.name)


def _references(gone: Cargo, into: Cargo) -> Iterator[str]:
    """Two entries of one register are two molecules."""
    ours, theirs = _exact(gone), _exact(into)
    for register in sorted(ours.keys() & theirs.keys()):
        if not ours[register] & theirs[register]:
            yield (
                f"{gone.accession} is {_listed(ours[register])}, {into.accession} is {_listed(theirs[register])}: "
                "two molecules. If one of the two references is wrong, correct it first."
            )
    relations = dict(into.xrefs.values_list("curie", "relation"))
    for xref in gone.xrefs.all():
        other = relations.get(xref.curie)
        if other and other != xref.relation:
            yield (
                f"{xref.curie} is “{xref.get_relation_display()}” to {gone.accession}, "
                f"“{CargoXref.Relation(other).label}” to {into.accession}: make them agree first."
            )


def _exact(cargo: Cargo) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for curie in cargo.xrefs.filter(relation=CargoXref.Relation.EXACT).values_list("curie", flat=True):
        found[curie.partition(":")[0]].add(curie)
    return found


def _panels(gone: Cargo, into: Cargo) -> Iterator[str]:
    between = Q(panel=gone, member=into) | Q(panel=into, member=gone)
    if CargoMember.objects.filter(between).exists():
        yield f"One of the two is a panel and the other its member: {gone.accession} and {into.accession} are two."
        return
    ours = set(gone.memberships.values_list("member", flat=True))
    if ours != set(into.memberships.values_list("member", flat=True)):
        yield (
            f"{gone.accession} and {into.accession} have other members: two panels. "
            "If the members of one are wrong or missing, correct them first."
        )


def _listed(curies: set[str]) -> str:
    return ", ".join(sorted(curies))
