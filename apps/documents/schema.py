"""The shape of an evidence document: one publication, its preparations and its claims.

`docs/documents.md` describes it for people. Keys that a starter document may leave out mean *not curated*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from django.core.exceptions import ValidationError
from django.utils import timezone
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StrictBool,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from apps.claims.models import LADDER, LONGEST_STATEMENT, Aspect, Edge, Effect, Level, Model, PRelation
from apps.records.models import FIRST_LOCAL_NUMBER
from apps.studies.models import DOI, FIRST_YEAR, NCT, PMCID, PMID, Depth, StudyKind, StudyStatus, must_have_come
from apps.terms.models import CURIE
from apps.terms.table import LONGEST_LABEL
from apps.vesicles.models import (
    EV_METRIC,
    CargoKind,
    Characterisation,
    Isolation,
    Material,
    SourceCategory,
    VesicleClass,
)

# The path to a part: keys of mappings, places in lists.
Where = tuple[str | int, ...]

LARGEST_COUNT = 2_147_483_647
LARGEST_NUMBER = 1e300
# Zero-width characters, and those that turn the direction of what stands around them: nobody sees them.
UNSEEN = frozenset(map(chr, (0x61C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)))


def python_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of the database's, for Python: the two agree but for the names of character classes."""
    return re.compile(pattern.replace("[:space:]", r"\s").replace("[:upper:]", "A-Z"))


@dataclass(frozen=True)
class OneOf(AfterValidator):
    """A check of text that a JSON schema can tell, too."""

    words: tuple[str, ...] = ()

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        # Not as an enum of its own: the API's document would give each a name, as it does to those in answers.
        return {**handler(core), "allOf": [{"enum": list(self.words)}]}


def one_of(words: list[str]) -> OneOf:
    """Text that must be one of the words; the message names them all."""

    def check(value: str) -> str:
        if value not in words:
            raise ValueError(f"is not one of {', '.join(words)}")
        return value

    return OneOf(check, tuple(words))


def matching(pattern: str, example: str, *, change: Any = str) -> AfterValidator:
    """Text that must look like the example, after a lossless change such as lower case."""
    compiled = python_pattern(pattern)

    def check(value: str) -> str:
        changed: str = change(visible(value))
        if not compiled.fullmatch(changed):
            raise ValueError(f"is not well-formed: it looks like {example}")
        return changed

    return AfterValidator(check)


def visible(value: str) -> str:
    """Text without characters that nobody sees, but for line ends and tabs."""
    for at, character in enumerate(value, start=1):
        hidden = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\n\t"
        if hidden or character in UNSEEN:
            name = unicodedata.name(character, "a control character")
            raise ValueError(f"has U+{ord(character):04X} ({name}) as its character {at}: take it out")
    return value


def filled(value: str) -> str:
    if not visible(value).strip():
        raise ValueError("is blank")
    return value


def cargo_name(value: str) -> str:
    """A name that still fits when it is made comparable: a capital may become two letters."""
    if len(filled(value).lower()) > LONGEST_LABEL:
        raise ValueError(f"has more than {LONGEST_LABEL} characters in lower case")
    return value.strip()


def finite(value: Any) -> Any:
    """A number, whole or not; YAML's true and false are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        raise ValueError("is not a number")
    if not -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
        raise ValueError("is too large to be a result: numbers lie between -1e300 and 1e300")
    return float(value)


def year(value: Any) -> int:
    """A year that has come, or comes next: papers are dated ahead."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("is not a year: it looks like 2026, without quotes")  # noqa: TRY004 - what pydantic asks for
    last = timezone.now().year + 1
    if not FIRST_YEAR <= value <= last:
        raise ValueError(f"is not a year between {FIRST_YEAR} and {last}")
    return value


def count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ValueError("is not a whole number")
    if not 0 <= value <= LARGEST_COUNT:
        raise ValueError(f"is not between 0 and {LARGEST_COUNT}")
    return int(value)


def a_date(value: Any) -> Any:
    """A date, or its ISO text; YAML reads an unquoted date as a date already."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a date: it looks like 2026-11-23") from None
    return value


def a_day_that_came(day: date) -> date:
    try:
        return must_have_come(day)
    except ValidationError as problem:
        raise ValueError(f"is in the future: {problem.messages[0]}") from None


def p_value(value: Any) -> Any:
    """A p value as (relation, number): 0.03, "<0.001"."""
    relation, number = "=", value
    if isinstance(value, str):
        found = re.fullmatch(r"\s*(<=|>=|[<>=≤≥]?)\s*([0-9.eE-]+)\s*", value)
        if not found:
            raise ValueError('is not a p value: it looks like 0.03 or "<0.001"')
        relation = {"": "=", "≤": "<=", "≥": ">="}.get(found[1], found[1])
        try:
            number = float(found[2])
        except ValueError:
            raise ValueError('is not a p value: it looks like 0.03 or "<0.001"') from None
    number = finite(number)
    if not 0 <= number <= 1:
        raise ValueError("is not between 0 and 1")
    return P(relation=relation, value=number)


Text = Annotated[str, AfterValidator(filled)]
Word = Annotated[Text, Field(max_length=60)]
Key = Annotated[Text, Field(max_length=20)]
Line = Annotated[Text, Field(max_length=300)]
Note = Annotated[Text, Field(max_length=500)]
Paragraph = Annotated[Text, Field(max_length=3000)]
CargoName = Annotated[str, AfterValidator(cargo_name)]
Number = Annotated[float, BeforeValidator(finite)]
Year = Annotated[int, BeforeValidator(year)]
Count = Annotated[int, BeforeValidator(count)]
Date = Annotated[date, BeforeValidator(a_date)]
PastDate = Annotated[Date, AfterValidator(a_day_that_came)]
Curie = Annotated[str, Field(max_length=80), matching(CURIE, "DOID:1612")]


class Part(BaseModel):
    """A mapping in a document: unknown keys are faults, and nothing is converted in silence."""

    model_config = ConfigDict(extra="forbid")


# In a document a p value is a number, or text with its relation; in JSON schema, that too.
AS_WRITTEN = WithJsonSchema({"type": ["number", "string"], "examples": [0.03, "<0.001"]})


class P(BaseModel):
    """A p value and how it is given."""

    relation: Annotated[str, one_of(list(PRelation.values))]
    value: float


class StudyPart(Part):
    PREFIX: ClassVar[str] = "EXST"

    accession: Annotated[str, matching(r"^EXST[0-9]{7}$", "EXST0000001")] | None = None
    kind: Annotated[str, one_of(StudyKind.values)]
    title: Paragraph
    journal: Line
    year: Year
    authors: list[Annotated[Text, Field(max_length=200)]]
    pmid: Annotated[str, matching(PMID, '"28646161", in quotes')] | None = None
    pmcid: Annotated[str, matching(PMCID, "PMC5482839", change=str.upper)] | None = None
    doi: Annotated[str, Field(max_length=300), matching(DOI, "10.1038/s41598-017-04386-1", change=str.lower)] | None = (
        None
    )
    nct: Annotated[str, matching(NCT, "NCT03235687", change=str.upper)] | None = None
    status: Annotated[str, one_of(StudyStatus.values)]
    notice: Line | None = None

    @model_validator(mode="after")
    def has_identifier(self) -> StudyPart:
        if not (self.pmid or self.pmcid or self.doi or self.nct):
            raise ValueError("needs at least one of pmid, pmcid, doi, nct")
        if self.notice and self.status == StudyStatus.PUBLISHED:
            raise ValueError("has a notice, so its status is corrected, concern or retracted, not published")
        return self

    @property
    def identifiers(self) -> dict[str, str]:
        found = {name: getattr(self, name) for name in ("pmid", "pmcid", "doi", "nct")}
        return {name: value for name, value in found.items() if value}


class SourcePart(Part):
    PREFIX: ClassVar[str] = "EXVS"

    accession: Annotated[str, matching(r"^EXVS[0-9]{7}$", "EXVS0000001")] | None = None
    name: Line
    category: Annotated[str, one_of(SourceCategory.values)]
    material: Annotated[str, one_of(Material.values)]
    species: Line
    cell_line: Line | None = None
    cell_type: Line | None = None
    tissue: Line | None = None
    disease: Line | None = None


class VesiclePart(Part):
    term: Annotated[Text, Field(max_length=200)]
    vesicle_class: Annotated[str, one_of(VesicleClass.values)] | None = Field(None, alias="class")
    engineered: StrictBool
    loading: Note | None = None
    surface: Note | None = None


class CharacterisationPart(Part):
    methods: list[Annotated[str, one_of(Characterisation.values)]] | None = None
    markers_positive: list[Word] | None = None
    markers_negative: list[Word] | None = None


Metric = Literal["reported", "not_reported", "not_applicable", "not_curated"]


class PreparationPart(Part):
    PREFIX: ClassVar[str] = "EXPR"

    id: Key
    accession: Annotated[str, matching(r"^EXPR[0-9]{7}$", "EXPR0000001")] | None = None
    source: SourcePart
    vesicle: VesiclePart
    isolation: list[Annotated[str, one_of(Isolation.values)]] | None = None
    characterisation: CharacterisationPart | None = None
    ev_metric: dict[Annotated[str, one_of([item.removeprefix("metric_") for item in EV_METRIC])], Metric] | None = None


class CargoPart(Part):
    accession: Annotated[str, matching(r"^EXCG[0-9]{7}$", "EXCG0000001")] | None = None
    kind: Annotated[str, one_of(CargoKind.values)]
    name: CargoName
    id: Curie | None = None


class MeasurePart(Part):
    name: Annotated[Text, Field(max_length=100)]
    value: Number | None = None
    ci_low: Number | None = None
    ci_high: Number | None = None
    p: Annotated[P, BeforeValidator(p_value), AS_WRITTEN] | None = None
    n_cases: Count | None = None
    n_controls: Count | None = None
    n: Count | None = None
    note: Note | None = None


class LevelPart(Part):
    """A level set by hand."""

    level: Annotated[str, one_of(Level.values)]
    reason: Line


ShownWord = Literal["shown", "not_shown", "not_curated"]


class ClaimPart(Part):
    PREFIX: ClassVar[str] = "EXCL"

    id: Key
    accession: Annotated[str, matching(r"^EXCL[0-9]{7}$", "EXCL0000001")] | None = None
    preparation: Key
    cargo: CargoPart | None = None
    aspect: Annotated[str, one_of(Aspect.values)]
    effect: Annotated[str, one_of(Effect.values)]
    outcome: Line
    edge: Annotated[str, one_of(Edge.values)]
    disease: Line
    disease_id: Curie | None = None
    recipient: Line | None = None
    therapy: list[Line] | None = None
    targets: list[Line] | None = None
    model: Annotated[list[Annotated[str, one_of(Model.values)]], Field(min_length=1)]
    measures: list[MeasurePart] | None = None
    statement: Annotated[Text, Field(max_length=LONGEST_STATEMENT)]
    locator: Line
    validation: ShownWord | None = None
    ladder: dict[Annotated[str, one_of(list(LADDER))], ShownWord] | None = None
    level: LevelPart | None = None


class ProvenancePart(Part):
    read_at: Annotated[list[Annotated[Text, Field(max_length=1000)]], Field(min_length=1)]
    depth: Annotated[str, one_of(Depth.values)]
    curated_on: PastDate


class Document(Part):
    """One evidence document."""

    study: StudyPart
    preparations: Annotated[list[PreparationPart], Field(min_length=1)]
    claims: Annotated[list[ClaimPart], Field(min_length=1)]
    provenance: ProvenancePart

    def numbered(self) -> Iterator[tuple[Where, StudyPart | PreparationPart | SourcePart | ClaimPart]]:
        """Each part that bears an accession, with where it stands."""
        yield ("study",), self.study
        for at, preparation in enumerate(self.preparations):
            yield ("preparations", at), preparation
            yield ("preparations", at, "source"), preparation.source
        for at, claim in enumerate(self.claims):
            yield ("claims", at), claim

    def accessions(self) -> Iterator[tuple[Where, str]]:
        """Each accession that the document brings, with where it stands."""
        for where, part in self.numbered():
            if part.accession:
                yield (*where, "accession"), part.accession


def is_local(given: str) -> bool:
    """Whether the accession is one that some installation's database gave, rather than the starter collection's."""
    return int(given[4:]) >= FIRST_LOCAL_NUMBER
