"""The fixed words of contradictions: whom they are about, on what question, and where a claim stands."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import models

from apps.claims.models import Aspect, Edge, Effect


class SubjectKind(models.TextChoices):
    """What the claims of a contradiction have in common."""

    CARGO = "cargo"
    CATEGORY = "category", "kind of source"
    CONDITION = "condition", "condition of the source"


class Question(models.TextChoices):
    """What claims are compared on: an aspect, or several that ask the same of a tumour."""

    DIAGNOSIS = "diagnosis"
    PROGNOSIS = "prognosis"
    DRUG_RESISTANCE = "drug_resistance", "response to drugs"
    RADIOTHERAPY_RESPONSE = "radiotherapy_response", "response to radiotherapy"
    DRUG_DELIVERY = "drug_delivery", "drug delivery"
    PROGRESSION = "progression", "tumour progression"
    IMMUNE_MODULATION = "immune_modulation", "immune modulation"
    TUMOUR_MICROENVIRONMENT = "tumour_microenvironment", "tumour microenvironment"
    VACCINE = "vaccine"
    REGENERATION = "regeneration"
    RELEASE_INHIBITION = "release_inhibition", "release inhibition"
    SAFETY = "safety"


# Growth, spread, vessels and stemness are four sides of one question: whether the tumour gets on.
PROGRESSION = (Aspect.TUMOUR_GROWTH, Aspect.METASTASIS, Aspect.ANGIOGENESIS, Aspect.CANCER_STEMNESS)
QUESTION_OF: dict[str, Question] = {
    aspect.value: Question.PROGRESSION if aspect in PROGRESSION else Question(aspect.value) for aspect in Aspect
}


class Stance(models.TextChoices):
    """Where a claim stands."""

    HARM = "harm"
    BENEFIT = "benefit"
    NO_EFFECT = "no_effect", "no effect found"
    RAISES = "raises", "promotes the outcome"
    LOWERS = "lowers", "suppresses the outcome"


# Sides that can't both be right; a raised outcome only stands against the same outcome lowered.
OPPOSED = {
    frozenset({Stance.HARM, Stance.BENEFIT}),
    frozenset({Stance.NO_EFFECT, Stance.HARM}),
    frozenset({Stance.NO_EFFECT, Stance.BENEFIT}),
    frozenset({Stance.RAISES, Stance.LOWERS}),
}
_DIRECTIONS = {Stance.RAISES, Stance.LOWERS}


def stance_of(effect: str, edge: str) -> Stance | None:
    """Where a claim stands; None where it takes no side (a marker that is neither good nor bad news)."""
    if edge in {Edge.HARM, Edge.BENEFIT}:
        return Stance(edge)
    return {Effect.NO_EFFECT: Stance.NO_EFFECT, Effect.PROMOTES: Stance.RAISES, Effect.SUPPRESSES: Stance.LOWERS}.get(
        Effect(effect)
    )


def opposed(question: str, one: str, other: str, *, same_outcome: bool) -> bool:
    """Whether two stances contradict each other. To find no effect is what safety hopes for, not against a benefit."""
    pair = frozenset({Stance(one), Stance(other)})
    if pair == _DIRECTIONS:
        return same_outcome
    if question == Question.SAFETY and pair == frozenset({Stance.NO_EFFECT, Stance.BENEFIT}):
        return False
    return pair in OPPOSED


@dataclass(frozen=True)
class Condition:
    """A condition of what released the vesicles. `stem` is in every name that the pattern fits."""

    title: str
    stem: str
    pattern: re.Pattern[str]


# Read off the source's own name, for no field of a source holds them.
CONDITIONS = {
    "irradiated": Condition(
        "irradiated cells",
        "radiat",
        re.compile(r"\birradiated\b|\bafter\b.{0,25}\b(ir)?radiation\b", re.IGNORECASE),
    ),
    "h-pylori": Condition("cells or people with Helicobacter pylori", "pylori", re.compile(r"pylori", re.IGNORECASE)),
    "hypoxic": Condition("hypoxic cells", "hypoxi", re.compile(r"\bhypoxi[ac]\b", re.IGNORECASE)),
    "senescent": Condition("senescent cells", "senescen", re.compile(r"\bsenescen", re.IGNORECASE)),
}


def conditions_of(source_name: str) -> list[str]:
    """The conditions that the name of a source tells of."""
    return [key for key, condition in CONDITIONS.items() if condition.pattern.search(source_name)]
