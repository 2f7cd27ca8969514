"""Studies, the notices on them, and how often they are cited."""

from __future__ import annotations

import uuid
from datetime import date
from zoneinfo import ZoneInfo

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from apps.records import triggers
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank

# What PMID, PMCID, DOI and NCT look like. A DOI is kept in lower case: DOIs are case-insensitive (DOI Handbook, 2.4).
PMID = r"^[1-9][0-9]{0,8}$"
PMCID = r"^PMC[1-9][0-9]{0,9}$"
DOI = r"^10\.[0-9]{4,9}/[^[:space:][:upper:]]+$"
NCT = r"^NCT[0-9]{8}$"
FIRST_YEAR, LAST_YEAR = 1946, 2100


class StudyKind(models.TextChoices):
    PRIMARY = "primary", "primary study"
    CLINICAL_TRIAL = "clinical_trial", "clinical trial"
    META_ANALYSIS = "meta_analysis", "meta-analysis"
    SYSTEMATIC_REVIEW = "systematic_review", "systematic review"
    REVIEW = "review", "review"


class StudyStatus(models.TextChoices):
    """Where a study stands: derived from its notices by the database, never typed."""

    PUBLISHED = "published", "no notice known"
    CORRECTED = "corrected", "corrected"
    CONCERN = "concern", "expression of concern"
    RETRACTED = "retracted", "retracted"


class Depth(models.TextChoices):
    ABSTRACT = "abstract", "abstract"
    FULL_TEXT = "full_text", "full text"


# The zone where a day begins first: what is tomorrow even there has not come to any curator.
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")


def must_have_come(day: date) -> date:
    """The day, if it has begun anywhere. Raises ValidationError for a day on which nobody can have read a paper."""
    if day > timezone.now().astimezone(FIRST_ZONE).date():
        raise ValidationError(f"{day} has not come yet: give the day on which the study was read.")
    return day


class StudyQuerySet(models.QuerySet["Study"]):
    def standing(self) -> StudyQuerySet:
        """Studies whose claims count: all but the retracted."""
        return self.exclude(status=StudyStatus.RETRACTED)

    def public(self) -> StudyQuerySet:
        """Studies that an accepted claim rests on: what the public may read."""
        return self.filter(Exists(Study.objects.filter(pk=OuterRef("pk"), preparations__claims__state="accepted")))


def identifier(verbose: str, length: int) -> models.CharField[str | None, str | None]:
    return models.CharField(verbose, max_length=length, null=True, blank=True, unique=True)


@kept()
class Study(models.Model):
    """One publication or registered trial."""

    accession = accession_field(Kind.STUDY)
    kind = models.CharField(max_length=17, choices=StudyKind)
    title = models.TextField()
    journal = models.CharField(max_length=300)
    year = models.PositiveSmallIntegerField()
    authors = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, help_text="Family Initials, first author first"
    )
    pmid = identifier("PMID", 9)
    pmcid = identifier("PMCID", 13)
    doi = identifier("DOI", 300)
    nct = identifier("NCT number", 11)
    status = models.CharField(
        max_length=9,
        choices=StudyStatus,
        default=StudyStatus.PUBLISHED,
        db_default=StudyStatus.PUBLISHED,
        editable=False,
        help_text="derived from the notices",
    )
    pages_read = ArrayField(
        models.CharField(max_length=1000), default=list, blank=True, help_text="the pages that the curator read"
    )
    depth = models.CharField("read", max_length=9, choices=Depth)
    curated_on = models.DateField()

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "studies"
        ordering = ["-year", "accession"]
        constraints = [
            models.CheckConstraint(name="study_kind_known", condition=Q(kind__in=StudyKind.values)),
            models.CheckConstraint(name="study_status_known", condition=Q(status__in=StudyStatus.values)),
            models.CheckConstraint(name="study_depth_known", condition=Q(depth__in=Depth.values)),
            models.CheckConstraint(name="study_has_title", condition=not_blank("title")),
            models.CheckConstraint(
                name="study_year_plausible",
                condition=Q(year__range=(FIRST_YEAR, LAST_YEAR)),
                violation_error_message=f"The year lies between {FIRST_YEAR} and {LAST_YEAR}.",
            ),
            models.CheckConstraint(
                name="study_has_identifier",
                condition=Q(pmid__isnull=False) | Q(pmcid__isnull=False) | Q(doi__isnull=False) | Q(nct__isnull=False),
                violation_error_message="A study needs a PMID, PMCID, DOI or NCT number.",
            ),
            models.CheckConstraint(
                name="study_pmid_well_formed",
                condition=Q(pmid__isnull=True) | Q(pmid__regex=PMID),
                violation_error_message="A PMID is a number such as 28646161.",
            ),
            models.CheckConstraint(
                name="study_pmcid_well_formed",
                condition=Q(pmcid__isnull=True) | Q(pmcid__regex=PMCID),
                violation_error_message="A PMCID looks like PMC5482839.",
            ),
            models.CheckConstraint(
                name="study_doi_well_formed",
                condition=Q(doi__isnull=True) | Q(doi__regex=DOI),
                violation_error_message="A DOI looks like 10.1038/s41598-017-04386-1, in lower case.",
            ),
            models.CheckConstraint(
                name="study_nct_well_formed",
                condition=Q(nct__isnull=True) | Q(nct__regex=NCT),
                violation_error_message="An NCT number looks like NCT03235687.",
            ),
        ]
        indexes = [
            models.Index(name="study_by_year", fields=["-year", "accession"]),
            # Both falling or both rising: a place in this order is a bound of the index.
            models.Index(name="study_in_order", fields=["year", "accession"]),
            models.Index(name="study_by_status", fields=["status"]),
            GinIndex(name="study_by_author", fields=["authors"]),
            # For titles that are alike but not the same.
            GinIndex(OpClass("title", name="gin_trgm_ops"), name="study_by_title"),
        ]
        triggers = [
            *triggers.accession(Kind.STUDY, merges=True),
            triggers.check(
                "study_authors_have_names",
                on=pgtrigger.Insert | pgtrigger.UpdateOf("authors"),
                sql="EXISTS (SELECT FROM unnest(NEW.authors) author WHERE author ~ '^[[:space:]]*$' OR author IS NULL)",
                message="An author has a name: leave out what is blank.",
            ),
            # Depth 0 is a statement of somebody's; deeper is the trigger of the notices.
            triggers.fixed(
                "study_status_derived",
                "The status of a study is derived from its notices: add or overrule a notice instead.",
                ["status"],
                when="pg_trigger_depth() = 0",
            ),
            triggers.refuse(
                "study_status_starts_published",
                "A study starts as published; its notices say more.",
                on=pgtrigger.Insert,
                condition=pgtrigger.Q(new__status__df="published"),
            ),
            triggers.told("study", on=pgtrigger.Update, columns=["status", "year", "accession"]),
        ]

    def __str__(self) -> str:
        return f"{self.short_authors} {self.year}"

    def get_absolute_url(self) -> str:
        return reverse("study-detail", args=[self.accession])

    def clean(self) -> None:
        """For forms: what depends on the day on which it is asked is no rule of a table."""
        super().clean()
        if self.curated_on:
            try:
                must_have_come(self.curated_on)
            except ValidationError as problem:
                raise ValidationError({"curated_on": problem.messages}) from None

    @property
    def short_authors(self) -> str:
        """The authors as a citation in running text names them."""
        families = [author.rpartition(" ")[0] or author for author in self.authors]
        match families:
            case []:
                return "Anonymous"
            case [one]:
                return one
            case [one, two]:
                return f"{one} and {two}"
            case _:
                return f"{families[0]} et al."

    @property
    def identifiers(self) -> dict[str, str]:
        """The identifiers that the study has, by name."""
        found = {name: getattr(self, name) for name in ("pmid", "pmcid", "doi", "nct")}
        return {name: value for name, value in found.items() if value}


class Nature(models.TextChoices):
    """What a notice says."""

    RETRACTION = "retraction"
    WITHDRAWAL = "withdrawal"
    CONCERN = "concern", "expression of concern"
    CORRECTION = "correction"
    REINSTATEMENT = "reinstatement"


# The namespace of the names of notices (RFC 9562, version 5).
NOTICES = uuid.UUID("6b1d2f0c-5c0e-4c1a-9a57-0d1f4b7c9e21")

# A notice counts unless an editor overruled it, whether or not its service still shows it. A reinstatement lifts the
# retractions that are dated, and not after it; one without a date stands until an editor overrules it. A notice
# that goes to another study, by a merge, changes both.
DERIVE_STATUS = """
-- Two notices at once would not see each other: the second waits here, and then looks.
PERFORM FROM studies_study WHERE id IN (NEW.study_id, OLD.study_id) ORDER BY id FOR NO KEY UPDATE;
UPDATE studies_study concerned SET status = CASE
    WHEN EXISTS (
        SELECT FROM studies_notice bad
        WHERE bad.study_id = concerned.id AND bad.nature IN ('retraction', 'withdrawal') AND bad.overruled_at IS NULL
        AND NOT EXISTS (
            SELECT FROM studies_notice lifts
            WHERE lifts.study_id = bad.study_id AND lifts.nature = 'reinstatement' AND lifts.overruled_at IS NULL
            AND lifts.dated >= bad.dated
        )
    ) THEN 'retracted'
    WHEN EXISTS (
        SELECT FROM studies_notice WHERE study_id = concerned.id AND nature = 'concern' AND overruled_at IS NULL
    ) THEN 'concern'
    WHEN EXISTS (
        SELECT FROM studies_notice WHERE study_id = concerned.id AND nature = 'correction' AND overruled_at IS NULL
    ) THEN 'corrected'
    ELSE 'published'
END
WHERE id IN (NEW.study_id, OLD.study_id);
RETURN NULL;
"""

# That a service still shows a notice is no news; all else is, to who follows the notices.
DATE_CHANGE = """
IF TG_OP = 'INSERT'
    OR (OLD.dated, OLD.reason, OLD.vanished_on, OLD.overruled_at, OLD.overruled_reason)
    IS DISTINCT FROM (NEW.dated, NEW.reason, NEW.vanished_on, NEW.overruled_at, NEW.overruled_reason)
THEN
    NEW.changed_at = now();
ELSE
    NEW.changed_at = OLD.changed_at;
END IF;
"""


class NoticeQuerySet(models.QuerySet["Notice"]):
    def public(self) -> NoticeQuerySet:
        """Notices on studies that the public may read."""
        return self.filter(study__in=Study.objects.public())


@kept(exclude=["changed_at"])
class Notice(models.Model):
    """A dated notice on a study (retraction, correction, concern, …), as one service reports it."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="notices")
    service = models.CharField(max_length=40, help_text="who reports it; `curation` for what a curator read")
    nature = models.CharField(max_length=13, choices=Nature)
    identifier = models.CharField(max_length=300, blank=True, help_text="DOI or PMID of the notice itself")
    dated = models.DateField(null=True, blank=True, help_text="when the notice was published")
    reason = models.TextField(blank=True, help_text="as the notice gives it")
    first_seen = models.DateField()
    last_seen = models.DateField()
    vanished_on = models.DateField(null=True, blank=True, help_text="since when the service no longer shows it")
    overruled_at = models.DateTimeField(null=True, blank=True)
    overruled_by = models.ForeignKey("people.User", models.PROTECT, null=True, blank=True, related_name="+")
    overruled_reason = models.TextField(blank=True)
    changed_at = models.DateTimeField(db_default=Now(), editable=False, help_text="when there was last news of it")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-first_seen", "pk"]
        constraints = [
            models.CheckConstraint(name="notice_nature_known", condition=Q(nature__in=Nature.values)),
            models.UniqueConstraint(name="notice_once", fields=["study", "service", "nature", "identifier"]),
            models.CheckConstraint(name="notice_seen_in_order", condition=Q(first_seen__lte=models.F("last_seen"))),
            models.CheckConstraint(
                name="notice_vanished_after_it_was_seen",
                condition=Q(vanished_on__isnull=True) | Q(vanished_on__gte=models.F("first_seen")),
                violation_error_message="A notice can't vanish before it was first seen.",
            ),
            models.CheckConstraint(
                name="notice_overruled_with_reason",
                condition=Q(overruled_at__isnull=True, overruled_by__isnull=True, overruled_reason="")
                | (Q(overruled_at__isnull=False, overruled_by__isnull=False) & not_blank("overruled_reason")),
                violation_error_message="To overrule a notice takes a person and a reason.",
            ),
        ]
        indexes = [
            models.Index(name="notice_by_day", fields=["-first_seen", "-id"]),
            models.Index(name="notice_by_change", fields=["-changed_at", "-id"]),
        ]
        triggers = [
            triggers.derive("notice_dates_change", DATE_CHANGE),
            *triggers.append_only_of_study(
                "notice",
                "A notice is kept as it was reported; mark it vanished or overrule it instead.",
                ["study_id", "service", "nature", "identifier", "dated", "reason", "first_seen"],
                table="studies_notice",
                once=("service", "nature", "identifier"),
            ),
            pgtrigger.Trigger(
                name="notice_derives_status",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=DERIVE_STATUS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_nature_display()} by {self.service}"

    def get_absolute_url(self) -> str:
        return f"{self.study.get_absolute_url()}#notices"

    @property
    def urn(self) -> str:
        """What feeds and programs know the notice by: the same in every installation, for as long as there is one."""
        return uuid.uuid5(NOTICES, f"{self.study.accession}\n{self.service}\n{self.nature}\n{self.identifier}").urn


class CitationCount(models.Model):
    """How often one service counted a study as cited, on one day."""

    study = models.ForeignKey(Study, models.PROTECT, related_name="citation_counts")
    service = models.CharField(max_length=40)
    day = models.DateField()
    count = models.PositiveIntegerField()
    ratio = models.FloatField(null=True, help_text="relative citation ratio: 1 is the field's average (NIH iCite only)")

    class Meta:
        ordering = ["service", "day"]
        constraints = [
            models.UniqueConstraint(name="citation_count_once_a_day", fields=["study", "service", "day"]),
            models.CheckConstraint(
                name="citation_ratio_plausible", condition=Q(ratio__isnull=True) | Q(ratio__range=(0, 1e300))
            ),
        ]
        triggers = [
            triggers.not_emptied(),
            *triggers.append_only_of_study(
                "citation_count",
                "Citation counts are only ever added.",
                ["study_id", "service", "day", "count", "ratio"],
                table="studies_citationcount",
                once=("service", "day"),
            ),
            triggers.told("citations", on=pgtrigger.Insert, record="study_id"),
            triggers.told("citations", on=pgtrigger.Update, columns=["study_id", "count"], record="study_id"),
            triggers.told("citations", on=pgtrigger.Delete, record="study_id"),
        ]

    def __str__(self) -> str:
        return f"{self.count} by {self.service} on {self.day}"
