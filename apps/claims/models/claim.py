"""A claim: one row is one version of it.

Versions of a claim share its accession; at most one of them is accepted, and that one is what the public reads. Only a
draft can be edited: a change of an accepted claim is a new version.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse

from apps.claims.models.choices import LADDER, Aspect, Edge, Effect, Level, Model, Shown, State
from apps.claims.models.resting import ways_to
from apps.claims.models.rules import TRIGGERS
from apps.people.models import Role, User
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank
from apps.studies.models import StudyStatus
from apps.terms.models import Name, Term

if TYPE_CHECKING:
    from apps.claims.models.release import Release, ReleaseMember


def shown_field(asks: str) -> models.CharField[str, str]:
    return models.CharField(asks, max_length=11, choices=Shown, default=Shown.NOT_CURATED, db_default=Shown.NOT_CURATED)


# One or two sentences; a column for any length takes a megabyte, which no page and no workbook shows.
LONGEST_STATEMENT = 2_000


class ClaimQuerySet(models.QuerySet["Claim"]):
    def accepted(self) -> ClaimQuerySet:
        """What the public may read: the start of every public listing."""
        return self.filter(state=State.ACCEPTED)

    def counting(self) -> ClaimQuerySet:
        """What a balance or a meta-analysis may rest on: accepted, and the study not retracted."""
        return self.accepted().exclude(preparation__study__status=StudyStatus.RETRACTED)

    def readable_by(self, person: User) -> ClaimQuerySet:
        """What the person reads at the desk: a draft is its author's, until it is submitted, and the curators'."""
        return self if person.at_least(Role.CURATOR) else self.exclude(~Q(author=person), state=State.DRAFT)

    def as_of(self, moment: datetime) -> ClaimQuerySet:
        """What the public could read at that moment."""
        return self.filter(accepted_at__lte=moment).filter(Q(left_at__isnull=True) | Q(left_at__gt=moment))

    def about(self, term: Term) -> ClaimQuerySet:
        """Claims that name the term or one of its descendants, as disease, therapy, target, recipient or source."""
        under = Q(pk__in=[])
        for path in (
            "disease",
            "recipient",
            "therapies",
            "targets",
            "preparation__source__disease",
            "preparation__source__tissue",
            "preparation__source__cell_type",
            "preparation__source__cell_line",
            "preparation__source__species",
        ):
            names = models.Subquery(term.descendants.through.objects.filter(ancestor=term).values("term__names"))
            under |= Q(**{f"{path}__in": names})
        return self.filter(under).distinct()

    def resting_on(self, *records: models.Model) -> ClaimQuerySet:
        """Claims, in any state, on the studies, sources, preparations, cargos, names or terms, however far below."""
        found = [Claim.objects.filter(**way).order_by().values("pk") for way in ways_to(records)]
        return self.filter(pk__in=found[0].union(*found[1:])) if found else self.none()

    def for_listing(self) -> ClaimQuerySet:
        """All that one row of a listing shows, in a fixed number of queries."""
        return self.select_related(
            "cargo", "disease", "recipient", "preparation__source", "preparation__study"
        ).prefetch_related("therapy_links__name", "target_links__name")

    def for_record(self) -> ClaimQuerySet:
        """All that the page or the API record of a claim shows."""
        source = "preparation__source__"
        return self.select_related(
            "cargo",
            "preparation__study",
            *(source + name for name in ("species", "cell_line", "cell_type", "tissue", "disease")),
            *("accepted_with", "accepted_by", "author"),
        ).prefetch_related(
            "measures",
            "disease__terms",
            "recipient__terms",
            "therapy_links__name__terms",
            "target_links__name__terms",
            "cargo__xrefs",
        )


@kept(exclude=["search"])
class Claim(models.Model):
    """One version of one claim: the atomic piece of evidence."""

    accession = accession_field(Kind.CLAIM, unique=False)
    version = models.PositiveSmallIntegerField(default=1, db_default=1, editable=False)
    basis = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="revisions",
        help_text="the accepted version that this one was written against",
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT, db_default=State.DRAFT, editable=False)

    preparation = models.ForeignKey("vesicles.Preparation", models.PROTECT, related_name="claims")
    key = models.CharField(max_length=20, help_text="its name within the study's document: c1, c2, …")
    cargo = models.ForeignKey(
        "vesicles.Cargo",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claims",
        help_text="empty: the claim is about the vesicle as a whole",
    )
    aspect = models.CharField(max_length=23, choices=Aspect, help_text="what the claim is about")
    effect = models.CharField(max_length=10, choices=Effect)
    outcome = models.CharField(max_length=300, help_text="what is promoted, suppressed or marked, in a few words")
    edge = models.CharField(max_length=7, choices=Edge, help_text="what it means for the patient")
    disease = models.ForeignKey("terms.Name", models.PROTECT, related_name="disease_of_claims")
    recipient = models.ForeignKey(
        "terms.Name", models.PROTECT, null=True, blank=True, related_name="recipient_of_claims"
    )
    therapies = models.ManyToManyField("terms.Name", through="ClaimTherapy", related_name="therapy_of_claims")
    targets = models.ManyToManyField("terms.Name", through="ClaimTarget", related_name="target_of_claims")
    models_used = ArrayField(
        models.CharField(max_length=15, choices=Model), verbose_name="models", help_text="what it was shown in"
    )
    statement = models.TextField(
        # A limit on what forms take; that of the table is a rule below.
        max_length=LONGEST_STATEMENT,
        help_text="the claim in one or two sentences of your own words",
    )
    locator = models.CharField(max_length=300, help_text="where in the publication: abstract, figure 3, …")
    validation = shown_field("independent validation cohort")
    cargo_observed = shown_field(LADDER["cargo_observed"])
    transfer_shown = shown_field(LADDER["transfer_shown"])
    vesicle_free_control = shown_field(LADDER["vesicle_free_control"])
    lost_on_removal = shown_field(LADDER["lost_on_removal"])

    level_override = models.CharField(max_length=1, choices=Level, blank=True)
    level_override_reason = models.CharField(max_length=300, blank=True)
    level_computed = models.CharField(max_length=1, choices=Level, editable=False)
    level_reason = models.CharField(max_length=300, editable=False)
    level = models.GeneratedField(
        expression=Case(When(level_override="", then=F("level_computed")), default=F("level_override")),
        output_field=models.CharField(max_length=1, choices=Level),
        db_persist=True,
    )

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims_written", editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="claims_accepted", editable=False
    )
    accepted_with = models.ForeignKey(
        "Release",
        models.PROTECT,
        null=True,
        related_name="claims_accepted",
        editable=False,
        help_text="the release of the starter collection that it came with",
    )
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False, help_text="when it was last handed in for review")
    accepted_at = models.DateTimeField(null=True, editable=False)
    left_at = models.DateTimeField(null=True, editable=False, help_text="when it was withdrawn or superseded")
    state_reason = models.TextField(blank=True, editable=False, help_text="why it was rejected, withdrawn or changed")
    releases: models.ManyToManyField[Release, ReleaseMember] = models.ManyToManyField(
        "Release", through="ReleaseMember", related_name="claims"
    )

    search = SearchVectorField(null=True, editable=False)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["accession", "version"]
        constraints = [
            models.CheckConstraint(name="claim_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(name="claim_aspect_known", condition=Q(aspect__in=Aspect.values)),
            models.CheckConstraint(name="claim_effect_known", condition=Q(effect__in=Effect.values)),
            models.CheckConstraint(name="claim_edge_known", condition=Q(edge__in=Edge.values)),
            models.CheckConstraint(
                name="claim_models_known",
                condition=Q(models_used__contained_by=Model.values) & Q(models_used__len__gt=0),
                violation_error_message="A claim names at least one model that it was shown in.",
            ),
            *(
                models.CheckConstraint(name=f"claim_{field}_known", condition=Q(**{f"{field}__in": Shown.values}))
                for field in ("validation", *LADDER)
            ),
            models.CheckConstraint(name="claim_level_known", condition=Q(level_computed__in=Level.values)),
            models.CheckConstraint(
                name="claim_level_override_known", condition=Q(level_override__in=["", *Level.values])
            ),
            models.CheckConstraint(
                name="claim_level_override_has_reason",
                condition=Q(level_override="", level_override_reason="")
                | (~Q(level_override="") & not_blank("level_override_reason")),
                violation_error_message="To set a level by hand takes a written reason.",
            ),
            models.CheckConstraint(name="claim_has_statement", condition=not_blank("statement")),
            models.CheckConstraint(
                name="claim_statement_is_short",
                condition=LessThanOrEqual(Length("statement"), LONGEST_STATEMENT),
                violation_error_message=f"A statement has at most {LONGEST_STATEMENT:,} characters.",
            ),
            models.CheckConstraint(name="claim_has_outcome", condition=not_blank("outcome")),
            models.CheckConstraint(name="claim_has_locator", condition=not_blank("locator")),
            models.UniqueConstraint(name="claim_version_once", fields=["accession", "version"]),
            models.CheckConstraint(name="claim_versions_count_from_1", condition=Q(version__gte=1)),
            models.UniqueConstraint(
                name="claim_accepted_once", fields=["accession"], condition=Q(state=State.ACCEPTED)
            ),
            models.CheckConstraint(
                name="claim_two_people",
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("author")),
                violation_error_message="Whoever wrote a claim can't accept it.",
            ),
            models.CheckConstraint(
                name="claim_accepted_by_somebody",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True, accepted_with__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, accepted_with__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=True, accepted_with__isnull=False),
                violation_error_message="A claim is accepted by a second person or with a release, at a known time.",
            ),
            models.CheckConstraint(
                name="claim_accepted_has_date",
                condition=Q(state__in=["accepted", "withdrawn"], accepted_at__isnull=False)
                | Q(state__in=["draft", "submitted", "rejected"], accepted_at__isnull=True)
                # A rival that was overtaken was never accepted itself.
                | Q(state="superseded"),
            ),
            models.CheckConstraint(
                name="claim_submitted_has_date", condition=~Q(state="submitted") | Q(submitted_at__isnull=False)
            ),
            models.CheckConstraint(
                name="claim_left_has_date",
                condition=Q(state__in=["withdrawn", "superseded"], left_at__isnull=False)
                | (~Q(state__in=["withdrawn", "superseded"]) & Q(left_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="claim_refused_with_reason",
                condition=~Q(state__in=["rejected", "withdrawn"]) | not_blank("state_reason"),
                violation_error_message="To reject or withdraw a claim takes a reason.",
            ),
        ]
        indexes = [
            models.Index(name="claim_newest", fields=["-accepted_at", "-id"], condition=Q(state="accepted")),
            models.Index(name="claim_by_aspect", fields=["aspect", "edge"], condition=Q(state="accepted")),
            # The claims beside a claim.
            models.Index(name="claim_beside", fields=["cargo", "aspect", "disease"], condition=Q(state="accepted")),
            models.Index(name="claim_by_state", fields=["state", "written_at"]),
            # The queues of the desk: few rows out of very many.
            models.Index(name="claim_waiting", fields=["submitted_at", "id"], condition=Q(state="submitted")),
            models.Index(name="claim_drafts", fields=["author", "-written_at"], condition=Q(state="draft")),
            GinIndex(name="claim_by_words", fields=["search"]),
        ]
        triggers = TRIGGERS

    def __str__(self) -> str:
        return self.accession

    def get_absolute_url(self) -> str:
        return reverse("claim-detail", args=[self.accession])

    @property
    def therapy_names(self) -> list[Name]:
        """The drugs and treatments, in the order of the study."""
        return [link.name for link in self.therapy_links.all()]

    @property
    def target_names(self) -> list[Name]:
        """The genes, pathways and processes, in the order of the study."""
        return [link.name for link in self.target_links.all()]

    @property
    def ladder(self) -> list[tuple[str, str]]:
        """Each rung as (what it asks, whether it was shown), from observation to patients."""
        rungs = [(asks, str(Shown(getattr(self, rung)).label)) for rung, asks in LADDER.items()]
        used = set(self.models_used)
        for asks, meant in (("animal", {Model.ANIMAL}), ("patients", {Model.PATIENT_SAMPLES, Model.CLINICAL_TRIAL})):
            rungs.append((asks, str((Shown.SHOWN if used & meant else Shown.NOT_SHOWN).label)))
        return rungs
