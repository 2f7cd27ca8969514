"""Accessions into starter documents: given once, in the order of the files, and written beside what they name.

Only the text of the accession is inserted; not a character of a document changes otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import yaml

from apps.documents.reading import Reading
from apps.documents.schema import SourcePart, Where


def number(readings: Sequence[Reading]) -> int:
    """Give an accession to each study, preparation, source and claim that has none. Return how many were given."""
    latest: Counter[str] = Counter()
    sources: dict[tuple[str | None, ...], str] = {}
    for reading in readings:
        for _, given in reading.document.accessions():
            latest[given[:4]] = max(latest[given[:4]], int(given[4:]))
        for preparation in reading.document.preparations:
            if preparation.source.accession:
                sources[identity(preparation.source)] = preparation.source.accession
    return sum(number_one(reading, latest, sources) for reading in readings)


def number_one(reading: Reading, latest: Counter[str], sources: dict[tuple[str | None, ...], str]) -> int:
    """Number one document, and write it if it lacked any."""
    given: dict[Where, str] = {}
    for where, part in reading.document.numbered():
        if part.accession:
            continue
        prefix = part.PREFIX
        known = sources.get(identity(part)) if isinstance(part, SourcePart) else None
        if known is None:
            latest[prefix] += 1
        given[where] = known or f"{prefix}{latest[prefix]:07}"
        if isinstance(part, SourcePart):
            sources[identity(part)] = given[where]
    if given:
        insert(reading.path, given)
    return len(given)


def identity(source: SourcePart) -> tuple[str | None, ...]:
    """What makes two sources one: all that is said of them."""
    return tuple(value for name, value in source if name != "accession")


def insert(path: Path, accessions: dict[Where, str]) -> None:
    """Write each accession as the first key of the mapping that it names."""
    content = path.read_text(encoding="utf-8")
    root = yaml.compose(content, Loader=yaml.SafeLoader)
    places: list[tuple[int, str]] = []
    for where, accession in accessions.items():
        node = mapping_at(root, where)
        first = node.value[0][0].start_mark
        rest = ", " if node.flow_style else "\n" + " " * first.column
        places.append((first.index, f"accession: {accession}{rest}"))
    for index, words in sorted(places, reverse=True):
        content = content[:index] + words + content[index:]
    path.write_text(content, encoding="utf-8")


def mapping_at(node: yaml.Node | None, where: Where) -> yaml.MappingNode:
    """The mapping at a path below the node. Raises LookupError where there is none."""
    for part in where:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == part)
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[int(part)]
    if not isinstance(node, yaml.MappingNode):
        raise LookupError(where)  # noqa: TRY004 - what lacks is the part, not the type
    return node
