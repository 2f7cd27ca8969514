"""Evidence documents off the disk, checked whole: every fault with its file, line and field."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from apps.claims.models import NUMBERS, RATIOS, SHARES, as_known
from apps.documents import schema
from apps.documents.schema import Document, Where

LARGEST = 1_000_000
DEEPEST = 20
MOST_PARTS = 20_000
LONGEST_SHOWN = 60


class Fault(NamedTuple):
    """Something that keeps a document out, and where."""

    path: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"


class NotReadable(Exception):
    """A file that is no document; carries the line, where one is known."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Reading:
    """A document and where each of its parts stands in its file."""

    path: Path
    document: Document
    lines: dict[Where, int] = field(default_factory=dict)

    def fault(self, where: Where, message: str) -> Fault:
        return Fault(self.path, line_of(self.lines, where), spoken(where), message)


def documents_under(paths: Iterable[Path]) -> list[Path]:
    """The files named, and the *.yaml and *.yml files in the folders named, each once.

    Raises FileNotFoundError for a path that is not there.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
        files = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def read(path: Path) -> tuple[Reading | None, list[Fault]]:
    """Read one file: a document, or all its faults."""
    try:
        data, lines = parsed(path)
    except NotReadable as problem:
        return None, [Fault(path, problem.line, "", str(problem))]
    try:
        document = Document.model_validate(data)
    except ValidationError as problem:
        return None, [
            Fault(path, line_of(lines, where), spoken(where), message)
            for where, message in (explained(error) for error in problem.errors(include_url=False))
        ]
    reading = Reading(path, document, lines)
    faults = list(inner_faults(reading))
    return (None, faults) if faults else (reading, [])


def set_faults(readings: Iterable[Reading]) -> Iterator[Fault]:
    """Faults that only show between documents: an identifier or an accession that two of them claim."""
    seen: dict[tuple[str, str], Reading] = {}
    for reading in readings:
        claimed: list[tuple[str, Where, str]] = [
            (name, ("study", name), value) for name, value in reading.document.study.identifiers.items()
        ]
        # A source is shared by all documents that describe it alike; every other accession stands in one document.
        claimed += [("accession", at, value) for at, value in reading.document.accessions() if "source" not in at]
        for name, where, value in claimed:
            first = seen.setdefault((name, value), reading)
            if first is not reading:
                yield reading.fault(where, f"{value} is also in {first.path}: is it the same study twice?")


def parsed(path: Path) -> tuple[Any, dict[Where, int]]:
    """The data of a YAML file and the line of each of its parts. Raises NotReadable."""
    size = path.stat().st_size
    if size > LARGEST:
        raise NotReadable(f"the file has {size:,} bytes; a document has at most {LARGEST:,}")
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise NotReadable("the file is not UTF-8 text; save it as UTF-8", line) from None
    try:
        must_be_shallow(content)
        node = yaml.compose(content, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        what = getattr(problem, "problem", None) or str(problem).partition("\n")[0]
        raise NotReadable(f"not valid YAML: {what}", mark.line + 1 if mark else 0) from None
    lines: dict[Where, int] = {}
    if not isinstance(node, yaml.MappingNode):
        raise NotReadable("not a document: it must be a mapping with study, preparations, claims and provenance", 1)
    return constructed(node, (), lines), lines


def must_be_shallow(content: str) -> None:
    """Refuse nesting before anything is composed: that recurses in C, where too much of it ends the process."""
    depth = 0
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise NotReadable("not a document: nested too deep")


def constructed(node: yaml.Node, where: Where, lines: dict[Where, int]) -> Any:
    """The data of a YAML node, noting lines. Doubled keys are refused, and aliases that would blow it up."""
    line = node.start_mark.line + 1
    lines[where] = line
    if len(where) > DEEPEST or len(lines) > MOST_PARTS:
        raise NotReadable("not a document: too many parts, or nested too deep", line)
    match node:
        case yaml.MappingNode():
            return mapping(node, where, lines)
        case yaml.SequenceNode():
            return [constructed(item, (*where, at), lines) for at, item in enumerate(node.value)]
        case _:
            return scalar(node, line)


def mapping(node: yaml.MappingNode, where: Where, lines: dict[Where, int]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = scalar(key_node, line) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise NotReadable("a key must be a plain word", line)
        if key in data:
            raise NotReadable(f"the key {key!r} stands twice", line)
        data[key] = constructed(value_node, (*where, key), lines)
        lines[*where, key] = line
    return data


def scalar(node: yaml.Node, line: int) -> Any:
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError, IndexError):
        raise NotReadable(f"{str(node.value)[:40]!r} can't be read as a value; put it in quotes", line) from None


# What pydantic calls a fault, in a curator's words.
WORDS: dict[str, str] = {
    "missing": "is needed",
    "string_type": "{value} is not text: put it in quotes",
    "model_type": "{value} must be a mapping",
    "dict_type": "{value} must be a mapping",
    "model_attributes_type": "{value} must be a mapping",
    "list_type": "{value} must be a list",
    "too_short": "needs at least one entry",
    "literal_error": "{value} is not one of {expected}",
    "string_too_long": "has {length:,} characters; at most {max_length:,} are kept",
}


def explained(error: ErrorDetails) -> tuple[Where, str]:
    """Where a fault is, and what it is, in a curator's words."""
    where = tuple(part for part in error["loc"] if part != "[key]")
    given, value = error["input"], shortened(error["input"])
    context = error.get("ctx", {})
    if error["type"] == "extra_forbidden":
        return where, "unknown key" + nearest_key(where)
    if error["type"] == "value_error":
        problem = str(context["error"])
        return where, f"{value} {problem}" if problem.startswith("is not") else problem
    kind = "string_too_long" if error["type"] == "too_long" and isinstance(given, str) else error["type"]
    words = WORDS.get(kind, "{value}: " + error["msg"].replace("{", "(").replace("}", ")"))
    length = len(given) if isinstance(given, str) else 0
    return where, words.format_map({**context, "value": value, "length": length})


def nearest_key(where: Where) -> str:
    known = {name for part in vars(schema).values() if hasattr(part, "model_fields") for name in part.model_fields}
    near = difflib.get_close_matches(str(where[-1]), known, n=1)
    return f"; did you mean {near[0]!r}?" if near else "; see docs/documents.md for the keys of a document"


def shortened(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= LONGEST_SHOWN else shown[: LONGEST_SHOWN - 1] + "…"


def spoken(where: Where) -> str:
    """`claims[0].measures[1].p` for its path."""
    words = ""
    for part in where:
        words += f"[{part}]" if isinstance(part, int) else f".{part}"
    return words.removeprefix(".")


def line_of(lines: dict[Where, int], where: Where) -> int:
    """The line of a part, or of the nearest part around it."""
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 0)


def inner_faults(reading: Reading) -> Iterator[Fault]:
    """Faults between the parts of one document: references that lead nowhere, names given twice."""
    document = reading.document
    yield from doubled_ids(reading, "preparations", [preparation.id for preparation in document.preparations])
    yield from doubled_ids(reading, "claims", [claim.id for claim in document.claims])
    for at in range(len(document.claims)):
        yield from claim_faults(reading, at)
        yield from measure_faults(reading, at)
    for where, given in document.accessions():
        if schema.is_local(given):
            yield reading.fault(where, f"{given} was given by a database, not by the starter collection: leave it out")


def doubled_ids(reading: Reading, part: str, ids: list[str]) -> Iterator[Fault]:
    for at, name in enumerate(ids):
        if name in ids[:at]:
            yield reading.fault((part, at, "id"), f"{name!r} stands twice")


def claim_faults(reading: Reading, at: int) -> Iterator[Fault]:
    claim = reading.document.claims[at]
    known = {preparation.id for preparation in reading.document.preparations}
    if claim.preparation not in known:
        yield reading.fault(
            ("claims", at, "preparation"),
            f"no preparation {claim.preparation!r} in this document; it has {', '.join(sorted(known))}",
        )
    for name in ("therapy", "targets", "model"):
        values = getattr(claim, name) or []
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield reading.fault(("claims", at, name), f"{value!r} stands twice")


def measure_faults(reading: Reading, claim: int) -> Iterator[Fault]:
    """Numbers that can't be, by the same rules that the database holds."""
    for at, measure in enumerate(reading.document.claims[claim].measures or []):
        where: Where = ("claims", claim, "measures", at)
        given = [number for number in (measure.ci_low, measure.value, measure.ci_high) if number is not None]
        if given != sorted(given):
            yield reading.fault(where, "the value must lie within its interval: ci_low ≤ value ≤ ci_high")
        if (known := as_known(measure.name)) != measure.name:
            yield reading.fault((*where, "name"), f"write {known} for {measure.name!r}: it has rules of its own")
        if all(getattr(measure, column) is None for column in NUMBERS):
            yield reading.fault(where, f"has no number: give at least one of {', '.join(NUMBERS)}")
        if measure.name in SHARES and not all(0 <= number <= 1 for number in given):
            yield reading.fault(where, f"{measure.name} lies between 0 and 1 (0.87, not 87)")
        if measure.name in RATIOS and not all(number > 0 for number in given):
            yield reading.fault(where, f"{measure.name} is above 0")
