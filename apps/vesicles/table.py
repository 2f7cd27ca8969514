"""The table of cargos, `data/vocabulary/cargos.tsv`: read, loaded, and grown by what the evidence names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from apps.records.models import ACCESSION, Accession
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
