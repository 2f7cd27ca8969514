"""What synthesis derives and keeps: it follows from the evidence, and can be rebuilt from it."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from apps.claims.models import Claim
from apps.records.text import not_blank
from apps.studies.models import Study
from apps.synthesis.kept import Move, Weighed
from apps.synthesis.questions import Question, Stance, SubjectKind
from apps.terms.models import Name
from apps.vesicles.models import Cargo, Preparation, VesicleSource

__all__ = [
    "Contradiction",
    "Move",
    "Stale",
    "Standing",
    "StudyGroup",
    "Weighed",
]


class StudyGroup(models.Model):
    """The group of studies, linked by shared authors, that a study belongs to; named for its first study."""

    study = models.OneToOneField(Study, models.CASCADE, primary_key=True, related_name="author_group")
    first = models.ForeignKey(Study, models.CASCADE, related_name="+")
    authors = ArrayField(models.CharField(max_length=200), help_text="the authors that it was linked by")

    def __str__(self) -> str:
        return f"{self.study_id} with {self.first_id}"


class Stale(models.Model):
    """That something changed which a claim rests on, so that what was derived from it is to be derived anew.

    Written by triggers, in the transaction of the change. A claim may stand here twice: a change that comes while the
    one before is being taken in must not be lost.
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=TransactionNow(), help_text="when the transaction of the change began")

    def __str__(self) -> str:
        return f"claim {self.claim_id}"


class ContradictionQuerySet(models.QuerySet["Contradiction"]):
    def with_standing(self) -> ContradictionQuerySet:
        """Each says whether a claim of it has changed since it was derived."""
        changed = Stale.objects.filter(claim__standings__contradiction=OuterRef("pk"))
        return self.annotate(is_stale=Exists(changed))

    def with_sides(self) -> ContradictionQuerySet:
        """Each has how many claims take each side."""
        counts = {f"n_{stance}": Count("standings", filter=Q(standings__stance=stance)) for stance in Stance.values}
        return self.annotate(**counts)

    def ranked(self) -> ContradictionQuerySet:
        """The strongest first; the order is total."""
        return self.order_by("-rank", "slug")


class Contradiction(models.Model):
    """Claims of independent studies that say opposite things on one question, of one subject, in one disease."""

    slug = models.CharField(max_length=200, unique=True)
    key = models.CharField(max_length=400, help_text="subject and question: what is derived anew together")
    subject_kind = models.CharField(max_length=9, choices=SubjectKind)
    subject = models.CharField(max_length=300, help_text="how the subject is called")
    cargo = models.ForeignKey(Cargo, models.CASCADE, null=True, related_name="contradictions")
    question = models.CharField(max_length=23, choices=Question)
    disease = models.CharField(max_length=300, blank=True, help_text="how the disease is called; blank: any")
    curie = models.CharField(max_length=80, blank=True, help_text="the term of the disease, where it has one")
    claims = models.PositiveIntegerField()
    groups = models.PositiveIntegerField(help_text="groups of studies that share no authors")
    strength = models.FloatField(help_text="of the weaker of the two strongest sides")
    closeness = models.FloatField(help_text="of the two opposing claims whose settings are most alike, 0 to 1")
    rank = models.FloatField(help_text="strength times closeness")

    objects = ContradictionQuerySet.as_manager()

    class Meta:
        ordering = ["-rank", "slug"]
        constraints = [
            models.CheckConstraint(
                name="contradiction_subject_known", condition=Q(subject_kind__in=SubjectKind.values)
            ),
            models.CheckConstraint(name="contradiction_question_known", condition=Q(question__in=Question.values)),
            models.CheckConstraint(name="contradiction_has_subject", condition=not_blank("subject")),
            models.CheckConstraint(
                name="contradiction_cargo_where_it_is_one",
                condition=Q(subject_kind="cargo", cargo__isnull=False)
                | (~Q(subject_kind="cargo") & Q(cargo__isnull=True)),
            ),
            models.CheckConstraint(name="contradiction_takes_two", condition=Q(claims__gte=2)),
            models.CheckConstraint(name="contradiction_closeness_is_share", condition=Q(closeness__range=(0, 1))),
        ]
        indexes = [
            models.Index(name="contradiction_ranked", fields=["-rank", "slug"]),
            models.Index(name="contradiction_by_question", fields=["question", "-rank"]),
            models.Index(name="contradiction_by_key", fields=["key"]),
        ]

    def __str__(self) -> str:
        where = f" in {self.disease}" if self.disease else ""
        return f"{self.subject}{where}: {str(self.get_question_display()).lower()}"

    def get_absolute_url(self) -> str:
        return reverse("contradiction", args=[self.slug])

    @property
    def by_side(self) -> list[tuple[str, int]]:
        """Each side that is taken as (what it says, how many claims), of a row read `with_sides`."""
        found = [(str(stance.label).lower(), getattr(self, f"n_{stance.value}")) for stance in Stance]
        return [(label, number) for label, number in found if number]


class Standing(models.Model):
    """The side on which a claim stands in a contradiction."""

    contradiction = models.ForeignKey(Contradiction, models.CASCADE, related_name="standings")
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="standings")
    stance = models.CharField(max_length=9, choices=Stance)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="standing_once", fields=["contradiction", "claim"]),
            models.CheckConstraint(name="standing_stance_known", condition=Q(stance__in=Stance.values)),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.stance}"


def notes_stale(name: str, on: pgtrigger.Operation | pgtrigger.Operations, claims: str) -> pgtrigger.Trigger:
    """Note, after a change, the public claims that `claims` selects (SQL over NEW and OLD)."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=on,
        func=f"INSERT INTO synthesis_stale (claim_id) {claims}; RETURN NULL;",
    )


ACCEPTED = "SELECT claim.id FROM claims_claim claim WHERE claim.state = 'accepted' AND"


class WatchedClaim(Claim):
    """A claim, whose changes synthesis follows."""

    class Meta:
        proxy = True
        triggers = [
            # A claim starts as a draft; it counts from the change that accepts it to the one that ends that.
            pgtrigger.Trigger(
                name="claim_notes_stale",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'accepted' OR NEW.state = 'accepted'"),
                func="INSERT INTO synthesis_stale (claim_id) VALUES (NEW.id); RETURN NULL;",
            )
        ]


class WatchedStudy(Study):
    """A study, whose standing and authors synthesis follows."""

    class Meta:
        proxy = True
        triggers = [
            notes_stale(
                "study_notes_stale",
                pgtrigger.UpdateOf("status", "authors", "year", "kind"),
                "SELECT claim.id FROM claims_claim claim JOIN vesicles_preparation made "
                "ON made.id = claim.preparation_id WHERE claim.state = 'accepted' AND made.study_id = NEW.id",
            )
        ]


class WatchedPreparation(Preparation):
    """A preparation, whose changes synthesis follows."""

    class Meta:
        proxy = True
        triggers = [
            notes_stale("preparation_notes_stale", pgtrigger.Update, f"{ACCEPTED} claim.preparation_id = NEW.id")
        ]


class WatchedSource(VesicleSource):
    """A source, whose changes synthesis follows."""

    class Meta:
        proxy = True
        triggers = [
            notes_stale(
                "source_notes_stale",
                pgtrigger.Update,
                "SELECT claim.id FROM claims_claim claim JOIN vesicles_preparation made "
                "ON made.id = claim.preparation_id WHERE claim.state = 'accepted' AND made.source_id = NEW.id",
            )
        ]


class WatchedCargo(Cargo):
    """A cargo, whose name and kind synthesis follows."""

    class Meta:
        proxy = True
        triggers = [
            notes_stale("cargo_notes_stale", pgtrigger.UpdateOf("name", "kind"), f"{ACCEPTED} claim.cargo_id = NEW.id")
        ]


class WatchedNameTerm(Name.terms.through):  # type: ignore[name-defined]
    """That a name means a term, where it is the disease of a claim."""

    class Meta:
        proxy = True
        triggers = [
            notes_stale(
                "name_term_notes_stale",
                pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                f"{ACCEPTED} claim.disease_id IN (NEW.name_id, OLD.name_id)",
            )
        ]
