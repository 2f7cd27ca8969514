"""The heart of ExoDB: claims, version by version, what they rest on, and how they were reviewed."""

from apps.claims.models.choices import (
    LADDER,
    TRANSITIONS,
    Aspect,
    Edge,
    Effect,
    Level,
    Model,
    Shown,
    State,
)
from apps.claims.models.claim import LONGEST_STATEMENT, Claim, ClaimQuerySet
from apps.claims.models.parts import NUMBERS, RATIOS, SHARES, ClaimTarget, ClaimTherapy, Measure, PRelation, as_known
from apps.claims.models.release import RELEASE_NUMBER, Release, ReleaseMember
from apps.claims.models.review import Decision, Interest, Verdict
from apps.claims.models.rules import CONTENT

__all__ = [
    "CONTENT",
    "LADDER",
    "LONGEST_STATEMENT",
    "NUMBERS",
    "RATIOS",
    "RELEASE_NUMBER",
    "SHARES",
    "TRANSITIONS",
    "Aspect",
    "Claim",
    "ClaimQuerySet",
    "ClaimTarget",
    "ClaimTherapy",
    "Decision",
    "Edge",
    "Effect",
    "Interest",
    "Level",
    "Measure",
    "Model",
    "PRelation",
    "Release",
    "ReleaseMember",
    "Shown",
    "State",
    "Verdict",
    "as_known",
]
