"""What released the vesicles."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.urls import reverse

from apps.records import triggers
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank
from apps.terms.models import SOURCE_COLUMNS, NameKind, takes_names


class SourceCategory(models.TextChoices):
    TUMOUR_CELL = "tumour_cell", "tumour cell"
    CANCER_STEM_CELL = "cancer_stem_cell", "cancer stem cell"
    CANCER_ASSOCIATED_FIBROBLAST = "cancer_associated_fibroblast", "cancer-associated fibroblast"
    FIBROBLAST = "fibroblast"
    IMMUNE_CELL = "immune_cell", "immune cell"
    MESENCHYMAL_STEM_CELL = "mesenchymal_stem_cell", "mesenchymal stem cell"
    OTHER_STEM_CELL = "other_stem_cell", "other stem cell"
    HEPATOCYTE = "hepatocyte"
    ENDOTHELIAL_CELL = "endothelial_cell", "endothelial cell"
    EPITHELIAL_CELL = "epithelial_cell", "epithelial cell"
    BLOOD_CELL = "blood_cell", "blood cell"
    BIOFLUID = "biofluid"
    TISSUE = "tissue"
    PLANT = "plant"
    BACTERIUM = "bacterium"
    MILK = "milk"
    OTHER = "other"


class Material(models.TextChoices):
    CELL_LINE = "cell_line", "cell line"
    PRIMARY_CULTURE = "primary_culture", "primary culture"
    BIOFLUID = "biofluid"
    TISSUE = "tissue"
    ORGANISM = "organism"
    OTHER = "other"


def name_field(related_name: str, **options: Any) -> models.ForeignKey[Any, Any]:
    """A name as the study wrote it; null where the study gives none or nobody has read it."""
    return models.ForeignKey("terms.Name", models.PROTECT, related_name=related_name, **options)


class SourceQuerySet(models.QuerySet["VesicleSource"]):
    def public(self) -> SourceQuerySet:
        """Sources that an accepted claim rests on: what the public may read."""
        return self.filter(
            Exists(VesicleSource.objects.filter(pk=OuterRef("pk"), preparations__claims__state="accepted"))
        )


@kept()
class VesicleSource(models.Model):
    """What released the vesicles; shared by all studies that describe it in the same words."""

    accession = accession_field(Kind.SOURCE)
    name = models.CharField(max_length=300, help_text="as the study names it")
    category = models.CharField(max_length=28, choices=SourceCategory)
    material = models.CharField(max_length=15, choices=Material)
    species = name_field("species_of_sources")
    cell_line = name_field("cell_line_of_sources", null=True, blank=True)
    cell_type = name_field("cell_type_of_sources", null=True, blank=True)
    tissue = name_field("tissue_of_sources", null=True, blank=True)
    disease = name_field("disease_of_sources", null=True, blank=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "accession"]
        constraints = [
            models.CheckConstraint(name="source_category_known", condition=Q(category__in=SourceCategory.values)),
            models.CheckConstraint(name="source_material_known", condition=Q(material__in=Material.values)),
            models.CheckConstraint(name="source_has_name", condition=not_blank("name")),
            models.UniqueConstraint(
                name="source_once",
                fields=["name", "category", "material", "species", "cell_line", "cell_type", "tissue", "disease"],
                nulls_distinct=False,
                violation_error_message="This source is in ExoDB already: use that one.",
            ),
        ]
        indexes = [
            models.Index(name="source_by_category", fields=["category"]),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="source_by_part"),
        ]
        triggers = [
            *triggers.accession(Kind.SOURCE, merges=True),
            takes_names(
                "source_names_of_their_kind",
                species=NameKind.SPECIES,
                cell_line=NameKind.CELL_LINE,
                cell_type=NameKind.CELL_TYPE,
                tissue=NameKind.TISSUE,
                disease=NameKind.DISEASE,
            ),
            triggers.told("source", on=pgtrigger.Update, columns=["category", *(f"{c}_id" for c in SOURCE_COLUMNS)]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("source-detail", args=[self.accession])
