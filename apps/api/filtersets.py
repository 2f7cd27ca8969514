"""The filters of each list. What a filter means stands in its description, which is the API's documentation."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from apps.api import reads
from apps.api.filters import Choice, Day, Filter, Kind, Like, Ordering, Unfit, Whole, Words, YesNo, accession
from apps.citations.clients import SERVICES, Gives
from apps.claims.models import Aspect, ClaimTarget, ClaimTherapy, Edge, Effect, Level, Measure, Model, ReleaseMember
from apps.claims.search import find_claims
from apps.records.models import ACCESSION
from apps.records.models import Kind as RecordKind
from apps.studies.models import DOI, FIRST_YEAR, LAST_YEAR, NCT, PMCID, PMID, Nature, StudyKind, StudyStatus
from apps.terms import naming
from apps.terms.models import Name, NameKind, Synonym, Term, TermAncestor, Vocabulary
from apps.terms.table import is_curie
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import (
    Cargo,
    CargoKind,
    CargoSynonym,
    CargoXref,
    Isolation,
    Material,
    SourceCategory,
    VesicleClass,
)

YEAR = Whole(FIRST_YEAR, LAST_YEAR)
CURIE = Like(r"[A-Za-z][A-Za-z0-9_.]*:[^\s,]{1,80}", "DOID:10534")
MOST_WORDS = 20
COUNTING = [name for name, service in SERVICES.items() if Gives.COUNTS in service.gives]
Where = Callable[[list[Any]], Q]


def one_of(path: str) -> Where:
    return lambda values: Q(**{f"{path}__in": values})


def first(lookup: str) -> Where:
    return lambda values: Q(**{lookup: values[0]})


def overlapping(path: str) -> Where:
    return lambda values: Q(**{f"{path}__overlap": values})


def any_of(where: Callable[[Any], Q]) -> Where:
    return lambda values: reduce(or_, map(where, values))


# --- names and terms --------------------------------------------------------------------------------------------------


def terms_meant(text: str) -> Q:
    """Terms with that CURIE, also one given up for another, or with that label or exact synonym."""
    if is_curie(text):
        return Q(curie=text) | Q(alternative_ids__curie=text)
    key = naming.key(text)
    return Q(key=key) | Q(pk__in=Synonym.objects.filter(key=key, scope=Synonym.Scope.EXACT).values("term"))


def names_meant(text: str, *kinds: str) -> QuerySet[Name, Any]:
    """Names that mean the term or one of its descendants, or that hold the words as whole words."""
    under = Q(terms__lineage__ancestor__in=Term.objects.filter(terms_meant(text)).values("pk"))
    if not is_curie(text):
        under |= Q(padded__contains=f" {naming.key(text)} ")
    padded = Concat(Value(" "), "key", Value(" "))
    return Name.objects.filter(kind__in=kinds).alias(padded=padded).filter(under).order_by().values("pk")


def named(path: str, *kinds: str) -> Where:
    return any_of(lambda text: Q(**{f"{path}__in": names_meant(text, *kinds)}))


def linked(through: type[ClaimTherapy | ClaimTarget], kind: str) -> Where:
    return any_of(lambda text: Q(pk__in=through.objects.filter(name__in=names_meant(text, kind)).values("claim")))


def about(text: str) -> Q:
    """Claims that name the term or one below it, in any role."""
    names = names_meant(text, *NameKind.values)
    roles = ("disease", "recipient", *(f"preparation__source__{name}" for name in SOURCE_NAMES))
    under = reduce(or_, (Q(**{f"{role}__in": names}) for role in roles))
    for through in (ClaimTherapy, ClaimTarget):
        under |= Q(pk__in=through.objects.filter(name__in=names).values("claim"))
    return under


SOURCE_NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")
MEANS = "its CURIE finds its descendants too, words find names that hold them and the term that they name"


# --- records ----------------------------------------------------------------------------------------------------------


class StudyIdentifier(Kind):
    """An accession, PMID, PMCID, DOI or NCT number, each as (field, value)."""

    schema = {"type": "string", "minLength": 1, "maxLength": 500, "example": "28646161"}
    SHAPES = {
        "accession": r"EXST[0-9]{7}",
        "pmid": PMID,
        "pmcid": PMCID,
        "nct": NCT,
        "doi": DOI.replace("[^[:space:][:upper:]]", r"\S"),
    }

    def split(self, text: str) -> list[str]:
        """A DOI may hold commas."""
        return [text] if "10." in text else text.split(",")

    def parse(self, text: str) -> tuple[str, str]:
        plain = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:|pmid:)", "", text, flags=re.IGNORECASE)
        for field, shape in self.SHAPES.items():
            if re.fullmatch(shape.strip("^$"), plain, re.ASCII):
                return field, plain.lower() if field == "doi" else plain
        raise Unfit("is not like EXST0000001, 28646161 (PMID), PMC5482839, 10.1038/s41598-017-04386-1 or NCT03235687")


class Doi(Kind):
    """A DOI, in any case; commas belong to it."""

    schema = {"type": "string", "pattern": r"^10\.[0-9]{4,9}/\S+$", "example": "10.1038/s41598-017-04386-1"}

    def split(self, text: str) -> list[str]:
        return [text]

    def parse(self, text: str) -> str:
        field, value = StudyIdentifier().parse(text)
        if field != "doi":
            raise Unfit("is not like 10.1038/s41598-017-04386-1")
        return value


def study_is(path: str) -> Where:
    return any_of(lambda identifier: Q(**{f"{path}{identifier[0]}": identifier[1]}))


def cargo_is(text: str) -> Q:
    """The cargo with that accession, cross-reference, name or synonym."""
    if ACCESSION.fullmatch(text):
        return Q(accession=text)
    if is_curie(text):
        return xref_is([text])
    return Q(key=cargo_key(text)) | Q(pk__in=CargoSynonym.objects.filter(text__iexact=text).values("cargo"))


def xref_is(curies: list[str]) -> Q:
    return Q(pk__in=CargoXref.objects.filter(curie__in=curies).values("cargo"))


def parent_is(curies: list[str]) -> Q:
    return Q(pk__in=Term.objects.filter(parents__curie__in=curies).values("pk"))


def ancestor_is(curies: list[str]) -> Q:
    return Q(pk__in=TermAncestor.objects.filter(ancestor__curie__in=curies, distance__gt=0).values("term"))


def cargo_holding(text: str) -> Q:
    return Q(key__contains=cargo_key(text)) | Q(
        pk__in=CargoSynonym.objects.filter(text__icontains=text).values("cargo")
    )


def term_holding(text: str) -> Q:
    key = naming.key(text)
    return Q(key__contains=key) | Q(pk__in=Synonym.objects.filter(key__contains=key).values("term"))


def measured(values: list[bool]) -> Q:
    measures = Exists(Measure.objects.filter(claim=OuterRef("pk")))
    return Q(measures) if values[0] else ~Q(measures)


def retracted(path: str) -> Where:
    """Records of retracted studies, or all others."""
    only = Q(**{path: StudyStatus.RETRACTED})
    return lambda values: only if values[0] else ~only


def set_or_not(path: str) -> Where:
    return lambda values: Q(**{f"{path}__isnull": not values[0]})


def holding(*fields: str) -> Where:
    """Records in which each of the words occurs, in one field or another."""

    def where(texts: list[str]) -> Q:
        words = texts[0].split()[:MOST_WORDS]
        each = (reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)) for word in words)
        return reduce(and_, each, Q())

    return where


class Search(Filter):
    """The search of the pages, best first. Stands before all other filters of its set, for the list starts from it."""

    def __init__(self) -> None:
        says = 'Free text, as in the search box of the site: words, "phrases", -exclusions and `or`.'
        super().__init__(Words("miR-21 gastric cancer"), lambda _: Q(), says=says, many=False)

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return reads.claims(find_claims(value[0])) if value else qs


RETRACTED = "Whether the study was retracted: false leaves the retracted out."

# --- the sets ---------------------------------------------------------------------------------------------------------


class ClaimFilters(django_filters.FilterSet):
    q = Search()
    aspect = Filter(Choice(Aspect.values), one_of("aspect"), says="What the claim is about.")
    edge = Filter(Choice(Edge.values), one_of("edge"), says="What it means for the patient.")
    effect = Filter(Choice(Effect.values), one_of("effect"), says="What the vesicles do to the outcome.")
    level = Filter(Choice(Level.values), one_of("level"), says="Strength by kind of evidence, A the strongest.")
    cargo = Filter(
        Words("miR-21"),
        any_of(lambda text: Q(cargo__in=Cargo.objects.filter(cargo_is(text)).values("pk"))),
        says="Cargo: accession, CURIE of a cross-reference, or name or synonym in full.",
    )
    cargo_kind = Filter(Choice(CargoKind.values), one_of("cargo__kind"), says="Kind of cargo.")
    disease = Filter(Words("gastric cancer"), named("disease", NameKind.DISEASE), says=f"Disease: {MEANS}.")
    therapy = Filter(Words("cisplatin"), linked(ClaimTherapy, NameKind.THERAPY), says=f"Drug or treatment: {MEANS}.")
    target = Filter(Words("PTEN"), linked(ClaimTarget, NameKind.TARGET), says=f"Gene or pathway: {MEANS}.")
    recipient = Filter(
        Words("endothelial cells"), named("recipient", NameKind.RECIPIENT), says=f"Cell or tissue acted on: {MEANS}."
    )
    term = Filter(CURIE, any_of(about), says="Term in any role, its descendants included.")
    source = Filter(accession(RecordKind.SOURCE), one_of("preparation__source__accession"), says="Source.")
    source_category = Filter(
        Choice(SourceCategory.values), one_of("preparation__source__category"), says="What released the vesicles."
    )
    species = Filter(
        Words("Homo sapiens"),
        named("preparation__source__species", NameKind.SPECIES),
        says=f"Source's species: {MEANS}.",
    )
    model = Filter(Choice(Model.values), overlapping("models_used"), says="What it was shown in.")
    study = Filter(StudyIdentifier(), study_is("preparation__study__"), says="Accession, PMID, PMCID, DOI or NCT.")
    preparation = Filter(accession(RecordKind.PREPARATION), one_of("preparation__accession"), says="Preparation.")
    status = Filter(Choice(StudyStatus.values), one_of("preparation__study__status"), says="Status of the study.")
    retracted = Filter(YesNo(), retracted("preparation__study__status"), says=RETRACTED, many=False)
    year_min = Filter(YEAR, first("preparation__study__year__gte"), says="Study of that year or later.", many=False)
    year_max = Filter(YEAR, first("preparation__study__year__lte"), says="Study of that year or before.", many=False)
    engineered = Filter(YesNo(), first("preparation__engineered"), says="Whether engineered.", many=False)
    has_measures = Filter(
        YesNo(),
        measured,
        says="Whether the claim has numbers.",
        many=False,
    )
    release = Filter(
        Like(r"[0-9]{4}\.[0-9]{1,9}", "2026.1"),
        lambda numbers: Q(pk__in=ReleaseMember.objects.filter(release__number__in=numbers).values("claim")),
        says="Release that holds this version of the claim.",
    )
    ordering = Ordering(accepted="accepted_at", year="preparation__study__year", level="level", accession="accession")


class StudyFilters(django_filters.FilterSet):
    q = Filter(
        Words("exosomal miR-21"),
        holding("title", "journal", "authors"),
        says="Words of title, journal, authors.",
        many=False,
    )
    kind = Filter(Choice(StudyKind.values), one_of("kind"), says="Kind of study.")
    status = Filter(Choice(StudyStatus.values), one_of("status"), says="Where the study stands, by its notices.")
    retracted = Filter(YesNo(), retracted("status"), says=RETRACTED, many=False)
    year = Filter(YEAR, one_of("year"), says="Year of publication.")
    year_min = Filter(YEAR, first("year__gte"), says="That year or later.", many=False)
    year_max = Filter(YEAR, first("year__lte"), says="That year or before.", many=False)
    pmid = Filter(Like(r"[1-9][0-9]{0,8}", "28646161"), one_of("pmid"), says="PubMed identifier.")
    pmcid = Filter(Like(r"PMC[1-9][0-9]{0,9}", "PMC5482839"), one_of("pmcid"), says="PubMed Central identifier.")
    doi = Filter(Doi(), one_of("doi"), says="DOI, in any case.")
    nct = Filter(Like(r"NCT[0-9]{8}", "NCT03235687"), one_of("nct"), says="ClinicalTrials.gov identifier.")
    ordering = Ordering(year="year", title="title", accession="accession")


class NoticeFilters(django_filters.FilterSet):
    study = Filter(StudyIdentifier(), study_is("study__"), says="Accession, PMID, PMCID, DOI or NCT.")
    nature = Filter(Choice(Nature.values), one_of("nature"), says="What the notice says.")
    service = Filter(
        Choice([*SERVICES, "curation"]),
        one_of("service"),
        says="Who reports it; curation: a curator, from the literature.",
    )
    status = Filter(Choice(StudyStatus.values), one_of("study__status"), says="Where the study stands now.")
    overruled = Filter(YesNo(), set_or_not("overruled_at"), says="Whether an editor ruled it wrong.", many=False)
    vanished = Filter(
        YesNo(), set_or_not("vanished_on"), says="Whether the service has stopped showing it.", many=False
    )
    seen_min = Filter(Day(), first("first_seen__gte"), says="First seen on that day or later.", many=False)
    seen_max = Filter(Day(), first("first_seen__lte"), says="First seen on that day or before.", many=False)
    dated_min = Filter(Day(), first("dated__gte"), says="Dated that day or later; leaves out the undated.", many=False)
    dated_max = Filter(Day(), first("dated__lte"), says="Dated that day or before; leaves out the undated.", many=False)
    ordering = Ordering(unknown_last=["dated"], first_seen="first_seen", dated="dated", changed="changed_at")


class CitationFilters(django_filters.FilterSet):
    service = Filter(Choice(COUNTING), one_of("service"), says="Who counted.")
    day_min = Filter(Day(), first("day__gte"), says="Counted on that day or later.", many=False)
    day_max = Filter(Day(), first("day__lte"), says="Counted on that day or before.", many=False)
    ordering = Ordering(day="day", service="service")


class SourceFilters(django_filters.FilterSet):
    q = Filter(Words("umbilical cord"), holding("name"), says="Words of the name.", many=False)
    category = Filter(Choice(SourceCategory.values), one_of("category"), says="What released the vesicles.")
    material = Filter(Choice(Material.values), one_of("material"), says="What was worked with.")
    species = Filter(Words("Homo sapiens"), named("species", NameKind.SPECIES), says=f"Species: {MEANS}.")
    cell_type = Filter(Words("macrophage"), named("cell_type", NameKind.CELL_TYPE), says=f"Cell type: {MEANS}.")
    cell_line = Filter(Words("A549"), named("cell_line", NameKind.CELL_LINE), says=f"Cell line: {MEANS}.")
    tissue = Filter(Words("blood"), named("tissue", NameKind.TISSUE), says=f"Tissue or fluid: {MEANS}.")
    disease = Filter(Words("lung cancer"), named("disease", NameKind.DISEASE), says=f"Disease of the source: {MEANS}.")
    ordering = Ordering(name="name", category="category", accession="accession")


class PreparationFilters(django_filters.FilterSet):
    study = Filter(StudyIdentifier(), study_is("study__"), says="Accession, PMID, PMCID, DOI or NCT.")
    source = Filter(accession(RecordKind.SOURCE), one_of("source__accession"), says="Source.")
    source_category = Filter(Choice(SourceCategory.values), one_of("source__category"), says="What released them.")
    engineered = Filter(YesNo(), first("engineered"), says="Whether engineered.", many=False)
    vesicle_class = Filter(Choice(VesicleClass.values), one_of("vesicle_class"), says="Class of MISEV2023.")
    isolation = Filter(Choice(Isolation.values), overlapping("isolation"), says="Method of isolation.")
    ordering = Ordering(accession="accession", year="study__year")


class CargoFilters(django_filters.FilterSet):
    q = Filter(Words("miR-21"), any_of(cargo_holding), says="Part of the name or of a synonym.", many=False)
    kind = Filter(Choice(CargoKind.values), one_of("kind"), says="Kind of cargo.")
    name = Filter(Words("miR-21"), any_of(cargo_is), says="Accession, cross-reference, or name or synonym in full.")
    xref = Filter(CURIE, xref_is, says="CURIE of a cross-reference.")
    ordering = Ordering(name="name", kind="kind", accession="accession")


class TermFilters(django_filters.FilterSet):
    q = Filter(Words("gastric"), any_of(term_holding), says="Part of the label or of a synonym.", many=False)
    vocabulary = Filter(Choice(Vocabulary.values), one_of("vocabulary"), says="Vocabulary.")
    parent = Filter(CURIE, parent_is, says="CURIE of a parent: the terms one step below it.")
    ancestor = Filter(CURIE, ancestor_is, says="CURIE of an ancestor: all terms below it.")
    ordering = Ordering(label="label", curie="curie")


class ReleaseFilters(django_filters.FilterSet):
    ordering = Ordering(released_on="released_on", number="number")
