"""Which measures answer the same question, and what they come to together.

Pooled are numbers of the same measure, marker, disease, kind of fluid and comparison (for ratios: end point), one a
study. All else stands beside with its reason. Computed when asked for, so that a retraction tells at once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from django.db.models import Q

from apps.claims.models import RATIOS, Claim, Measure
from apps.studies.models import Study, StudyKind, StudyStatus
from apps.synthesis import accuracy, pooling
from apps.synthesis.measures import Effect, Given, Unfit, effect
from apps.terms.naming import key as plain

SINGLE = ("AUC", *RATIOS)
PAIR = ("sensitivity", "specificity")
BOTH = "sensitivity and specificity"
# The kind of fluid that a name tells; plasma and serum are blood.
FLUIDS = {
    "blood": r"blood|plasma|serum",
    "urine": r"urin",
    "saliva": r"saliv",
    "cerebrospinal fluid": r"cerebrospinal|csf",
    "bile": r"\bbile\b",
    "ascites": r"ascit",
    "lavage fluid": r"lavage",
}
# Whom cases were told from, by what stands behind "against", "from" or "versus".
HEALTHY, ILL = (
    r"health|cancer-free|volunteer|normal|donor",
    r"benign|pancreatitis|hepatitis|cirrhosis|stone|disease|polyp",
)
END_POINTS = {
    "overall survival": r"overall survival|death|\bOS\b|overall death",
    "progression": r"progression",
    "recurrence": r"recurren|relapse|disease-free",
    "metastasis": r"metasta",
}
# A note that tells of more than the marker, or of something else.
NOT_ALONE = re.compile(
    r"\b(with|plus|added|together|panel of|standard of care|cytology|double-positive)\b", re.IGNORECASE
)
TWICE = "Another number of the same study is taken: its people would count twice."
COHORTS = ("external", "independent", "validation", "test")


@dataclass(frozen=True)
class Question:
    """What numbers must have in common to be pooled."""

    measure: str
    cargo: str
    marker: str
    curie: str
    disease: str
    fluid: str
    comparison: str

    @property
    def slug(self) -> str:
        parts = (self.cargo, self.curie or self.disease, self.measure, self.fluid, self.comparison)
        return "--".join(re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") or "any" for part in parts)

    def __str__(self) -> str:
        return f"{self.marker} in {self.disease}: {self.measure}"


@dataclass(frozen=True)
class Number:
    """One measure of a claim, or the two of a pair."""

    claim: Claim
    measures: tuple[Measure, ...]

    @property
    def study(self) -> Study:
        return self.claim.preparation.study

    @property
    def note(self) -> str:
        return "; ".join(dict.fromkeys(each.note for each in self.measures if each.note))

    @property
    def given(self) -> Given:
        one = self.measures[0]
        return Given(one.name, one.value, one.ci_low, one.ci_high, one.n_cases, one.n_controls)

    def size(self, name: str) -> int | None:
        """Of a group, as any measure of the claim gives it."""
        every = (*self.measures, *self.claim.measures.all())
        return next((size for each in every if (size := getattr(each, name))), None)


@dataclass(frozen=True)
class Entry:
    """A number that is pooled."""

    number: Number
    effect: Effect | None = None
    table: accuracy.Table | None = None

    @property
    def cases(self) -> int | None:
        return None if self.table is None else round(self.table.tp + self.table.fn)

    @property
    def controls(self) -> int | None:
        return None if self.table is None else round(self.table.fp + self.table.tn)


@dataclass(frozen=True)
class Refused:
    """A number that is not, and why."""

    number: Number
    reason: str


@dataclass
class Analysis:
    """The numbers on one question, and what they come to."""

    question: Question
    entries: list[Entry] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def is_pair(self) -> bool:
        return self.question.measure == BOTH

    @cached_property
    def pooled(self) -> pooling.Pooled | None:
        """Of one number a study, from two studies on."""
        return pooling.pool(*self._effects) if not self.is_pair and len(self.entries) > 1 else None

    @cached_property
    def without(self) -> list[tuple[Entry, pooling.Pooled]]:
        """For each entry, the pooled number without it."""
        return list(zip(self.entries, pooling.without_each(*self._effects), strict=False)) if self.pooled else []

    @cached_property
    def egger(self) -> pooling.Egger | None:
        return pooling.egger(*self._effects) if self.pooled else None

    @cached_property
    def accuracy(self) -> accuracy.Accuracy | None:
        """Of pairs, from four studies on; None where the model does not settle."""
        tables = [entry.table for entry in self.entries if entry.table]
        if not self.is_pair or len(tables) < accuracy.FEWEST:
            return None
        try:
            return accuracy.pool(tables)
        except ValueError:
            return None

    @property
    def _effects(self) -> tuple[list[float], list[float]]:
        effects = [entry.effect for entry in self.entries if entry.effect]
        return [each.value for each in effects], [each.variance for each in effects]


def analyses(which: Q | None = None) -> list[Analysis]:
    """The questions that the accepted claims among these have numbers on; those with most studies first."""
    found: dict[Question, list[Number]] = defaultdict(list)
    for claim in _claims(which or Q()):
        for name, numbers in _numbers(claim):
            for number in numbers:
                found[_question(number, name)].append(number)
    every = [_sorted_out(question, numbers) for question, numbers in found.items()]
    return sorted(every, key=lambda each: (-len(each.entries), -len(each.refused), each.question.slug))


def analysis(slug: str) -> Analysis | None:
    """The numbers on one question, by its address."""
    cargo = slug.partition("--")[0]
    return next((each for each in analyses(Q(cargo__accession=cargo)) if each.question.slug == slug), None)


def _claims(which: Q) -> Iterable[Claim]:
    measured = Measure.objects.filter(name__in=(*SINGLE, *PAIR)).values("claim")
    return (
        Claim.objects.accepted()
        .filter(which, cargo__isnull=False, pk__in=measured)
        .select_related("cargo", "disease", "preparation__study", "preparation__source__tissue")
        .prefetch_related("measures", "disease__terms")
        .defer("search")
        .order_by("preparation__study__year", "preparation__study", "pk")
    )


def _numbers(claim: Claim) -> Iterable[tuple[str, list[Number]]]:
    """The claim's numbers by measure; the first sensitivity goes with the first specificity, and so on."""
    by_name: dict[str, list[Measure]] = defaultdict(list)
    for each in claim.measures.all():
        by_name[each.name].append(each)
    for name in SINGLE:
        if by_name[name]:
            yield name, [Number(claim, (each,)) for each in by_name[name]]
    sensitivities, specificities = (by_name[name] for name in PAIR)
    pairs = list(zip(sensitivities, specificities, strict=False))
    alone = sensitivities[len(pairs) :] + specificities[len(pairs) :]
    if pairs or alone:
        yield BOTH, [*(Number(claim, pair) for pair in pairs), *(Number(claim, (each,)) for each in alone)]


def _question(number: Number, measure: str) -> Question:
    """What the number is on; its own note tells more of it than the outcome of the claim does."""
    claim = number.claim
    assert claim.cargo is not None  # noqa: S101 - others were not asked for
    term = next(iter(sorted(claim.disease.terms.all(), key=lambda each: each.curie)), None)
    tells, read = (_ends_in, end_point) if measure in RATIOS else (_tells, comparison)
    return Question(
        measure=measure,
        cargo=claim.cargo.accession,
        marker=claim.cargo.name,
        curie=term.curie if term else "",
        disease=term.label if term else claim.disease.text,
        fluid=fluid(str(claim.preparation.source.tissue or "")),
        comparison=read(number.note if tells(number.note) else claim.outcome),
    )


def fluid(tissue: str) -> str:
    """The kind of fluid or tissue that a name tells."""
    kinds = [kind for kind, pattern in FLUIDS.items() if re.search(pattern, tissue, re.IGNORECASE)]
    return " and ".join(kinds) or tissue or "not told"


def comparison(outcome: str) -> str:
    """Whom cases were told from, as the outcome words it."""
    _, against, whom = re.split(r"\b(against|versus|from)\b", outcome, maxsplit=1) if _tells(outcome) else ("", "", "")
    if not against:
        return "not told"
    kinds = [
        name for name, pattern in (("health", HEALTHY), ("another disease", ILL)) if re.search(pattern, whom.lower())
    ]
    return " and ".join(kinds) or whom.strip()


def _tells(outcome: str) -> bool:
    return bool(re.search(r"\b(against|versus|from)\b", outcome))


def end_point(text: str) -> str:
    """What a ratio is of: an end point that is known here, else the words themselves."""
    return " and ".join(_ends_in(text)) or plain(text)


def _ends_in(text: str) -> list[str]:
    return [name for name, pattern in END_POINTS.items() if re.search(pattern, text, re.IGNORECASE)]


def _sorted_out(question: Question, numbers: Sequence[Number]) -> Analysis:
    """The numbers that can be pooled, one a study, and why the others can't."""
    made = _pair if question.measure == BOTH else _single
    result = Analysis(question)
    for _, of_study in groupby(numbers, key=lambda number: number.study.pk):
        _take_one(result, list(of_study), made)
    return result


def _take_one(result: Analysis, numbers: list[Number], made: Callable[[Number], Entry]) -> None:
    """Of one study, the first number that can be pooled: of a validation cohort before the others."""
    fit: list[Entry] = []
    for number in sorted(numbers, key=_cohort):
        try:
            _check(number)
            fit.append(made(number))
        except Unfit as why:
            result.refused.append(Refused(number, str(why)))
    result.entries += fit[:1]
    result.refused += [Refused(entry.number, TWICE) for entry in fit[1:]]


def _cohort(number: Number) -> int:
    note = number.note.lower()
    return next((at for at, word in enumerate(COHORTS) if word in note), len(COHORTS))


def _check(number: Number) -> None:
    if number.study.status == StudyStatus.RETRACTED:
        raise Unfit("The study is retracted.")
    if number.study.kind in {StudyKind.META_ANALYSIS, StudyKind.SYSTEMATIC_REVIEW, StudyKind.REVIEW}:
        raise Unfit("The publication pools or reviews studies itself: theirs would count twice.")
    if NOT_ALONE.search(number.note):
        raise Unfit("It is not the number of this marker alone, as its note says.")


def _single(number: Number) -> Entry:
    return Entry(number, effect=effect(number.given))


def _pair(number: Number) -> Entry:
    if len(number.measures) < len(PAIR):
        raise Unfit("Of sensitivity and specificity only one is given: either can be bought by giving up the other.")
    sensitivity, specificity = (each.value for each in number.measures)
    cases, controls = number.size("n_cases"), number.size("n_controls")
    if sensitivity is None or specificity is None:
        raise Unfit("The estimate itself is not given.")
    if not cases or not controls:
        raise Unfit("The sizes of both groups are not given, so nothing tells how sure it is.")
    return Entry(number, table=accuracy.Table.of_shares(sensitivity, specificity, cases, controls))
