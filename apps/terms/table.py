"""Our own form of a vocabulary: a tab-separated table, one term a line, lists separated by `|`."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from apps.terms.models import CURIE, Synonym

# The column that holds the synonyms of each scope.
SCOPES = {
    "synonyms": Synonym.Scope.EXACT,
    "narrow": Synonym.Scope.NARROW,
    "broad": Synonym.Scope.BROAD,
    "related": Synonym.Scope.RELATED,
    "former": Synonym.Scope.FORMER,
}
COLUMNS = ("curie", "label", *SCOPES, "parents", "alternative_ids", "obsolete")
NEEDED = ("curie", "label")
# As long as the columns of the models allow.
LONGEST_CURIE, LONGEST_LABEL, LONGEST_SYNONYM = 80, 300, 500
_CURIE = re.compile(CURIE.replace("[:space:]", r"\s").replace(r"[^\s]", r"\S"))


class BadVocabulary(ValueError):
    """A file that can't be read as a vocabulary; the message names file, line and field."""

    def __init__(self, path: Path | str, line: int | None, problem: str) -> None:
        place = f"{Path(path).name}, line {line}" if line else Path(path).name
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True)
class SynonymRecord:
    text: str
    scope: str = Synonym.Scope.EXACT


@dataclass(frozen=True)
class TermRecord:
    """One term as a file gives it."""

    curie: str
    label: str
    synonyms: tuple[SynonymRecord, ...] = ()
    parents: tuple[str, ...] = ()
    alternative_ids: tuple[str, ...] = ()
    obsolete: bool = False
    line: int | None = None


def is_curie(text: str) -> bool:
    return len(text) <= LONGEST_CURIE and _CURIE.fullmatch(text) is not None


def open_text(path: Path) -> IO[str]:
    """The file as text, whether gzipped or not."""
    if path.suffix == ".gz":
        return io.TextIOWrapper(gzip.open(path), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def read_rows(path: Path, *, needed: Iterable[str], known: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row as (line, values by column), the columns checked."""
    with open_text(path) as text:
        reader = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
        try:
            header = next(reader, [])
            _check_header(path, header, needed=set(needed), known=set(known))
            for row in reader:
                if len(row) != len(header):
                    raise BadVocabulary(path, reader.line_num, f"{len(row)} columns where the header has {len(header)}")
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in row), strict=True))
        except (csv.Error, UnicodeDecodeError, EOFError, OSError) as fault:
            raise BadVocabulary(path, reader.line_num, f"not a readable table ({fault})") from fault


def _check_header(path: Path, header: list[str], *, needed: set[str], known: set[str]) -> None:
    missing, strange = needed - set(header), set(header) - known
    if missing:
        raise BadVocabulary(path, 1, f"the header lacks {', '.join(sorted(missing))}")
    if strange:
        raise BadVocabulary(path, 1, f"unknown columns {', '.join(sorted(strange))}")
    if len(set(header)) != len(header):
        raise BadVocabulary(path, 1, "a column stands twice in the header")


def split(cell: str) -> tuple[str, ...]:
    """The parts of a `|` list, none empty, none twice."""
    return tuple(dict.fromkeys(part.strip() for part in cell.split("|") if part.strip()))


def read_table(path: Path) -> Iterator[TermRecord]:
    """The terms of one of our own tables."""
    for line, row in read_rows(path, needed=NEEDED, known=COLUMNS):
        record = TermRecord(
            curie=row["curie"],
            label=row["label"],
            synonyms=_synonyms(row),
            parents=split(row.get("parents", "")),
            alternative_ids=split(row.get("alternative_ids", "")),
            obsolete=_flag(path, line, row.get("obsolete", "")),
            line=line,
        )
        check_record(path, record)
        yield record


def _synonyms(row: dict[str, str]) -> tuple[SynonymRecord, ...]:
    found: dict[str, SynonymRecord] = {}
    for column, scope in SCOPES.items():
        for text in split(row.get(column, "")):
            found.setdefault(text, SynonymRecord(text, scope))
    return tuple(found.values())


def _flag(path: Path, line: int, cell: str) -> bool:
    if cell not in ("", "0", "1"):
        raise BadVocabulary(path, line, f"obsolete is {cell!r}; write 1, 0 or nothing")
    return cell == "1"


def check_record(path: Path, record: TermRecord) -> None:
    """Refuse a record that the database would refuse, naming file, line and field."""
    for name, curies in (
        ("curie", (record.curie,)),
        ("parents", record.parents),
        ("alternative_ids", record.alternative_ids),
    ):
        for curie in curies:
            if not is_curie(curie):
                raise BadVocabulary(path, record.line, f"{name}: {curie!r} is not a CURIE such as DOID:162")
    if not 0 < len(record.label) <= LONGEST_LABEL:
        raise BadVocabulary(
            path, record.line, f"label: {record.curie} has none, or one of over {LONGEST_LABEL} characters"
        )
    for synonym in record.synonyms:
        if not 0 < len(synonym.text) <= LONGEST_SYNONYM:
            raise BadVocabulary(
                path, record.line, f"synonyms: {record.curie} has one over {LONGEST_SYNONYM} characters"
            )


def write_table(path: Path, records: Iterable[TermRecord]) -> int:
    """Write the terms in the order of their CURIEs, always the same bytes for the same terms. Return how many."""
    ordered = sorted(records, key=lambda record: record.curie)
    write_rows(path, COLUMNS, (_row(record) for record in ordered))
    return len(ordered)


def write_rows(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    lines = ["\t".join(header), *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def _row(record: TermRecord) -> list[str]:
    by_scope = {scope: [each.text for each in record.synonyms if each.scope == scope] for scope in SCOPES.values()}
    return [
        record.curie,
        record.label,
        *("|".join(sorted(by_scope[scope])) for scope in SCOPES.values()),
        "|".join(sorted(record.parents)),
        "|".join(sorted(record.alternative_ids)),
        "1" if record.obsolete else "",
    ]
