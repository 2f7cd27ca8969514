"""What was made and what it carries: vesicle sources, preparations and cargos."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Upper
from django.urls import reverse

from apps.records import triggers
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank
from apps.terms.models import CURIE, SOURCE_COLUMNS, NameKind, takes_names


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


class CargoKind(models.TextChoices):
    MIRNA = "miRNA", "miRNA"
    LNCRNA = "lncRNA", "lncRNA"
    CIRCRNA = "circRNA", "circRNA"
    MRNA = "mRNA", "mRNA"
    OTHER_RNA = "other_RNA", "other RNA"
    SIRNA = "siRNA", "siRNA"
    PROTEIN = "protein", "protein"
    DNA = "DNA", "DNA"
    LIPID = "lipid", "lipid"
    METABOLITE = "metabolite", "metabolite"
    SMALL_MOLECULE = "small_molecule", "small molecule"
    PARTICLE = "particle", "particle"
    VIRUS = "virus", "virus"
    OTHER = "other", "other"


class CargoQuerySet(models.QuerySet["Cargo"]):
    def to_do(self) -> CargoQuerySet:
        """Cargos that nobody has grounded or explained: no cross-reference, no members, no reason."""
        return self.filter(xrefs__isnull=True, members__isnull=True, ungrounded_reason="")

    def public(self) -> CargoQuerySet:
        """Cargos that an accepted claim names, by themselves or in a panel: what the public may read."""
        here = Cargo.objects.filter(pk=OuterRef("pk"))
        return self.filter(
            Exists(here.filter(claims__state="accepted")) | Exists(here.filter(panels__claims__state="accepted"))
        )


@kept()
class Cargo(models.Model):
    """A molecule or payload in or on vesicles, or a panel of several that was measured as one."""

    accession = accession_field(Kind.CARGO)
    kind = models.CharField(max_length=14, choices=CargoKind)
    name = models.CharField(max_length=300)
    key = models.GeneratedField(
        expression=models.Func(
            models.Func(
                F("name"),
                Value("[[:space:]_\u2010-\u2014-]+"),
                Value("-"),
                Value("g"),
                function="regexp_replace",
            ),
            function="lower",
        ),
        output_field=models.CharField(max_length=300),
        db_persist=True,
    )
    members = models.ManyToManyField(
        "self", through="CargoMember", through_fields=("panel", "member"), symmetrical=False, related_name="panels"
    )
    ungrounded_reason = models.CharField(max_length=300, blank=True, help_text="why no cross-reference can be given")

    objects = CargoQuerySet.as_manager()

    class Meta:
        ordering = ["name", "accession"]
        constraints = [
            models.CheckConstraint(name="cargo_kind_known", condition=Q(kind__in=CargoKind.values)),
            models.CheckConstraint(name="cargo_has_name", condition=not_blank("name")),
            models.UniqueConstraint(
                name="cargo_once_by_kind_and_name",
                fields=["kind", "key"],
                violation_error_message="A cargo of this kind and name is in ExoDB already: use that one.",
            ),
        ]
        indexes = [GinIndex(OpClass("key", name="gin_trgm_ops"), name="cargo_by_part")]
        triggers = [
            *triggers.accession(Kind.CARGO, merges=True),
            triggers.check(
                "cargo_keeps_kind",
                on=pgtrigger.UpdateOf("kind"),
                sql="""OLD.kind <> NEW.kind AND EXISTS (
                    SELECT FROM claims_claim WHERE state <> 'draft' AND cargo_id IN (
                        SELECT OLD.id UNION ALL SELECT panel_id FROM vesicles_cargomember WHERE member_id = OLD.id))""",
                message="A cargo that claims name keeps its kind: make another cargo, and revise the claims.",
            ),
            pgtrigger.Trigger(
                name="cargo_kind_reaches_xrefs",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("kind"),
                func="UPDATE vesicles_cargoxref SET cargo_kind = NEW.kind WHERE cargo_id = NEW.id; RETURN NULL;",
            ),
            triggers.told("cargo", on=pgtrigger.Update, columns=["kind", "name", "accession"]),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("cargo-detail", args=[self.accession])


@kept()
class CargoSynonym(models.Model):
    """Another name of a cargo."""

    cargo = models.ForeignKey(Cargo, models.CASCADE, related_name="synonyms")
    text = models.CharField(max_length=300)

    class Meta:
        ordering = ["text", "pk"]
        constraints = [
            models.UniqueConstraint(name="cargo_synonym_once", fields=["cargo", "text"]),
            models.CheckConstraint(name="cargo_synonym_has_text", condition=not_blank("text")),
        ]
        indexes = [GinIndex(OpClass(Upper("text"), name="gin_trgm_ops"), name="cargo_synonym_by_part")]

    def __str__(self) -> str:
        return self.text


@kept()
class CargoXref(models.Model):
    """A cross-reference of a cargo: a CURIE, and what it is to the cargo."""

    class Relation(models.TextChoices):
        EXACT = "exact", "the same molecule"
        FAMILY = "family", "its miRNA, arm not stated"
        GENE = "gene", "the gene that it comes from"
        TARGET = "target", "what it acts on"
        BROADER = "broader", "a broader class"

    cargo = models.ForeignKey(Cargo, models.CASCADE, related_name="xrefs")
    curie = models.CharField("CURIE", max_length=80)
    relation = models.CharField(max_length=7, choices=Relation, default=Relation.EXACT)
    # Kept beside the CURIE so that one molecule can be one miRNA cargo and, say, the gene of one mRNA cargo.
    cargo_kind = models.CharField(max_length=14, choices=CargoKind, editable=False)

    class Meta:
        ordering = ["relation", "curie"]
        constraints = [
            models.CheckConstraint(name="cargo_xref_curie_well_formed", condition=Q(curie__regex=CURIE)),
            models.CheckConstraint(
                name="cargo_xref_relation_known",
                condition=Q(relation__in=["exact", "family", "gene", "target", "broader"]),
            ),
            models.UniqueConstraint(name="cargo_xref_once", fields=["cargo", "curie"]),
            models.UniqueConstraint(
                name="cargo_once_by_xref",
                fields=["cargo_kind", "curie"],
                condition=Q(relation="exact"),
                violation_error_message="Another cargo of this kind has that cross-reference: it is the same cargo.",
            ),
        ]
        indexes = [models.Index(name="cargo_xref_by_curie", fields=["curie"])]
        triggers = [
            triggers.derive(
                "cargo_xref_takes_kind",
                "SELECT kind INTO NEW.cargo_kind FROM vesicles_cargo WHERE id = NEW.cargo_id;",
            )
        ]

    def __str__(self) -> str:
        return self.curie


@kept()
class CargoMember(models.Model):
    """One member of a panel."""

    panel = models.ForeignKey(Cargo, models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Cargo, models.PROTECT, related_name="panel_memberships")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="cargo_member_once", fields=["panel", "member"]),
            models.CheckConstraint(name="cargo_not_its_own_member", condition=~Q(panel=F("member"))),
        ]

    def __str__(self) -> str:
        return f"{self.member} in {self.panel}"
