"""Claims as JSON, written by PostgreSQL: one statement for a whole page, and not an object made for any of it.

The serializers say what a document looks like, and the reference is made from them; a test holds both to the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, override

import psycopg
from django.db import connection
from django.urls import get_script_prefix, reverse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from apps.claims.models import LADDER, Model
from apps.finding.columns import CLAIMS_BY_KEY
from apps.records.models import Kind

KINDS = {
    "claim": Kind.CLAIM,
    "study": Kind.STUDY,
    "source": Kind.SOURCE,
    "preparation": Kind.PREPARATION,
    "cargo": Kind.CARGO,
}


@dataclass(frozen=True)
class Written:
    """Documents that are JSON already."""

    documents: Sequence[str]

    def as_list(self) -> str:
        return f"[{','.join(self.documents)}]"

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.documents]


class Json(JSONRenderer):
    """Lets through what is JSON already: as the whole answer, or as the results of a page."""

    @override
    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if isinstance(data, Written):
            return data.documents[0].encode()
        results = data.get("results") if isinstance(data, dict) else None
        if not isinstance(results, Written):
            return bytes(super().render(data, accepted_media_type, renderer_context))
        head = {name: value for name, value in data.items() if name != "results"}
        around = bytes(super().render(head, accepted_media_type, renderer_context))
        return b'%s,"results":%s}' % (around[:-1], results.as_list().encode())


def claims(keys: Iterable[int], request: Request) -> Written:
    """The documents of the claims, in the order of the keys, as the request addresses them."""
    asked = list(keys)
    if not asked:
        return Written([])
    connection.ensure_connection()
    # Planned once for each connection: to plan takes longer than to answer.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(CLAIMS, {"keys": asked, **_addresses(request)}, prepare=True)
        return Written([document for (document,) in cursor])


def _addresses(request: Request) -> dict[str, str]:
    """What the addresses of each kind of record begin with: in the API, and for people."""
    return {name: request.build_absolute_uri(path) for name, path in paths(get_script_prefix())}


@cache
def paths(below: str) -> tuple[tuple[str, str], ...]:  # noqa: ARG001 - what `reverse` goes by
    return tuple(_paths())


def _paths() -> Iterator[tuple[str, str]]:
    for name, kind in KINDS.items():
        for what, view in (("url", f"api:{name}-detail"), ("page", f"{name}-detail")):
            yield f"{name}_{what}", reverse(view, args=[f"{kind.value}0000000"]).removesuffix(f"{kind.value}0000000/")


# --- the statement ----------------------------------------------------------------------------------------------------


def _object(columns: str) -> str:
    return f"(SELECT row_to_json(o) FROM (SELECT {columns}) o)"  # noqa: S608


def _list(columns: str, source: str, order: str) -> str:
    return f"(SELECT coalesce(json_agg(o), '[]'::json) FROM (SELECT {columns} {source} ORDER BY {order}) o)"  # noqa: S608


def _address(name: str, alias: str) -> str:
    url, page = (f"%({name}_{what})s::text || {alias}.accession || '/' AS {what}" for what in ("url", "page"))
    return f"{alias}.accession, {url}, {page}"


def _stated(column: str) -> str:
    """Text; null where nothing is said."""
    return f"nullif({column}, '')"


def _name(alias: str) -> str:
    """A name as the study wrote it, with the terms that it means."""
    terms = _list(
        "t.curie, t.label",
        f"FROM terms_name_terms means JOIN terms_term t ON t.id = means.term_id WHERE means.name_id = {alias}.id",
        "t.label, t.curie",
    )
    return (
        f"{alias}.text AS name, {_stated(f'{alias}.given_curie')} AS written_curie, {alias}.grounding, "
        f"{_stated(f'{alias}.relation')} AS relation, {terms} AS terms, {_stated(f'{alias}.reason')} AS reason"
    )


def _names(table: str) -> str:
    source = f"FROM {table} link JOIN terms_name n ON n.id = link.name_id WHERE link.claim_id = c.id"
    return _list(_name("n"), source, "link.position, link.id")


def _used(*models: Model) -> str:
    among = ", ".join(f"'{each.value}'" for each in models)
    return f"CASE WHEN c.models_used && ARRAY[{among}]::varchar[] THEN 'shown' ELSE 'not_shown' END"


LEVEL = _object(
    f"c.level, coalesce({_stated('c.level_override_reason')}, c.level_reason) AS reason, c.level_computed AS computed, "
    f"c.level_reason AS computed_reason, {_stated('c.level_override')} AS override, "
    f"{_stated('c.level_override_reason')} AS override_reason"
)
RUNGS = ", ".join(f"c.{rung}" for rung in LADDER)
ON_LADDER = _object(
    f"{RUNGS}, {_used(Model.ANIMAL)} AS animal, {_used(Model.PATIENT_SAMPLES, Model.CLINICAL_TRIAL)} AS patients"
)
MEASURES = _list(
    f"m.name, m.value, m.ci_low, m.ci_high, m.p, {_stated('m.p_relation')} AS p_relation, m.n_cases, m.n_controls, "
    f"m.n, {_stated('m.note')} AS note",
    "FROM claims_measure m WHERE m.claim_id = c.id",
    "m.position, m.id",
)
# As Python writes a moment: without a fraction where there is none.
AT = "replace(to_char(c.accepted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000', '')"
ACCEPTED = _object(
    f"{AT} AS at, CASE WHEN c.accepted_with_id IS NULL THEN 'review' ELSE 'release' END AS how, "
    f"came.number AS release, {_stated('reviewer.public_name')} AS reviewer"
)
RELEASES = """(SELECT coalesce(json_agg(r.number ORDER BY r.released_on DESC, r.number DESC), '[]'::json)
    FROM claims_releasemember held JOIN claims_release r ON r.id = held.release_id WHERE held.claim_id = c.id)"""
STUDY = _object(f"{_address('study', 's')}, s.kind, s.title, s.journal, s.year, s.pmid, s.doi, s.status")
PREPARATION = _object(f"{_address('preparation', 'p')}, p.key, p.term, p.engineered")
SOURCE = _object(f"{_address('source', 'v')}, v.name, v.category")
CARGO = f"CASE WHEN g.id IS NOT NULL THEN {_object(f'{_address("cargo", "g")}, g.kind, g.name')} END"
DOCUMENT = f"""c.accession, c.version, %(claim_url)s::text || c.accession || '/' AS url,
    %(claim_page)s::text || c.accession || '/' AS page, c.key, c.statement, c.aspect, c.effect, c.outcome, c.edge,
    {LEVEL} AS level, {_object(_name("d"))} AS disease, CASE WHEN r.id IS NOT NULL THEN {_object(_name("r"))} END
    AS recipient, {_names("claims_claimtherapy")} AS therapies, {_names("claims_claimtarget")} AS targets,
    c.models_used AS models, c.validation, {ON_LADDER} AS ladder, {MEASURES} AS measures, c.locator,
    {ACCEPTED} AS accepted, {RELEASES} AS releases, {STUDY} AS study, {PREPARATION} AS preparation,
    {SOURCE} AS source, {CARGO} AS cargo"""
CLAIMS = f"""
SELECT row_to_json(shown)::text {CLAIMS_BY_KEY}
LEFT JOIN claims_release came ON came.id = c.accepted_with_id
LEFT JOIN people_user reviewer ON reviewer.id = c.accepted_by_id
CROSS JOIN LATERAL (SELECT {DOCUMENT}) shown
ORDER BY asked.place
"""
