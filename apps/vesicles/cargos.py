"""Find the cargo that a name means, or make it, grounded by rules that never guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import F, Func, Value

from apps.records.models import ACCESSION, Accession
from apps.terms import mirna
from apps.terms.grounding import Lookup, look_up_names, mirna_registry
from apps.terms.models import Term, Vocabulary
from apps.terms.table import LONGEST_LABEL, BadVocabulary, is_curie, read_rows, split
from apps.vesicles.models import Cargo, CargoKind, CargoMember, CargoSynonym, CargoXref

Relation = CargoXref.Relation
CargoKey = tuple[str, str, str]
Xref = tuple[str, str]  # relation, CURIE

GENE_KINDS = (CargoKind.PROTEIN, CargoKind.MRNA, CargoKind.LNCRNA, CargoKind.CIRCRNA, CargoKind.SIRNA, CargoKind.DNA)
CHEMICAL_KINDS = (CargoKind.SMALL_MOLECULE, CargoKind.METABOLITE, CargoKind.LIPID)

_SEPARATORS = re.compile(r"[\s_\u2010-\u2014-]+")
_SYMBOL_AND_ALIAS = re.compile(r"(?P<symbol>[^\s()]+) \((?P<alias>[^()]+)\)")
_LIST = re.compile(r"\s*(?:,\s*and\s|[,;]|\sand\s)\s*")
_LIST_WORD = re.compile(r"\s+(panel|signature|set|classifier|model|mRNA|miRNA)s?$", re.IGNORECASE)
_CIRCULAR = re.compile(r"circ(?:RNA)?[-_ ]?(?P<host>[A-Z][A-Za-z0-9-]*)")
_SILENCER = re.compile(r"(?:si-?|sh-?)(?P<first>\S+)|(?P<last>\S+) (?:siRNA|shRNA)")
# Bacterial proteins are written so (CagA); HGNC has aliases that differ from them in case only (CAGA is S100A8).
_BACTERIAL = re.compile(r"[A-Z][a-z]{2}[A-Z]\d?")
_ANTIMIR = re.compile(r"(?P<name>\S+) (?:inhibitor|antagomir|sponge)|anti-?(?P<anti>miR-\S+)")


class CargoConflict(ValueError):
    """What is given of a cargo contradicts what is known; the sentence names both."""


class BadCargos(BadVocabulary):
    """A fault in a table of cargos."""


def cargo_key(name: str) -> str:
    """How the database compares the names of cargos (`Cargo.key`)."""
    return _SEPARATORS.sub("-", name).lower()


# --- what a name means ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Meaning:
    """What the rules make of a cargo's name: cross-references, other names in it, or its members."""

    xrefs: tuple[Xref, ...] = ()
    synonyms: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def exact(self) -> tuple[str, ...]:
        return tuple(curie for relation, curie in self.xrefs if relation == Relation.EXACT)


@dataclass
class Facts:
    """The vocabularies as the rules need them."""

    names: Lookup = field(default_factory=Lookup)
    mirnas: mirna.Registry = field(default_factory=mirna.Registry)
    proteins: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # HGNC → UniProt

    def gene(self, text: str) -> str | None:
        """The one human gene that has this name, or None where there is none or several."""
        if _BACTERIAL.fullmatch(text):
            return None
        found = self.names.candidates(Vocabulary.MOLECULE, text, ("HGNC:",))
        return found[0] if len(found) == 1 else None

    def chemical(self, text: str) -> str | None:
        for vocabulary in (Vocabulary.THERAPY, Vocabulary.MOLECULE):
            found = self.names.candidates(vocabulary, text, ("CHEBI:", "drugbank:"))
            if found:
                return found[0] if len(found) == 1 else None
        return None


def meaning(kind: str, name: str, facts: Facts) -> Meaning:
    """What the name of a cargo of this kind means by the rules; empty where they can't say."""
    single = _meaning_of_one(kind, name, facts)
    if single.xrefs:
        return single
    parts = list_parts(name)
    if len(parts) > 1 and all(_meaning_of_one(kind, part, facts).xrefs for part in parts):
        return Meaning(members=parts)
    return single


def list_parts(name: str) -> tuple[str, ...]:
    """The members that a name lists: `miR-21, let-7a and miR-181a panel` names three."""
    parts = (_LIST_WORD.sub("", part) for part in _LIST.split(_LIST_WORD.sub("", name)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _meaning_of_one(kind: str, name: str, facts: Facts) -> Meaning:
    if kind == CargoKind.MIRNA:
        return Meaning(_mirna_xrefs(name, facts))
    if kind == CargoKind.OTHER_RNA:
        return _antimir(name, facts)
    if kind in CHEMICAL_KINDS:
        curie = facts.chemical(name)
        return Meaning(((Relation.EXACT, curie),) if curie else ())
    if kind in GENE_KINDS:
        return _gene_product(kind, name, facts)
    return Meaning()


def _mirna_xrefs(name: str, facts: Facts, relation: str | None = None) -> tuple[Xref, ...]:
    parsed = mirna.parse(name)
    if parsed is None:
        return ()
    found = facts.mirnas.resolve(parsed)
    relations = {mirna.Relation.EXACT: Relation.EXACT, mirna.Relation.FAMILY: Relation.FAMILY}
    if found.relation not in relations:
        return ()
    return tuple((relation or relations[found.relation], curie) for curie in found.curies)


def _antimir(name: str, facts: Facts) -> Meaning:
    found = _ANTIMIR.fullmatch(name)
    return Meaning(_mirna_xrefs(found["name"] or found["anti"], facts, Relation.TARGET) if found else ())


def _gene_product(kind: str, name: str, facts: Facts) -> Meaning:
    if kind == CargoKind.CIRCRNA:
        found = _CIRCULAR.fullmatch(name)
        return _of_gene(found["host"], Relation.GENE, facts) if found else Meaning()
    if kind == CargoKind.SIRNA:
        found = _SILENCER.fullmatch(name)
        return _of_gene(found["first"] or found["last"], Relation.TARGET, facts) if found else Meaning()
    if kind == CargoKind.PROTEIN:
        return _protein(name, facts)
    plain = re.sub(r"\s+(mRNA|lncRNA|DNA)$", "", name) if kind != CargoKind.LNCRNA else re.sub(r"^lncRNA ", "", name)
    return _of_gene(plain, Relation.GENE, facts)


def _of_gene(name: str, relation: str, facts: Facts) -> Meaning:
    gene, synonyms = _gene_and_synonyms(name, facts)
    return Meaning(((relation, gene),), synonyms) if gene else Meaning()


def _protein(name: str, facts: Facts) -> Meaning:
    """A protein is its UniProt entry where its gene has just one, and the product of its gene in any case."""
    gene, synonyms = _gene_and_synonyms(name, facts)
    if gene is None:
        return Meaning()
    proteins = facts.proteins.get(gene, [])
    exact = ((Relation.EXACT, proteins[0]),) if len(proteins) == 1 else ()
    return Meaning((*exact, (Relation.GENE, gene)), synonyms)


def _gene_and_synonyms(name: str, facts: Facts) -> tuple[str | None, tuple[str, ...]]:
    """The gene of `CD274` or of `CD274 (PD-L1)`; both names of the latter must not lead to different genes."""
    both = _SYMBOL_AND_ALIAS.fullmatch(name)
    if both is None:
        return facts.gene(name), ()
    gene, other = facts.gene(both["symbol"]), facts.gene(both["alias"])
    if gene and other and gene != other:
        return None, ()
    return gene, (both["symbol"], both["alias"])


# --- finding ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def find_cargos(wanted: Iterable[tuple[str, str, str | None]]) -> dict[CargoKey, Cargo]:
    """The cargo of each (kind, name, CURIE): by its name, by a synonym, by its exact cross-reference, or a new one.

    A CURIE that contradicts what is known of the cargo raises `CargoConflict`.
    """
    keys = sorted({(str(kind), name.strip(), curie or "") for kind, name, curie in wanted})
    known = Known.of(keys)
    found = {each: cargo for each in keys if (cargo := known.find(*each))}
    for each, cargo in found.items():
        known.settle(cargo, *each)
    # Those with an identifier first, so that the same name without one finds them.
    missing = sorted((each for each in keys if each not in found), key=lambda each: (not each[2], each))
    if missing:
        facts = facts_for((kind, name) for kind, name, _ in missing)
        found |= {each: _find_or_make(*each, known, facts) for each in missing}
    return found


@dataclass
class Known:
    """The cargos that may be meant, by name, by synonym and by exact cross-reference."""

    by_name: dict[tuple[str, str], Cargo] = field(default_factory=dict)
    by_synonym: dict[tuple[str, str], set[Cargo]] = field(default_factory=lambda: defaultdict(set))
    by_exact: dict[tuple[str, str], Cargo] = field(default_factory=dict)
    xrefs: dict[int, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

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

    def settle(self, cargo: Cargo, kind: str, name: str, curie: str) -> None:
        """Keep what the wanted name and CURIE add to what is known of the cargo."""
        self.give_curie(cargo, curie)
        named = (kind, cargo_key(name))
        if self.by_name.get(named) != cargo and cargo not in self.by_synonym[named]:
            CargoSynonym.objects.create(cargo=cargo, text=name)
            self.by_synonym[named].add(cargo)

    def give_curie(self, cargo: Cargo, curie: str) -> None:
        """Add the CURIE to the cargo unless it has it; one of the same register that it has not is a conflict."""
        if not curie or curie in self.xrefs[cargo.pk]:
            return
        register = curie.partition(":")[0]
        for other, relation in self.xrefs[cargo.pk].items():
            if relation == Relation.EXACT and other.partition(":")[0] == register:
                raise CargoConflict(f"{cargo.accession} ({cargo}) is {other} already, so it can't be {curie} too.")
        self.add_xref(cargo, Relation.EXACT, curie)

    def add_xref(self, cargo: Cargo, relation: str, curie: str) -> None:
        CargoXref.objects.create(cargo=cargo, relation=relation, curie=curie)
        self.xrefs[cargo.pk][curie] = relation
        if relation == Relation.EXACT:
            self.by_exact[cargo.kind, curie] = cargo


def facts_for(wanted: Iterable[tuple[str, str]]) -> Facts:
    """The vocabularies' entries that may have these names."""
    wanted = list(wanted)
    texts = {text for _, name in wanted for text in _texts_in(name)}
    facts = Facts(names=look_up_names(texts))
    if any(kind in (CargoKind.MIRNA, CargoKind.OTHER_RNA) for kind, _ in wanted):
        facts.mirnas, _ = mirna_registry()
    genes = [curie for curie in facts.names.curies.values() if curie.startswith("HGNC:")]
    pairs = Term.objects.filter(curie__startswith="uniprot:", parents__curie__in=genes, obsolete=False)
    for protein, gene in pairs.order_by("curie").values_list("curie", "parents__curie"):
        facts.proteins[gene].append(protein)
    return facts


def _texts_in(name: str) -> set[str]:
    """All parts of the name that the rules may look up."""
    texts = {name}
    for part in (name, *list_parts(name)):
        texts |= {part, re.sub(r"\s+(mRNA|lncRNA|DNA)$", "", part), re.sub(r"^lncRNA ", "", part)}
        for pattern in (_SYMBOL_AND_ALIAS, _CIRCULAR, _SILENCER):
            found = pattern.fullmatch(part)
            texts |= {group for group in found.groups() if group} if found else set()
    return texts


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


# --- the table of cargos ----------------------------------------------------------------------------------------------

CARGO_COLUMNS = ("accession", "kind", "name", "synonyms", "xrefs", "members", "reason")


@dataclass(frozen=True)
class CargoRow:
    """One row of the table of cargos."""

    accession: str
    kind: str
    name: str
    synonyms: tuple[str, ...] = ()
    xrefs: tuple[Xref, ...] = ()
    members: tuple[str, ...] = ()
    reason: str = ""
    line: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, cargo_key(self.name)


@dataclass
class CargoSummary:
    """What reading a table of cargos did; `gone` were merged or removed here and stay so."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    gone: list[str] = field(default_factory=list)


def read_cargos(path: Path | str) -> list[CargoRow]:
    """The rows of a table of cargos, each checked, and with each other; a fault names the line and the field."""
    path = Path(path)
    rows = []
    for line, cells in read_rows(path, needed=CARGO_COLUMNS, known=CARGO_COLUMNS):
        rows.append(
            CargoRow(
                cells["accession"],
                cells["kind"],
                cells["name"],
                split(cells["synonyms"]),
                tuple(_xref(path, line, text) for text in split(cells["xrefs"])),
                split(cells["members"]),
                cells["reason"],
                line,
            )
        )
        _check_row(path, rows[-1])
    _check_together(path, rows)
    return rows


def _xref(path: Path, line: int, text: str) -> Xref:
    relation, _, curie = text.partition("=")
    if relation not in Relation.values:
        raise BadCargos(path, line, f"xrefs: {text!r} does not begin with one of {', '.join(Relation.values)} and =")
    if not is_curie(curie):
        raise BadCargos(path, line, f"xrefs: {curie!r} is not a CURIE")
    return relation, curie


def _check_row(path: Path, row: CargoRow) -> None:
    accession = ACCESSION.fullmatch(row.accession)
    if accession is None or accession[1] != "CG":
        raise BadCargos(path, row.line, f"accession: {row.accession!r} is not like EXCG0000001")
    if row.kind not in CargoKind.values:
        raise BadCargos(path, row.line, f"kind: {row.kind!r} is none of {', '.join(CargoKind.values)}")
    if not 0 < len(row.name) <= LONGEST_LABEL:
        raise BadCargos(path, row.line, f"name: missing, or over {LONGEST_LABEL} characters")
    if row.reason and row.xrefs:
        raise BadCargos(path, row.line, "reason: a cargo with cross-references needs none")
    curies = [curie for _, curie in row.xrefs]
    if len(set(curies)) != len(curies):
        raise BadCargos(path, row.line, "xrefs: a CURIE stands twice")


def _check_together(path: Path, rows: list[CargoRow]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    names = {row.key for row in rows}
    for row in rows:
        exact = [("exact", row.kind, curie) for relation, curie in row.xrefs if relation == Relation.EXACT]
        for what in (("accession", row.accession), ("name", *row.key), *exact):
            if what in seen:
                raise BadCargos(path, row.line, f"{what[0]}: {row.accession} has the same as {seen[what]}: {what[-1]}")
            seen[what] = row.accession
        for member in row.members:
            if (row.kind, cargo_key(member)) not in names or cargo_key(member) == row.key[1]:
                raise BadCargos(path, row.line, f"members: no other {row.kind} in the table is named {member!r}")


@transaction.atomic
def load_cargos(path: Path | str) -> CargoSummary:
    """Make every cargo of the table be there, under its accession. Adds what lacks, takes nothing away."""
    rows = read_cargos(path)
    present = {cargo.accession: cargo for cargo in Cargo.objects.filter(accession__in=[row.accession for row in rows])}
    given = set(
        Accession.objects.filter(accession__in=[row.accession for row in rows]).values_list("accession", flat=True)
    )
    summary = CargoSummary(rows=len(rows), gone=sorted(given - set(present)))
    rows = [row for row in rows if row.accession not in summary.gone]
    _check_against_database(Path(path), rows)
    new = [
        Cargo(accession=row.accession, kind=row.kind, name=row.name, ungrounded_reason=row.reason)
        for row in rows
        if row.accession not in present
    ]
    changed = _changes(Path(path), rows, present)
    Cargo.objects.bulk_create(new)
    cargos = {cargo.accession: cargo for cargo in (*present.values(), *new)}
    touched = changed | _write_parts(rows, cargos)
    summary.created, summary.changed = len(new), len(touched - {cargo.accession for cargo in new})
    return summary


def _check_against_database(path: Path, rows: list[CargoRow]) -> None:
    """Refuse rows whose name or exact cross-reference another cargo here has already."""
    keys = {row.key: row for row in rows}
    for cargo in Cargo.objects.filter(key__in={name for _, name in keys}):
        row = keys.get((cargo.kind, cargo_key(cargo.name)))
        if row and row.accession != cargo.accession:
            problem = f"name: {cargo.accession} has it here already; merge it into {row.accession} first"
            raise BadCargos(path, row.line, problem)
    exact = {(row.kind, curie): row for row in rows for relation, curie in row.xrefs if relation == Relation.EXACT}
    for xref in CargoXref.objects.filter(
        relation=Relation.EXACT, curie__in={curie for _, curie in exact}
    ).select_related("cargo"):
        row = exact.get((xref.cargo_kind, xref.curie))
        if row and row.accession != xref.cargo.accession:
            problem = f"xrefs: {xref.cargo.accession} is {xref.curie} here already; merge it into {row.accession} first"
            raise BadCargos(path, row.line, problem)


def _changes(path: Path, rows: list[CargoRow], present: dict[str, Cargo]) -> set[str]:
    """Bring name and reason of the cargos that are here up to date. Return the accessions of those that changed."""
    changed = []
    for row in rows:
        cargo = present.get(row.accession)
        if cargo is None:
            continue
        if cargo.kind != row.kind:
            raise BadCargos(path, row.line, f"kind: {row.accession} is a {cargo.kind} here; a cargo keeps its kind")
        if (cargo.name, cargo.ungrounded_reason) != (row.name, row.reason):
            cargo.name, cargo.ungrounded_reason = row.name, row.reason
            cargo.save(update_fields=["name", "ungrounded_reason"])
            changed.append(row.accession)
    return set(changed)


def _write_parts(rows: list[CargoRow], cargos: dict[str, Cargo]) -> set[str]:
    """Add the synonyms, cross-references and members that lack. Return the accessions that got some."""
    by_key = {row.key: cargos[row.accession] for row in rows}
    pks = [cargo.pk for cargo in cargos.values()]
    texts = set(CargoSynonym.objects.filter(cargo__in=pks).values_list("cargo_id", "text"))
    curies = set(CargoXref.objects.filter(cargo__in=pks).values_list("cargo_id", "curie"))
    pairs = set(CargoMember.objects.filter(panel__in=pks).values_list("panel_id", "member_id"))
    synonyms, xrefs, members = [], [], []
    for row in rows:
        pk = cargos[row.accession].pk
        synonyms += [CargoSynonym(cargo_id=pk, text=text) for text in row.synonyms if (pk, text) not in texts]
        xrefs += [
            CargoXref(cargo_id=pk, relation=relation, curie=curie)
            for relation, curie in row.xrefs
            if (pk, curie) not in curies
        ]
        ids = [by_key[row.kind, cargo_key(member)].pk for member in row.members]
        members += [CargoMember(panel_id=pk, member_id=member) for member in ids if (pk, member) not in pairs]
    CargoSynonym.objects.bulk_create(synonyms)
    CargoXref.objects.bulk_create(xrefs)
    CargoMember.objects.bulk_create(members)
    accessions = {cargo.pk: cargo.accession for cargo in cargos.values()}
    touched = {each.cargo_id for each in synonyms} | {each.cargo_id for each in xrefs}
    touched |= {each.panel_id for each in members}
    return {accessions[pk] for pk in touched}


# --- making the table -------------------------------------------------------------------------------------------------


def add_rows(rows: list[CargoRow], wanted: Iterable[CargoKey], facts: Facts) -> list[CargoRow]:
    """The rows, and a new one for each (kind, name, CURIE) that has none, with the next accessions.

    What a row says is never changed: it may have been curated. Members that have no row of their own get one.
    """
    known = {row.key for row in rows} | {(row.kind, cargo_key(text)) for row in rows for text in row.synonyms}
    given = {(kind, cargo_key(name)): curie for kind, name, curie in wanted if curie}
    names = {(kind, cargo_key(name)): (kind, name) for kind, name, _ in sorted(wanted, reverse=True)}
    missing = {each: meaning(*name, facts) for each, name in names.items() if each not in known}
    members = {
        (names[each][0], cargo_key(part)): (names[each][0], part)
        for each, meant in missing.items()
        for part in meant.members
    }
    for each, name in members.items():
        if each not in known and each not in missing:
            names[each], missing[each] = name, meaning(*name, facts)
    number = max((int(row.accession[4:]) for row in rows), default=0)
    new = []
    for each in sorted(missing, key=lambda one: names[one]):
        number += 1
        new.append(_new_row(f"EXCG{number:07}", *names[each], given.get(each, ""), missing[each]))
    return [*rows, *new]


def _new_row(accession: str, kind: str, name: str, curie: str, meant: Meaning) -> CargoRow:
    xrefs = (((Relation.EXACT, curie),) if curie else ()) + tuple(each for each in meant.xrefs if each[1] != curie)
    return CargoRow(accession, kind, name, meant.synonyms, xrefs, meant.members)


def row_cells(row: CargoRow) -> list[str]:
    """The row as `cargos.tsv` has it."""
    xrefs = "|".join(f"{relation}={curie}" for relation, curie in row.xrefs)
    return [row.accession, row.kind, row.name, "|".join(row.synonyms), xrefs, "|".join(row.members), row.reason]
