"""Vocabularies from files: our own tables, OBO and OBO Graphs JSON, each plain or gzipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO, cast

import obonet

from apps.terms.models import Synonym
from apps.terms.table import BadVocabulary, SynonymRecord, TermRecord, check_record, is_curie, open_text, read_table

_OBO_SYNONYM = re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"\s*(?P<scope>EXACT|NARROW|BROAD|RELATED)?')
_OBO_ESCAPE = re.compile(r"\\(.)")
_OBO_PURL = re.compile(r"https?://purl\.obolibrary\.org/obo/([A-Za-z][A-Za-z0-9]*)_(\S+)")


def read(path: Path | str) -> Iterator[TermRecord]:
    """The terms of the file, in its order; a fault is a `BadVocabulary` that names file, line and field."""
    path = Path(path)
    endings = [suffix for suffix in path.suffixes if suffix != ".gz"]
    reader = READERS.get(endings[-1] if endings else "")
    if reader is None:
        raise BadVocabulary(path, None, f"not one of {', '.join(READERS)} (each may be gzipped: .gz)")
    if not path.is_file():
        raise BadVocabulary(path, None, "no such file")
    return reader(path)


def read_obo(path: Path) -> Iterator[TermRecord]:
    """The terms of an OBO file; stanzas without a name (references to other ontologies) are left out."""
    lines = _lines_of_ids(path)
    try:
        with open_text(path) as text:
            graph = obonet.read_obo(cast("TextIO", text), ignore_obsolete=False)
    except (ValueError, KeyError, OSError, EOFError, AttributeError) as fault:
        raise BadVocabulary(path, None, f"not a readable OBO file ({fault})") from fault
    for curie, data in graph.nodes(data=True):
        if not data.get("name") or not is_curie(curie):
            continue
        record = TermRecord(
            curie=curie,
            label=data["name"],
            synonyms=_obo_synonyms(path, lines.get(curie), data.get("synonym", ())),
            parents=tuple(above for _, above, kind in graph.out_edges(curie, keys=True) if kind == "is_a"),
            alternative_ids=tuple(data.get("alt_id", ())),
            obsolete=data.get("is_obsolete") == "true",
            line=lines.get(curie),
        )
        check_record(path, record)
        yield record


def _lines_of_ids(path: Path) -> dict[str, int]:
    """Where each term's `id:` stands, for the messages."""
    try:
        with open_text(path) as text:
            return {line[3:].strip(): number for number, line in enumerate(text, 1) if line.startswith("id:")}
    except (UnicodeDecodeError, OSError, EOFError) as fault:
        raise BadVocabulary(path, None, f"not a readable OBO file ({fault})") from fault


def _obo_synonyms(path: Path, line: int | None, clauses: list[str]) -> tuple[SynonymRecord, ...]:
    found: dict[str, SynonymRecord] = {}
    for clause in clauses:
        match = _OBO_SYNONYM.match(clause)
        if match is None:
            raise BadVocabulary(path, line, f"synonym: {clause!r} has no quoted text")
        text = _OBO_ESCAPE.sub(r"\1", match["text"]).strip()
        if text:
            found.setdefault(text, SynonymRecord(text, Synonym.Scope((match["scope"] or "related").lower())))
    return tuple(found.values())


def read_obograph(path: Path) -> Iterator[TermRecord]:
    """The classes of an OBO Graphs JSON file."""
    with open_text(path) as text:
        try:
            document = json.load(text)
        except (ValueError, OSError, EOFError) as fault:
            raise BadVocabulary(path, getattr(fault, "lineno", None), f"not readable JSON ({fault})") from fault
    graphs = document.get("graphs") if isinstance(document, dict) else None
    if not isinstance(graphs, list):
        raise BadVocabulary(path, None, "graphs: missing; is this OBO Graphs JSON?")
    for number, graph in enumerate(graphs):
        yield from _graph_terms(path, number, graph)


def _graph_terms(path: Path, number: int, graph: dict[str, Any]) -> Iterator[TermRecord]:
    parents: dict[str, list[str]] = {}
    for edge in graph.get("edges", ()):
        if edge.get("pred") == "is_a":
            parents.setdefault(_curie(edge["sub"]), []).append(_curie(edge["obj"]))
    for place, node in enumerate(graph.get("nodes", ())):
        if "id" not in node:
            raise BadVocabulary(path, None, f"graphs[{number}].nodes[{place}].id: missing")
        curie = _curie(node["id"])
        if node.get("type") != "CLASS" or not node.get("lbl") or not is_curie(curie):
            continue
        meta = node.get("meta", {})
        record = TermRecord(
            curie=curie,
            label=node["lbl"],
            synonyms=_graph_synonyms(meta.get("synonyms", ())),
            parents=tuple(dict.fromkeys(parents.get(curie, ()))),
            alternative_ids=_graph_alternative_ids(meta),
            obsolete=bool(meta.get("deprecated")),
        )
        check_record(path, record)
        yield record


def _graph_synonyms(synonyms: list[dict[str, str]]) -> tuple[SynonymRecord, ...]:
    found: dict[str, SynonymRecord] = {}
    for each in synonyms:
        scope = each.get("pred", "hasRelatedSynonym").removeprefix("has").removesuffix("Synonym").lower()
        text = each.get("val", "").strip()
        if text and scope in Synonym.Scope.values:
            found.setdefault(text, SynonymRecord(text, scope))
    return tuple(found.values())


def _graph_alternative_ids(meta: dict[str, Any]) -> tuple[str, ...]:
    values = meta.get("basicPropertyValues", ())
    return tuple(_curie(each["val"]) for each in values if each.get("pred", "").endswith("hasAlternativeId"))


def _curie(iri: str) -> str:
    return _OBO_PURL.sub(r"\1:\2", iri)


READERS: dict[str, Callable[[Path], Iterator[TermRecord]]] = {
    ".tsv": read_table,
    ".obo": read_obo,
    ".json": read_obograph,
}
