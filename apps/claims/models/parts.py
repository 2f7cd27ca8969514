"""The parts of a claim: therapies, targets and measures; frozen with it once it leaves the state of draft."""

from __future__ import annotations

import re
from functools import reduce
from operator import or_

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.claims.models.claim import Claim
from apps.records import triggers
from apps.records.history import kept
from apps.records.text import not_blank
from apps.terms.models import NameKind, takes_names


def frozen_with_claim(table: str) -> pgtrigger.Trigger:
    """Refuse any change to the parts of a claim that is no longer a draft."""
    return triggers.check(
        f"{table}_frozen_with_claim",
        on=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        # The lock waits for whoever takes the claim out of draft at this moment, and then sees it.
        sql="""EXISTS (
            WITH ours AS MATERIALIZED (
                SELECT state FROM claims_claim WHERE id IN (
                    CASE WHEN TG_OP <> 'INSERT' THEN OLD.claim_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.claim_id END
                ) FOR SHARE)
            SELECT FROM ours WHERE state <> 'draft')""",
        message="Only a draft can be edited: an accepted claim is changed by a revision.",
    )


class ClaimName(models.Model):
    """A name that a claim lists, in the order of the study."""

    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True
        ordering = ["position"]


@kept()
class ClaimTherapy(ClaimName):
    """A drug or treatment that a claim concerns."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="therapy_links")
    name = models.ForeignKey("terms.Name", models.PROTECT, related_name="+")

    class Meta(ClaimName.Meta):
        constraints = [models.UniqueConstraint(name="claim_therapy_once", fields=["claim", "name"])]
        triggers = [frozen_with_claim("claim_therapy"), takes_names("claim_therapy_is_one", name=NameKind.THERAPY)]

    def __str__(self) -> str:
        return str(self.name)


@kept()
class ClaimTarget(ClaimName):
    """A gene, pathway or process that the study gives as the mechanism."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="target_links")
    name = models.ForeignKey("terms.Name", models.PROTECT, related_name="+")

    class Meta(ClaimName.Meta):
        constraints = [models.UniqueConstraint(name="claim_target_once", fields=["claim", "name"])]
        triggers = [frozen_with_claim("claim_target"), takes_names("claim_target_is_one", name=NameKind.TARGET)]

    def __str__(self) -> str:
        return str(self.name)


# Measures that are shares: between 0 and 1 by definition, as are their comparators.
SHARES = ("AUC", "sensitivity", "specificity", "comparator_AUC", "comparator_sensitivity", "comparator_specificity")
# Measures that are ratios: above 0 by definition.
RATIOS = ("HR", "OR", "RR")
# The same names in other writing: what has rules of its own goes by one name only.
OTHERWISE_WRITTEN = "|".join(name.replace("_", "[ _-]*") for name in (*SHARES, *RATIOS))


def as_known(name: str) -> str:
    """The name under which a measure has rules, where this is one in other writing: `auc`, `Hr`, `comparator AUC`."""
    if not re.fullmatch(OTHERWISE_WRITTEN, name.strip(), re.IGNORECASE):
        return name
    letters = re.sub(r"[ _-]", "", name.strip()).lower()
    return next(known for known in (*SHARES, *RATIOS) if known.replace("_", "").lower() == letters)


NUMBERS = ("value", "ci_low", "ci_high", "p", "n", "n_cases", "n_controls")


class PRelation(models.TextChoices):
    """How the p value is given."""

    EQUAL = "=", "="
    BELOW = "<", "<"
    AT_MOST = "<=", "≤"
    ABOVE = ">", ">"
    AT_LEAST = ">=", "≥"


@kept()
class Measure(models.Model):
    """A number that a claim rests on, with what the study gives beside it."""

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100, help_text="AUC, sensitivity, specificity, HR, OR, fold_change, …")
    value = models.FloatField(null=True, blank=True)
    ci_low = models.FloatField("interval, low end", null=True, blank=True)
    ci_high = models.FloatField("interval, high end", null=True, blank=True)
    p_relation = models.CharField(max_length=2, choices=PRelation, blank=True)
    p = models.FloatField("p", null=True, blank=True)
    n_cases = models.PositiveIntegerField("cases", null=True, blank=True)
    n_controls = models.PositiveIntegerField("controls", null=True, blank=True)
    n = models.PositiveIntegerField("n", null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(name="measure_has_name", condition=not_blank("name")),
            models.CheckConstraint(
                name="measure_name_as_known",
                condition=~Q(name__iregex=rf"^[[:space:]]*({OTHERWISE_WRITTEN})[[:space:]]*$")
                | Q(name__in=(*SHARES, *RATIOS)),
                violation_error_message=f"Write this name as it is known here: {', '.join((*SHARES, *RATIOS))}.",
            ),
            models.CheckConstraint(
                name="measure_has_number",
                condition=reduce(or_, (Q(**{f"{column}__isnull": False}) for column in NUMBERS)),
                violation_error_message="A measure has a number: a value, an end of its interval, p or a group size.",
            ),
            models.UniqueConstraint(name="measure_position_once", fields=["claim", "position"]),
            models.CheckConstraint(
                name="measure_interval_in_order",
                condition=(Q(ci_low__isnull=True) | Q(ci_high__isnull=True) | Q(ci_low__lte=F("ci_high")))
                & (Q(value__isnull=True) | Q(ci_low__isnull=True) | Q(ci_low__lte=F("value")))
                & (Q(value__isnull=True) | Q(ci_high__isnull=True) | Q(value__lte=F("ci_high"))),
                violation_error_message="The value lies within its interval, and the low end comes first.",
            ),
            models.CheckConstraint(
                name="measure_p_is_probability",
                condition=Q(p__isnull=True) | Q(p__range=(0, 1)),
                violation_error_message="A p value lies between 0 and 1.",
            ),
            models.CheckConstraint(
                name="measure_p_has_relation",
                condition=Q(p__isnull=True, p_relation="") | Q(p__isnull=False, p_relation__in=PRelation.values),
            ),
            models.CheckConstraint(
                name="measure_share_between_0_and_1",
                condition=~Q(name__in=SHARES)
                | (
                    (Q(value__isnull=True) | Q(value__range=(0, 1)))
                    & (Q(ci_low__isnull=True) | Q(ci_low__range=(0, 1)))
                    & (Q(ci_high__isnull=True) | Q(ci_high__range=(0, 1)))
                ),
                violation_error_message="AUC, sensitivity and specificity lie between 0 and 1 (0.87, not 87).",
            ),
            models.CheckConstraint(
                name="measure_ratio_above_0",
                condition=~Q(name__in=RATIOS)
                | (
                    (Q(value__isnull=True) | Q(value__gt=0))
                    & (Q(ci_low__isnull=True) | Q(ci_low__gt=0))
                    & (Q(ci_high__isnull=True) | Q(ci_high__gt=0))
                ),
                violation_error_message="HR, OR and RR are above 0.",
            ),
            models.CheckConstraint(
                name="measure_is_finite",
                condition=(Q(value__isnull=True) | Q(value__range=(-1e300, 1e300)))
                & (Q(ci_low__isnull=True) | Q(ci_low__range=(-1e300, 1e300)))
                & (Q(ci_high__isnull=True) | Q(ci_high__range=(-1e300, 1e300))),
            ),
        ]
        indexes = [models.Index(name="measure_by_name", fields=["name", "value"])]
        triggers = [frozen_with_claim("measure")]

    def __str__(self) -> str:
        return f"{self.name} {'' if self.value is None else self.value}".strip()
