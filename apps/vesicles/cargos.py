"""Find the cargo that a name means, or make it, grounded by rules that never guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Func, Value

from apps.terms.grounding import look_up_names, mirna_registry
from apps.terms.models import Term
from apps.vesicles.meaning import Facts, Meaning, Relation, list_parts, meaning, texts_in
from apps.vesicles.models import Cargo, CargoKind, CargoMember, CargoSynonym, CargoXref

CargoKey = tuple[str, str, str]

_SEPARATORS = re.compile(r"[\s_\u2010-\u2014-]+")


class CargoConflict(ValueError):
    """What is given of a cargo contradicts what is known; the sentence names both."""


class CargoConflicts(CargoConflict):
    """All the contradictions in a set of cargos, each by the (kind, name, CURIE) that was wanted."""

    def __init__(self, found: dict[CargoKey, str]) -> None:
        super().__init__(" ".join(found.values()))
        self.found = found


def cargo_key(name: str) -> str:
    """How the database compares the names of cargos (`Cargo.key`)."""
    return _SEPARATORS.sub("-", name).lower()


@transaction.atomic
def find_cargos(
    wanted: Iterable[tuple[str, str, str | None]], *, touched: set[Cargo] | None = None
) -> dict[CargoKey, Cargo]:
    """The cargo of each (kind, name, CURIE): by its name, by a synonym, by its exact cross-reference, or a new one.

    CURIEs that contradict what is known raise `CargoConflicts`, with all of them. `touched` takes up the cargos that
    were there before and got a synonym or a cross-reference: claims on them are found by new words.
    """
    keys = sorted({(str(kind), name.strip(), curie or "") for kind, name, curie in wanted})
    known = Known.of(keys)
    found, conflicts = known.settled(keys)
    # Those with an identifier first, so that the same name without one finds them.
    missing = sorted(set(keys).difference(found, conflicts), key=lambda each: (not each[2], each))
    facts = facts_for((kind, name) for kind, name, _ in missing) if missing else Facts()
    for each in missing:
        try:
            found[each] = _find_or_make(*each, known, facts)
        except CargoConflict as conflict:
            conflicts[each] = str(conflict)
    if conflicts:
        raise CargoConflicts(conflicts)
    if touched is not None:
        touched |= known.touched
    return found


@dataclass
class Known:
    """The cargos that may be meant, by name, by synonym and by exact cross-reference."""

    by_name: dict[tuple[str, str], Cargo] = field(default_factory=dict)
    by_synonym: dict[tuple[str, str], set[Cargo]] = field(default_factory=lambda: defaultdict(set))
    by_exact: dict[tuple[str, str], Cargo] = field(default_factory=dict)
    xrefs: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    touched: set[Cargo] = field(default_factory=set)

    @classmethod
    def of(cls, keys: Iterable[CargoKey]) -> Known:
        keys = list(keys)
        names = {name for _, name, _ in keys} | {part for _, name, _ in keys for part in list_parts(name)}
        known = cls()
        known.add(Cargo.objects.filter(key__in={cargo_key(name) for name in names}))
        known.add_synonyms({cargo_key(name) for name in names})
        known.add_exact({curie for _, _, curie in keys if curie})
        known.add_xrefs()
        return known

    def add(self, cargos: Iterable[Cargo]) -> None:
        for cargo in cargos:
            self.by_name[cargo.kind, cargo_key(cargo.name)] = cargo

    def add_synonyms(self, keys: set[str]) -> None:
        as_key = Func(
            Func(F("text"), Value("[[:space:]_\u2010-\u2014-]+"), Value("-"), Value("g"), function="regexp_replace"),
            function="lower",
        )
        synonyms = CargoSynonym.objects.annotate(key=as_key).filter(key__in=keys).select_related("cargo")
        for synonym in synonyms:
            self.by_synonym[synonym.cargo.kind, synonym.key].add(synonym.cargo)

    def add_exact(self, curies: set[str]) -> None:
        for xref in CargoXref.objects.filter(curie__in=curies, relation=Relation.EXACT).select_related("cargo"):
            self.by_exact[xref.cargo_kind, xref.curie] = xref.cargo

    def add_xrefs(self) -> None:
        cargos = {*self.by_name.values(), *self.by_exact.values()}.union(*self.by_synonym.values())
        for pk, curie, relation in CargoXref.objects.filter(cargo__in=cargos).values_list(
            "cargo_id", "curie", "relation"
        ):
            self.xrefs[pk][curie] = relation

    def find(self, kind: str, name: str, curie: str) -> Cargo | None:
        """The cargo meant; a name that is a synonym of several is none of them."""
        cargo = self.by_name.get((kind, cargo_key(name)))
        if cargo is None:
            synonymous = self.by_synonym.get((kind, cargo_key(name)), set())
            cargo = next(iter(synonymous)) if len(synonymous) == 1 else None
        same = self.by_exact.get((kind, curie)) if curie else None
        if cargo and same and same != cargo:
            raise CargoConflict(
                f"{kind} {name!r} is {cargo.accession} ({cargo}), but {curie} is {same.accession} ({same})."
            )
        return cargo or same

    def settled(self, keys: Iterable[CargoKey]) -> tuple[dict[CargoKey, Cargo], dict[CargoKey, str]]:
        """Those that are known, with what is wanted of them kept; and those that contradict it, with the sentence."""
        found: dict[CargoKey, Cargo] = {}
        conflicts: dict[CargoKey, str] = {}
        for each in keys:
            try:
                if cargo := self.find(*each):
                    found[each] = cargo
            except CargoConflict as conflict:
                conflicts[each] = str(conflict)
        for each, cargo in found.items():
            try:
                self.settle(cargo, *each)
            except CargoConflict as conflict:
                conflicts[each] = str(conflict)
        return found, conflicts

    def settle(self, cargo: Cargo, kind: str, name: str, curie: str) -> None:
        """Keep what the wanted name and CURIE add to what is known of the cargo."""
        self.give_curie(cargo, curie)
        named = (kind, cargo_key(name))
        if self.by_name.get(named) != cargo and cargo not in self.by_synonym[named]:
            CargoSynonym.objects.create(cargo=cargo, text=name)
            self.by_synonym[named].add(cargo)
            self.touched.add(cargo)

    def give_curie(self, cargo: Cargo, curie: str) -> None:
        """Add the CURIE to the cargo unless it has it; one of the same register that it has not is a conflict."""
        if not curie or curie in self.xrefs[cargo.pk]:
            return
        register = curie.partition(":")[0]
        for other, relation in self.xrefs[cargo.pk].items():
            if relation == Relation.EXACT and other.partition(":")[0] == register:
                raise CargoConflict(f"{cargo.accession} ({cargo}) is {other} already, so it can't be {curie} too.")
        self.add_xref(cargo, Relation.EXACT, curie)
        self.touched.add(cargo)

    def add_xref(self, cargo: Cargo, relation: str, curie: str) -> None:
        CargoXref.objects.create(cargo=cargo, relation=relation, curie=curie)
        self.xrefs[cargo.pk][curie] = relation
        if relation == Relation.EXACT:
            self.by_exact[cargo.kind, curie] = cargo


def facts_for(wanted: Iterable[tuple[str, str]]) -> Facts:
    """The vocabularies' entries that may have these names."""
    wanted = list(wanted)
    texts = {text for _, name in wanted for text in texts_in(name)}
    facts = Facts(names=look_up_names(texts))
    if any(kind in (CargoKind.MIRNA, CargoKind.OTHER_RNA) for kind, _ in wanted):
        facts.mirnas, _ = mirna_registry()
    genes = [curie for curie in facts.names.curies.values() if curie.startswith("HGNC:")]
    pairs = Term.objects.filter(curie__startswith="uniprot:", parents__curie__in=genes, obsolete=False)
    for protein, gene in pairs.order_by("curie").values_list("curie", "parents__curie"):
        facts.proteins[gene].append(protein)
    return facts


def _find_or_make(kind: str, name: str, curie: str, known: Known, facts: Facts) -> Cargo:
    """The cargo of a name not known before: one with the same exact cross-reference, or a new one."""
    found = known.find(kind, name, curie)
    meant = Meaning() if found else meaning(kind, name, facts)
    _check_given(kind, name, curie, meant)
    found = found or _with_exact(kind, meant.exact, known)
    if found:
        known.settle(found, kind, name, curie)
        return found
    return _make((kind, name, curie), meant, known, facts)


def _check_given(kind: str, name: str, curie: str, meant: Meaning) -> None:
    register = curie.partition(":")[0]
    for other in meant.exact:
        if curie and other != curie and other.partition(":")[0] == register:
            raise CargoConflict(f"{kind} {name!r} is {other} by its name, but {curie} is given.")


def _with_exact(kind: str, curies: tuple[str, ...], known: Known) -> Cargo | None:
    unseen = {curie for curie in curies if (kind, curie) not in known.by_exact}
    if unseen:
        known.add_exact(unseen)
    return next((known.by_exact[kind, curie] for curie in curies if (kind, curie) in known.by_exact), None)


def _make(wanted: CargoKey, meant: Meaning, known: Known, facts: Facts) -> Cargo:
    kind, name, curie = wanted
    cargo = Cargo.objects.create(kind=kind, name=name)
    cargo.refresh_from_db()
    known.by_name[kind, cargo_key(name)] = cargo
    for relation, xref in dict.fromkeys((*(((Relation.EXACT, curie),) if curie else ()), *meant.xrefs)):
        if xref not in known.xrefs[cargo.pk]:
            known.add_xref(cargo, relation, xref)
    for text in meant.synonyms:
        CargoSynonym.objects.create(cargo=cargo, text=text)
    for part in meant.members:
        member = known.find(kind, part, "") or _find_or_make(kind, part, "", known, facts)
        CargoMember.objects.get_or_create(panel=cargo, member=member)
    return cargo
