"""Terms of the vocabularies, and the names that studies write for them."""

from __future__ import annotations

from functools import reduce
from operator import or_

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from apps.records import triggers
from apps.records.history import kept
from apps.records.text import not_blank

CURIE = r"^[A-Za-z][A-Za-z0-9_.]*:[^[:space:]]+$"


class Vocabulary(models.TextChoices):
    """The vocabularies, named for what their terms are."""

    DISEASE = "disease", "diseases (Disease Ontology)"
    TISSUE = "tissue", "tissues and fluids (UBERON)"
    CELL_TYPE = "cell_type", "cell types (Cell Ontology)"
    CELL_LINE = "cell_line", "cell lines (Cellosaurus)"
    SPECIES = "species", "species (NCBI Taxonomy)"
    THERAPY = "therapy", "therapies (ChEBI, DrugBank, NCIt)"
    MOLECULE = "molecule", "molecules (miRBase, HGNC, ChEBI, …)"


class TermQuerySet(models.QuerySet["Term"]):
    def under(self, term: Term) -> TermQuerySet:
        """The term and all its descendants."""
        return self.filter(lineage__ancestor=term)

    def public(self) -> TermQuerySet:
        """Terms that a name of public evidence means."""
        return self.filter(Exists(Name.objects.public().filter(terms=OuterRef("pk"))))


class Term(models.Model):
    """An entry of a vocabulary: a CURIE, a label, synonyms and parents. Facts only, no definitions."""

    curie = models.CharField("CURIE", max_length=80, unique=True)
    vocabulary = models.CharField(max_length=10, choices=Vocabulary)
    label = models.CharField(max_length=300)
    key = models.CharField(max_length=300, editable=False, help_text="the label as names are compared")
    obsolete = models.BooleanField(default=False, db_default=False)
    parents = models.ManyToManyField("self", symmetrical=False, related_name="children", blank=True)
    ancestors = models.ManyToManyField(
        "self",
        through="TermAncestor",
        through_fields=("term", "ancestor"),
        symmetrical=False,
        related_name="descendants",
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering = ["label", "curie"]
        constraints = [
            models.CheckConstraint(name="term_curie_well_formed", condition=Q(curie__regex=CURIE)),
            models.CheckConstraint(name="term_vocabulary_known", condition=Q(vocabulary__in=Vocabulary.values)),
            models.CheckConstraint(name="term_has_label", condition=not_blank("label")),
        ]
        indexes = [
            models.Index(name="term_by_key", fields=["vocabulary", "key"]),
            # Menus look for what is typed anywhere in a name; likewise below.
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="term_by_part"),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.curie})"

    def get_absolute_url(self) -> str:
        return reverse("term-detail", args=[self.curie])


class Synonym(models.Model):
    """Another name of a term, as its vocabulary gives it."""

    class Scope(models.TextChoices):
        EXACT = "exact"
        NARROW = "narrow"
        BROAD = "broad"
        RELATED = "related"
        FORMER = "former"

    term = models.ForeignKey(Term, models.CASCADE, related_name="synonyms")
    text = models.CharField(max_length=500)
    key = models.CharField(max_length=500, editable=False)
    scope = models.CharField(max_length=7, choices=Scope, default=Scope.EXACT, db_default=Scope.EXACT)

    class Meta:
        ordering = ["text", "pk"]
        constraints = [
            models.UniqueConstraint(name="synonym_once_per_term", fields=["term", "text"]),
            models.CheckConstraint(
                name="synonym_scope_known", condition=Q(scope__in=["exact", "narrow", "broad", "related", "former"])
            ),
        ]
        indexes = [
            models.Index(name="synonym_by_key", fields=["key"]),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="synonym_by_part"),
        ]

    def __str__(self) -> str:
        return self.text


class AlternativeId(models.Model):
    """A CURIE that a vocabulary has given up for another term's."""

    curie = models.CharField("CURIE", max_length=80, unique=True)
    term = models.ForeignKey(Term, models.CASCADE, related_name="alternative_ids")

    def __str__(self) -> str:
        return self.curie


class TermAncestor(models.Model):
    """The transitive closure of `Term.parents`, each term its own ancestor at distance 0; rebuilt at each load."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="lineage")
    ancestor = models.ForeignKey(Term, models.CASCADE, related_name="offspring")
    distance = models.PositiveSmallIntegerField(help_text="steps of the shortest way up")

    class Meta:
        constraints = [models.UniqueConstraint(name="ancestor_once", fields=["term", "ancestor"])]
        triggers = [
            # With the tree, any claim may be found by other terms.
            triggers.told("tree", on=pgtrigger.Insert, record="0"),
            triggers.told("tree", on=pgtrigger.Delete, record="0"),
        ]

    def __str__(self) -> str:
        return f"{self.ancestor_id} above {self.term_id}"


class NameKind(models.TextChoices):
    """What a name in a study stands for."""

    DISEASE = "disease"
    TISSUE = "tissue"
    CELL_TYPE = "cell_type", "cell type"
    CELL_LINE = "cell_line", "cell line"
    SPECIES = "species"
    THERAPY = "therapy"
    TARGET = "target"
    RECIPIENT = "recipient"


# The vocabularies in which a name of a kind is looked up, in this order.
VOCABULARIES: dict[str, tuple[str, ...]] = {
    NameKind.DISEASE: (Vocabulary.DISEASE,),
    NameKind.TISSUE: (Vocabulary.TISSUE,),
    NameKind.CELL_TYPE: (Vocabulary.CELL_TYPE,),
    NameKind.CELL_LINE: (Vocabulary.CELL_LINE,),
    NameKind.SPECIES: (Vocabulary.SPECIES,),
    NameKind.THERAPY: (Vocabulary.THERAPY,),
    NameKind.TARGET: (Vocabulary.MOLECULE,),
    NameKind.RECIPIENT: (Vocabulary.CELL_TYPE, Vocabulary.TISSUE, Vocabulary.CELL_LINE, Vocabulary.SPECIES),
}


# The columns of a source that hold names.
SOURCE_COLUMNS = ("species", "cell_line", "cell_type", "tissue", "disease")


class NameQuerySet(models.QuerySet["Name"]):
    def grounded(self) -> NameQuerySet:
        return self.filter(grounding=Name.Grounding.GROUNDED)

    def public(self) -> NameQuerySet:
        """Names that an accepted claim or its source writes: what the public may read."""
        here = Name.objects.filter(pk=OuterRef("pk"))
        ways = (
            *(f"{role}_of_claims" for role in ("disease", "recipient", "therapy", "target")),
            *(f"{column}_of_sources__preparations__claims" for column in SOURCE_COLUMNS),
        )
        return self.filter(reduce(or_, (Exists(here.filter(**{f"{way}__state": "accepted"})) for way in ways)))

    def to_do(self) -> NameQuerySet:
        """The vocabulary work list: names that nobody has decided on."""
        return self.filter(grounding__in=[Name.Grounding.UNKNOWN, Name.Grounding.AMBIGUOUS])


# SQL that finds the name OLD where it is written for good: by a source, or by a claim that is no draft.
WRITTEN_FOR_GOOD = " OR ".join(
    [
        *(f"EXISTS (SELECT FROM vesicles_vesiclesource WHERE {column}_id = OLD.id)" for column in SOURCE_COLUMNS),
        *(
            f"EXISTS (SELECT FROM claims_claim WHERE {column}_id = OLD.id AND state <> 'draft')"
            for column in ("disease", "recipient")
        ),
        *(
            f"EXISTS (SELECT FROM {table} link JOIN claims_claim claim ON claim.id = link.claim_id "
            "WHERE link.name_id = OLD.id AND claim.state <> 'draft')"
            for table in ("claims_claimtherapy", "claims_claimtarget")
        ),
    ]
)


@kept()
class Name(models.Model):
    """A name as a study wrote it, and the terms that it means.

    One row serves every record that writes the name so: grounding it once grounds them all, and changes no evidence.
    """

    class Grounding(models.TextChoices):
        GROUNDED = "grounded", "grounded"
        AMBIGUOUS = "ambiguous", "ambiguous: several terms have this name"
        UNKNOWN = "unknown", "unknown: no term has this name"
        UNGROUNDABLE = "ungroundable", "no term can be given, with the reason"
        NOT_STATED = "not_stated", "the study does not say"

    class Relation(models.TextChoices):
        EXACT = "exact", "means the same"
        BROADER = "broader", "the term is broader than the name"

    kind = models.CharField(max_length=9, choices=NameKind)
    text = models.CharField(max_length=300, help_text="as written")
    given_curie = models.CharField(
        "given CURIE", max_length=80, blank=True, help_text="the identifier that was written beside the name"
    )
    key = models.CharField(max_length=300, editable=False, help_text="the text as names are compared")
    grounding = models.CharField(max_length=12, choices=Grounding, default=Grounding.UNKNOWN)
    relation = models.CharField(max_length=7, choices=Relation, blank=True)
    terms = models.ManyToManyField(Term, related_name="names", blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text="why it was grounded so, or can't be")

    objects = NameQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "text", "given_curie"]
        constraints = [
            models.UniqueConstraint(name="name_once", fields=["kind", "text", "given_curie"]),
            models.CheckConstraint(name="name_kind_known", condition=Q(kind__in=NameKind.values)),
            models.CheckConstraint(name="name_has_text", condition=not_blank("text")),
            models.CheckConstraint(
                name="name_grounding_known",
                condition=Q(grounding__in=["grounded", "ambiguous", "unknown", "ungroundable", "not_stated"]),
            ),
            models.CheckConstraint(
                name="name_grounded_has_relation",
                condition=Q(grounding="grounded", relation__in=["exact", "broader"])
                | (~Q(grounding="grounded") & Q(relation="")),
            ),
            models.CheckConstraint(
                name="name_ungroundable_has_reason", condition=~Q(grounding="ungroundable") | not_blank("reason")
            ),
        ]
        indexes = [
            models.Index(name="name_by_key", fields=["kind", "key"]),
            GinIndex(OpClass("key", name="gin_trgm_ops"), name="name_by_part"),
        ]
        triggers = [
            triggers.fixed("name_keeps_kind", "A name never changes its kind: write another name.", ["kind"]),
            triggers.check(
                "name_keeps_text",
                on=pgtrigger.UpdateOf("text", "given_curie"),
                sql=f"""(OLD.text, OLD.given_curie) IS DISTINCT FROM (NEW.text, NEW.given_curie)
                    AND ({WRITTEN_FOR_GOOD})""",
                message="A name that records use stays as it was written: write another name.",
            ),
        ]

    def __str__(self) -> str:
        return self.text


def takes_names(rule: str, **columns: NameKind) -> pgtrigger.Trigger:
    """Refuse a name of another kind in the columns of a table that hold names."""
    return triggers.check(
        rule,
        on=pgtrigger.Insert | pgtrigger.UpdateOf(*(f"{column}_id" for column in columns)),
        sql=" OR ".join(
            f"EXISTS (SELECT FROM terms_name WHERE id = NEW.{column}_id AND kind <> {triggers.quoted(str(kind))})"
            for column, kind in columns.items()
        ),
        message="A column takes names of its own kind only: no tissue is a disease.",
    )


@kept(obj_field=None)
class NameTerm(Name.terms.through):  # type: ignore[name-defined]
    """That a name means a term: kept in history too, for it is a curator's decision."""

    class Meta:
        proxy = True
        triggers = [
            triggers.told("name", on=pgtrigger.Insert, record="name_id"),
            triggers.told("name", on=pgtrigger.Delete, record="name_id"),
        ]
