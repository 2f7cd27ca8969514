"""The fields by which claims are found: one registry for the page, the API, the search language and its help.

A field takes text and nothing else: `Field.read` gives the text as it stands in an address, or says why it can't be
taken. What a value means to the database stands in `apps.finding.postgres`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from apps.claims.models import Aspect, Edge, Effect, Level, Model
from apps.records.models import ACCESSION
from apps.studies.models import DOI, FIRST_YEAR, LAST_YEAR, NCT, PMCID, PMID, StudyStatus
from apps.terms.table import is_curie
from apps.vesicles.models import CargoKind, Isolation, SourceCategory

LONGEST_VALUE = 500
# What nobody has read yet is a value of its own.
NOT_CURATED = "not_curated"
# The share of the curated EV-METRIC items that are reported, in hundredths: bands by their lower and upper end.
BANDS = ("75-100", "50-74", "25-49", "0-24")

Choices = tuple[tuple[str, str], ...]


class Unfit(ValueError):
    """Why a field can't take a value; it reads on from the value."""


class Kind(Enum):
    """What the values of a field are."""

    CHOICE = "one of a few words"
    YES_NO = "true or false"
    YEAR = "a year, or years from .. to"
    NAME = "a CURIE, or words of a name"
    CARGO = "an accession, CURIE or name in full"
    TERM = "a CURIE"
    RECORD = "an accession"
    STUDY = "an accession, PMID, PMCID, DOI or NCT number"
    RELEASE = "the number of a release"


@dataclass(frozen=True)
class Field:
    """One way to find claims."""

    name: str
    title: str
    kind: Kind
    says: str
    example: str
    choices: Choices = ()
    # Whether it stands beside the results with its values counted.
    facet: bool = False
    # Whether a claim may have several of its values.
    many: bool = False

    def read(self, text: str) -> str:
        """The value as addresses hold it, or `Unfit`."""
        plain = text.strip()
        if not plain:
            raise Unfit("is empty: leave it out, or give it a value")
        if len(plain) > LONGEST_VALUE:
            raise Unfit(f"is longer than {LONGEST_VALUE} characters")
        if "\0" in plain:
            raise Unfit("holds a null character")
        return _READ.get(self.kind, _as_it_is)(self, plain)

    def label(self, value: str) -> str:
        """How a value reads."""
        return dict(self.choices).get(value, value)

    @property
    def accession(self) -> str:
        """How the accessions begin, of a field that takes those of one kind of record."""
        return self.example[:4]


def _as_it_is(_: Field, text: str) -> str:
    return text


def _choice(field: Field, text: str) -> str:
    """A value of the list, or its label as people write it."""
    for value, label in field.choices:
        if text.casefold().replace(" ", "_").replace("-", "_") in _written(value, label):
            return value
    raise Unfit(f"is none of {', '.join(value for value, _ in field.choices)}")


def _written(value: str, label: str) -> set[str]:
    return {each.casefold().replace(" ", "_").replace("-", "_") for each in (value, label)}


def _yes_no(_: Field, text: str) -> str:
    found = {"true": "true", "yes": "true", "false": "false", "no": "false"}.get(text.casefold())
    if found is None:
        raise Unfit("is neither true nor false")
    return found


YEARS = re.compile(r"(?P<low>[0-9]{4})?(?P<dots>\.\.\.?|[-–])?(?P<high>[0-9]{4})?", re.ASCII)


def _years(_: Field, text: str) -> str:
    found = YEARS.fullmatch(text.replace(" ", ""))
    ends = [int(end) for end in (found["low"], found["high"]) if end] if found else []
    if not found or not ends or (len(ends) > 1 and not found["dots"]):
        raise Unfit("is not a year like 2018, nor years like 2018..2020, 2018.. or ..2020")
    if any(not FIRST_YEAR <= end <= LAST_YEAR for end in ends):
        raise Unfit(f"is not a year from {FIRST_YEAR} to {LAST_YEAR}")
    if ends != sorted(ends):
        raise Unfit("ends before it begins")
    return f"{found['low'] or ''}..{found['high'] or ''}" if found["dots"] else str(ends[0])


def _curie(_: Field, text: str) -> str:
    if not is_curie(text):
        raise Unfit("is not like DOID:10534")
    return text


def _record(field: Field, text: str) -> str:
    given = text.upper()
    if not ACCESSION.fullmatch(given) or given[:4] != field.accession:
        raise Unfit(f"is not like {field.example}")
    return given


def _release(field: Field, text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}\.[0-9]{1,9}", text, re.ASCII):
        raise Unfit(f"is not like {field.example}")
    return text


# How each identifier of a study is written.
SHAPES = {
    "accession": r"EXST[0-9]{7}",
    "pmid": PMID,
    "pmcid": PMCID,
    "nct": NCT,
    "doi": DOI.replace("[^[:space:][:upper:]]", r"\S"),
}


LIKE_STUDY = "is not like EXST0000001, 28646161 (PMID), PMC5482839, 10.1038/s41598-017-04386-1 or NCT03235687"


def identifier(text: str) -> tuple[str, str] | None:
    """The identifier of a study as (which, value), or None where the text is none."""
    plain = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:|pmid:)", "", text, flags=re.IGNORECASE)
    for field, shape in SHAPES.items():
        if re.fullmatch(shape.strip("^$"), plain, re.ASCII):
            return field, plain.lower() if field == "doi" else plain
    return None


def _study(_: Field, text: str) -> str:
    found = identifier(text)
    if found is None:
        raise Unfit(LIKE_STUDY)
    return found[1]


_READ = {
    Kind.CHOICE: _choice,
    Kind.YES_NO: _yes_no,
    Kind.YEAR: _years,
    Kind.TERM: _curie,
    Kind.RECORD: _record,
    Kind.STUDY: _study,
    Kind.RELEASE: _release,
}

YES_NO: Choices = (("true", "yes"), ("false", "no"))
MEANS = "its CURIE finds its descendants too, words find names that hold them and the term that they name"


def _of(choices: list[tuple[str, str]]) -> Choices:
    return tuple((value, str(label)) for value, label in choices)


_ALL = (
    Field("aspect", "Aspect", Kind.CHOICE, "What the claim is about.", "diagnosis", _of(Aspect.choices), facet=True),
    Field("edge", "Edge", Kind.CHOICE, "What it means for the patient.", "harm", _of(Edge.choices), facet=True),
    Field(
        *("effect", "Effect", Kind.CHOICE, "What the vesicles do to the outcome.", "promotes"),
        choices=_of(Effect.choices),
        facet=True,
    ),
    Field(
        *("level", "Level", Kind.CHOICE, "Strength by kind of evidence, A the strongest.", "B"),
        choices=_of(Level.choices),
        facet=True,
    ),
    Field(
        *("cargo", "Cargo", Kind.CARGO),
        "Cargo: accession, CURIE of a cross-reference, or name or synonym in full.",
        "miR-21",
        facet=True,
    ),
    Field(
        *("cargo_kind", "Kind of cargo", Kind.CHOICE, "Kind of cargo.", "miRNA"),
        choices=_of(CargoKind.choices),
        facet=True,
    ),
    Field("disease", "Disease", Kind.NAME, f"Disease: {MEANS}.", "gastric cancer", facet=True),
    Field("therapy", "Therapy", Kind.NAME, f"Drug or treatment: {MEANS}.", "cisplatin", facet=True, many=True),
    Field("target", "Target", Kind.NAME, f"Gene or pathway: {MEANS}.", "PTEN", facet=True, many=True),
    Field("recipient", "Recipient", Kind.NAME, f"Cell or tissue acted on: {MEANS}.", "endothelial cells"),
    Field("tissue", "Tissue", Kind.NAME, f"Tissue or fluid of the source, or acted on: {MEANS}.", "liver", many=True),
    Field("term", "Term", Kind.TERM, "Term in any role, its descendants included.", "DOID:10534", many=True),
    Field("source", "Source", Kind.RECORD, "Source.", "EXVS0000001"),
    Field(
        *("source_category", "Vesicle source", Kind.CHOICE, "What released the vesicles.", "milk"),
        choices=_of(SourceCategory.choices),
        facet=True,
    ),
    Field("species", "Species", Kind.NAME, f"Source's species: {MEANS}.", "Homo sapiens", facet=True),
    Field(
        *("model", "Shown in", Kind.CHOICE, "What it was shown in.", "animal"),
        choices=_of(Model.choices),
        facet=True,
        many=True,
    ),
    Field("preparation", "Preparation", Kind.RECORD, "Preparation.", "EXPR0000001"),
    Field(
        *("engineered", "Engineered", Kind.YES_NO, "Whether engineered.", "true"),
        choices=YES_NO,
        facet=True,
    ),
    Field(
        *("isolation", "Isolation", Kind.CHOICE, "Method of isolation.", "size_exclusion"),
        choices=(*_of(Isolation.choices), (NOT_CURATED, "not curated")),
        facet=True,
        many=True,
    ),
    Field(
        *("reporting", "Reporting", Kind.CHOICE),
        "Share of the curated EV-METRIC items that the study reports, in hundredths.",
        "75-100",
        choices=(*((band, f"{band} %") for band in BANDS), (NOT_CURATED, "not curated")),
        facet=True,
    ),
    Field("study", "Study", Kind.STUDY, "Accession, PMID, PMCID, DOI or NCT.", "28646161"),
    Field("year", "Year", Kind.YEAR, "Year of the study, or years: `2018..2020`, `2018..`.", "2018..2020", facet=True),
    Field(
        *("status", "Standing of the study", Kind.CHOICE, "Status of the study.", "retracted"),
        choices=_of(StudyStatus.choices),
        facet=True,
    ),
    Field(
        *("retracted", "Retracted", Kind.YES_NO),
        "Whether the study was retracted: false leaves the retracted out.",
        "false",
        choices=YES_NO,
    ),
    Field(
        *("has_measures", "Has measures", Kind.YES_NO, "Whether the claim has numbers.", "true"),
        choices=YES_NO,
        facet=True,
    ),
    Field("release", "Release", Kind.RELEASE, "Release that holds this version of the claim.", "2026.1", many=True),
)
FIELDS: dict[str, Field] = {field.name: field for field in _ALL}
FACETS: tuple[Field, ...] = tuple(field for field in _ALL if field.facet)
# Facets of many values, of which the page shows the most frequent.
OPEN: tuple[str, ...] = ("cargo", "disease", "therapy", "target", "species", "year")
