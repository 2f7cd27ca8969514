"""The columns of a spreadsheet: one row is one claim, with its study, its preparation and its measures.

This table is read by the upload, the template, the download and the guide. What a value must be is not said here: the
rows become documents, and the rules of documents (`apps.documents.schema`) are the only ones.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from apps.claims.models import LADDER, Aspect, Edge, Effect, Level, Model, Shown
from apps.documents.schema import Where
from apps.studies.models import Depth, StudyKind, StudyStatus
from apps.vesicles.models import (
    EV_METRIC,
    CargoKind,
    Characterisation,
    Isolation,
    Material,
    Reported,
    SourceCategory,
    VesicleClass,
)


class Holds(Enum):
    """What a cell of a column holds."""

    TEXT = "text"
    LIST = "several, with ; between them"
    NUMBER = "a number"
    COUNT = "a whole number"
    P = 'a p value: 0.03 or "<0.001"'
    YES_NO = "yes or no"
    DATE = "a date, as 2026-11-23"


class Part(Enum):
    """Which part of a document a column speaks of; the study's own hold for all its rows."""

    STUDY = "study"
    PREPARATION = "preparation"
    CLAIM = "claim"
    MEASURE = "measure"


class Column(NamedTuple):
    name: str
    part: Part
    path: Where  # within the part; from the top for a study
    holds: Holds
    means: str
    words: tuple[str, ...] = ()
    needed: bool = False
    molecules: bool = False  # names of genes and their products stand here, which spreadsheets take for dates


def _words(choices: type) -> tuple[str, ...]:
    return tuple(choices.values)  # type: ignore[attr-defined]


def _study(name: str, path: Where, means: str, **more: object) -> Column:
    return _column(Part.STUDY, name, path, means, **more)


def _preparation(name: str, path: Where, means: str, **more: object) -> Column:
    return _column(Part.PREPARATION, name, path, means, **more)


def _claim(name: str, path: Where, means: str, **more: object) -> Column:
    return _column(Part.CLAIM, name, path, means, **more)


def _measure(name: str, means: str, holds: Holds, **more: object) -> Column:
    return _column(Part.MEASURE, name, (name,), means, holds=holds, **more)


def _column(part: Part, name: str, path: Where, means: str, **more: object) -> Column:
    return Column(name, part, path, **{"holds": Holds.TEXT, "means": means, **more})  # type: ignore[arg-type]


IDENTIFIERS = ("pmid", "doi", "pmcid", "nct")

STUDY = (
    _study("pmid", ("study", "pmid"), "PubMed's number. Every row has at least one of pmid, doi, pmcid, nct."),
    _study("doi", ("study", "doi"), "such as 10.1038/s41598-017-04386-1"),
    _study("pmcid", ("study", "pmcid"), "such as PMC5482839"),
    _study("nct", ("study", "nct"), "number of a registered trial, such as NCT03235687"),
    _study("study_kind", ("study", "kind"), "what kind of study it is", words=_words(StudyKind), needed=True),
    _study("title", ("study", "title"), "title of the publication", needed=True),
    _study("journal", ("study", "journal"), "journal, or registry of the trial", needed=True),
    _study("year", ("study", "year"), "year of publication", holds=Holds.COUNT, needed=True),
    _study(
        "authors",
        ("study", "authors"),
        "Family Initials, first author first: Doe J; Roe R",
        holds=Holds.LIST,
        needed=True,
    ),
    _study(
        "status",
        ("study", "status"),
        "only where you read a notice on the study; empty: you know of none",
        words=_words(StudyStatus),
    ),
    _study("notice", ("study", "notice"), "DOI or PMID of that notice"),
    _study("read_at", ("provenance", "read_at"), "pages that you read", holds=Holds.LIST, needed=True),
    _study("depth", ("provenance", "depth"), "how far you read", words=_words(Depth), needed=True),
    _study("curated_on", ("provenance", "curated_on"), "the day on which you read it", holds=Holds.DATE, needed=True),
)

PREPARATION = (
    _preparation("preparation", ("id",), "p1, p2, …: which vesicles of the study the claim is about", needed=True),
    _preparation("source_name", ("source", "name"), "what released them, as the study names it", needed=True),
    _preparation(
        "source_category",
        ("source", "category"),
        "what kind of source it is",
        words=_words(SourceCategory),
        needed=True,
    ),
    _preparation(
        "source_material", ("source", "material"), "what was worked with", words=_words(Material), needed=True
    ),
    _preparation("species", ("source", "species"), "such as Homo sapiens; not stated, where it is not", needed=True),
    _preparation("cell_line", ("source", "cell_line"), "cell line of the source"),
    _preparation("cell_type", ("source", "cell_type"), "cell type of the source"),
    _preparation("tissue", ("source", "tissue"), "tissue or fluid of the source"),
    _preparation("source_disease", ("source", "disease"), "disease of the donor or of the cells"),
    _preparation("vesicle_term", ("vesicle", "term"), "the authors' word: exosome, microvesicle, …", needed=True),
    _preparation("vesicle_class", ("vesicle", "class"), "class of MISEV2023", words=_words(VesicleClass)),
    _preparation(
        "engineered", ("vesicle", "engineered"), "loaded or altered on purpose", holds=Holds.YES_NO, needed=True
    ),
    _preparation("loading", ("vesicle", "loading"), "what was loaded and how"),
    _preparation("surface", ("vesicle", "surface"), "what was put on the surface"),
    _preparation(
        "isolation",
        ("isolation",),
        "how they were isolated; none: the study reports none; empty: not read",
        holds=Holds.LIST,
        words=_words(Isolation),
    ),
    _preparation(
        "methods",
        ("characterisation", "methods"),
        "how they were characterised; none: the study reports none; empty: not read",
        holds=Holds.LIST,
        words=_words(Characterisation),
    ),
    _preparation(
        "markers_positive",
        ("characterisation", "markers_positive"),
        "markers shown to be there; none, or empty, likewise",
        holds=Holds.LIST,
        molecules=True,
    ),
    _preparation(
        "markers_negative",
        ("characterisation", "markers_negative"),
        "markers shown to be absent; none, or empty, likewise",
        holds=Holds.LIST,
        molecules=True,
    ),
    *(
        _preparation(item, ("ev_metric", item.removeprefix("metric_")), f"EV-METRIC: {asks}", words=_words(Reported))
        for item, asks in EV_METRIC.items()
    ),
)

CLAIM = (
    _claim("claim", ("id",), "c1, c2, …: its name within the study, always the same for the same claim", needed=True),
    _claim("cargo_kind", ("cargo", "kind"), "empty where the claim is about the vesicle", words=_words(CargoKind)),
    _claim("cargo_name", ("cargo", "name"), "the molecule or payload", molecules=True),
    _claim("cargo_id", ("cargo", "id"), "its CURIE, where certain"),
    _claim("aspect", ("aspect",), "what the claim is about", words=_words(Aspect), needed=True),
    _claim("effect", ("effect",), "what the vesicles do to the outcome", words=_words(Effect), needed=True),
    _claim("outcome", ("outcome",), "what is promoted, suppressed or marked, in a few words", needed=True),
    _claim("edge", ("edge",), "what it means for the patient", words=_words(Edge), needed=True),
    _claim("disease", ("disease",), "in the study's words", needed=True),
    _claim("disease_id", ("disease_id",), "its CURIE, where certain: DOID:1612"),
    _claim("recipient", ("recipient",), "cells or tissue that took the vesicles up"),
    _claim("therapy", ("therapy",), "drugs and treatments", holds=Holds.LIST),
    _claim("targets", ("targets",), "genes, pathways, processes", holds=Holds.LIST, molecules=True),
    _claim("model", ("model",), "what it was shown in", holds=Holds.LIST, words=_words(Model), needed=True),
    _claim("statement", ("statement",), "the claim in one or two sentences of your own", needed=True),
    _claim("locator", ("locator",), "where in the publication: abstract, figure 3, …", needed=True),
    _claim("validation", ("validation",), "confirmed in a second, independent cohort of patients", words=_words(Shown)),
    *(_claim(rung, ("ladder", rung), asks, words=_words(Shown)) for rung, asks in LADDER.items()),
    _claim("level", ("level", "level"), "only to overrule the computed level", words=_words(Level)),
    _claim("level_reason", ("level", "reason"), "why; needed with a level"),
)

# Each as measure_1_name, measure_1_value, …; measure_2_name and so on for as many as a claim has.
MEASURE = (
    _measure("name", "AUC, sensitivity, HR, fold_change, …", Holds.TEXT),
    _measure("value", "0.87, not 87 %", Holds.NUMBER),
    _measure("ci_low", "low end of the interval", Holds.NUMBER),
    _measure("ci_high", "high end of the interval", Holds.NUMBER),
    _measure("p", "0.03 or <0.001", Holds.P),
    _measure("n_cases", "how many cases", Holds.COUNT),
    _measure("n_controls", "how many controls", Holds.COUNT),
    _measure("n", "how many in all, where that is what is given", Holds.COUNT),
    _measure("note", "anything that a reader needs to know", Holds.TEXT),
)

FIXED = {column.name: column for column in (*STUDY, *PREPARATION, *CLAIM)}
OF_MEASURE = {column.name: column for column in MEASURE}
MOST_MEASURES = 30
_MEASURE_NAME = re.compile(r"measure_([1-9][0-9]?)_([a-z_]+)")


class Heading(NamedTuple):
    """A column as a file has it; `group` numbers the measure that it belongs to, from 1, or is 0."""

    column: Column
    group: int = 0

    @property
    def name(self) -> str:
        return f"measure_{self.group}_{self.column.name}" if self.group else self.column.name


def heading(name: str) -> Heading | None:
    """The column of this name, if there is one."""
    if column := FIXED.get(name):
        return Heading(column)
    found = _MEASURE_NAME.fullmatch(name)
    if found and found[2] in OF_MEASURE and int(found[1]) <= MOST_MEASURES:
        return Heading(OF_MEASURE[found[2]], int(found[1]))
    return None


def headings(measures: int) -> list[Heading]:
    """All columns in the order of the template, with this many groups of measures."""
    groups = range(1, measures + 1)
    return [Heading(column) for column in FIXED.values()] + [Heading(c, group) for group in groups for c in MEASURE]
