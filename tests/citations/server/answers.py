"""The six services' answers, in the shapes of the recorded ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from .store import Store, Study, Update

JSON = "application/json"
FLASK_404 = (
    "<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not "
    "found on the server. If you entered the URL manually please check your spelling and try again.</p>\n"
)


@dataclass
class Request:
    service: str
    path: str  # below the service's own, still escaped
    params: dict[str, str]


@dataclass
class Reply:
    """What goes back. `data` is JSON before it is text, so that faults can reach in."""

    data: Any = None
    text: str | None = None
    status: int = 200
    type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return (self.text if self.text is not None else json.dumps(self.data)).encode()


# --- Europe PMC -----------------------------------------------------------------------------------------------------

TERM = re.compile(r'EXT_ID:(?P<pmid>\d+) AND SRC:MED|PMCID:(?P<pmcid>PMC\d+)|DOI:"(?P<doi>(?:[^"\\]|\\.)*)"')
EPMC_TYPES = {
    "retraction": ("Retraction in", "Retraction of", "Retraction of Publication"),
    "concern": ("Expression of concern in", "Expression of concern for", "Expression of Concern"),
    "correction": ("Erratum in", "Erratum for", "Published Erratum"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def europepmc_ids(request: Request) -> list[str]:
    return [
        re.sub(r"\\(.)", r"\1", next(filter(None, found.groups()))) for found in TERM.finditer(request.params["query"])
    ]


def europepmc(store: Store, request: Request) -> Reply:
    kinds = [found.lastgroup or "" for found in TERM.finditer(request.params["query"])]
    pairs = zip(kinds, europepmc_ids(request), strict=True)
    found = [study for kind, value in pairs if (study := store.find("europepmc", kind, value))]
    size = int(request.params["pageSize"])
    mark = request.params["cursorMark"]
    start = 0 if mark == "*" else int(mark.removeprefix("AoE"))
    return Reply(
        {
            "version": "6.9",
            "hitCount": len(found),
            "nextCursorMark": f"AoE{start + size}",
            "request": {
                "queryString": request.params["query"],
                "resultType": request.params["resultType"],
                "cursorMark": mark,
                "pageSize": size,
                "sort": "",
                "synonym": False,
            },
            "resultList": {"result": [epmc_record(study) for study in found[start : start + size]]},
        }
    )


def epmc_record(study: Study) -> dict[str, Any]:
    types = [EPMC_TYPES[nature][2] for nature, doi, _ in study.updates_to if doi != study.doi]
    types += ["Journal Article"] + ["Retracted Publication"] * study.retracted
    links = [_epmc_link(EPMC_TYPES[update.nature][0], update) for update in study.updates]
    links += [
        {"id": pmid, "source": "MED", "reference": "J Synth. 2022;1:1.", "type": EPMC_TYPES[nature][1], "orderIn": 1}
        for nature, doi, pmid in study.updates_to
        if doi != study.doi
    ]
    record = {
        "id": study.pmid or study.pmcid or "PPR1",
        "source": "MED" if study.pmid else "PMC",
        "pmid": study.pmid,
        "pmcid": study.pmcid,
        "doi": study.doi,
        "title": study.title,
        "pubTypeList": {"pubType": types},
        "commentCorrectionList": {"commentCorrection": links} if links else None,
        "isOpenAccess": "N",
        "citedByCount": study.counts.get("europepmc"),
        "dateOfRevision": "2025-06-01",
    }
    return {name: value for name, value in record.items() if value is not None}


def _epmc_link(kind: str, update: Update) -> dict[str, Any]:
    year, month, day = update.day
    reference = f"J Synth. {year} {MONTHS[month - 1]} {day};12(4):1. doi: {update.doi}."
    return {"id": update.pmid, "source": "MED", "reference": reference, "type": kind, "orderIn": 1}


# --- Crossref -------------------------------------------------------------------------------------------------------

CROSSREF_TYPES = {"concern": "expression_of_concern"}
LABELS = {"concern": "Expression of concern", "correction": "Correction", "retraction": "Retraction"}
SELECTABLE = {"DOI", "is-referenced-by-count", "updated-by", "update-to", "title", "type"}


def crossref_ids(request: Request) -> list[str]:
    if request.path.startswith("/works/"):
        return [unquote(request.path.removeprefix("/works/")).lower()]
    return [value for name, value in _filters(request) if name in {"doi", "updates"}]


def _filters(request: Request) -> list[tuple[str, str]]:
    parts = [part.partition(":") for part in request.params.get("filter", "").split(",")]
    return [(name, value) for name, _, value in parts]


def crossref(store: Store, request: Request) -> Reply:
    if request.path.startswith("/works/"):
        study = store.find("crossref", "doi", crossref_ids(request)[0])
        if study is None:
            return Reply(text="Resource not found.", status=404, type="text/plain")
        return Reply(_crossref_frame("work", crossref_work(study)))
    select = set(filter(None, request.params.get("select", "").split(",")))
    refusal = _crossref_refusal(request, select)
    if refusal:
        message = [{"type": refusal[0], "value": refusal[1], "message": f"'{refusal[1]}' is not available"}]
        return Reply({"status": "failed", "message-type": "validation-failure", "message": message}, status=400)
    works = [crossref_work(study) for study in _crossref_matches(store, request)]
    items = [{name: value for name, value in work.items() if not select or name in select} for work in works]
    message = {
        "facets": {},
        "total-results": len(items),
        "items": items[: int(request.params.get("rows", "20"))],
        "items-per-page": int(request.params.get("rows", "20")),
        "query": {"start-index": 0, "search-terms": None},
    }
    return Reply(_crossref_frame("work-list", message))


def _crossref_refusal(request: Request, select: set[str]) -> tuple[str, str] | None:
    """A filter that a comma broke, or a field that can't be selected, is a 400."""
    wrong = [name for name, _ in _filters(request) if name not in {"doi", "updates"}]
    if wrong:
        return "filter-not-available", wrong[0]
    unknown = sorted(select - SELECTABLE)
    return ("select-not-available", unknown[0]) if unknown else None


def _crossref_matches(store: Store, request: Request) -> list[Study]:
    filters = _filters(request)
    dois = {value.lower() for name, value in filters if name == "doi"}
    updated = {value.lower() for name, value in filters if name == "updates"}
    found = [study for doi in dois if (study := store.find("crossref", "doi", doi))]
    for study in (store.find("crossref", "doi", doi) for doi in updated):
        found += [_notice_of(study, update) for update in study.updates] if study else []
    return found


def _notice_of(study: Study, update: Update) -> Study:
    return Study(
        0, update.pmid, None, update.doi, {"crossref": 0}, updates_to=((update.nature, study.doi or "", None),)
    )


def crossref_work(study: Study) -> dict[str, Any]:
    work: dict[str, Any] = {
        "publisher": "Nobody",
        "DOI": (study.doi or "").upper() if study.number % 2 else study.doi,
        "type": "journal-article",
        "source": "Crossref",
        "is-referenced-by-count": study.counts.get("crossref", 0),
        "title": [study.title],
        "reference": [{"key": "1", "doi-asserted-by": "publisher", "DOI": "10.9999/synthetic.cited"}],
        "URL": f"https://doi.org/{study.doi}",
    }
    if study.updates:
        work["updated-by"] = [_crossref_update(update.doi, update) for update in study.updates]
    if study.updates_to:
        day = Update("retraction", "", None, (2024, 8, 20))
        work["update-to"] = [
            {**_crossref_update(doi, day), "type": nature, "label": LABELS[nature]}
            for nature, doi, _ in study.updates_to
        ]
    return work


def _crossref_update(doi: str, update: Update) -> dict[str, Any]:
    year, month, day = update.day
    when = {"date-parts": [[year, month, day]], "date-time": f"{year}-{month:02}-{day:02}T00:00:00Z", "timestamp": 1}
    kind = CROSSREF_TYPES.get(update.nature, update.nature)
    return {"DOI": doi, "type": kind, "label": LABELS[update.nature], "source": update.by, "updated": when}


def _crossref_frame(kind: str, message: Any) -> dict[str, Any]:
    return {"status": "ok", "message-type": kind, "message-version": "1.0.0", "message": message}


# --- OpenAlex -------------------------------------------------------------------------------------------------------


def openalex_ids(request: Request) -> list[str]:
    if request.path.startswith("/works/"):
        return [unquote(request.path.removeprefix("/works/")).partition(":")[2].lower()]
    return request.params.get("filter", "").partition(":")[2].split("|")


def openalex(store: Store, request: Request) -> Reply:
    if request.path.startswith("/works/"):
        return _openalex_one(store, request)
    name, _, values = request.params.get("filter", "").partition(":")
    kind = {"doi": "doi", "ids.pmid": "pmid"}.get(name)
    if kind is None or "," in values:
        message = f"{name} is not a valid field. Valid fields are underscore or hyphenated versions of: doi, ids.pmid"
        return Reply({"error": "Invalid query parameters error.", "message": message}, status=400)
    found = [store.find("openalex", kind, value) for value in values.split("|")]
    works = [openalex_work(study) for study in found if study and not study.merged_into]
    size, page = int(request.params.get("per-page", "25")), int(request.params.get("page", "1"))
    meta = {"count": len(works), "db_response_time_ms": 14, "page": page, "per_page": size, "groups_count": None}
    return Reply({"meta": meta, "results": works[(page - 1) * size : page * size], "group_by": []})


def _openalex_one(store: Store, request: Request) -> Reply:
    kind = request.path.removeprefix("/works/").partition(":")[0]
    study = store.find("openalex", kind, openalex_ids(request)[0])
    if study is None:
        return Reply(text=FLASK_404, status=404, type="text/html; charset=utf-8")
    if study.merged_into:
        return Reply(text="", status=301, headers={"Location": f"/openalex/works/doi:{study.merged_into}"})
    return Reply(openalex_work(study))


def openalex_work(study: Study) -> dict[str, Any]:
    address = f"https://openalex.org/W9{study.number:09}"
    ids = {"openalex": address, "doi": f"https://doi.org/{study.doi}" if study.doi else None}
    ids["pmid"] = f"https://pubmed.ncbi.nlm.nih.gov/{study.pmid}" if study.pmid else None
    return {
        "id": address,
        "doi": ids["doi"],
        "title": study.title,
        "type": study.type,
        "ids": {name: value for name, value in ids.items() if value},
        "cited_by_count": study.counts.get("openalex", 0),
        # It was seen to flag the notice as well.
        "is_retracted": study.retracted or bool(study.updates_to),
    }


# --- iCite ----------------------------------------------------------------------------------------------------------


def icite_ids(request: Request) -> list[str]:
    return request.params["pmids"].split(",")


def icite(store: Store, request: Request) -> Reply:
    found = [store.find("icite", "pmid", pmid) for pmid in icite_ids(request)]
    return Reply({"meta": {}, "data": [icite_paper(study) for study in found if study]})


def icite_paper(study: Study) -> dict[str, Any]:
    """Old and new shapes by turns: flags as words or booleans, authors as text or a list."""
    old = study.number % 2 == 0
    return {
        "pmid": int(study.pmid or 0),
        "title": study.title,
        "authors": "Alice A, Bob B" if old else [{"lastName": "A", "fullName": "A, Alice", "firstName": "Alice"}],
        "is_research_article": "Yes" if old else True,
        "is_clinical": "No" if old else False,
        "provisional": "No" if old else False,
        "citation_count": study.counts.get("icite"),
        "relative_citation_ratio": study.ratio,
        "doi": study.doi,
    }


# --- ID converter ---------------------------------------------------------------------------------------------------


def idconv_ids(request: Request) -> list[str]:
    return request.params["ids"].split(",")


def idconv(store: Store, request: Request) -> Reply:
    kind = request.params["idtype"]
    return Reply(
        {
            "status": "ok",
            "response-date": "2026-07-03 06:58:42",
            "request": {"format": "json", "ids": idconv_ids(request), "idtype": kind, "tool": "exodb"},
            "records": [_idconv_record(store, kind, value) for value in idconv_ids(request)],
        }
    )


def _idconv_record(store: Store, kind: str, value: str) -> dict[str, Any]:
    study = store.find("idconv", kind, value)
    if study is None:
        return {kind: value, "requested-id": value, "status": "error", "errmsg": "Identifier not found in PMC"}
    pmid = int(study.pmid) if study.pmid and study.number % 2 else study.pmid
    record = {"pmcid": study.pmcid, "pmid": pmid, "doi": study.doi, "requested-id": value}
    return {name: given for name, given in record.items() if given}


# --- Retraction Watch -----------------------------------------------------------------------------------------------


def retraction_watch(store: Store, _request: Request) -> Reply:
    return Reply(raw=store.table, type="text/csv")


ANSWERS: dict[str, Callable[[Store, Request], Reply]] = {
    "europepmc": europepmc,
    "crossref": crossref,
    "openalex": openalex,
    "icite": icite,
    "idconv": idconv,
    "retraction_watch": retraction_watch,
}
ASKED: dict[str, Callable[[Request], list[str]]] = {
    "europepmc": europepmc_ids,
    "crossref": crossref_ids,
    "openalex": openalex_ids,
    "icite": icite_ids,
    "idconv": idconv_ids,
    "retraction_watch": lambda _request: [],
}
