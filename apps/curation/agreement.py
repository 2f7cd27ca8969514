"""Curator agreement: drawing a sample, grading it blind, and the figures that follow.

What is measured is the whole way from the paper to the grade: the grader sees which finding is meant, reads the paper,
and sees neither the claim's grades, nor its statement, models, measures and ladder, which would give them away.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils import timezone

from apps.claims.acts import NotAllowed
from apps.claims.models import Aspect, Claim, Edge, Effect, Level
from apps.curation import kappa
from apps.curation.models import LARGEST_SAMPLE, Agreement, Grading, Sample, SampledClaim
from apps.people.models import Role, User
from apps.records.text import number

LEAST = {"draw": Role.EDITOR, "grade": Role.CURATOR}
CLASSES: dict[str, list[str]] = {
    "edge": Edge.values,
    "aspect": Aspect.values,
    "effect": Effect.values,
    "level": Level.values,
}
# Fewer say nothing, and are not shown to readers.
ENOUGH = 20
# Any number will do, as long as it is always the same: two gradings at once would each miss the other.
LOCK = 2_026_112_5


def population(moment: datetime) -> QuerySet[Claim]:
    """The claims that were public at the moment, but for those that had been drawn before."""
    return Claim.objects.as_of(moment).exclude(drawn__sample__at__lt=moment)


def in_order(claims: QuerySet[Claim], seed: int) -> QuerySet[Claim]:
    """The claims in an order that the seed alone decides: anybody can draw the same again."""
    name = Concat(Value(f"{seed}:"), F("accession"), Value("."), Cast("version", CharField()))
    return claims.annotate(drawn_by=MD5(name)).order_by("drawn_by", "pk")


@transaction.atomic
def draw(*, size: int, seed: int, by: User) -> Sample:
    """Draw a random sample of public claims for others to grade."""
    _must_be_able("draw", by, "draw a sample")
    if not 1 <= size <= LARGEST_SAMPLE:
        raise NotAllowed(f"A sample has 1 to {LARGEST_SAMPLE} claims, not {size}.")
    _one_at_a_time()
    moment = timezone.now()
    claims = population(moment)
    there = claims.count()
    if there < size:
        raise NotAllowed(f"There are {there} public claims that were not drawn yet: too few for a sample of {size}.")
    sample = Sample.objects.create(seed=seed, size=size, population=there, at=moment, by=by)
    keys = in_order(claims, seed).values_list("pk", flat=True)[:size]
    SampledClaim.objects.bulk_create(
        SampledClaim(sample=sample, claim_id=key, position=position) for position, key in enumerate(keys)
    )
    return sample


def open_to(person: User) -> QuerySet[SampledClaim]:
    """What the person may grade: drawn, graded by nobody, and no version of the claim written or decided on by them."""
    written = Claim.objects.filter(author=person).values("accession")
    decided = Claim.objects.filter(decisions__by=person).values("accession")
    return (
        SampledClaim.objects.filter(grading__isnull=True)
        .exclude(claim__accession__in=written)
        .exclude(claim__accession__in=decided)
        .order_by("sample", "position")
    )


def next_for(person: User, wanted: object = None) -> SampledClaim | None:
    """The next claim that the person may grade, or the one they are at, with all that the page shows of it."""
    shown = open_to(person).select_related(
        "claim__cargo", "claim__disease", "claim__recipient", "claim__preparation__source", "claim__preparation__study"
    )
    shown = shown.prefetch_related("claim__therapy_links__name", "claim__target_links__name")
    at = shown.filter(pk=number(wanted)).first()
    return at or shown.first()


@transaction.atomic
def grade(*, drawn_id: int, by: User, edge: str, aspect: str, effect: str, level: str) -> Grading:
    """Note what a second curator holds the claim's grades to be. The worker computes the agreement soon after."""
    _must_be_able("grade", by, "grade")
    given = {"edge": edge, "aspect": aspect, "effect": effect, "level": level}
    for field, value in given.items():
        if value not in CLASSES[field]:
            raise NotAllowed(f"{value[:20]!r} is no {field}: one of {', '.join(CLASSES[field])}.")
    _one_at_a_time()
    drawn = SampledClaim.objects.select_related("claim").get(pk=drawn_id)
    if Grading.objects.filter(drawn=drawn).exists():
        raise NotAllowed(f"{drawn.claim} was graded by somebody else meanwhile.")
    if not open_to(by).filter(pk=drawn_id).exists():
        raise NotAllowed(f"Whoever wrote a claim, or decided on it, can't grade it blind: {drawn.claim}.")
    return Grading.objects.create(drawn=drawn, grader=by, **given)


@transaction.atomic
def compute() -> bool:
    """Bring the agreement up to date, each claim counting once; return whether there was anything new to count."""
    _one_at_a_time()
    there = Grading.objects.count()
    if not there or Agreement.objects.filter(n=there).count() == len(CLASSES):
        return False
    of_claims = [f"drawn__claim__{field}" for field in CLASSES]
    rows = list(Grading.objects.order_by("pk").values_list(*CLASSES, *of_claims))
    found = []
    for at, (field, classes) in enumerate(CLASSES.items()):
        figures = kappa.of_pairs(((row[at + len(CLASSES)], row[at]) for row in rows), classes)
        found.append(Agreement(field=field, at=timezone.now(), **figures._asdict()))
    Agreement.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["field"],
        update_fields=["n", "agreed", "kappa", "low", "high", "at"],
    )
    return True


def figures() -> list[Agreement]:
    """The agreement as it was last computed, field by field."""
    order = list(CLASSES)
    return sorted(Agreement.objects.all(), key=lambda each: order.index(each.field))


def _must_be_able(act: str, by: User, what: str) -> None:
    if not by.is_active or not by.at_least(LEAST[act]):
        raise NotAllowed(f"To {what} takes the role of {LEAST[act].value}; {by} is {by.role}.")


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
