"""The columns of answer tables: what each is called, and how its cell of one claim reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from apps.citations.services import name_of
from apps.claims.models import Claim, Measure, Shown
from apps.studies.models import CitationCount
from apps.terms.models import Name
from apps.web.templatetags.evidence import (
    LEVEL_MEANING,
    edge_mark,
    interval,
    methods,
    models_shown,
    number,
    score,
    worded,
)


@dataclass(frozen=True)
class Row:
    """A claim, and what stands beside it in tables of some questions."""

    claim: Claim
    safety: list[Claim] = field(default_factory=list)
    cited: list[CitationCount] = field(default_factory=list)


@dataclass(frozen=True)
class Column:
    title: str
    cell: Callable[[Row], SafeString]
    numeric: bool = False
    # What it takes of the database beyond the claim itself.
    needs: str = ""


DASH = mark_safe('<span class="unknown">–</span>')
NONE = mark_safe('<span class="unknown">none curated</span>')
NOT_KNOWN = mark_safe('<span class="unknown">not known</span>')
UNTOLD, PLAIN = mark_safe("engineered, how is not stated"), mark_safe("not engineered")
WHOLE = mark_safe("the vesicle as a whole")


def _link(address: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', address, text)


def _lines(parts: Iterable[object]) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((part,) for part in parts)) or DASH


def _names(names: Iterable[Name]) -> SafeString:
    return format_html_join(", ", "{}", ((name.text,) for name in names)) or DASH


def _name(name: Name | None) -> SafeString:
    return format_html("{}", name.text) if name else DASH


def _cargo(row: Row) -> SafeString:
    cargo = row.claim.cargo
    return _link(cargo.get_absolute_url(), cargo) if cargo else WHOLE


def _source(row: Row) -> SafeString:
    source = row.claim.preparation.source
    return _link(source.get_absolute_url(), source)


def _fluid(row: Row) -> SafeString:
    source = row.claim.preparation.source
    return format_html("{}", source.tissue.text) if source.tissue else _source(row)


def _edge(row: Row) -> SafeString:
    return edge_mark(row.claim.edge)


def _finding(row: Row) -> SafeString:
    claim = row.claim
    verb, outcome = worded(str(claim.get_effect_display())), claim.outcome
    return format_html("<em>{}</em> {}", verb, outcome)


def _level(row: Row) -> SafeString:
    level = row.claim.level
    return render_to_string("web/parts/level.html", {"level": level, "meaning": LEVEL_MEANING[level]})


def _study(row: Row) -> SafeString:
    claim, study = row.claim, row.claim.preparation.study
    return format_html(
        '<a href="{}">{}</a> {} <a class="acc" href="{}" title="{}">{}</a>',
        *(study.get_absolute_url(), study, mark_safe(render_to_string("web/parts/retracted.html", {"study": study}))),  # noqa: S308
        *(claim.get_absolute_url(), claim.statement, claim.accession),
    )


def _standing(row: Row) -> SafeString:
    return format_html("{}", worded(str(row.claim.preparation.study.get_status_display())))


def _measured(name: str) -> Callable[[Row], SafeString]:
    """Every value that the claim gives for the measure, each with its interval and its note."""

    def cell(row: Row) -> SafeString:
        found = [each for each in row.claim.measures.all() if each.name == name and each.value is not None]
        return _lines(map(_value, found))

    return cell


def _value(measure: Measure) -> SafeString:
    ends, note = interval(measure), measure.note
    within = format_html(' <span class="nobreak">({})</span>', ends) if ends else ""
    told = format_html(' <span class="aside">{}</span>', note) if note else ""
    return format_html("<strong>{}</strong>{}{}", number(measure.value), within, told)


def _people(row: Row) -> SafeString:
    """Group sizes as the measures give them, each pair once."""
    pairs = dict.fromkeys(
        (each.n_cases, each.n_controls) for each in row.claim.measures.all() if each.n_cases or each.n_controls
    )
    if pairs:
        return _lines(f"{_or_unknown(cases)} / {_or_unknown(controls)}" for cases, controls in pairs)
    together = dict.fromkeys(each.n for each in row.claim.measures.all() if each.n)
    return _lines(f"{each} in all" for each in together)


def _or_unknown(size: int | None) -> str:
    return "?" if size is None else str(size)


def _validation(row: Row) -> SafeString:
    return format_html("{}", worded(str(Shown(row.claim.validation).label)))


def _made(row: Row) -> SafeString:
    made = row.claim.preparation
    told = [f"{what}: {text}" for what, text in (("loaded", made.loading), ("surface", made.surface)) if text]
    if told:
        return _lines(told)
    return UNTOLD if made.engineered else PLAIN


def _side_effects(row: Row) -> SafeString:
    found = [each for each in row.safety if each.pk != row.claim.pk]
    if not found:
        return NONE
    return _lines(
        format_html("{} {}", worded(str(each.get_effect_display())), _link(each.get_absolute_url(), each.outcome))
        for each in found
    )


def _cited(row: Row) -> SafeString:
    counts = (f"{count.count} ({name_of(count.service)}, {count.day:%Y-%m-%d})" for count in row.cited)
    return format_html_join(mark_safe("<br>"), "{}", ((count,) for count in counts)) or NOT_KNOWN


def _score(row: Row) -> SafeString:
    made = row.claim.preparation
    return _link(made.get_absolute_url(), score(made))


def _methods(row: Row) -> SafeString:
    made = row.claim.preparation
    return _lines([f"isolation: {methods(made.isolation)}", f"characterised by: {methods(made.methods)}"])


COLUMNS: dict[str, Column] = {
    "aspect": Column("Aspect", lambda row: format_html("{}", worded(str(row.claim.get_aspect_display())))),
    "auc": Column("AUC", _measured("AUC"), needs="measures"),
    "cargo": Column("Cargo", _cargo),
    "cited": Column("Cited", _cited, needs="cited"),
    "disease": Column("Disease", lambda row: _name(row.claim.disease)),
    "edge": Column("Edge", _edge),
    "finding": Column("Finding", _finding),
    "fluid": Column("Fluid", _fluid),
    "level": Column("Level", _level),
    "made": Column("Engineering", _made),
    "methods": Column("Vesicles", _methods),
    "models": Column("Shown in", lambda row: format_html("{}", models_shown(row.claim.models_used))),
    "people": Column("Cases / controls", _people, needs="measures"),
    "recipient": Column("Recipient", lambda row: _name(row.claim.recipient)),
    "score": Column("Reporting score", _score),
    "sensitivity": Column("Sensitivity", _measured("sensitivity"), needs="measures"),
    "side_effects": Column("Side effects", _side_effects, needs="safety"),
    "source": Column("Vesicles of", _source),
    "specificity": Column("Specificity", _measured("specificity"), needs="measures"),
    "standing": Column("Standing", _standing),
    "study": Column("Study and claim", _study),
    "target": Column("Targets", lambda row: _names(row.claim.target_names), needs="targets"),
    "therapy": Column("Therapy", lambda row: _names(row.claim.therapy_names), needs="therapies"),
    "validation": Column("Second cohort", _validation),
}


def cells(row: Row, columns: Iterable[str]) -> list[SafeString]:
    return [COLUMNS[name].cell(row) for name in columns]
