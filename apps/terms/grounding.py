"""Ground names: which terms a name in a study means. What is not certain is asked, never guessed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from apps.terms import mirna
from apps.terms.models import VOCABULARIES, AlternativeId, Name, NameKind, NameQuerySet, Synonym, Term, Vocabulary
from apps.terms.naming import is_not_stated, key
from apps.terms.table import BadVocabulary, is_curie, read_rows, split

NameKey = tuple[str, str, str]
Grounding = Name.Grounding
TO_DO = (Grounding.UNKNOWN, Grounding.AMBIGUOUS)

# The ranks of a match; the first rank that has any decides.
LABEL, EXACT, OTHER = range(3)


@dataclass(frozen=True)
class Decision:
    """How a name is grounded, and why."""

    grounding: str
    relation: str = ""
    terms: tuple[int, ...] = ()
    reason: str = ""


@dataclass
class Lookup:
    """All that the decisions on a set of names need, fetched at once."""

    by_curie: dict[str, tuple[int, str]] = field(default_factory=dict)
    by_alternative: dict[str, tuple[int, str]] = field(default_factory=dict)
    decided: dict[tuple[str, str], set[Decision]] = field(default_factory=lambda: defaultdict(set))
    matches: dict[tuple[str, str], dict[int, set[int]]] = field(default_factory=lambda: defaultdict(dict))
    curies: dict[int, str] = field(default_factory=dict)
    mirnas: mirna.Registry = field(default_factory=mirna.Registry)

    def add_match(self, vocabulary: str, name: str, rank: int, term: int) -> None:
        self.matches[vocabulary, name].setdefault(rank, set()).add(term)

    def candidates(self, vocabulary: str, text: str, prefixes: tuple[str, ...] = ("",)) -> list[str]:
        """The CURIEs of the terms that have the text as their name, all of the best rank that has any."""
        ranks = self.matches.get((vocabulary, key(text)), {})
        for rank in sorted(ranks):
            found = sorted(self.curies[term] for term in ranks[rank] if self.curies[term].startswith(prefixes))
            if found:
                return found
        return []


@transaction.atomic
def ground_names(
    wanted: Iterable[tuple[str, str, str | None]], *, touched: set[Name] | None = None
) -> dict[NameKey, Name]:
    """The Name of each (kind, text, given CURIE), made where it is new, and grounded where nobody has decided yet.

    The number of queries does not depend on the number of names. `touched` takes up the names that were there before
    and are decided otherwise now: claims that write them are found by new words.
    """
    keys = {(str(kind), text, given or "") for kind, text, given in wanted}
    found = _existing(keys)
    new = [_new_name(*each) for each in sorted(keys - set(found))]
    decisions = decide([*new, *(name for name in found.values() if name.grounding in TO_DO)])
    for name in new:
        _apply(name, decisions[name.kind, name.text, name.given_curie])
    Name.objects.bulk_create(new, batch_size=2000)
    changed = _save_changed(found.values(), decisions)
    if touched is not None:
        touched.update(changed)
    found |= {(name.kind, name.text, name.given_curie): name for name in new}
    _link(found, decisions)
    return found


@transaction.atomic
def reground(names: NameQuerySet) -> int:
    """Try the undecided names among these again. Return how many are decided now."""
    found = {(name.kind, name.text, name.given_curie): name for name in names.to_do()}
    decisions = decide(list(found.values()))
    _save_changed(found.values(), decisions)
    _link(found, decisions)
    return sum(name.grounding not in TO_DO for name in found.values())


def _existing(keys: set[NameKey]) -> dict[NameKey, Name]:
    texts = {text for _, text, _ in keys}
    names = Name.objects.filter(text__in=texts) if texts else Name.objects.none()
    found = {(name.kind, name.text, name.given_curie): name for name in names}
    return {each: name for each, name in found.items() if each in keys}


def _new_name(kind: str, text: str, given: str) -> Name:
    return Name(kind=kind, text=text, given_curie=given, key=key(text)[:300])


def _apply(name: Name, decision: Decision) -> bool:
    values = {
        "grounding": decision.grounding,
        "relation": decision.relation,
        "reason": decision.reason[:300],
    }
    changed = any(getattr(name, attribute) != value for attribute, value in values.items())
    for attribute, value in values.items():
        setattr(name, attribute, value)
    return changed


def _save_changed(names: Iterable[Name], decisions: dict[NameKey, Decision]) -> list[Name]:
    changed = []
    for name in names:
        decision = decisions.get((name.kind, name.text, name.given_curie))
        if decision and _apply(name, decision):
            changed.append(name)
    Name.objects.bulk_update(changed, ["grounding", "relation", "reason"], batch_size=1000)
    return changed


def _link(names: dict[NameKey, Name], decisions: dict[NameKey, Decision]) -> None:
    through = Name.terms.through
    rows = [
        through(name_id=names[each].pk, term_id=term) for each, decision in decisions.items() for term in decision.terms
    ]
    through.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)


# --- deciding -------------------------------------------------------------------------------------------------------


def decide(names: list[Name]) -> dict[NameKey, Decision]:
    """How each of the names is grounded; nothing is written."""
    lookup = _look_up(names)
    return {(name.kind, name.text, name.given_curie): _decide(name, lookup) for name in names}


def _decide(name: Name, lookup: Lookup) -> Decision:
    if is_not_stated(name.text):
        return Decision(Grounding.NOT_STATED)
    if name.given_curie:
        return _by_given_curie(name, lookup)
    decided = lookup.decided.get((name.kind, name.key), set())
    if len(decided) == 1:
        return next(iter(decided))
    return _by_mirna_rules(name, lookup) or _by_name(name, lookup)


def _by_given_curie(name: Name, lookup: Lookup) -> Decision:
    found = lookup.by_curie.get(name.given_curie) or lookup.by_alternative.get(name.given_curie)
    if found is None:
        return Decision(Grounding.UNKNOWN, reason=f"{name.given_curie} is not in the vocabularies")
    term, vocabulary = found
    if vocabulary not in VOCABULARIES[name.kind]:
        return Decision(Grounding.UNKNOWN, reason=f"{name.given_curie} is of {vocabulary}, not of {name.kind}")
    return Decision(Grounding.GROUNDED, Name.Relation.EXACT, (term,), "by the identifier given")


def _by_mirna_rules(name: Name, lookup: Lookup) -> Decision | None:
    """MicroRNAs go by miRBase's rules: there, case and arm tell the molecule from its hairpin."""
    parsed = mirna.parse(name.text) if Vocabulary.MOLECULE in VOCABULARIES[name.kind] else None
    if parsed is None or (parsed.form is mirna.Form.PRECURSOR and not parsed.species):
        return None
    resolution = lookup.mirnas.resolve(parsed)
    terms = tuple(lookup.by_curie[curie][0] for curie in resolution.curies)
    if resolution.relation is mirna.Relation.EXACT:
        return Decision(Grounding.GROUNDED, Name.Relation.EXACT, terms, resolution.reason)
    if resolution.relation is mirna.Relation.FAMILY:
        return Decision(Grounding.GROUNDED, Name.Relation.BROADER, terms, resolution.reason)
    ambiguous = resolution.relation is mirna.Relation.AMBIGUOUS
    return Decision(Grounding.AMBIGUOUS if ambiguous else Grounding.UNKNOWN, reason=resolution.reason)


def _by_name(name: Name, lookup: Lookup) -> Decision:
    """The first vocabulary of the kind, and there the first rank, that has the name decides."""
    for vocabulary in VOCABULARIES[name.kind]:
        ranks = lookup.matches.get((vocabulary, name.key))
        if ranks:
            rank = min(ranks)
            return _of_matches(rank, ranks[rank], lookup)
    return Decision(Grounding.UNKNOWN)


def _of_matches(rank: int, terms: set[int], lookup: Lookup) -> Decision:
    if len(terms) > 1:
        candidates = " or ".join(sorted(lookup.curies[term] for term in terms))
        return Decision(Grounding.AMBIGUOUS, reason=f"{candidates}"[:300])
    why = {LABEL: "its label", EXACT: "an exact synonym", OTHER: "a former or other synonym"}[rank]
    return Decision(Grounding.GROUNDED, Name.Relation.EXACT, tuple(terms), why)


def _look_up(names: list[Name]) -> Lookup:
    lookup = Lookup()
    if not names:
        return lookup
    keys = {name.key for name in names}
    _look_up_given({name.given_curie for name in names if name.given_curie}, lookup)
    _look_up_decided(keys, lookup)
    _look_up_matches(keys, lookup)
    if any(name.kind == NameKind.TARGET and mirna.parse(name.text) for name in names):
        lookup.mirnas, ids = mirna_registry()
        lookup.by_curie |= {curie: (pk, Vocabulary.MOLECULE) for curie, pk in ids.items()}
    return lookup


def _look_up_given(given: set[str], lookup: Lookup) -> None:
    for curie, pk, vocabulary in Term.objects.filter(curie__in=given).values_list("curie", "pk", "vocabulary"):
        lookup.by_curie[curie] = (pk, vocabulary)
    rows = AlternativeId.objects.filter(curie__in=given).values_list("curie", "term_id", "term__vocabulary")
    lookup.by_alternative = {curie: (pk, vocabulary) for curie, pk, vocabulary in rows}


def _look_up_decided(keys: set[str], lookup: Lookup) -> None:
    """Decisions on the same words in another spelling, as the decisions table or a curator made them."""
    names = (
        Name.objects.filter(key__in=keys, given_curie="", grounding__in=[Grounding.GROUNDED, Grounding.UNGROUNDABLE])
        .prefetch_related("terms")
        .order_by("pk")
    )
    for name in names:
        terms = tuple(sorted(term.pk for term in name.terms.all()))
        decision = Decision(name.grounding, name.relation, terms, name.reason)
        lookup.decided[name.kind, name.key].add(decision)


def _look_up_matches(keys: set[str], lookup: Lookup) -> None:
    labels = Term.objects.filter(key__in=keys, obsolete=False)
    for pk, curie, vocabulary, name in labels.values_list("pk", "curie", "vocabulary", "key"):
        lookup.add_match(vocabulary, name, LABEL, pk)
        lookup.curies[pk] = curie
    synonyms = Synonym.objects.filter(key__in=keys, term__obsolete=False)
    for pk, curie, vocabulary, name, scope in synonyms.values_list(
        "term_id", "term__curie", "term__vocabulary", "key", "scope"
    ):
        lookup.add_match(vocabulary, name, EXACT if scope == Synonym.Scope.EXACT else OTHER, pk)
        lookup.curies[pk] = curie


def look_up_names(texts: Iterable[str]) -> Lookup:
    """The terms that have any of the texts as a name."""
    lookup = Lookup()
    _look_up_matches({key(text) for text in texts}, lookup)
    return lookup


def mirna_registry() -> tuple[mirna.Registry, dict[str, int]]:
    """miRBase as the database has it, and the primary key of each entry."""
    terms = list(Term.objects.filter(vocabulary=Vocabulary.MOLECULE, curie__startswith="mirbase"))
    within = {"term__curie__startswith": "mirbase", "scope": Synonym.Scope.FORMER}
    former: dict[int, list[str]] = defaultdict(list)
    for pk, text in Synonym.objects.filter(**within).values_list("term_id", "text"):
        former[pk].append(text)
    above: dict[int, list[str]] = defaultdict(list)
    links = Term.parents.through.objects.filter(from_term__curie__startswith="mirbase")
    for pk, curie in links.values_list("from_term_id", "to_term__curie"):
        above[pk].append(curie)
    entries = (
        mirna.MirnaEntry(term.curie, term.label, tuple(sorted(above[term.pk])), tuple(former[term.pk]), term.obsolete)
        for term in terms
    )
    return mirna.Registry.of(entries), {term.curie: term.pk for term in terms}


# --- the decisions table ----------------------------------------------------------------------------------------------

DECISION_COLUMNS = ("kind", "name", "curies", "relation", "reason")


@dataclass
class DecisionSummary:
    """What reading the decisions did; `kept` are names that somebody has decided otherwise, left as they are."""

    rows: int = 0
    written: list[Name] = field(default_factory=list)
    kept: list[Name] = field(default_factory=list)


@dataclass(frozen=True)
class DecisionRow:
    kind: str
    name: str
    curies: tuple[str, ...]
    relation: str
    reason: str
    line: int


def read_decisions(path: Path | str) -> list[DecisionRow]:
    """The rows of a decisions table, each checked; a fault names the line and the field."""
    path = Path(path)
    rows: dict[tuple[str, str], DecisionRow] = {}
    for line, cells in read_rows(path, needed=DECISION_COLUMNS, known=DECISION_COLUMNS):
        row = DecisionRow(
            cells["kind"], cells["name"], split(cells["curies"]), cells["relation"], cells["reason"], line
        )
        _check_row(path, row)
        if (row.kind, row.name) in rows:
            raise BadVocabulary(path, line, f"name: {row.kind} {row.name!r} is decided twice")
        rows[row.kind, row.name] = row
    return list(rows.values())


def _check_row(path: Path, row: DecisionRow) -> None:
    ungroundable = row.relation == Grounding.UNGROUNDABLE
    faults = {
        f"kind: {row.kind!r} is none of {', '.join(NameKind.values)}": row.kind not in NameKind.values,
        "name: missing": not row.name,
        f"relation: {row.relation!r} is none of exact, broader, ungroundable": not ungroundable
        and row.relation not in Name.Relation.values,
        "curies: missing": not ungroundable and not row.curies,
        "curies: a name that can't be grounded has none": ungroundable and bool(row.curies),
        "reason: missing; say why the name can't be grounded": ungroundable and not row.reason,
    }
    for fault, is_so in faults.items():
        if is_so:
            raise BadVocabulary(path, row.line, fault)
    for curie in row.curies:
        if not is_curie(curie):
            raise BadVocabulary(path, row.line, f"curies: {curie!r} is not a CURIE")


@transaction.atomic
def load_decisions(path: Path | str, *, replace: bool = False) -> DecisionSummary:
    """Write the decisions as Name rows. A name decided otherwise is kept and told, unless `replace`."""
    rows = read_decisions(path)
    terms = _terms_of(Path(path), rows)
    present = {
        (name.kind, name.text): name
        for name in Name.objects.filter(given_curie="", text__in={row.name for row in rows}).prefetch_related("terms")
    }
    summary = DecisionSummary(rows=len(rows))
    for row in rows:
        decision = _decision_of(row, terms)
        name = present.get((row.kind, row.name)) or _new_name(row.kind, row.name, "")
        _write_decision(name, decision, summary, replace=replace)
    return summary


def _terms_of(path: Path, rows: list[DecisionRow]) -> dict[str, tuple[int, str]]:
    curies = {curie for row in rows for curie in row.curies}
    found = {
        curie: (pk, vocabulary)
        for curie, pk, vocabulary in Term.objects.filter(curie__in=curies).values_list("curie", "pk", "vocabulary")
    }
    for row in rows:
        for curie in row.curies:
            if curie not in found:
                raise BadVocabulary(path, row.line, f"curies: {curie} is in none of the loaded vocabularies")
            if found[curie][1] not in VOCABULARIES[row.kind]:
                raise BadVocabulary(path, row.line, f"curies: {curie} is of {found[curie][1]}, not of {row.kind}")
    return found


def _decision_of(row: DecisionRow, terms: dict[str, tuple[int, str]]) -> Decision:
    if row.relation == Grounding.UNGROUNDABLE:
        return Decision(Grounding.UNGROUNDABLE, reason=row.reason)
    return Decision(Grounding.GROUNDED, row.relation, tuple(terms[curie][0] for curie in row.curies), row.reason)


def _write_decision(name: Name, decision: Decision, summary: DecisionSummary, *, replace: bool) -> None:
    """Save one decision, unless it stands already or somebody has decided otherwise."""
    if name.pk:
        same_terms = {term.pk for term in name.terms.all()} == set(decision.terms)
        as_it_stands = (name.grounding, name.relation, name.reason)
        if same_terms and as_it_stands == (decision.grounding, decision.relation, decision.reason):
            return
        if name.grounding not in TO_DO and not replace:
            summary.kept.append(name)
            return
    _apply(name, decision)
    name.save()
    name.terms.set(decision.terms)
    summary.written.append(name)
