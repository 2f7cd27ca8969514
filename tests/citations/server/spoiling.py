"""What a fault makes of a good answer."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any

from .answers import FLASK_404, Reply
from .faults import Fault

HTML = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
# Where a service keeps its records, how many it says there are, and what a record counts.
LISTS = {
    "europepmc": ("resultList", "result"),
    "crossref": ("message", "items"),
    "openalex": ("results",),
    "icite": ("data",),
    "idconv": ("records",),
}
TOTALS = {"europepmc": ("hitCount",), "crossref": ("message", "total-results"), "openalex": ("meta", "count")}
COUNTS = {
    "europepmc": "citedByCount",
    "crossref": "is-referenced-by-count",
    "openalex": "cited_by_count",
    "icite": "citation_count",
    "idconv": "status",
}
ENDLESS = 1_000_000


def instead(fault: Fault) -> Reply:
    """What comes in place of an answer."""
    after = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    if fault.kind == "bomb":
        return Reply(raw=bomb(), headers={"Content-Encoding": "gzip"})
    replies = {
        "429": Reply({"error": "API rate limit exceeded", "limit": "3"}, status=429, headers=after),
        "500": Reply({"status": "error", "message-type": "exception", "message": {"name": "…"}}, status=500),
        "503": Reply(text=HTML, status=503, type="text/html", headers=after),
        "400": Reply({"status": "failed", "message": [{"type": "filter-not-valid"}]}, status=400),
        "404": Reply(text="<html><body>nothing here</body></html>", status=404, type="text/html"),
        "html": Reply(text=HTML, type="text/html"),
        "empty": Reply(text=""),
        "away": Reply(text="", status=302, headers={"Location": "http://127.0.0.2:9/elsewhere"}),
        "loop": Reply(text="", status=301, headers={"Location": ""}),
        "deep": Reply(raw=b"[" * 200_000),
    }
    return replies.get(fault.kind, Reply(text=FLASK_404, status=500))


@cache
def bomb() -> bytes:
    """A few kilobytes that unpack to more than any client should take."""
    return gzip.compress(b" " * 80_000_000, 9)


def spoil(reply: Reply, fault: Fault, service: str) -> None:
    """Change an answer that is JSON in place."""
    if not isinstance(reply.data, dict):
        return
    change = {"no-results": _empty, "endless": _endless, "wrong-types": _mistype, "one-wrong": _mistype_one}
    if fault.kind == "leave-out":
        _leave_out(reply.data, service, {value.lower() for value in fault.ids})
    elif fault.kind in change:
        change[fault.kind](reply.data, service)


def _parent(data: Any, path: tuple[str, ...]) -> tuple[Any, str]:
    for name in path[:-1]:
        data = data[name]
    return data, path[-1]


def _records(data: Any, service: str) -> list[Any]:
    parent, name = _parent(data, LISTS[service])
    return parent[name] if name in parent else [data.get("message", data)]


def _set_list(data: Any, service: str, value: Any) -> None:
    parent, name = _parent(data, LISTS[service])
    parent[name] = value


def _empty(data: Any, service: str) -> None:
    _set_list(data, service, [])


def _mistype(data: Any, service: str) -> None:
    _set_list(data, service, {"0": "not a list"})


def _mistype_one(data: Any, service: str) -> None:
    for record in _records(data, service)[:1]:
        record[COUNTS[service]] = {"value": "many"} if service == "idconv" else "many"


def _endless(data: Any, service: str) -> None:
    if service in TOTALS:
        parent, name = _parent(data, TOTALS[service])
        parent[name] = ENDLESS


def _leave_out(data: Any, service: str, ids: set[str]) -> None:
    """Say nothing of these, and count as if they had never been."""
    if not ids or service not in LISTS:
        return
    kept = [record for record in _records(data, service) if not ids & _values(record)]
    _set_list(data, service, kept)
    if service in TOTALS:
        parent, name = _parent(data, TOTALS[service])
        parent[name] = len(kept)


def _values(record: dict[str, Any]) -> set[str]:
    return {
        str(record.get(name, "")).lower().removeprefix("https://doi.org/") for name in ("pmid", "pmcid", "doi", "DOI")
    }
