"""The tools, and the server that offers them: the official SDK's, without sessions.

A tool is an address of the API: its parameters are the filters that the reference describes, its answer the document
there, with accessions and the addresses at which people read the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from mcp.server.lowlevel import Server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from apps.api.filters import Filter
from apps.api.filtersets import ClaimFilters
from apps.api.paging import MOST
from apps.api.tools import asking
from apps.api.tools.asking import Answered
from apps.finding.lookups import MOST as MOST_AT_ONCE
from apps.records.models import Kind

log = logging.getLogger(__name__)
# The request that a tool is called in.
outer: ContextVar[HttpRequest] = ContextVar("outer")
Arguments = dict[str, Any]
PATHS = {
    Kind.CLAIM: "claims",
    Kind.STUDY: "studies",
    Kind.SOURCE: "sources",
    Kind.PREPARATION: "preparations",
    Kind.CARGO: "cargos",
}
# A model reads a page as a whole: fewer claims than a program takes.
PAGE_SIZE = 20
INSTRUCTIONS = (
    "ExoDB is a curated database of what extracellular vesicles were shown to do in cancer: claims, each of one study, "
    "with its level of evidence from A to E. Cite claims and studies by accession and by the address in `page`. null "
    "means that the study does not state it or that nobody has curated it, never no. Claims of retracted studies are "
    "listed and marked (`study.status`): leave them out with retracted=false, and say so where you use one. Not for "
    "clinical decisions."
)


@dataclass(frozen=True)
class Offered:
    """A tool: what it says of itself, what it takes, and what answers it."""

    title: str
    says: str
    schema: dict[str, Any]
    answer: Callable[[HttpRequest, Arguments], Answered]


def _search(request: HttpRequest, given: Arguments) -> Answered:
    return asking.get(request, "claims/", {"page_size": PAGE_SIZE, **given})


def _record(request: HttpRequest, given: Arguments) -> Answered:
    name = str(given.get("name", "")).strip()
    try:
        kind = PATHS[Kind(name[:4])]
    except ValueError:
        kind = "terms"
    if "/" in name or not name:
        return _unfit("name: an accession such as EXCL0000175 is needed here, or a CURIE such as DOID:10534.")
    return asking.get(request, f"{kind}/{name}/", {key: value for key, value in given.items() if key != "name"})


def _balance(request: HttpRequest, given: Arguments) -> Answered:
    return asking.get(request, "balance/", given)


def _check(request: HttpRequest, given: Arguments) -> Answered:
    return asking.post(request, "lookup/", given)


def _unfit(says: str) -> Answered:
    return Answered(400, {"title": "Bad Request", "status": 400, "detail": says, "errors": []})


@cache
def tools() -> dict[str, Offered]:
    """The tools by name."""
    filters = _filters()
    paging = {
        "page_size": {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE_SIZE},
        "cursor": {"type": "string", "description": "Of `next` of the page before, for the same filters."},
    }
    name = {"type": "string", "description": "Accession (EXCL0000175, EXST…, EXVS…, EXPR…, EXCG…) or CURIE of a term."}
    ids = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_AT_ONCE}
    return {
        "search_claims": Offered(
            "Search claims",
            "Accepted claims that all filters leave, newest first or the best match of `q` first, with their number.",
            _object({**filters, **paging}),
            _search,
        ),
        "get_record": Offered(
            "Get a record",
            "A claim, study, vesicle source, preparation or cargo by its accession, or a term by its CURIE.",
            _object({"name": name}, "name"),
            _record,
        ),
        "balance": Offered(
            "Balance of claims",
            "Harm against benefit over the claims that the filters leave: counts by level, independent groups of "
            "studies, an index with its interval, and what it rests on. Claims of retracted studies stand apart.",
            _object({each: schema for each, schema in filters.items() if each != "ordering"}),
            _balance,
        ),
        "check_identifiers": Offered(
            "Check identifiers",
            "What ExoDB holds on PMIDs, PMCIDs, DOIs, NCT numbers, accessions, cross-references or names of cargos: "
            "known, unknown, ambiguous, withdrawn or malformed each, with the standing of the study.",
            _object({"ids": ids}, "ids"),
            _check,
        ),
    }


def _filters() -> dict[str, Any]:
    """The filters of the list of claims, as its reference describes them."""
    described: dict[str, Any] = {}
    known: dict[str, Filter] = ClaimFilters.base_filters
    for name, each in known.items():
        parameter = each.parameter(name)
        described[name] = {**parameter["schema"], "description": parameter["description"]}
    return described


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


# --- the server -------------------------------------------------------------------------------------------------------


async def _listed(_: Any, __: PaginatedRequestParams | None) -> ListToolsResult:
    hints = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    return ListToolsResult(
        tools=[
            Tool(name=name, title=each.title, description=each.says, input_schema=each.schema, annotations=hints)
            for name, each in tools().items()
        ]
    )


async def _called(_: Any, asked: CallToolRequestParams) -> CallToolResult:
    offered = tools().get(asked.name)
    if offered is None:
        answer = _unfit(f"There is no tool {asked.name[:100]!r}. There are: {', '.join(tools())}.")
    else:
        # Where the request came in, with its connection to the database.
        answer = await sync_to_async(_answer)(offered, asked.arguments or {})
    text = json.dumps(answer.document, ensure_ascii=False)
    return CallToolResult(content=[TextContent(text=text)], structured_content=answer.document, is_error=answer.refused)


def _answer(offered: Offered, given: Arguments) -> Answered:
    try:
        return offered.answer(outer.get(), given)
    except Exception:
        log.exception("A tool failed")
        return Answered(500, {"title": "Internal Server Error", "status": 500, "detail": "ExoDB failed to answer."})


@cache
def server() -> Server[Any]:
    return Server(
        "exodb",
        title="ExoDB",
        version="1",
        instructions=INSTRUCTIONS,
        on_list_tools=_listed,
        on_call_tool=_called,
    )
