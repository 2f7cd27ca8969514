"""What contradictions are found by: of each claim that counts, what it says and in which setting, in one query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from apps.claims.models import Aspect, Claim, ClaimTherapy, Effect, Model, State
from apps.synthesis.questions import (
    CONDITIONS,
    PROGRESSION,
    QUESTION_OF,
    Question,
    Stance,
    SubjectKind,
    conditions_of,
    stance_of,
)
from apps.terms.models import NameTerm
from apps.vesicles.models import CargoKind, SourceCategory

ARM = re.compile(r"-[35]p$")
# Sources that are no kind of cell: what they have in common says nothing of who sent the vesicles.
MIXED = {SourceCategory.BIOFLUID, SourceCategory.TISSUE, SourceCategory.OTHER}
# Where something was done to see what follows; in samples of patients one only looks.
EXPERIMENTS = {Model.IN_VITRO, Model.EX_VIVO, Model.ANIMAL, Model.CLINICAL_TRIAL}
STUDY = "preparation__study"
FIELDS = {
    "claim": "pk",
    "study": STUDY,
    "aspect": "aspect",
    "effect": "effect",
    "edge": "edge",
    "outcome": "outcome",
    "level": "level",
    "cargo": "cargo",
    "cargo_kind": "cargo__kind",
    "cargo_key": "cargo__key",
    "cargo_name": "cargo__name",
    "cargo_accession": "cargo__accession",
    "category": "preparation__source__category",
    "source_name": "preparation__source__name",
    "species": "preparation__source__species",
    "tissue": "preparation__source__tissue",
    "models": "models_used",
    "recipient": "recipient",
    "engineered": "preparation__engineered",
    "isolation": "preparation__isolation",
    "written": "disease",
}


@dataclass(frozen=True)
class Key:
    """A subject and a question: what is compared with each other."""

    kind: SubjectKind
    subject: str
    question: Question

    def __str__(self) -> str:
        return f"{self.kind}:{self.subject}:{self.question}"


@dataclass(frozen=True, eq=False)
class Fact:
    """One claim. `places` are the terms of its disease; of one without terms, the name itself, turned negative."""

    claim: int
    study: int
    group: int
    aspect: str
    effect: str
    edge: str
    outcome: str
    level: str
    cargo: int | None
    cargo_kind: str | None
    cargo_key: str | None
    cargo_name: str | None
    cargo_accession: str | None
    category: str
    source_name: str
    species: int
    tissue: int | None
    models: list[str]
    recipient: int | None
    engineered: bool
    isolation: list[str] | None
    therapies: list[int]
    places: list[int]
    inhibits: bool
    compares: bool

    @property
    def question(self) -> Question:
        return QUESTION_OF[self.aspect]

    @property
    def stance(self) -> Stance | None:
        return stance_of(self.effect, self.edge)

    @property
    def is_of_the_source(self) -> bool:
        """Whether it says what vesicles of their own accord do, as they come from their source."""
        if self.aspect == Aspect.RELEASE_INHIBITION or self.inhibits:
            return False  # what it speaks of is the inhibitor
        if self.compares:
            return False  # the cells beside which others were shown to act
        return self.effect != Effect.MARKS and not self.engineered and bool(EXPERIMENTS & set(self.models))

    def compared_by(self) -> Iterator[Key]:
        """All that it is compared by."""
        if self.cargo is not None:
            yield Key(SubjectKind.CARGO, family(str(self.cargo_kind), str(self.cargo_key)), self.question)
        if not self.is_of_the_source:
            return
        if self.category not in MIXED:
            yield Key(SubjectKind.CATEGORY, self.category, self.question)
        for condition in conditions_of(self.source_name):
            yield Key(SubjectKind.CONDITION, condition, self.question)


def family(kind: str, key: str) -> str:
    """Cargos that are compared: the same one, and a microRNA with the same whose arm is told, or is not."""
    return f"{kind}/{ARM.sub('', key) if kind == CargoKind.MIRNA else key}"


def about(key: Key) -> Q:
    """Claims that may be compared by the key: all that are, and perhaps some more."""
    if key.kind == SubjectKind.CARGO:
        kind, _, base = key.subject.partition("/")
        arms = [base, f"{base}-3p", f"{base}-5p"] if kind == CargoKind.MIRNA else [base]
        subject = Q(cargo__kind=kind, cargo__key__in=arms)
    elif key.kind == SubjectKind.CATEGORY:
        subject = Q(preparation__source__category=key.subject)
    else:
        subject = Q(preparation__source__name__iregex=_sql(key.subject))
    return subject & on(key.question)


def on(question: Question) -> Q:
    return Q(aspect__in=[aspect for aspect, asks in QUESTION_OF.items() if asks == question])


def _sql(condition: str) -> str:
    """A pattern of PostgreSQL that finds at least what the condition's own finds."""
    return CONDITIONS[condition].stem


def inhibits() -> Exists:
    """Whether a claim names a treatment that its study tells to inhibit release or uptake: it speaks of that, then."""
    named = ClaimTherapy.objects.filter(
        claim__state=State.ACCEPTED,
        claim__aspect=Aspect.RELEASE_INHIBITION,
        claim__preparation__study=OuterRef(OuterRef(STUDY)),
    )
    return Exists(ClaimTherapy.objects.filter(claim=OuterRef("pk"), name__in=named.values("name")))


def _compares() -> Case:
    """Whether a claim found nothing where its study finds, on the same question, that other vesicles act."""
    acting = Claim.objects.accepted().filter(
        preparation__study=OuterRef(STUDY), effect__in=[Effect.PROMOTES, Effect.SUPPRESSES]
    )
    return Case(
        When(effect=Effect.NO_EFFECT, aspect__in=PROGRESSION, then=Exists(acting.filter(aspect__in=PROGRESSION))),
        When(effect=Effect.NO_EFFECT, then=Exists(acting.filter(aspect=OuterRef("aspect")))),
        default=Value(value=False),
    )


def read(which: Q) -> list[Fact]:
    """The claims that count, among these; the order is that of their keys."""
    terms = NameTerm.objects.filter(name=OuterRef("disease")).order_by("term").values("term")
    therapies = ClaimTherapy.objects.filter(claim=OuterRef("pk")).order_by("name").values("name")
    rows = (
        Claim.objects.counting()
        .filter(which)
        .order_by("pk")
        .values_list(
            *FIELDS.values(),
            Coalesce(f"{STUDY}__author_group__first", STUDY),
            ArraySubquery(terms),
            ArraySubquery(therapies),
            inhibits(),
            _compares(),
        )
    )
    return list(_facts(rows.iterator(chunk_size=5_000)))


def _facts(rows: Iterable[tuple]) -> Iterator[Fact]:
    for row in rows:
        values = dict(zip(FIELDS, row, strict=False))
        written = values.pop("written")
        group, terms, therapies, inhibits_, compares = row[len(FIELDS) :]
        yield Fact(
            **values,
            group=group,
            therapies=therapies,
            places=terms or [-written],
            inhibits=inhibits_,
            compares=compares,
        )
