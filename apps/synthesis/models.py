"""What synthesis derives and keeps: it follows from the evidence, and can be rebuilt from it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.studies.models import Study


class StudyGroup(models.Model):
    """The group of studies, linked by shared authors, that a study belongs to; named for its first study."""

    study = models.OneToOneField(Study, models.CASCADE, primary_key=True, related_name="author_group")
    first = models.ForeignKey(Study, models.CASCADE, related_name="+")
    authors = ArrayField(models.CharField(max_length=200), help_text="the authors that it was linked by")

    def __str__(self) -> str:
        return f"{self.study_id} with {self.first_id}"
