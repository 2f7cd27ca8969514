"""What the person who wrote a name has to say to whoever grounds it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from apps.records import triggers


class NameNote(models.Model):
    """A note on a name that was entered as written, for the vocabulary work list."""

    name = models.ForeignKey("terms.Name", models.PROTECT, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.CharField(max_length=500)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.CheckConstraint(name="name_note_has_text", condition=~Q(text=""))]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only("name_note", "A note is kept as it was written.", ["name_id", "by_id", "text", "at"]),
        ]

    def __str__(self) -> str:
        return self.text
