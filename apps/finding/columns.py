"""The columns of claims: one definition of each, for the table on the page and for every file that is downloaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from apps.claims.models import Claim, ClaimQuerySet, Measure
from apps.terms.models import Name
from apps.vesicles.models import Preparation

Value = str | int | bool | list[str] | None
SOURCE_NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")


@dataclass(frozen=True)
class Column[Record]:
    """What stands in a column; None where nobody has curated it or the study does not say."""

    name: str
    title: str
    value: Callable[[Record], Value]
    # The same in SQL, for files of very many; tests hold both to the same. The tables are those of `_FROM`.
    sql: str = ""
    # Whether the table shows it unless other columns are chosen.
    shown: bool = False


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def measured(measure: Measure) -> str:
    """A measure in one line: AUC 0.87 (0.8 to 0.93), p < 0.001, 40 cases, 38 controls."""
    text = f"{measure.name} {_number(measure.value)}".strip()
    if measure.ci_low is not None or measure.ci_high is not None:
        text += f" ({_number(measure.ci_low) or '…'} to {_number(measure.ci_high) or '…'})"
    parts = [text, f"p {measure.p_relation} {_number(measure.p)}" if measure.p is not None else ""]
    sizes = ((measure.n_cases, "cases"), (measure.n_controls, "controls"), (measure.n, "in all"))
    return ", ".join(part for part in (*parts, *(f"{size} {what}" for size, what in sizes if size is not None)) if part)


def _curies(*names: Name | None) -> list[str]:
    return [term.curie for name in names if name for term in name.terms.all()]


def _text(name: Name | None) -> str | None:
    return name.text if name else None


def _reported(made: Preparation) -> str | None:
    return f"{made.metric_reported}/{made.metric_curated}" if made.metric_curated else None


# --- the same in SQL --------------------------------------------------------------------------------------------------

_DISEASE_TERMS = (
    "ARRAY(SELECT t.curie FROM terms_name_terms means JOIN terms_term t ON t.id = means.term_id "
    "WHERE means.name_id = c.disease_id ORDER BY t.label, t.curie)"
)
_REPORTED = "CASE WHEN p.metric_curated > 0 THEN p.metric_reported || '/' || p.metric_curated END"
_FAMILY = "coalesce(nullif(regexp_replace(s.authors[{0}], '(^| )[^ ]*$', ''), ''), s.authors[{0}])"
_STUDY = f"""concat(CASE cardinality(s.authors) WHEN 0 THEN 'Anonymous' WHEN 1 THEN {_FAMILY.format(1)}
    WHEN 2 THEN {_FAMILY.format(1)} || ' and ' || {_FAMILY.format(2)} ELSE {_FAMILY.format(1)} || ' et al.' END,
    ' ', s.year)"""


def _texts(table: str) -> str:
    return (
        f"ARRAY(SELECT n.text FROM {table} link JOIN terms_name n ON n.id = link.name_id "  # noqa: S608
        "WHERE link.claim_id = c.id ORDER BY link.position, link.id)"
    )


def _curies_of(table: str) -> str:
    return (
        f"ARRAY(SELECT t.curie FROM {table} link JOIN terms_name_terms means ON means.name_id = link.name_id "  # noqa: S608
        "JOIN terms_term t ON t.id = means.term_id WHERE link.claim_id = c.id "
        "ORDER BY link.position, link.id, t.label, t.curie)"
    )


def _written(number: str) -> str:
    """A number with twelve digits, as Python's `.12g` writes it."""
    digits = f"to_char({number}, '9.99999999999EEEE')"
    return (
        f"CASE WHEN abs({number}) < 1e12 THEN {digits}::float8::text "
        f"ELSE regexp_replace(btrim({digits}), '[.]?0*e', 'e') END"
    )


_MEASURES = f"""ARRAY(SELECT concat_ws(', ',
    btrim(concat(m.name, ' ', {_written("m.value")}), E' \\t\\n\\r')
        || CASE WHEN m.ci_low IS NULL AND m.ci_high IS NULL THEN '' ELSE
            concat(' (', coalesce({_written("m.ci_low")}, '…'), ' to ', coalesce({_written("m.ci_high")}, '…'), ')')
        END,
    CASE WHEN m.p IS NOT NULL THEN concat('p ', m.p_relation, ' ', {_written("m.p")}) END,
    m.n_cases || ' cases', m.n_controls || ' controls', m.n || ' in all')
    FROM claims_measure m WHERE m.claim_id = c.id ORDER BY m.position, m.id)"""  # noqa: S608

# --- the columns ------------------------------------------------------------------------------------------------------

_ALL: tuple[Column[Claim], ...] = (
    Column("claim", "Claim", lambda claim: claim.accession, "c.accession", shown=True),
    Column("version", "Version", lambda claim: claim.version, "c.version"),
    Column("statement", "Statement", lambda claim: claim.statement, "c.statement", shown=True),
    Column("edge", "Edge", lambda claim: claim.edge, "c.edge", shown=True),
    Column("aspect", "Aspect", lambda claim: claim.aspect, "c.aspect", shown=True),
    Column("effect", "Effect", lambda claim: claim.effect, "c.effect"),
    Column("outcome", "Outcome", lambda claim: claim.outcome, "c.outcome"),
    Column("level", "Level", lambda claim: claim.level, "c.level", shown=True),
    Column(
        "level_reason",
        "Why this level",
        lambda claim: claim.level_override_reason or claim.level_reason,
        "coalesce(nullif(c.level_override_reason, ''), c.level_reason)",
    ),
    Column("cargo", "Cargo", lambda claim: claim.cargo.name if claim.cargo else None, "g.name", shown=True),
    Column("cargo_kind", "Kind of cargo", lambda claim: claim.cargo.kind if claim.cargo else None, "g.kind"),
    Column(
        "cargo_accession",
        "Cargo, accession",
        lambda claim: claim.cargo.accession if claim.cargo else None,
        "g.accession",
    ),
    Column("disease", "Disease", lambda claim: claim.disease.text, "d.text", shown=True),
    Column("disease_terms", "Disease, terms", lambda claim: _curies(claim.disease), _DISEASE_TERMS),
    Column("recipient", "Recipient", lambda claim: _text(claim.recipient), "r.text"),
    Column(
        "therapies",
        "Therapies",
        lambda claim: [name.text for name in claim.therapy_names],
        _texts("claims_claimtherapy"),
    ),
    Column(
        "therapy_terms",
        "Therapies, terms",
        lambda claim: _curies(*claim.therapy_names),
        _curies_of("claims_claimtherapy"),
    ),
    Column(
        "targets", "Targets", lambda claim: [name.text for name in claim.target_names], _texts("claims_claimtarget")
    ),
    Column(
        "target_terms", "Targets, terms", lambda claim: _curies(*claim.target_names), _curies_of("claims_claimtarget")
    ),
    Column("source", "Vesicle source", lambda claim: claim.preparation.source.name, "v.name", shown=True),
    Column("source_category", "Kind of source", lambda claim: claim.preparation.source.category, "v.category"),
    Column("source_accession", "Source, accession", lambda claim: claim.preparation.source.accession, "v.accession"),
    Column("species", "Species", lambda claim: _text(claim.preparation.source.species), "species.text"),
    Column("cell_line", "Cell line", lambda claim: _text(claim.preparation.source.cell_line), "line.text"),
    Column("tissue", "Tissue", lambda claim: _text(claim.preparation.source.tissue), "tissue.text"),
    Column("preparation", "Preparation", lambda claim: claim.preparation.accession, "p.accession"),
    Column("authors_term", "Authors' term", lambda claim: claim.preparation.term, "p.term"),
    Column("engineered", "Engineered", lambda claim: claim.preparation.engineered, "p.engineered"),
    Column("isolation", "Isolation", lambda claim: claim.preparation.isolation, "p.isolation"),
    Column("reporting", "EV-METRIC, reported of curated", lambda claim: _reported(claim.preparation), _REPORTED),
    Column("models", "Shown in", lambda claim: list(claim.models_used), "c.models_used", shown=True),
    Column("measures", "Measures", lambda claim: [measured(measure) for measure in claim.measures.all()], _MEASURES),
    Column("study", "Study", lambda claim: str(claim.preparation.study), _STUDY, shown=True),
    Column("study_accession", "Study, accession", lambda claim: claim.preparation.study.accession, "s.accession"),
    Column("title", "Title of the study", lambda claim: claim.preparation.study.title, "s.title"),
    Column("journal", "Journal", lambda claim: claim.preparation.study.journal, "s.journal"),
    Column("year", "Year", lambda claim: claim.preparation.study.year, "s.year", shown=True),
    Column("pmid", "PMID", lambda claim: claim.preparation.study.pmid, "s.pmid"),
    Column("doi", "DOI", lambda claim: claim.preparation.study.doi, "s.doi"),
    Column("nct", "NCT number", lambda claim: claim.preparation.study.nct, "s.nct"),
    Column("status", "Standing of the study", lambda claim: claim.preparation.study.status, "s.status", shown=True),
)
COLUMNS: dict[str, Column[Claim]] = {column.name: column for column in _ALL}
SHOWN: tuple[str, ...] = tuple(column.name for column in _ALL if column.shown)


def chosen(names: tuple[str, ...]) -> list[Column[Claim]]:
    """The columns named, in their usual order; those that are shown by default where none is."""
    wanted = set(names) & set(COLUMNS) or set(SHOWN)
    return [column for column in _ALL if column.name in wanted]


def with_columns(claims: ClaimQuerySet) -> ClaimQuerySet:
    """The claims with all that any column holds, in a fixed number of queries."""
    names = tuple(f"preparation__source__{name}" for name in ("species", "cell_line", "tissue"))
    return (
        claims.select_related("cargo", "disease", "recipient", "preparation__source", "preparation__study", *names)
        .prefetch_related("disease__terms", "therapy_links__name__terms", "target_links__name__terms", "measures")
        .defer("search")
    )


# --- rows of very many ------------------------------------------------------------------------------------------------

# Claims by their keys, in that order, with what every row or document of them needs.
CLAIMS_BY_KEY = """
FROM unnest(%(keys)s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN claims_claim c ON c.id = asked.id
JOIN vesicles_preparation p ON p.id = c.preparation_id
JOIN studies_study s ON s.id = p.study_id
JOIN vesicles_vesiclesource v ON v.id = p.source_id
JOIN terms_name d ON d.id = c.disease_id
LEFT JOIN terms_name r ON r.id = c.recipient_id
LEFT JOIN vesicles_cargo g ON g.id = c.cargo_id
"""
_FROM = f"""{CLAIMS_BY_KEY}
LEFT JOIN terms_name species ON species.id = v.species_id
LEFT JOIN terms_name line ON line.id = v.cell_line_id
LEFT JOIN terms_name tissue ON tissue.id = v.tissue_id
"""
EVERY = tuple(COLUMNS)


def rows(keys: Sequence[int], names: tuple[str, ...] = EVERY) -> list[tuple[Value, ...]]:
    """What the columns hold for the claims, in the order of the keys."""
    return _fetched(_rows(names), {"keys": list(keys)})


def lines(keys: Sequence[int], site: str, names: tuple[str, ...] = EVERY) -> list[str]:
    """The same as JSON, an object a claim, with its address below the site's."""
    return [line for (line,) in _fetched(_lines(names), {"keys": list(keys), "site": site})]


def _rows(names: tuple[str, ...]) -> str:
    return f"SELECT {_selected(names)} {_FROM} ORDER BY asked.place"


def _lines(names: tuple[str, ...]) -> str:
    shown = f"SELECT {_selected(names)}, %(site)s::text || c.accession AS url"
    return f"SELECT row_to_json(shown)::text {_FROM} CROSS JOIN LATERAL ({shown}) shown ORDER BY asked.place"


def _selected(names: tuple[str, ...]) -> str:
    return ", ".join(f"{COLUMNS[name].sql} AS {name}" for name in names)


def _fetched(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    # Planned once for each connection, not for each chunk.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, parameters, prepare=True).fetchall()
