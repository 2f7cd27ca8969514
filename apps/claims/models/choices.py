"""The fixed words of a claim: its state, aspect, effect, edge, models, level and ladder."""

from __future__ import annotations

from django.db import models


class State(models.TextChoices):
    """Where a version of a claim stands in review."""

    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "submitted"
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"
    SUPERSEDED = "superseded", "superseded by a later version"


# The only ways from state to state; the database refuses every other.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    # Straight to accepted only as part of a release; to rejected when its author gives up what was decided on.
    State.DRAFT: (State.SUBMITTED, State.ACCEPTED, State.REJECTED),
    # Superseded unread, when a rival version is accepted first.
    State.SUBMITTED: (State.DRAFT, State.ACCEPTED, State.REJECTED, State.SUPERSEDED),
    State.ACCEPTED: (State.WITHDRAWN, State.SUPERSEDED),
    State.REJECTED: (),
    State.WITHDRAWN: (),
    State.SUPERSEDED: (),
}


class Aspect(models.TextChoices):
    DIAGNOSIS = "diagnosis"
    PROGNOSIS = "prognosis"
    DRUG_RESISTANCE = "drug_resistance", "drug resistance"
    RADIOTHERAPY_RESPONSE = "radiotherapy_response", "radiotherapy response"
    DRUG_DELIVERY = "drug_delivery", "drug delivery"
    TUMOUR_GROWTH = "tumour_growth", "tumour growth"
    METASTASIS = "metastasis"
    ANGIOGENESIS = "angiogenesis"
    IMMUNE_MODULATION = "immune_modulation", "immune modulation"
    TUMOUR_MICROENVIRONMENT = "tumour_microenvironment", "tumour microenvironment"
    CANCER_STEMNESS = "cancer_stemness", "cancer stemness"
    VACCINE = "vaccine"
    REGENERATION = "regeneration"
    RELEASE_INHIBITION = "release_inhibition", "release inhibition"
    SAFETY = "safety"


class Effect(models.TextChoices):
    PROMOTES = "promotes"
    SUPPRESSES = "suppresses"
    NO_EFFECT = "no_effect", "has no effect on"
    MARKS = "marks"


class Edge(models.TextChoices):
    """What the claim means for the patient: which edge of the sword."""

    HARM = "harm"
    BENEFIT = "benefit"
    MIXED = "mixed"
    NEUTRAL = "neutral"


class Model(models.TextChoices):
    """What the claim was shown in."""

    IN_VITRO = "in_vitro", "cells in culture"
    EX_VIVO = "ex_vivo", "ex vivo tissue"
    ANIMAL = "animal"
    PATIENT_SAMPLES = "patient_samples", "patient samples"
    CLINICAL_TRIAL = "clinical_trial", "clinical trial"


class Level(models.TextChoices):
    """Strength by kind of evidence."""

    A = "A", "A: in clinical use"
    B = "B", "B: clinical trial, meta-analysis of patients, or validated cohort"
    C = "C", "C: patient samples, one cohort"
    D = "D", "D: animal or ex vivo tissue"
    E = "E", "E: cells in culture only"


class Shown(models.TextChoices):
    """A rung of the ladder, or another yes-or-no of a claim. *Not curated* is never *no*."""

    SHOWN = "shown"
    NOT_SHOWN = "not_shown", "not shown"
    NOT_CURATED = "not_curated", "not curated"


# How far the vesicle was shown to be the cause; the last two rungs (animal, patients) follow from the models.
LADDER = {
    "cargo_observed": "cargo observed in the vesicles",
    "transfer_shown": "transfer to the recipient",
    "vesicle_free_control": "effect against a vesicle-free control",
    "lost_on_removal": "effect lost when cargo, release or uptake is removed",
}
