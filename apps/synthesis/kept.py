"""Balances that are kept, so that what moves them can be told, and the dated list of what has moved."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.http import urlencode

from apps.records import triggers
from apps.records.text import not_blank
from apps.terms.models import Term
from apps.vesicles.models import Cargo


class Weighed(models.Model):
    """The balance of a cargo in a disease that a claim on it names, with all that is narrower. Derived."""

    cargo = models.ForeignKey(Cargo, models.CASCADE, related_name="+")
    disease = models.ForeignKey(Term, models.CASCADE, related_name="+")
    claims = models.PositiveIntegerField()
    groups = models.PositiveIntegerField(help_text="groups of studies that share no authors")
    mean = models.FloatField(help_text="the index, -1 to 1")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="weighed_once", fields=["cargo", "disease"]),
            models.CheckConstraint(name="weighed_mean_is_index", condition=Q(mean__range=(-1, 1))),
            models.CheckConstraint(name="weighed_takes_a_claim", condition=Q(claims__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.cargo_id} in {self.disease_id}"


class MoveQuerySet(models.QuerySet["Move"]):
    def newest(self) -> MoveQuerySet:
        return self.order_by("-at", "-pk")

    def until(self, day: date) -> MoveQuerySet:
        """What had moved when that day ended, in UTC."""
        return self.filter(at__date__lte=day)


class Move(models.Model):
    """That a balance or a contradiction became another, when, and by which claims. Kept for good."""

    class Of(models.TextChoices):
        BALANCE = "balance"
        CONTRADICTION = "contradiction"

    at = models.DateTimeField(db_default=Now())
    of = models.CharField(max_length=13, choices=Of)
    key = models.CharField(max_length=300, help_text="what it is of: the name of a contradiction, or cargo and disease")
    subject = models.CharField(max_length=300)
    cargo = models.CharField(max_length=11, blank=True, help_text="accession, where it is of one")
    disease = models.CharField(max_length=300, blank=True)
    curie = models.CharField(max_length=80, blank=True)
    before = models.FloatField(null=True, help_text="the index, or the strength; null: there was none")
    after = models.FloatField(null=True, help_text="null: there is none any more")
    count_before = models.PositiveIntegerField()
    count_after = models.PositiveIntegerField()
    because = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, help_text="the claims that it came by, at most five"
    )
    more = models.PositiveIntegerField(default=0, help_text="how many more claims it came by")

    objects = MoveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="move_of_known", condition=Q(of__in=["balance", "contradiction"])),
            models.CheckConstraint(name="move_has_subject", condition=not_blank("subject") & not_blank("key")),
            models.CheckConstraint(name="move_moves", condition=~Q(count_before=F("count_after"), before=F("after"))),
            models.CheckConstraint(
                name="move_from_nothing_has_no_number",
                condition=Q(count_before=0, before__isnull=True) | Q(count_before__gt=0, before__isnull=False),
            ),
            models.CheckConstraint(
                name="move_to_nothing_has_no_number",
                condition=Q(count_after=0, after__isnull=True) | Q(count_after__gt=0, after__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="move_newest", fields=["-at", "-id"]),
            models.Index(name="move_by_key", fields=["of", "key", "-at"]),
            models.Index(name="move_by_cargo", fields=["cargo", "-at"], condition=~Q(cargo="")),
            models.Index(name="move_by_disease", fields=["curie", "-at"], condition=~Q(curie="")),
        ]
        triggers = [
            *triggers.append_only(
                "move",
                "What has moved is kept as it was.",
                [
                    *("at", "of", "key", "subject", "cargo", "disease", "curie", "before", "after"),
                    *("count_before", "count_after", "because", "more"),
                ],
            )
        ]

    def __str__(self) -> str:
        where = f" in {self.disease}" if self.disease else ""
        if self.of == self.Of.CONTRADICTION:
            return f"Contradiction: {self.subject}"
        return f"Balance of {self.subject}{where}"

    def get_absolute_url(self) -> str:
        if self.of == self.Of.CONTRADICTION:
            return reverse("contradiction", args=[self.key])
        return reverse("balance") + "?" + urlencode({"cargo": self.cargo, "disease": self.curie})
