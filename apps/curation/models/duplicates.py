"""Records that may be one and the same, found in the background for a person to look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from apps.records.history import kept


class LikenessQuerySet(models.QuerySet["Likeness"]):
    def to_do(self) -> LikenessQuerySet:
        """Pairs that nobody has ruled on, and neither of which was merged."""
        return self.filter(ruled_out_at__isnull=True, one__merged_into__isnull=True, other__merged_into__isnull=True)


@kept()
class Likeness(models.Model):
    """Two records of one kind that look alike. A person merges them, or rules that they are not the same."""

    one = models.ForeignKey("records.Accession", models.PROTECT, related_name="+")
    other = models.ForeignKey("records.Accession", models.PROTECT, related_name="+")
    score = models.FloatField(help_text="how alike, up to 1: the same name or title")
    found_at = models.DateTimeField(db_default=Now(), editable=False)
    ruled_out_at = models.DateTimeField(null=True, editable=False)
    ruled_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = LikenessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "likenesses"
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(name="likeness_once", fields=["one", "other"]),
            models.CheckConstraint(name="likeness_in_order", condition=Q(one__lt=F("other"))),
            models.CheckConstraint(name="likeness_score_is_share", condition=Q(score__range=(0, 1))),
            models.CheckConstraint(
                name="likeness_ruled_out_by_somebody",
                condition=Q(ruled_out_at__isnull=True, ruled_out_by__isnull=True)
                | Q(ruled_out_at__isnull=False, ruled_out_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="likeness_to_do", fields=["-score", "id"], condition=Q(ruled_out_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"
