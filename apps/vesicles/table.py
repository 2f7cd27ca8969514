"""The table of cargos, `data/vocabulary/cargos.tsv`: read, loaded, and grown by what the evidence names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.records.models import ACCESSION, Accession, Kind
from apps.terms.table import LONGEST_LABEL, BadVocabulary, is_curie, read_rows, split
from apps.vesicles.cargos import CargoKey, cargo_key
from apps.vesicles.meaning import Facts, Meaning, Relation, Xref, meaning
from apps.vesicles.models import Cargo, CargoKind, CargoMember, CargoSynonym, CargoXref


class BadCargos(BadVocabulary):
    """A fault in a table of cargos."""


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
    """What reading a table of cargos did.

    `gone` were removed here and stay so. `stood_for` are accessions whose cargo was made here, or merged into another:
    they lead to that one, which gets what the table adds. `touched` were here before, and claims on them are found by
    other words now.
    """

    rows: int = 0
    created: int = 0
    gone: list[str] = field(default_factory=list)
    stood_for: dict[str, str] = field(default_factory=dict)
    touched: set[Cargo] = field(default_factory=set)

    @property
    def changed(self) -> int:
        return len(self.touched)


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
    """Make every cargo of the table be there, under its accession. Adds what lacks, takes nothing away.

    A cargo of the same kind and name that was made here is the same cargo: it keeps its accession, and that of the
    table leads to it from then on.
    """
    rows = read_cargos(path)
    summary = CargoSummary(rows=len(rows))
    cargos = _standing(rows, summary)
    rows = [row for row in rows if row.accession not in summary.gone]
    _check_against_database(Path(path), rows, cargos)
    new = {
        row.accession: Cargo(accession=row.accession, kind=row.kind, name=row.name, ungrounded_reason=row.reason)
        for row in rows
        if row.accession not in cargos
    }
    for row in rows:
        if (cargo := cargos.get(row.accession)) and row.accession == cargo.accession:
            _change(Path(path), row, cargo, summary)
    Cargo.objects.bulk_create(new.values())
    summary.created = len(new)
    summary.touched |= _write_parts(rows, cargos | new) - set(new.values())
    return summary


def _standing(rows: list[CargoRow], summary: CargoSummary) -> dict[str, Cargo]:
    """The cargo that is here for each accession of the table: itself, what it was merged into, or its namesake."""
    given = {each.accession: each for each in Accession.objects.filter(accession__in=[row.accession for row in rows])}
    leads_to = {accession: each.merged_into_id or accession for accession, each in given.items()}
    here = {cargo.accession: cargo for cargo in Cargo.objects.filter(accession__in=leads_to.values())}
    found = {accession: here[target] for accession, target in leads_to.items() if target in here}
    summary.gone = sorted(given.keys() - found.keys())
    namesakes = {
        (cargo.kind, cargo.key): cargo for cargo in Cargo.objects.filter(key__in={cargo_key(row.name) for row in rows})
    }
    made_here = {
        row.accession: namesakes[row.key] for row in rows if row.accession not in given and row.key in namesakes
    }
    Accession.objects.bulk_create(
        Accession(accession=accession, kind=Kind.CARGO, merged_into_id=cargo.accession)
        for accession, cargo in made_here.items()
    )
    found |= made_here
    summary.stood_for = {
        accession: cargo.accession for accession, cargo in sorted(found.items()) if accession != cargo.accession
    }
    return found


def _check_against_database(path: Path, rows: list[CargoRow], cargos: dict[str, Cargo]) -> None:
    """Refuse rows whose name or exact cross-reference another cargo here has already."""
    keys = {row.key: row for row in rows}
    for cargo in Cargo.objects.filter(key__in={name for _, name in keys}):
        row = keys.get((cargo.kind, cargo.key))
        if row and cargos.get(row.accession) != cargo:
            problem = f"name: {cargo.accession} has it here already; merge it into {row.accession} first"
            raise BadCargos(path, row.line, problem)
    exact = {(row.kind, curie): row for row in rows for relation, curie in row.xrefs if relation == Relation.EXACT}
    curies = {curie for _, curie in exact}
    for xref in CargoXref.objects.filter(relation=Relation.EXACT, curie__in=curies).select_related("cargo"):
        row = exact.get((xref.cargo_kind, xref.curie))
        if row and cargos.get(row.accession) != xref.cargo:
            problem = f"xrefs: {xref.cargo.accession} is {xref.curie} here already; merge it into {row.accession} first"
            raise BadCargos(path, row.line, problem)


def _change(path: Path, row: CargoRow, cargo: Cargo, summary: CargoSummary) -> None:
    """Bring name and reason of a cargo that is here up to date."""
    if cargo.kind != row.kind:
        raise BadCargos(path, row.line, f"kind: {row.accession} is a {cargo.kind} here; a cargo keeps its kind")
    if (cargo.name, cargo.ungrounded_reason) != (row.name, row.reason):
        cargo.name, cargo.ungrounded_reason = row.name, row.reason
        cargo.save(update_fields=["name", "ungrounded_reason"])
        summary.touched.add(cargo)


def _write_parts(rows: list[CargoRow], cargos: dict[str, Cargo]) -> set[Cargo]:
    """Add the synonyms, cross-references and members that lack. Return the cargos that got some."""
    by_key = {row.key: cargos[row.accession] for row in rows}
    # Keyed by what is once in a cargo: two accessions may lead to one cargo.
    synonyms: dict[tuple[int, str], CargoSynonym] = {}
    xrefs: dict[tuple[int, str], CargoXref] = {}
    members: dict[tuple[int, int], CargoMember] = {}
    for row in rows:
        pk = cargos[row.accession].pk
        synonyms |= {(pk, text): CargoSynonym(cargo_id=pk, text=text) for text in row.synonyms}
        xrefs |= {(pk, curie): CargoXref(cargo_id=pk, relation=relation, curie=curie) for relation, curie in row.xrefs}
        # A member that was removed here is not brought back by its panel.
        ids = [by_key[key].pk for member in row.members if (key := (row.kind, cargo_key(member))) in by_key]
        members |= {(pk, member): CargoMember(panel_id=pk, member_id=member) for member in ids}
    touched = _add(CargoSynonym, synonyms, ("cargo_id", "text"))
    touched |= _add(CargoXref, xrefs, ("cargo_id", "curie"))
    touched |= _add(CargoMember, members, ("panel_id", "member_id"))
    return {cargo for cargo in cargos.values() if cargo.pk in touched}


def _add(model: type[Any], wanted: dict[Any, Any], columns: tuple[str, str]) -> set[int]:
    """Write those of the rows that lack. Return the cargos that they are of."""
    of = {cargo for cargo, _ in wanted}
    present = set(model.objects.filter(**{f"{columns[0]}__in": of}).values_list(*columns))
    new = {key: row for key, row in wanted.items() if key not in present}
    model.objects.bulk_create(new.values())
    return {cargo for cargo, _ in new}


# --- making it --------------------------------------------------------------------------------------------------------


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
