"""The filters of each list. What a filter means stands in its description, which is the API's documentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from operator import and_, or_
from typing import Any, ClassVar, override

from django.db.models import Q, QuerySet

from apps.api import reads
from apps.api.filters import Choice, Day, Filter, Filters, Kind, Like, Ordering, Whole, Words, YesNo, accession
from apps.citations.clients import SERVICES, Gives
from apps.finding import asking, fields, language, postgres
from apps.finding.answering import interpreted
from apps.finding.meaning import cargo_is, xref_is
from apps.finding.postgres import named
from apps.records.models import Kind as RecordKind
from apps.studies.models import FIRST_YEAR, LAST_YEAR, Nature, StudyKind, StudyStatus
from apps.terms import naming
from apps.terms.models import NameKind, Synonym, Term, TermAncestor, Vocabulary
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import (
    CargoKind,
    CargoSynonym,
    Isolation,
    Material,
    SourceCategory,
    VesicleClass,
)

YEAR = Whole(FIRST_YEAR, LAST_YEAR)
CURIE = Like(r"[A-Za-z][A-Za-z0-9_.]*:[^\s,]{1,80}", "DOID:10534")
MEANS = fields.MEANS
MOST_WORDS = 20
STUDY = "preparation__study__"
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


# --- records ----------------------------------------------------------------------------------------------------------


class StudyIdentifier(Kind):
    """An accession, PMID, PMCID, DOI or NCT number, each as (field, value)."""

    schema = {"type": "string", "minLength": 1, "maxLength": 500, "example": "28646161"}

    def split(self, text: str) -> list[str]:
        """A DOI may hold commas."""
        return [text] if "10." in text else text.split(",")

    def parse(self, text: str) -> tuple[str, str]:
        found = fields.identifier(text)
        if found is None:
            raise fields.Unfit(fields.LIKE_STUDY)
        return found


class Doi(Kind):
    """A DOI, in any case; commas belong to it."""

    schema = {"type": "string", "pattern": r"^10\.[0-9]{4,9}/\S+$", "example": "10.1038/s41598-017-04386-1"}

    def split(self, text: str) -> list[str]:
        return [text]

    def parse(self, text: str) -> str:
        field, value = StudyIdentifier().parse(text)
        if field != "doi":
            raise fields.Unfit("is not like 10.1038/s41598-017-04386-1")
        return value


def study_is(path: str) -> Where:
    return any_of(lambda identifier: Q(**{f"{path}{identifier[0]}": identifier[1]}))


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


class Question(Words):
    """Words as the search box takes them; where they break the search language, that is said by the place."""

    @override
    def parse(self, text: str) -> str:
        words = super().parse(text)
        if fault := language.read(words).fault:
            raise fields.Unfit(f"can't be read at character {fault.place}: {fault.says}")
        return words


class Search(Filter):
    """The search of the pages, best first. Stands before all other filters of its set, for the list starts from it."""

    def __init__(self) -> None:
        says = (
            'What the search box of the site takes: words, "phrases", -exclusions and `or`; and, as the page on how to '
            "search says, fields (`year:2018..`), AND, OR, NOT and brackets. Names among a few free words are read as "
            "names, as on the page, unless `as=words` says otherwise."
        )
        super().__init__(Question("miR-21 gastric cancer"), lambda _: Q(), says=says, many=False)

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if not value:
            return qs
        search = asking.Search(words=value[0], as_words=bool(self.parent.form.cleaned_data.get("as")))
        question = interpreted(search).question
        order = postgres.steps("relevance", asking.ranked_by(search, question))
        return reads.claims(postgres.in_order(postgres.found(question), order))


class AsWords(Filter):
    """How `q` is taken; it leaves out nothing by itself."""

    def __init__(self) -> None:
        says = "`words`: take `q` as words only, and read no names into it."
        super().__init__(Choice(["words"]), lambda _: Q(), says=says, many=False)


RETRACTED = "Whether the study was retracted: false leaves the retracted out."

# --- the sets ---------------------------------------------------------------------------------------------------------


class Found(Kind):
    """A value of a field of the search, as text; how it is described goes by what the field takes."""

    SCHEMAS: ClassVar[dict[fields.Kind, Callable[[fields.Field], Kind]]] = {
        fields.Kind.CHOICE: lambda field: Choice([value for value, _ in field.choices]),
        fields.Kind.YES_NO: lambda _: YesNo(),
        fields.Kind.TERM: lambda _: CURIE,
        fields.Kind.RECORD: lambda field: accession(RecordKind(field.accession)),
        fields.Kind.STUDY: lambda _: StudyIdentifier(),
        fields.Kind.YEAR: lambda field: Like(r"[0-9]{4}|[0-9]{4}\.\.([0-9]{4})?|\.\.[0-9]{4}", field.example),
        fields.Kind.RELEASE: lambda field: Like(r"[0-9]{4}\.[0-9]{1,9}", field.example),
    }

    def __init__(self, field: fields.Field) -> None:
        self.field = field
        made = self.SCHEMAS.get(field.kind)
        self.kind: Kind = made(field) if made else Words(field.example)
        self.schema = self.kind.schema

    @override
    def split(self, text: str) -> Iterable[str]:
        return self.kind.split(text)

    @override
    def parse(self, text: str) -> str:
        self.kind.parse(text)
        return self.field.read(text)


def by(name: str) -> Filter:
    """The filter of a field of the search."""
    field = fields.FIELDS[name]
    return Filter(Found(field), lambda values: postgres.condition(asking.one_of(field, values)), says=field.says)


class ClaimFilters(Filters):
    """Every field of the search (`apps.finding.fields`), under its name there."""

    q = Search()
    # A word of Python's own, which no name in a class can be.
    vars()["as"] = AsWords()
    aspect = by("aspect")
    edge = by("edge")
    effect = by("effect")
    level = by("level")
    cargo = by("cargo")
    cargo_kind = by("cargo_kind")
    disease = by("disease")
    therapy = by("therapy")
    target = by("target")
    recipient = by("recipient")
    tissue = by("tissue")
    term = by("term")
    source = by("source")
    source_category = by("source_category")
    species = by("species")
    model = by("model")
    preparation = by("preparation")
    engineered = by("engineered")
    isolation = by("isolation")
    reporting = by("reporting")
    study = by("study")
    year = by("year")
    year_min = Filter(YEAR, first(f"{STUDY}year__gte"), says="Study of that year or later.", many=False)
    year_max = Filter(YEAR, first(f"{STUDY}year__lte"), says="Study of that year or before.", many=False)
    status = by("status")
    retracted = by("retracted")
    has_measures = by("has_measures")
    release = by("release")
    ordering = Ordering(
        accepted="accepted_at",
        year=f"{STUDY}year",
        level="level",
        accession="accession",
        # The studies have an index by year and accession, and each has few claims.
        level_with={"year": [f"{STUDY}accession"]},
    )


class StudyFilters(Filters):
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


class NoticeFilters(Filters):
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


class CitationFilters(Filters):
    service = Filter(Choice(COUNTING), one_of("service"), says="Who counted.")
    day_min = Filter(Day(), first("day__gte"), says="Counted on that day or later.", many=False)
    day_max = Filter(Day(), first("day__lte"), says="Counted on that day or before.", many=False)
    ordering = Ordering(day="day", service="service")


class SourceFilters(Filters):
    q = Filter(Words("umbilical cord"), holding("name"), says="Words of the name.", many=False)
    category = Filter(Choice(SourceCategory.values), one_of("category"), says="What released the vesicles.")
    material = Filter(Choice(Material.values), one_of("material"), says="What was worked with.")
    species = Filter(Words("Homo sapiens"), named("species", NameKind.SPECIES), says=f"Species: {MEANS}.")
    cell_type = Filter(Words("macrophage"), named("cell_type", NameKind.CELL_TYPE), says=f"Cell type: {MEANS}.")
    cell_line = Filter(Words("A549"), named("cell_line", NameKind.CELL_LINE), says=f"Cell line: {MEANS}.")
    tissue = Filter(Words("blood"), named("tissue", NameKind.TISSUE), says=f"Tissue or fluid: {MEANS}.")
    disease = Filter(Words("lung cancer"), named("disease", NameKind.DISEASE), says=f"Disease of the source: {MEANS}.")
    ordering = Ordering(name="name", category="category", accession="accession")


class PreparationFilters(Filters):
    study = Filter(StudyIdentifier(), study_is("study__"), says="Accession, PMID, PMCID, DOI or NCT.")
    source = Filter(accession(RecordKind.SOURCE), one_of("source__accession"), says="Source.")
    source_category = Filter(Choice(SourceCategory.values), one_of("source__category"), says="What released them.")
    engineered = Filter(YesNo(), first("engineered"), says="Whether engineered.", many=False)
    vesicle_class = Filter(Choice(VesicleClass.values), one_of("vesicle_class"), says="Class of MISEV2023.")
    isolation = Filter(Choice(Isolation.values), overlapping("isolation"), says="Method of isolation.")
    ordering = Ordering(accession="accession", year="study__year")


class CargoFilters(Filters):
    q = Filter(Words("miR-21"), any_of(cargo_holding), says="Part of the name or of a synonym.", many=False)
    kind = Filter(Choice(CargoKind.values), one_of("kind"), says="Kind of cargo.")
    name = Filter(Words("miR-21"), any_of(cargo_is), says="Accession, cross-reference, or name or synonym in full.")
    xref = Filter(CURIE, xref_is, says="CURIE of a cross-reference.")
    ordering = Ordering(name="name", kind="kind", accession="accession")


class TermFilters(Filters):
    q = Filter(Words("gastric"), any_of(term_holding), says="Part of the label or of a synonym.", many=False)
    vocabulary = Filter(Choice(Vocabulary.values), one_of("vocabulary"), says="Vocabulary.")
    parent = Filter(CURIE, parent_is, says="CURIE of a parent: the terms one step below it.")
    ancestor = Filter(CURIE, ancestor_is, says="CURIE of an ancestor: all terms below it.")
    ordering = Ordering(label="label", curie="curie")


class ReleaseFilters(Filters):
    ordering = Ordering(released_on="released_on", number="number")
