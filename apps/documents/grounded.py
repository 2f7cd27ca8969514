"""How far what accepted claims name is grounded: the figures that are stated of the collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.claims.models import Claim
from apps.terms.models import Name
from apps.vesicles.models import Cargo, CargoXref

# From what says most to what says least.
RELATIONS = tuple(CargoXref.Relation.values)


@dataclass
class Cargos:
    """The cargos that accepted claims name, each counted once, by the best that is known of it."""

    own: Counter[str] = field(default_factory=Counter)  # by the best relation of a cross-reference of its own
    panels: int = 0  # no register holds a panel: it is known by its members, each of which has a cross-reference
    partly: list[Cargo] = field(default_factory=list)  # panels of which only some members have one
    reasoned: list[Cargo] = field(default_factory=list)
    to_do: list[Cargo] = field(default_factory=list)

    @property
    def with_own(self) -> int:
        return self.own.total()

    @property
    def all(self) -> int:
        return self.with_own + self.panels + len(self.partly) + len(self.reasoned) + len(self.to_do)


def cargos_named() -> Cargos:
    """Count the cargos that accepted claims name."""
    found = Cargos()
    named = Cargo.objects.filter(claims__in=Claim.objects.accepted()).distinct().order_by("accession")
    for cargo in named.prefetch_related("xrefs", "members__xrefs"):
        _count(cargo, found)
    return found


def _count(cargo: Cargo, found: Cargos) -> None:
    relations = {xref.relation for xref in cargo.xrefs.all()}
    members = [bool(member.xrefs.all()) for member in cargo.members.all()]
    if relations:
        found.own[next(relation for relation in RELATIONS if relation in relations)] += 1
    elif members and all(members):
        found.panels += 1
    elif any(members):
        found.partly.append(cargo)
    elif cargo.ungrounded_reason:
        found.reasoned.append(cargo)
    else:
        found.to_do.append(cargo)


def claims_by_disease() -> Counter[str]:
    """Accepted claims by how the name of their disease is grounded."""
    return Counter(Claim.objects.accepted().order_by().values_list("disease__grounding", flat=True))


def names_by_kind() -> dict[str, Counter[str]]:
    """Names by kind and by how they are grounded, each counted once."""
    found: dict[str, Counter[str]] = {}
    rows: Iterable[tuple[str, str]] = Name.objects.order_by("kind").values_list("kind", "grounding")
    for kind, grounding in rows:
        found.setdefault(kind, Counter())[grounding] += 1
    return found
