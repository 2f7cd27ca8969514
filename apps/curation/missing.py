"""What a reviewer would ask of a draft: worth a look before it is handed in, and never in its way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from apps.claims.models import LADDER, Aspect, Claim, Effect, Model, Shown
from apps.terms.models import Name

# Aspects that are about a marker rather than about what vesicles do to somebody.
MARKING = (Aspect.DIAGNOSIS, Aspect.PROGNOSIS)
WITH_THERAPY = (Aspect.DRUG_RESISTANCE, Aspect.RADIOTHERAPY_RESPONSE, Aspect.DRUG_DELIVERY)
OPEN = (Name.Grounding.UNKNOWN, Name.Grounding.AMBIGUOUS)


class Gap(NamedTuple):
    """One thing that is missing: where it is entered ("claim" or "preparation"), the field, and a sentence."""

    part: str
    field: str
    sentence: str


def gaps(claim: Claim) -> list[Gap]:
    """What is missing of the claim and of its preparation; `for_entry` has fetched all that this looks at."""
    return [*_of_claim(claim), *_of_names(claim), *_of_preparation(claim)]


def _of_claim(claim: Claim) -> Iterator[Gap]:
    marks = claim.aspect in MARKING
    if not marks and claim.recipient_id is None:
        yield Gap("claim", "recipient", "No recipient: whom do the vesicles act on?")
    if claim.aspect in WITH_THERAPY and not claim.therapy_names:
        yield Gap("claim", "therapies", f"No therapy, though it is about {claim.get_aspect_display()}.")
    if marks and not claim.measures.all():
        yield Gap("claim", "measures", "No measure: what do AUC, sensitivity or HR come to, and in how many people?")
    if Model.PATIENT_SAMPLES in claim.models_used and claim.validation == Shown.NOT_CURATED:
        yield Gap("claim", "validation", "Patient samples: did an independent cohort confirm it?")
    if not marks and claim.effect in (Effect.PROMOTES, Effect.SUPPRESSES):
        yield from _of_ladder(claim)


def _of_ladder(claim: Claim) -> Iterator[Gap]:
    unread = [(rung, asks) for rung, asks in LADDER.items() if getattr(claim, rung) == Shown.NOT_CURATED]
    if unread:
        rungs = "; ".join(asks for _, asks in unread)
        yield Gap("claim", unread[0][0], f"Not curated, how far the vesicle was shown to be the cause: {rungs}.")


def _of_names(claim: Claim) -> Iterator[Gap]:
    written = [("disease", claim.disease), ("recipient", claim.recipient)]
    written += [("therapies", name) for name in claim.therapy_names] + [("targets", n) for n in claim.target_names]
    for field, name in written:
        if name is not None and name.grounding in OPEN:
            yield Gap("claim", field, f"“{name.text}” has no term yet; it is on the vocabulary work list.")


def _of_preparation(claim: Claim) -> Iterator[Gap]:
    made = claim.preparation
    if made.isolation is None:
        yield Gap("preparation", "isolation", "Not curated, how the vesicles were isolated.")
    if made.methods is None:
        yield Gap("preparation", "methods", "Not curated, how the vesicles were characterised.")
    if not made.metric_curated:
        yield Gap("preparation", "metric_enriched_proteins", "None of the nine EV-METRIC items is curated.")
