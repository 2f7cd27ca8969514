"""Molecules and payloads in or on vesicles, and panels of them."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Upper
from django.urls import reverse

from apps.records import triggers
from apps.records.history import kept
from apps.records.models import Kind, accession_field
from apps.records.text import not_blank
from apps.terms.models import CURIE


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
