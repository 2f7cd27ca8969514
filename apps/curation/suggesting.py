"""What a menu offers while a person types: terms with their other names and parents, cargos, sources. Bounded, and in a
number of queries that does not depend on what is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from apps.curation.names import AS_WRITTEN
from apps.terms.models import VOCABULARIES, Name, NameKind, Synonym, Term
from apps.terms.naming import key
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import Cargo, CargoKind, CargoSynonym, CargoXref, VesicleSource

MOST = 10
LONGEST_TYPED = 300
# Three letters and more are looked for anywhere in a name; fewer only at its beginning.
SHORT = 2


class Suggestion(NamedTuple):
    """One line of a menu: what it puts into the form, and what it shows."""

    text: str
    choice: str  # a term's CURIE, a cargo's kind, nothing for a source
    title: str
    detail: str = ""


def suggest(what: str, typed: str, study: str = "") -> list[Suggestion]:
    """What fits the text, the nearest first. What is asked of nothing known is nothing."""
    text = " ".join(typed[:LONGEST_TYPED].replace("\0", " ").split())
    if what == "source":
        return list(_sources(text, study))
    if not text:
        return []
    if what == "cargo":
        return [*_cargos(text), Suggestion(text, "", f"“{text}” as written", "a new cargo: choose its kind")]
    if what in NameKind.values:
        written = Suggestion(text, AS_WRITTEN, f"“{text}” as written", "goes to the vocabulary work list")
        return [*_names(what, text), written]
    return []


# --- terms ------------------------------------------------------------------------------------------------------------


def _names(kind: str, text: str) -> Iterator[Suggestion]:
    wanted = key(text)
    if not wanted:
        return
    of_kind = Q(vocabulary__in=VOCABULARIES[kind], obsolete=False)
    labels = _near(Term.objects.filter(of_kind), "key", wanted, Q(curie__in=(text, text.upper())))
    best: dict[int, tuple[int, int, str]] = {
        row["pk"]: (row["rank"], row["length"], "") for row in labels.values("pk", "rank", "length")[:MOST]
    }
    in_books = Q(term__vocabulary__in=VOCABULARIES[kind], term__obsolete=False)
    synonyms = _near(Synonym.objects.filter(in_books), "key", wanted)
    for row in synonyms.values("term_id", "text", "rank", "length")[: 2 * MOST]:
        found = (row["rank"], row["length"], row["text"])
        best[row["term_id"]] = min(best.get(row["term_id"], found), found, key=lambda each: each[:2])
    terms = Term.objects.prefetch_related("parents").in_bulk(best)
    used = _near(Name.objects.filter(kind=kind), "key", wanted).prefetch_related("terms")[:MOST]
    lines = [((*best[pk][:2], 0), _of_term(term, best[pk][2])) for pk, term in terms.items()]
    lines += [((name.rank, name.length, 1), line) for name in used if (line := _of_name(name))]
    labelled = {(line.text.casefold(), line.choice) for _, line in lines if line.choice}
    shown = 0
    for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].text)):
        # A name that only repeats a term's label tells nothing more.
        if (line.choice or (line.text.casefold(), line.detail) not in labelled) and shown < MOST:
            shown += 1
            yield line if line.choice else line._replace(detail=f"used before · {line.detail}")


def _of_term(term: Term, matched: str) -> Suggestion:
    above = ", ".join(parent.label for parent in term.parents.all())
    parts = (f"also {matched}" if matched and matched != term.label else "", f"under {above}" if above else "")
    return Suggestion(term.label, term.curie, f"{term.label} · {term.curie}", " · ".join(filter(None, parts)))


def _of_name(name: Name) -> Suggestion | None:
    """A name that studies here have written before, with what was decided on it."""
    meant = [str(term) for term in name.terms.all()]
    if name.given_curie or (len(meant) == 1 and meant[0].startswith(f"{name.text} (")):
        return None
    return Suggestion(name.text, "", name.text, ", ".join(meant) or str(name.get_grounding_display()))


# --- cargos and sources -----------------------------------------------------------------------------------------------


def _cargos(text: str) -> Iterator[Suggestion]:
    wanted = cargo_key(text)
    by_id = CargoXref.objects.filter(curie__in=(text, text.upper(), text.lower())).values_list("cargo_id", flat=True)
    also = Q(accession=text.upper()) | Q(pk__in=list(by_id[:MOST]))
    named = _near(Cargo.objects.all(), "key", wanted, also)
    best = {row["pk"]: (row["rank"], row["length"], "") for row in named.values("pk", "rank", "length")[:MOST]}
    synonyms = CargoSynonym.objects.filter(_begins("text", text, ignoring_case=True)).order_by(Length("text"), "pk")
    for cargo, other in synonyms.values_list("cargo_id", "text")[:MOST]:
        best.setdefault(cargo, (0 if other.casefold() == text.casefold() else 2, len(other), other))
    cargos = Cargo.objects.prefetch_related("xrefs").in_bulk(best)
    for pk in sorted(best, key=lambda pk: (best[pk][:2], pk))[:MOST]:
        found, other = cargos[pk], best[pk][2]
        ids = ", ".join(xref.curie for xref in found.xrefs.all()[:3])
        parts = (f"also {other}" if other else "", ids or "no cross-reference")
        title = f"{found.name} · {CargoKind(found.kind).label}"
        yield Suggestion(found.name, found.kind, title, " · ".join(filter(None, parts)))


def _sources(text: str, study: str) -> Iterator[Suggestion]:
    """Sources by name or accession; before anything is typed, those of the study."""
    if text:
        found = VesicleSource.objects.filter(_begins("name", text, ignoring_case=True) | Q(accession=text.upper()))
    else:
        found = VesicleSource.objects.filter(preparations__study__accession=study).distinct()
    for source in found.select_related("species", "tissue", "disease").order_by("name", "pk")[:MOST]:
        facts = [source.get_category_display(), source.get_material_display(), source.species]
        facts += [each for each in (source.tissue, source.disease) if each]
        title = f"{source.name} · {source.accession}"
        yield Suggestion(title, "", title, " · ".join(map(str, facts)))


# --- nearness ---------------------------------------------------------------------------------------------------------


def _near(rows: QuerySet[Any], column: str, wanted: str, also: Q | None = None) -> QuerySet[Any]:
    """Rows whose column holds the text, the equal first, then what begins with it, then what has a word that does."""
    held = _begins(column, wanted)
    rank = Case(
        *([When(also, then=Value(0))] if also else []),
        When(**{column: wanted}, then=Value(0)),
        When(**{f"{column}__startswith": wanted}, then=Value(1)),
        When(**{f"{column}__contains": f" {wanted}"}, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return (
        rows.filter(held | also if also else held)
        .annotate(rank=rank, length=Length(column))
        .order_by("rank", "length", F(column), "pk")
    )


def _begins(column: str, text: str, *, ignoring_case: bool = False) -> Q:
    how = "startswith" if len(text) <= SHORT else "contains"
    return Q(**{f"{column}__{'i' if ignoring_case else ''}{how}": text})
