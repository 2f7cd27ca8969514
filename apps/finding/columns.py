"""The columns of claims: one definition of each, for the table on the page and for every file that is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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


_ALL: tuple[Column[Claim], ...] = (
    Column("claim", "Claim", lambda claim: claim.accession, shown=True),
    Column("version", "Version", lambda claim: claim.version),
    Column("statement", "Statement", lambda claim: claim.statement, shown=True),
    Column("edge", "Edge", lambda claim: claim.edge, shown=True),
    Column("aspect", "Aspect", lambda claim: claim.aspect, shown=True),
    Column("effect", "Effect", lambda claim: claim.effect),
    Column("outcome", "Outcome", lambda claim: claim.outcome),
    Column("level", "Level", lambda claim: claim.level, shown=True),
    Column("level_reason", "Why this level", lambda claim: claim.level_override_reason or claim.level_reason),
    Column("cargo", "Cargo", lambda claim: claim.cargo.name if claim.cargo else None, shown=True),
    Column("cargo_kind", "Kind of cargo", lambda claim: claim.cargo.kind if claim.cargo else None),
    Column("cargo_accession", "Cargo, accession", lambda claim: claim.cargo.accession if claim.cargo else None),
    Column("disease", "Disease", lambda claim: claim.disease.text, shown=True),
    Column("disease_terms", "Disease, terms", lambda claim: _curies(claim.disease)),
    Column("recipient", "Recipient", lambda claim: _text(claim.recipient)),
    Column("therapies", "Therapies", lambda claim: [name.text for name in claim.therapy_names]),
    Column("therapy_terms", "Therapies, terms", lambda claim: _curies(*claim.therapy_names)),
    Column("targets", "Targets", lambda claim: [name.text for name in claim.target_names]),
    Column("target_terms", "Targets, terms", lambda claim: _curies(*claim.target_names)),
    Column("source", "Vesicle source", lambda claim: claim.preparation.source.name, shown=True),
    Column("source_category", "Kind of source", lambda claim: claim.preparation.source.category),
    Column("source_accession", "Source, accession", lambda claim: claim.preparation.source.accession),
    Column("species", "Species", lambda claim: _text(claim.preparation.source.species)),
    Column("cell_line", "Cell line", lambda claim: _text(claim.preparation.source.cell_line)),
    Column("tissue", "Tissue", lambda claim: _text(claim.preparation.source.tissue)),
    Column("preparation", "Preparation", lambda claim: claim.preparation.accession),
    Column("authors_term", "Authors' term", lambda claim: claim.preparation.term),
    Column("engineered", "Engineered", lambda claim: claim.preparation.engineered),
    Column("isolation", "Isolation", lambda claim: claim.preparation.isolation),
    Column("reporting", "EV-METRIC, reported of curated", lambda claim: _reported(claim.preparation)),
    Column("models", "Shown in", lambda claim: list(claim.models_used), shown=True),
    Column("measures", "Measures", lambda claim: [measured(measure) for measure in claim.measures.all()]),
    Column("study", "Study", lambda claim: str(claim.preparation.study), shown=True),
    Column("study_accession", "Study, accession", lambda claim: claim.preparation.study.accession),
    Column("title", "Title of the study", lambda claim: claim.preparation.study.title),
    Column("journal", "Journal", lambda claim: claim.preparation.study.journal),
    Column("year", "Year", lambda claim: claim.preparation.study.year, shown=True),
    Column("pmid", "PMID", lambda claim: claim.preparation.study.pmid),
    Column("doi", "DOI", lambda claim: claim.preparation.study.doi),
    Column("nct", "NCT number", lambda claim: claim.preparation.study.nct),
    Column("status", "Standing of the study", lambda claim: claim.preparation.study.status, shown=True),
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
