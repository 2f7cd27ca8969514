"""Names as a person enters them: looked up, asked about where they mean several things, never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from apps.curation.models import NameNote
from apps.people.models import User
from apps.terms.grounding import Decision, decide, ground_names, look_up_names
from apps.terms.models import VOCABULARIES, Name, Term
from apps.terms.naming import key

# Chosen in place of a term: the name goes to the vocabulary work list as it was written.
AS_WRITTEN = "as-written"
Grounding = Name.Grounding


class Entered(NamedTuple):
    """A name that a person entered: what it is a name of, the text, and the term they chose, if any."""

    kind: str
    text: str
    term: str = ""


class Question(NamedTuple):
    """What must be asked about a name before it can be saved: a sentence, and the terms to choose from."""

    sentence: str
    choices: tuple[Term, ...] = ()


def questions(entered: Collection[Entered]) -> dict[Entered, Question]:
    """What must be asked: names that several terms have, and terms that are unknown or of another kind."""
    chosen = {each for each in entered if each.term not in ("", AS_WRITTEN)}
    terms = Term.objects.in_bulk({each.term for each in chosen}, field_name="curie")
    asked = {each: Question(said) for each in chosen if (said := _misfit(each, terms.get(each.term)))}
    decided = _decided([each for each in entered if not each.term])
    unsure = [each for each, decision in decided.items() if decision.grounding == Grounding.AMBIGUOUS]
    return asked | _choices(unsure)


def named(entered: Collection[Entered]) -> dict[Entered, Name]:
    """The Name of each, made where it is new; a chosen term stands beside the text where the text alone says less."""
    chosen = {each for each in entered if each.term not in ("", AS_WRITTEN)}
    terms = dict(Term.objects.filter(curie__in={each.term for each in chosen}).values_list("curie", "pk"))
    decided = _decided(chosen)
    keys = {
        each: (each.kind, each.text, each.term if each in chosen and not _says(decided[each], terms[each.term]) else "")
        for each in entered
    }
    names = ground_names(keys.values())
    return {each: names[key] for each, key in keys.items()}


def note(*, names: Iterable[Name], text: str, by: User) -> None:
    """Leave word for whoever grounds those of the names that have no term yet."""
    if text.strip():
        open_names = {name.pk: name for name in names if name.grounding in (Grounding.UNKNOWN, Grounding.AMBIGUOUS)}
        NameNote.objects.bulk_create(
            NameNote(name=name, text=text.strip()[:500], by=by) for name in open_names.values()
        )


def entered_as(name: Name) -> Entered:
    """A name that is there, as a form shows it; one that was left as written is not asked about again."""
    left = name.grounding in (Grounding.AMBIGUOUS, Grounding.UNKNOWN) and not name.given_curie
    return Entered(name.kind, name.text, AS_WRITTEN if left else name.given_curie)


def _says(decision: Decision, term: int) -> bool:
    return decision.grounding == Grounding.GROUNDED and decision.terms == (term,)


def _decided(entered: Collection[Entered]) -> dict[Entered, Decision]:
    rows = {each: Name(kind=each.kind, text=each.text, key=key(each.text)[:300]) for each in entered}
    decisions = decide(list(rows.values()))
    return {each: decisions[row.kind, row.text, row.given_curie] for each, row in rows.items()}


def _misfit(entered: Entered, term: Term | None) -> str:
    if term is None:
        return f"{entered.term} is in none of the vocabularies: choose again, or leave “{entered.text}” as written."
    if term.vocabulary not in VOCABULARIES[entered.kind]:
        return f"{term} is of {term.vocabulary}, not of {entered.kind}: choose again."
    return ""


def _choices(unsure: Collection[Entered]) -> dict[Entered, Question]:
    """The terms that each of the names may mean, with their parents."""
    if not unsure:
        return {}
    lookup = look_up_names({each.text for each in unsure})
    curies = {
        each: next((found for book in VOCABULARIES[each.kind] if (found := lookup.candidates(book, each.text))), [])
        for each in unsure
    }
    wanted = {curie for found in curies.values() for curie in found}
    terms = {term.curie: term for term in Term.objects.filter(curie__in=wanted).prefetch_related("parents")}
    return {
        each: Question(
            f"“{each.text}” may mean several things: choose one, or leave it as written.",
            tuple(terms[curie] for curie in found),
        )
        for each, found in curies.items()
    }
