"""Merges: that two records were found to be one, who said so, and all that it takes to undo it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now, Trim
from django.db.models.lookups import Exact, StartsWith
from django.urls import reverse

from apps.records import triggers
from apps.records.models import Accession, Kind

# What may be merged. A preparation stays with its study, and a claim is withdrawn instead.
MERGED = (Kind.STUDY, Kind.SOURCE, Kind.CARGO)
EDITORS = "role IN ('editor', 'administrator')"


class WholeMoments(DjangoJSONEncoder):
    """Moments to the microsecond, as PostgreSQL keeps them: what comes back is what went."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class MergeQuerySet(models.QuerySet["Merge"]):
    def standing(self) -> MergeQuerySet:
        """Merges that hold: nobody undid them."""
        return self.filter(undone_at__isnull=True)


class Merge(models.Model):
    """That one record was merged into another of its kind, and perhaps that this was undone."""

    kind = models.CharField(max_length=4, choices=Kind)
    gone = models.ForeignKey(Accession, models.PROTECT, related_name="merges")
    into = models.ForeignKey(Accession, models.PROTECT, related_name="merges_into_it")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="merges")
    at = models.DateTimeField(db_default=Now(), editable=False)
    reason = models.TextField()
    moved = models.JSONField(
        encoder=WholeMoments, help_text="the record that went, and all that moved, came or went with it"
    )
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="merges_undone")
    undone_reason = models.TextField(blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="merge_kind_known",
                condition=Q(kind__in=[kind.value for kind in MERGED]),
                violation_error_message="Studies, sources and cargos are merged, and nothing else.",
            ),
            models.CheckConstraint(
                name="merge_within_kind",
                condition=Q(StartsWith(F("gone"), F("kind"))) & Q(StartsWith(F("into"), F("kind"))),
            ),
            models.CheckConstraint(name="merge_of_two", condition=~Q(gone=F("into"))),
            models.CheckConstraint(
                name="merge_has_reason",
                condition=~Q(Exact(Trim("reason"), Value(""))),
                violation_error_message="To merge takes a reason.",
            ),
            models.CheckConstraint(
                name="merge_undone_by_somebody_with_reason",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undone_reason="")
                | (Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(Exact(Trim("undone_reason"), Value("")))),
                violation_error_message="To undo a merge takes a person and a reason.",
            ),
            models.UniqueConstraint(name="merge_stands_once", fields=["gone"], condition=Q(undone_at__isnull=True)),
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only(
                "merge",
                "A merge is kept as it was made.",
                ["kind", "gone_id", "into_id", "by_id", "at", "reason", "moved"],
            ),
            triggers.fixed(
                "merge_undone_once",
                "That a merge was undone is kept; merge again instead.",
                ["undone_at", "undone_by_id", "undone_reason"],
                when="OLD.undone_at IS NOT NULL",
            ),
            triggers.check(
                "merge_by_an_editor",
                on=pgtrigger.Insert | pgtrigger.UpdateOf("undone_by_id"),
                sql=f"""NOT EXISTS (
                    SELECT FROM people_user WHERE id = COALESCE(NEW.undone_by_id, NEW.by_id) AND {EDITORS})""",
                message="Editors merge records, and undo it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.into_id}"

    def get_absolute_url(self) -> str:
        return reverse("admin:curation_merge_change", args=[self.pk])


# A record leads elsewhere by a merge alone: else anybody who can write the register could move what is frozen. (An
# accession that never had a record here may be given to stand for one.) At the end of the transaction, so that it does
# not matter which of the two is written first.
pgtrigger.register(
    pgtrigger.Trigger(
        name="accession_merged_by_a_merge",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.merged_into_id IS NOT NULL"),
        func="""IF NOT EXISTS (
                SELECT FROM curation_merge WHERE gone_id = NEW.accession AND into_id = NEW.merged_into_id
            ) THEN """
        + triggers.refusal("accession_merged_by_a_merge", "An accession leads to another by a merge alone.")
        + " END IF; RETURN NULL;",
    ),
    pgtrigger.Trigger(
        name="accession_comes_back_by_undoing",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition(
            "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id"
        ),
        func="""IF NOT EXISTS (
                SELECT FROM curation_merge
                WHERE gone_id = OLD.accession AND into_id = OLD.merged_into_id AND undone_at IS NOT NULL
            ) THEN """
        + triggers.refusal("accession_comes_back_by_undoing", "A merged record comes back when its merge is undone.")
        + " END IF; RETURN NULL;",
    ),
    pgtrigger.Trigger(
        name="accession_merged_record_is_gone",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.merged_into_id IS NOT NULL"),
        func="""IF EXISTS (
                SELECT FROM records_accession
                WHERE accession = NEW.accession AND merged_into_id IS NOT NULL AND removed_at IS NULL
            ) THEN """
        + triggers.refusal("accession_merged_record_is_gone", "A record that was merged is there no more.")
        + " END IF; RETURN NULL;",
    ),
)(Accession)
