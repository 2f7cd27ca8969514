"""What accepted evidence says beside a claim: the claims that agree with it, and for review those against it.

A claim that is not accepted yet stands in no contradiction that synthesis keeps; whoever reviews it sees by this what
it would stand against.

Beside a claim stand the accepted claims of the same cargo (of the same category of source, where the claim is about the
vesicle as a whole), on the same disease or one above or below it, and of the same aspect. Opposite edges contradict;
where an edge is mixed or neutral, the effect decides.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Q

from apps.claims.models import Claim, ClaimQuerySet, Edge, Effect
from apps.terms.models import NameTerm, TermAncestor

MOST = 10
STRONGEST_FIRST = ("level", "-preparation__study__year", "-pk")
OPPOSITE_EDGE = {Edge.HARM: Edge.BENEFIT, Edge.BENEFIT: Edge.HARM}
# No effect contradicts every effect, and every effect contradicts it: a marker that failed elsewhere, too.
OPPOSITE_EFFECT = {
    Effect.PROMOTES: (Effect.SUPPRESSES, Effect.NO_EFFECT),
    Effect.SUPPRESSES: (Effect.PROMOTES, Effect.NO_EFFECT),
    Effect.MARKS: (Effect.NO_EFFECT,),
    Effect.NO_EFFECT: (Effect.PROMOTES, Effect.SUPPRESSES, Effect.MARKS),
}


class Side(NamedTuple):
    """The strongest claims of one side, and whether there are more than are listed."""

    claims: list[Claim]
    more: bool


class Neighbours(NamedTuple):
    agree: Side
    contradict: Side


def neighbours(claim: Claim) -> Neighbours:
    """The accepted claims on each side, in four queries."""
    found = beside(claim)
    return Neighbours(*_sides(found.filter(agreeing(claim)), found.filter(contradicting(claim))))


def agreeing_with(claim: Claim) -> Side:
    """The accepted claims that agree; what contradicts an accepted claim, synthesis keeps."""
    (agree,) = _sides(beside(claim).filter(agreeing(claim)))
    return agree


def beside(claim: Claim) -> ClaimQuerySet:
    """The accepted claims of the same group, whatever they say."""
    of_group = (
        Q(cargo=claim.cargo_id)
        if claim.cargo_id
        else Q(cargo=None, preparation__source__category=claim.preparation.source.category)
    )
    others = Claim.objects.accepted().exclude(accession=claim.accession)
    return others.filter(of_group, aspect=claim.aspect, disease__in=_related(claim.disease_id))


def agreeing(claim: Claim) -> Q:
    if claim.edge in OPPOSITE_EDGE:
        return Q(edge=claim.edge) | (~Q(edge__in=OPPOSITE_EDGE) & Q(effect=claim.effect))
    return Q(effect=claim.effect)


def contradicting(claim: Claim) -> Q:
    against = Q(effect__in=OPPOSITE_EFFECT.get(Effect(claim.effect), ()))
    if claim.edge in OPPOSITE_EDGE:
        opposite = OPPOSITE_EDGE[Edge(claim.edge)]
        return Q(edge=opposite) | (~Q(edge__in=OPPOSITE_EDGE) & against)
    return against


def _related(disease: int) -> list[int]:
    """The names of the disease, of its ancestors and of its descendants, by their keys.

    They are few, and read first: what a list holds the planner counts, where a subquery may hold anything.
    """
    meant = NameTerm.objects.filter(name=disease).values("term")
    above = TermAncestor.objects.filter(term__in=meant).values("ancestor")
    below = TermAncestor.objects.filter(ancestor__in=meant).values("term")
    kin = above.union(below)
    return [disease, *NameTerm.objects.filter(term__in=kin).order_by().values_list("name", flat=True).distinct()]


def _sides(*sides: ClaimQuerySet) -> list[Side]:
    """The strongest of each. Keys first: what a row shows is joined to the few that are listed, not to all."""
    keys = [list(side.order_by(*STRONGEST_FIRST).values_list("pk", flat=True)[: MOST + 1]) for side in sides]
    listed = Claim.objects.for_listing().prefetch_related(None).defer("search")
    claims = listed.in_bulk([key for side in keys for key in side[:MOST]])
    return [Side([claims[key] for key in side[:MOST]], len(side) > MOST) for side in keys]
