"""The register of accessions, and the abstract record that draws on it."""

from __future__ import annotations

import re

import pgtrigger
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now

from apps.records import triggers

# Numbers below belong to releases of the starter collection, so that every installation gives the same accession to
# the same record; records that an installation makes itself draw from here upwards.
FIRST_LOCAL_NUMBER = 1_000_001

ACCESSION = re.compile(r"EX(ST|VS|PR|CG|CL)[0-9]{7}")


# Any number will do, as long as it is always the same.
MERGING = 2_026_112_4


class Kind(models.TextChoices):
    """What an accession names; the value is its prefix."""

    STUDY = "EXST", "study"
    SOURCE = "EXVS", "vesicle source"
    PREPARATION = "EXPR", "preparation"
    CARGO = "EXCG", "cargo"
    CLAIM = "EXCL", "claim"


class Accession(models.Model):
    """One accession, given once and never again, even when its record is gone or was merged into another.

    Rows are written by the database itself when a record is inserted.
    """

    accession = models.CharField(max_length=11, primary_key=True)
    kind = models.CharField(max_length=4, choices=Kind)
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", help_text="where this address leads"
    )
    removed_at = models.DateTimeField(null=True, editable=False, help_text="since when the record is gone")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="accession_well_formed", condition=models.Q(accession__regex=f"^{ACCESSION.pattern}$")
            ),
            models.CheckConstraint(name="accession_kind_known", condition=models.Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="accession_of_its_kind", condition=models.Q(accession__startswith=models.F("kind"))
            ),
            models.CheckConstraint(
                name="accession_not_merged_into_itself",
                condition=models.Q(merged_into__isnull=True) | ~models.Q(merged_into=models.F("accession")),
            ),
        ]
        triggers = [
            triggers.not_emptied(),
            triggers.check(
                "accession_merged_within_kind",
                on=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                sql="EXISTS (SELECT FROM records_accession WHERE accession = NEW.merged_into_id AND kind <> NEW.kind)",
                message="A record is merged into one of its own kind.",
            ),
            triggers.check(
                "accession_merged_without_circle",
                on=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                # Two merges at once would not see each other's half of a circle.
                first=f"IF NEW.merged_into_id IS NOT NULL THEN PERFORM pg_advisory_xact_lock({MERGING}); END IF;",
                sql="""EXISTS (
                    WITH RECURSIVE way AS (
                        SELECT NEW.merged_into_id AS place
                        UNION SELECT merged_into_id FROM records_accession JOIN way ON accession = place
                        WHERE merged_into_id IS NOT NULL)
                    SELECT FROM way WHERE place = NEW.accession AND place <> NEW.merged_into_id)""",
                message="That record leads back to this one already.",
            ),
            *triggers.append_only(
                "accession", "An accession is given once and never taken back.", ["accession", "kind", "given_at"]
            ),
        ]

    def __str__(self) -> str:
        return self.accession


class TransactionField(models.BigIntegerField):
    """The number of the transaction that wrote a row, as snapshots know it."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002
        return "xid8"


class Change(models.Model):
    """That a record changed on which public evidence rests: what a derived index reads to follow the database.

    Rows are written by triggers, in the transaction that changes the record. Who follows keeps the snapshot in which
    they last read: what they have not seen are the rows that the snapshot did not see. Numbers would not do, for
    transactions end in another order than they draw numbers.
    """

    kind = models.CharField(max_length=9)
    record = models.BigIntegerField(help_text="the key of the record; 0: all of the kind")
    at = models.DateTimeField(db_default=Now())
    xid = TransactionField(db_default=models.Func(function="pg_current_xact_id"), editable=False)

    class Meta:
        indexes = [models.Index(name="change_by_transaction", fields=["xid"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.record}"


def accession_field(kind: Kind, *, unique: bool = True) -> models.CharField[str, str]:
    """The accession of a record: drawn from the kind's sequence unless the record brings one."""
    return models.CharField(
        max_length=11,
        unique=unique,
        editable=False,
        db_default=models.Func(models.Value(kind.value), function="next_accession"),
        help_text="given once, never reused",
    )
