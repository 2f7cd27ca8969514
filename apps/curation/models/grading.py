"""How far two curators agree: random samples of public claims, graded blind by somebody else."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.claims.models import Aspect, Claim, Edge, Effect, Level
from apps.curation.models.merge import EDITORS
from apps.records import triggers

# What is graded.
GRADED = ("edge", "aspect", "effect", "level")
LARGEST_SAMPLE = 500


class Sample(models.Model):
    """A random sample of public claims: whoever has the seed and the moment draws the same."""

    seed = models.BigIntegerField()
    size = models.PositiveSmallIntegerField(help_text="how many claims were drawn")
    population = models.PositiveIntegerField(editable=False, help_text="of how many")
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="samples")
    claims: models.ManyToManyField[Claim, SampledClaim] = models.ManyToManyField(
        Claim, through="SampledClaim", related_name="samples"
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="sample_size_sensible",
                condition=Q(size__range=(1, LARGEST_SAMPLE)) & Q(size__lte=F("population")),
                violation_error_message=f"A sample has 1 to {LARGEST_SAMPLE} claims.",
            ),
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only(
                "sample", "A sample is kept as it was drawn.", ["seed", "size", "population", "at", "by_id"]
            ),
            triggers.check(
                "sample_by_an_editor",
                on=pgtrigger.Insert,
                sql=f"NOT EXISTS (SELECT FROM people_user WHERE id = NEW.by_id AND {EDITORS})",
                message="Editors draw samples.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.size} of {self.population}, seed {self.seed}"


class SampledClaim(models.Model):
    """That a version of a claim was drawn; each is graded once, so that each counts once."""

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="drawn")
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="drawn")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["sample", "position"]
        constraints = [models.UniqueConstraint(name="sampled_position_once", fields=["sample", "position"])]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only(
                "sampled_claim", "A sample is kept as it was drawn.", ["sample_id", "claim_id", "position"]
            ),
            triggers.check(
                "sampled_claim_was_accepted",
                on=pgtrigger.Insert,
                sql="NOT EXISTS (SELECT FROM claims_claim WHERE id = NEW.claim_id AND accepted_at IS NOT NULL)",
                message="A sample is drawn from accepted claims.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim} in sample {self.sample_id}"


class Grading(models.Model):
    """What a second curator, who did not see the claim's own, holds its edge, aspect, effect and level to be."""

    drawn = models.OneToOneField(SampledClaim, models.PROTECT, related_name="grading")
    grader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="gradings")
    at = models.DateTimeField(db_default=Now(), editable=False)
    edge = models.CharField(max_length=7, choices=Edge)
    aspect = models.CharField(max_length=23, choices=Aspect)
    effect = models.CharField(max_length=10, choices=Effect)
    level = models.CharField(max_length=1, choices=Level)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(name="grading_edge_known", condition=Q(edge__in=Edge.values)),
            models.CheckConstraint(name="grading_aspect_known", condition=Q(aspect__in=Aspect.values)),
            models.CheckConstraint(name="grading_effect_known", condition=Q(effect__in=Effect.values)),
            models.CheckConstraint(name="grading_level_known", condition=Q(level__in=Level.values)),
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only(
                "grading", "A grading is kept as it was made.", ["drawn_id", "grader_id", "at", *GRADED]
            ),
            triggers.check(
                "grading_by_a_second_person",
                on=pgtrigger.Insert,
                sql="""EXISTS (
                    SELECT FROM curation_sampledclaim drawn JOIN claims_claim ours ON ours.id = drawn.claim_id
                    JOIN claims_claim version ON version.accession = ours.accession
                    LEFT JOIN claims_decision decided ON decided.claim_id = version.id
                    WHERE drawn.id = NEW.drawn_id AND NEW.grader_id IN (version.author_id, decided.by_id))""",
                message="Whoever wrote a claim, or decided on it, can't grade it blind.",
            ),
            triggers.check(
                "grading_by_a_curator",
                on=pgtrigger.Insert,
                sql="""NOT EXISTS (
                    SELECT FROM people_user
                    WHERE id = NEW.grader_id AND role IN ('curator', 'editor', 'administrator'))""",
                message="Curators grade.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.drawn.claim} by {self.grader}"


class Agreement(models.Model):
    """How far gradings agree with the claims in one field; computed anew with each grading."""

    field = models.CharField(max_length=6, unique=True)
    n = models.PositiveIntegerField()
    agreed = models.PositiveIntegerField()
    kappa = models.FloatField(null=True, help_text="Cohen's kappa; empty where one only ever says one thing")
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="agreement_field_known", condition=Q(field__in=GRADED)),
            models.CheckConstraint(name="agreement_counts_add_up", condition=Q(agreed__lte=F("n"))),
            models.CheckConstraint(
                name="agreement_kappa_in_range",
                condition=Q(kappa__isnull=True, low__isnull=True, high__isnull=True)
                | Q(*(Q(**{f"{each}__isnull": False, f"{each}__range": (-1, 1)}) for each in ("kappa", "low", "high"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.agreed} of {self.n}"

    @property
    def share(self) -> float:
        return self.agreed / self.n

    @property
    def in_words(self) -> str:
        """Kappa with its interval, as one reads it."""
        if self.kappa is None:
            return "kappa not defined: one of the two only ever said one thing"
        return f"kappa {self.kappa:.2f}, 95 % interval {self.low:.2f} to {self.high:.2f}"
