"""The strength of a proposition: one cargo or source, one disease, one question, one thing said of it.

Told as steps, of which each is there or missing, with the claims behind it; never as one mark.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import models
from django.db.models import Case, Count, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from apps.claims.models import LADDER, Aspect, Claim, ClaimQuerySet, Edge, Effect, Model, Shown
from apps.studies.models import StudyStatus
from apps.synthesis.balance import WELL_REPORTED
from apps.synthesis.choosing import Choice, Chosen
from apps.synthesis.facts import EXPERIMENTS, MIXED, inhibits
from apps.synthesis.models import Standing
from apps.synthesis.questions import PROGRESSION, Question
from apps.terms.models import Term

SUBJECTS = ("cargo", "source", "source_category")
GROUP = Coalesce("preparation__study__author_group__first", "preparation__study")
ENOUGH_GROUPS = 2


class Says(models.TextChoices):
    """What a proposition says. Every claim says exactly one of these."""

    HARM = "harm", "harms"
    BENEFIT = "benefit", "helps"
    UNCLEAR = "unclear", "acts, with both edges or neither"
    MARKS = "marks", "marks it"
    NO_EFFECT = "no_effect", "has no effect that was found"


ACTS = (Says.HARM, Says.BENEFIT, Says.UNCLEAR)


class StepStanding(models.TextChoices):
    """How a step stands."""

    THERE = "there"
    MISSING = "missing", "missing: no claim"
    NOT_SHOWN = "not_shown", "looked for and not shown"
    NOT_CURATED = "not_curated", "not known: nobody has curated it"
    AGAINST = "against", "contradicted"


@dataclass(frozen=True)
class Ask:
    """What a step asks of a claim, and of which propositions it is asked."""

    title: str
    of: tuple[Says, ...]
    there: Q
    not_shown: Q = field(default_factory=lambda: Q(pk__in=[]))
    not_curated: Q = field(default_factory=lambda: Q(pk__in=[]))


def _curated(title: str, name: str, *of: Says) -> Ask:
    """A step that a field of a claim tells of."""
    return Ask(title, of, *(Q(**{name: value}) for value in (Shown.SHOWN, Shown.NOT_SHOWN, Shown.NOT_CURATED)))


CURATED = Q(preparation__metric_curated__gt=0)
WELL = Q(preparation__metric_reported__gte=F("preparation__metric_curated") * WELL_REPORTED)
ASKS: dict[str, Ask] = {
    "cargo_observed": _curated(LADDER["cargo_observed"], "cargo_observed", *ACTS, Says.MARKS),
    "transfer_shown": _curated(LADDER["transfer_shown"], "transfer_shown", *ACTS),
    "vesicle_free_control": _curated(LADDER["vesicle_free_control"], "vesicle_free_control", *ACTS),
    "lost_on_removal": _curated(LADDER["lost_on_removal"], "lost_on_removal", *ACTS),
    "animal": Ask("in animals", (*ACTS, Says.NO_EFFECT), Q(models_used__overlap=[Model.ANIMAL])),
    "patients": Ask(
        "in samples of patients or a trial",
        tuple(Says),
        Q(models_used__overlap=[Model.PATIENT_SAMPLES, Model.CLINICAL_TRIAL]),
    ),
    "validation": _curated("in a second, independent cohort", "validation", Says.MARKS),
    "reporting": Ask(
        "at least half of the curated items on methods reported", tuple(Says), CURATED & WELL, CURATED & ~WELL, ~CURATED
    ),
}
# A step of its own only where the subject is a cargo: whole vesicles need no cargo to be seen in them.
OF_CARGO = "cargo_observed"


class _Strongest(Func):
    """The first few of an array."""

    template = "(%(expressions)s)[1:5]"
    arity = 1

    def _resolve_output_field(self) -> Any:
        return self.get_source_expressions()[0].output_field


@dataclass(frozen=True)
class Step:
    """One step: how it stands, how many claims make it so, and the strongest of them."""

    key: str
    title: str
    stands: StepStanding
    count: int
    claims: list[str]

    @property
    def is_there(self) -> bool:
        return self.stands == StepStanding.THERE


@dataclass(frozen=True)
class Proposition:
    """What claims on one subject and one disease say on one question."""

    question: Question
    says: Says
    count: int
    studies: int
    groups: int
    steps: list[Step]

    @property
    def there(self) -> list[Step]:
        return [step for step in self.steps if step.is_there]

    @property
    def missing(self) -> list[Step]:
        return [step for step in self.steps if not step.is_there]


def can_be_asked(chosen: Chosen) -> bool:
    """Whether the choice is one subject and one disease, both known."""
    named = [choice.name for choice in chosen.choices]
    return sorted(named) in [sorted([subject, "disease"]) for subject in SUBJECTS] and not chosen.unknown


def propositions(chosen: Chosen, *, question: str = "", says: str = "") -> list[Proposition]:
    """All that is said of the subject in the disease, that of most claims first; in two queries."""
    claims = _about(chosen).filter(_asking(question), _saying(says))
    of_cargo = any(choice.name == "cargo" for choice in chosen.choices)
    rows: Any = claims.annotate(question=asked(), says=said()).order_by().values("question", "says")
    found = rows.annotate(**_numbers()).order_by("-n", "question", "says")
    return [_proposition(row, of_cargo=of_cargo) for row in found]


def of_claim(claim: Claim) -> tuple[dict[str, str], Proposition | None]:
    """How the proposition of a claim is asked for, and the proposition; none where it is about no one thing."""
    disease = Term.objects.filter(names=claim.disease_id).order_by("pk").first()
    subject = _subject(claim)
    if disease is None or subject is None or claim.preparation.study.status == StudyStatus.RETRACTED:
        return {}, None
    where = Choice("disease", disease.curie, disease, disease.label)
    question, says = asked_of(claim), said_of(claim)
    found = propositions(Chosen((subject, where)), question=question, says=says)
    asks = {subject.name: subject.given, "disease": disease.curie, "question": question, "says": says}
    return asks, found[0] if found else None


def asked() -> Case:
    """Of a claim, in SQL: its question."""
    progression = When(aspect__in=PROGRESSION, then=Value(Question.PROGRESSION.value))
    return Case(progression, default=F("aspect"), output_field=models.CharField())


def _asking(question: str) -> Q:
    """The claims on a question, in columns: what they hold the planner knows, of an expression it knows nothing."""
    if not question:
        return Q()
    return Q(aspect__in=PROGRESSION) if question == Question.PROGRESSION else Q(aspect=question)


def _saying(says: str) -> Q:
    """The claims that say this, in columns."""
    if not says:
        return Q()
    if says in {Says.NO_EFFECT, Says.MARKS}:
        return Q(effect=says)
    acts = ~Q(effect__in=[Effect.NO_EFFECT, Effect.MARKS])
    return acts & (~Q(edge__in=[Edge.HARM, Edge.BENEFIT]) if says == Says.UNCLEAR else Q(edge=says))


def asked_of(claim: Claim) -> str:
    return Question.PROGRESSION.value if claim.aspect in PROGRESSION else claim.aspect


def said() -> Case:
    """Of a claim, in SQL: what it says."""
    return Case(
        When(effect=Effect.NO_EFFECT, then=Value(Says.NO_EFFECT.value)),
        When(effect=Effect.MARKS, then=Value(Says.MARKS.value)),
        When(edge__in=[Edge.HARM, Edge.BENEFIT], then=F("edge")),
        default=Value(Says.UNCLEAR.value),
        output_field=models.CharField(),
    )


def said_of(claim: Claim) -> str:
    if claim.effect in {Effect.NO_EFFECT, Effect.MARKS}:
        return claim.effect
    return claim.edge if claim.edge in {Edge.HARM, Edge.BENEFIT} else Says.UNCLEAR.value


def _subject(claim: Claim) -> Choice | None:
    if claim.cargo:
        return Choice("cargo", claim.cargo.accession, claim.cargo, claim.cargo.name)
    source = claim.preparation.source
    if source.category in MIXED or not Claim.objects.filter(_of_the_source(), pk=claim.pk).exists():
        return None
    return Choice("source_category", source.category, label=str(source.get_category_display()))


def _of_the_source() -> Q:
    """Claims that say what vesicles of their own accord do, as they come from their source."""
    acts = ~Q(effect=Effect.MARKS) & ~Q(aspect=Aspect.RELEASE_INHIBITION)
    return acts & Q(preparation__engineered=False, models_used__overlap=sorted(EXPERIMENTS)) & ~Q(inhibits())


def _about(chosen: Chosen) -> ClaimQuerySet:
    counting = chosen.claims().counting()
    of_cargo = any(choice.name == "cargo" for choice in chosen.choices)
    return counting if of_cargo else counting.filter(_of_the_source())


def _numbers() -> dict[str, Any]:
    """What is counted of each proposition, in one pass."""
    disputed = Exists(Standing.objects.filter(claim=OuterRef("pk")))
    numbers: dict[str, Any] = {
        "n": Count("pk"),
        "studies": Count("preparation__study", distinct=True),
        "groups": Count(GROUP, distinct=True),
        "disputed": Count("pk", filter=disputed),
        "disputed_claims": _strongest(disputed),
    }
    for key, ask in ASKS.items():
        numbers[f"step_{key}"] = Count("pk", filter=ask.there)
        numbers[f"step_{key}_claims"] = _strongest(ask.there)
        numbers[f"step_{key}_not_shown"] = Count("pk", filter=ask.not_shown)
        numbers[f"step_{key}_not_curated"] = Count("pk", filter=ask.not_curated)
    return numbers


def _strongest(which: Any) -> _Strongest:
    return _Strongest(ArrayAgg("accession", filter=which, order_by=("level", "accession")))


def _proposition(row: dict[str, Any], *, of_cargo: bool) -> Proposition:
    says = Says(row["says"])
    asks = [key for key, ask in ASKS.items() if says in ask.of and (of_cargo or key != OF_CARGO)]
    steps = [*(_step(key, row) for key in asks), _independence(row), _consistency(row)]
    return Proposition(Question(row["question"]), says, row["n"], row["studies"], row["groups"], steps)


def _step(key: str, row: dict[str, Any]) -> Step:
    if row[f"step_{key}"]:
        return Step(key, ASKS[key].title, StepStanding.THERE, row[f"step_{key}"], row[f"step_{key}_claims"])
    for stands in (StepStanding.NOT_SHOWN, StepStanding.NOT_CURATED):
        if row[f"step_{key}_{stands}"]:
            return Step(key, ASKS[key].title, stands, row[f"step_{key}_{stands}"], [])
    return Step(key, ASKS[key].title, StepStanding.MISSING, 0, [])


def _independence(row: dict[str, Any]) -> Step:
    stands = StepStanding.THERE if row["groups"] >= ENOUGH_GROUPS else StepStanding.MISSING
    return Step("independence", "from groups of studies that share no authors", stands, row["groups"], [])


def _consistency(row: dict[str, Any]) -> Step:
    title = "not contradicted by other studies"
    if row["disputed"]:
        return Step("consistency", title, StepStanding.AGAINST, row["disputed"], row["disputed_claims"])
    stands = StepStanding.THERE if row["groups"] >= ENOUGH_GROUPS else StepStanding.MISSING
    return Step("consistency", title, stands, row["n"] if row["groups"] >= ENOUGH_GROUPS else 0, [])
