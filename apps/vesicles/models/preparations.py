"""The vesicles of one source as one study made them, and how well that was reported."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import add

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.urls import reverse

from apps.records import triggers
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank
from apps.vesicles.models.sources import VesicleSource


class VesicleClass(models.TextChoices):
    """Classes of MISEV2023 (doi 10.1002/jev2.12404), apart from the authors' own term."""

    EV = "ev", "extracellular vesicle"
    SMALL_EV = "small_ev", "small EV"
    LARGE_EV = "large_ev", "large EV"
    EXOSOME = "exosome", "exosome (biogenesis shown)"
    ECTOSOME = "ectosome", "ectosome (biogenesis shown)"
    EV_MIMETIC = "ev_mimetic", "EV mimetic"
    HYBRID = "hybrid", "EV-liposome hybrid"
    NOT_CURATED = "not_curated", "not curated"


class Isolation(models.TextChoices):
    DIFFERENTIAL_ULTRACENTRIFUGATION = "differential_ultracentrifugation", "differential ultracentrifugation"
    DENSITY_GRADIENT = "density_gradient", "density gradient"
    SIZE_EXCLUSION = "size_exclusion", "size-exclusion chromatography"
    ULTRAFILTRATION = "ultrafiltration"
    TANGENTIAL_FLOW = "tangential_flow", "tangential-flow filtration"
    PRECIPITATION = "precipitation"
    IMMUNOAFFINITY = "immunoaffinity"
    MICROFLUIDICS = "microfluidics"
    OTHER = "other"


class Characterisation(models.TextChoices):
    TEM = "tem", "transmission electron microscopy"
    CRYO_EM = "cryo_em", "cryo-electron microscopy"
    SEM = "sem", "scanning electron microscopy"
    AFM = "afm", "atomic force microscopy"
    NTA = "nta", "nanoparticle tracking analysis"
    DLS = "dls", "dynamic light scattering"
    WESTERN_BLOT = "western_blot", "western blot"
    FLOW_CYTOMETRY = "flow_cytometry", "flow cytometry"
    ELISA = "elisa", "ELISA"
    PROTEOMICS = "proteomics"
    OTHER = "other"


class Reported(models.TextChoices):
    """Whether a study reports an item. *Not curated* means that nobody has looked, never *no*."""

    REPORTED = "reported"
    NOT_REPORTED = "not_reported", "not reported"
    NOT_APPLICABLE = "not_applicable", "not applicable"
    NOT_CURATED = "not_curated", "not curated"


# The nine items of EV-METRIC (EV-TRACK, Nature Methods 2017, doi 10.1038/nmeth.4185): field and what it asks.
EV_METRIC = {
    "metric_enriched_proteins": "three or more EV-enriched proteins assessed",
    "metric_non_enriched_protein": "a non-EV-enriched protein assessed",
    "metric_particle_analysis": "qualitative and quantitative particle analysis",
    "metric_electron_microscopy": "electron microscopy, wide field and close-up",
    "metric_density_gradient": "density gradient",
    "metric_ev_density": "EV density",
    "metric_ultracentrifugation": "ultracentrifugation specifics, if used",
    "metric_antibodies": "antibody specifics, if used",
    "metric_lysate": "lysate preparation, if used",
}


def metric_field(asks: str) -> models.CharField[str, str]:
    return models.CharField(
        asks,
        max_length=14,
        choices=Reported,
        default=Reported.NOT_CURATED,
        db_default=Reported.NOT_CURATED,
        help_text="EV-METRIC item; leave as not curated unless you have read the methods",
    )


def metric_count(*values: Reported) -> models.GeneratedField:
    """How many of the nine items have one of the values, kept by the database."""
    one_each = (Case(When(**{f"{item}__in": list(values)}, then=Value(1)), default=Value(0)) for item in EV_METRIC)
    total = reduce(add, one_each)
    return models.GeneratedField(expression=total, output_field=IntegerField(), db_persist=True)


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def public(self) -> PreparationQuerySet:
        """Preparations that an accepted claim is about: what the public may read."""
        return self.filter(Exists(Preparation.objects.filter(pk=OuterRef("pk"), claims__state="accepted")))


@kept()
class Preparation(models.Model):
    """The vesicles of one source as one study made them."""

    accession = accession_field(Kind.PREPARATION)
    study = models.ForeignKey("studies.Study", models.PROTECT, related_name="preparations")
    key = models.CharField(max_length=20, help_text="its name within the study's document: p1, p2, …")
    source = models.ForeignKey(VesicleSource, models.PROTECT, related_name="preparations")
    term = models.CharField("authors' term", max_length=200, help_text="exosome, microvesicle, … as the study says")
    vesicle_class = models.CharField(
        "MISEV2023 class",
        max_length=11,
        choices=VesicleClass,
        default=VesicleClass.NOT_CURATED,
        db_default=VesicleClass.NOT_CURATED,
    )
    engineered = models.BooleanField()
    loading = models.CharField(max_length=500, blank=True, help_text="what was loaded and how, where engineered")
    surface = models.CharField(max_length=500, blank=True, help_text="what was put on the surface, where engineered")
    isolation = ArrayField(
        models.CharField(max_length=32, choices=Isolation), null=True, blank=True, help_text="empty: not curated"
    )
    methods = ArrayField(
        models.CharField(max_length=14, choices=Characterisation),
        null=True,
        blank=True,
        verbose_name="characterisation methods",
        help_text="empty: not curated",
    )
    markers_positive = ArrayField(
        models.CharField(max_length=60), null=True, blank=True, help_text="shown to be there; empty: not curated"
    )
    markers_negative = ArrayField(
        models.CharField(max_length=60), null=True, blank=True, help_text="shown to be absent; empty: not curated"
    )
    metric_enriched_proteins = metric_field(EV_METRIC["metric_enriched_proteins"])
    metric_non_enriched_protein = metric_field(EV_METRIC["metric_non_enriched_protein"])
    metric_particle_analysis = metric_field(EV_METRIC["metric_particle_analysis"])
    metric_electron_microscopy = metric_field(EV_METRIC["metric_electron_microscopy"])
    metric_density_gradient = metric_field(EV_METRIC["metric_density_gradient"])
    metric_ev_density = metric_field(EV_METRIC["metric_ev_density"])
    metric_ultracentrifugation = metric_field(EV_METRIC["metric_ultracentrifugation"])
    metric_antibodies = metric_field(EV_METRIC["metric_antibodies"])
    metric_lysate = metric_field(EV_METRIC["metric_lysate"])
    metric_reported = metric_count(Reported.REPORTED)
    metric_curated = metric_count(Reported.REPORTED, Reported.NOT_REPORTED)

    objects = PreparationQuerySet.as_manager()

    class Meta:
        ordering = ["accession"]
        constraints = [
            models.UniqueConstraint(name="preparation_key_once_per_study", fields=["study", "key"]),
            models.CheckConstraint(name="preparation_class_known", condition=Q(vesicle_class__in=VesicleClass.values)),
            models.CheckConstraint(name="preparation_has_term", condition=not_blank("term")),
            models.CheckConstraint(
                name="preparation_isolation_known",
                condition=Q(isolation__isnull=True) | Q(isolation__contained_by=Isolation.values),
            ),
            models.CheckConstraint(
                name="preparation_methods_known",
                condition=Q(methods__isnull=True) | Q(methods__contained_by=Characterisation.values),
            ),
            *(
                models.CheckConstraint(
                    name=f"preparation_{item}_known", condition=Q(**{f"{item}__in": Reported.values})
                )
                for item in EV_METRIC
            ),
        ]
        indexes = [GinIndex(name="preparation_by_isolation", fields=["isolation"])]
        triggers = [
            *triggers.accession(Kind.PREPARATION),
            triggers.fixed(
                "preparation_keeps_study",
                "A preparation stays with the study that made it.",
                ["study_id"],
                unless={"study_id": triggers.moved_by_merge("studies_study", "study_id")},
            ),
            triggers.check(
                "preparation_brings_no_second_key",
                on=pgtrigger.UpdateOf("study_id"),
                sql="""OLD.study_id <> NEW.study_id AND EXISTS (
                    SELECT FROM claims_claim ours
                    JOIN claims_claim theirs ON theirs.key = ours.key AND theirs.accession <> ours.accession
                    JOIN vesicles_preparation made ON made.id = theirs.preparation_id AND made.study_id = NEW.study_id
                    WHERE ours.preparation_id = NEW.id)""",
                message="Another claim of that study has the key of a claim of this preparation.",
            ),
            triggers.told(
                "made",
                on=pgtrigger.Update,
                columns=["study_id", "source_id", "engineered", "isolation", "metric_reported", "metric_curated"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term} of {self.source}"

    def get_absolute_url(self) -> str:
        return reverse("preparation-detail", args=[self.accession])

    @property
    def reporting_score(self) -> Fraction | None:
        """The share of the applicable, curated EV-METRIC items that the study reports; None where none is curated."""
        return Fraction(self.metric_reported, self.metric_curated) if self.metric_curated else None

    @property
    def metric_items(self) -> list[tuple[str, str]]:
        """Each EV-METRIC item as (what it asks, whether it is reported)."""
        return [(asks, Reported(getattr(self, item)).label) for item, asks in EV_METRIC.items()]
