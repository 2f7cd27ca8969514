"""What many identifiers and names stand for, in a fixed number of queries however many there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from apps.claims.models import Claim, State
from apps.finding.fields import LONGEST_VALUE, identifier
from apps.records.models import ACCESSION, Kind
from apps.studies.models import Study
from apps.terms.table import is_curie
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import Cargo, CargoXref, Preparation, VesicleSource

MOST = 10_000


class Outcome(StrEnum):
    """How the look-up of one text ended."""

    KNOWN = "known"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    MALFORMED = "malformed"


class ReadAs(StrEnum):
    """What a text was taken for."""

    ACCESSION = "accession"
    PMID = "pmid"
    PMCID = "pmcid"
    DOI = "doi"
    NCT = "nct"
    XREF = "xref"
    NAME = "cargo_name"


@dataclass(frozen=True)
class Record:
    """A public record that a text stands for."""

    kind: Kind
    accession: str
    name: str
    # Where its study stands; None of a source or cargo, which has none of its own.
    status: str | None
    # Accepted claims that rest on it.
    claim_count: int


@dataclass(frozen=True)
class Found:
    """What became of one text."""

    asked: str
    outcome: Outcome
    read_as: ReadAs | None
    records: Sequence[Record] = ()
    message: str | None = None


# --- reading ----------------------------------------------------------------------------------------------------------

# Texts that want to be an identifier: where they are none, no cargo is meant.
_WANTS = {
    "an accession, such as EXST0000001": re.compile(r"EX(ST|VS|PR|CG|CL)[0-9]*", re.IGNORECASE | re.ASCII),
    "a PMID, such as 28646161": re.compile(r"(pmid:.*|[0-9]+)", re.IGNORECASE | re.ASCII),
    "a PMCID, such as PMC5482839": re.compile(r"PMC[0-9]*", re.IGNORECASE | re.ASCII),
    "an NCT number, such as NCT03235687": re.compile(r"NCT[0-9]*", re.IGNORECASE | re.ASCII),
    "a DOI, such as 10.1038/s41598-017-04386-1": re.compile(r"(doi:.*|https?:.*|10\.[0-9]+/?.*)", re.IGNORECASE),
}
_PREFIXED = re.compile(r"(PMC|NCT|EX)", re.IGNORECASE)


class Malformed(ValueError):
    """Why a text stands for nothing; a sentence."""


def read(text: str) -> tuple[ReadAs, str]:
    """What the text is taken for, and its value as the database holds it; or `Malformed`."""
    plain = text.strip()
    if not plain:
        raise Malformed("It is empty.")
    if len(plain) > LONGEST_VALUE:
        raise Malformed(f"It is longer than {LONGEST_VALUE} characters.")
    if "\0" in plain:
        raise Malformed("It holds a null character.")
    raised = plain.upper() if _PREFIXED.match(plain) else plain
    if ACCESSION.fullmatch(raised):
        return ReadAs.ACCESSION, raised
    if found := identifier(raised) or identifier(plain):
        return ReadAs(found[0]), found[1]
    for what, shape in _WANTS.items():
        if shape.fullmatch(plain):
            raise Malformed(f"It is not like {what}.")
    return (ReadAs.XREF, plain) if is_curie(plain) else (ReadAs.NAME, plain)


# --- looking up -------------------------------------------------------------------------------------------------------


@dataclass
class Known:
    """The public records behind all texts of one look-up."""

    records: dict[str, Record] = field(default_factory=dict)
    # What each value stands for, by what it was taken for: accessions of records.
    means: dict[ReadAs, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    merged: dict[str, str] = field(default_factory=dict)
    withdrawn: dict[str, str] = field(default_factory=dict)


def look_up(texts: Sequence[str]) -> list[Found]:
    """What each text stands for, in their order."""
    taken: list[tuple[ReadAs, str] | Malformed] = []
    for text in texts:
        try:
            taken.append(read(text))
        except Malformed as why:
            taken.append(why)
    wanted: dict[ReadAs, set[str]] = defaultdict(set)
    for each in taken:
        if not isinstance(each, Malformed):
            wanted[each[0]].add(each[1])
    known = _known(wanted)
    return [_found(text, each, known) for text, each in zip(texts, taken, strict=True)]


def _found(text: str, taken: tuple[ReadAs, str] | Malformed, known: Known) -> Found:
    if isinstance(taken, Malformed):
        return Found(text, Outcome.MALFORMED, None, message=str(taken))
    read_as, value = taken
    if read_as is ReadAs.ACCESSION and value in known.withdrawn:
        return Found(text, Outcome.WITHDRAWN, read_as, message=known.withdrawn[value])
    records = [known.records[each] for each in known.means[read_as].get(value, ()) if each in known.records]
    if not records:
        return Found(text, Outcome.UNKNOWN, read_as)
    if len(records) > 1:
        return Found(text, Outcome.AMBIGUOUS, read_as, records, "Several cargos go by that name.")
    led = known.merged.get(value) if read_as is ReadAs.ACCESSION else None
    return Found(text, Outcome.KNOWN, read_as, records, f"{value} was merged into {led}." if led else None)


def _known(wanted: Mapping[ReadAs, set[str]]) -> Known:
    known = Known()
    given = wanted[ReadAs.ACCESSION]
    known.merged = _merged(given)
    for accession in given:
        known.means[ReadAs.ACCESSION][accession] = [known.merged.get(accession, accession)]
    accessions = {known.merged.get(accession, accession) for accession in given}
    _take_studies(known, wanted, accessions)
    named = _cargos_named(known, wanted)
    _take(known, Kind.SOURCE, VesicleSource.objects.public().filter(accession__in=accessions), "preparation__source")
    cargos = Cargo.objects.public().filter(Q(accession__in=accessions) | Q(pk__in=named))
    _take(known, Kind.CARGO, cargos, "cargo")
    preparations = Preparation.objects.public().filter(accession__in=accessions)
    _take(known, Kind.PREPARATION, preparations, "preparation", name="term", status="study__status")
    _take_claims(known, accessions)
    return known


def _merged(accessions: Iterable[str]) -> dict[str, str]:
    """Where merged accessions lead in the end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE way AS (
                SELECT accession AS given, merged_into_id AS place FROM records_accession
                WHERE accession = ANY(%s) AND merged_into_id IS NOT NULL
                UNION SELECT given, further.merged_into_id
                FROM way JOIN records_accession further ON further.accession = place
                WHERE further.merged_into_id IS NOT NULL)
            SELECT given, place FROM way JOIN records_accession last ON last.accession = place
            WHERE last.merged_into_id IS NULL""",
            [sorted(accessions)],
        )
        return dict(cursor.fetchall())


def _take_studies(known: Known, wanted: Mapping[ReadAs, set[str]], accessions: set[str]) -> None:
    identifiers = (ReadAs.PMID, ReadAs.PMCID, ReadAs.DOI, ReadAs.NCT)
    asked = Q(accession__in=accessions)
    for each in identifiers:
        asked |= Q(**{f"{each.value}__in": wanted[each]})
    studies = Study.objects.public().filter(asked)
    for row in _take(known, Kind.STUDY, studies, "preparation__study", name="title", status="status", also=identifiers):
        for each in identifiers:
            if row[each.value]:
                known.means[each][row[each.value]].append(row["accession"])


def _take(
    known: Known,
    kind: Kind,
    records: QuerySet[Any],
    path: str,
    *,
    name: str = "name",
    status: str | None = None,
    also: Iterable[str] = (),
) -> list[dict[str, Any]]:
    """Take up the records with the number of accepted claims that lead to each by the path."""
    columns = ("pk", "accession", name, *([status] if status else []), *also)
    rows = list(records.order_by("accession").values(*columns))
    keys = [row["pk"] for row in rows]
    counted = Claim.objects.accepted().filter(**{f"{path}__in": keys}).order_by().values_list(path)
    counts = dict(counted.annotate(n=Count("pk")))
    for row in rows:
        standing = row[status] if status else None
        known.records[row["accession"]] = Record(kind, row["accession"], row[name], standing, counts.get(row["pk"], 0))
    return rows


def _cargos_named(known: Known, wanted: Mapping[ReadAs, set[str]]) -> list[int]:
    """Note which cargos are meant by names and cross-references; their keys."""
    pairs = list(
        CargoXref.objects.filter(curie__in=wanted[ReadAs.XREF]).values_list("curie", "cargo__accession", "cargo")
    )
    means = known.means[ReadAs.XREF]
    for curie, accession, _ in sorted(set(pairs)):
        means[curie].append(accession)
    names = sorted(wanted[ReadAs.NAME])
    with connection.cursor() as cursor:
        # The database itself says which names are alike, here as everywhere.
        cursor.execute(
            """WITH asked AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS asked (name, key))
            SELECT asked.name, cargo.accession, cargo.id
            FROM asked JOIN vesicles_cargo cargo ON cargo.key = asked.key
            UNION SELECT asked.name, cargo.accession, cargo.id
            FROM asked JOIN vesicles_cargosynonym synonym ON upper(synonym.text) = upper(asked.name)
            JOIN vesicles_cargo cargo ON cargo.id = synonym.cargo_id
            ORDER BY 1, 2""",
            [names, [cargo_key(name) for name in names]],
        )
        found = cursor.fetchall()
    for name, accession, _ in found:
        known.means[ReadAs.NAME][name].append(accession)
    return [key for *_, key in (*pairs, *found)]


def _take_claims(known: Known, accessions: set[str]) -> None:
    claims = Claim.objects.filter(accession__in=accessions, state__in=(State.ACCEPTED, State.WITHDRAWN))
    columns = ("accession", "state", "statement", "left_at", "state_reason", "preparation__study__status")
    for accession, state, statement, left_at, reason, status in claims.order_by("version").values_list(*columns):
        if state == State.ACCEPTED:
            known.records[accession] = Record(Kind.CLAIM, accession, statement, status, 1)
            known.withdrawn.pop(accession, None)
        elif accession not in known.records:
            known.withdrawn[accession] = f"{accession} was withdrawn on {left_at:%Y-%m-%d}: {reason}"
