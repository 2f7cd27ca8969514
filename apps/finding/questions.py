"""The questions that ExoDB must answer, each as searches: what is always asked, what the reader adds, what is shown.

A question has parts, and each part is one search: its page, the search page and the API find the same claims by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from apps.claims.models import Aspect, Edge, Effect
from apps.finding.meaning import cargo_is, terms_meant
from apps.finding.tallies import Asks
from apps.studies.models import StudyStatus
from apps.terms import mirna
from apps.terms.models import Term
from apps.vesicles.models import Cargo, CargoKind, CargoXref, SourceCategory


@dataclass(frozen=True)
class Entry:
    """One field of the form: the parameter of the search that it fills, and its words for this question."""

    name: str
    label: str
    example: str = ""


@dataclass(frozen=True)
class Part:
    """One search and its table. `same_sources` holds it to the kinds of sources that the first part found."""

    key: str
    title: str
    asks: Asks
    columns: tuple[str, ...]
    same_sources: bool = False
    # What a column is called here, where it has a better name than elsewhere.
    heads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """A page of its own: the form, the parts, and the picture of the claims that `pictured` finds."""

    slug: str
    name: str
    asks: str
    entries: tuple[Entry, ...]
    parts: tuple[Part, ...]
    picture: str
    pictured: Asks
    example: Mapping[str, str]
    note: str = ""


ACTS = [Effect.PROMOTES.value, Effect.SUPPRESSES.value]
HARM, BENEFIT = Edge.HARM.value, Edge.BENEFIT.value
UNCLEAR = [Edge.MIXED.value, Edge.NEUTRAL.value]
DISEASE = Entry("disease", "Cancer or other disease", "gastric cancer")
CATEGORY = Entry("source_category", "Vesicles of")
STUDY_COLUMNS = ("models", "level", "study")
CANCER_FEEDING = [
    aspect.value
    for aspect in (
        *(Aspect.TUMOUR_GROWTH, Aspect.METASTASIS, Aspect.ANGIOGENESIS, Aspect.DRUG_RESISTANCE),
        *(Aspect.RADIOTHERAPY_RESPONSE, Aspect.IMMUNE_MODULATION, Aspect.TUMOUR_MICROENVIRONMENT),
        *(Aspect.CANCER_STEMNESS, Aspect.PROGNOSIS),
    )
]


def _by_edge(
    asks: Asks, columns: tuple[str, ...], *, titles: tuple[tuple[str, str], ...], marks: str
) -> tuple[Part, ...]:
    """What acts and harms, what acts and helps, and all the rest: every claim is in one part and no more."""
    acting = tuple(Part(edge, title, {**asks, "effect": ACTS, "edge": edge}, columns) for edge, title in titles)
    return (
        *acting,
        Part("unclear", "With both edges, or neither", {**asks, "effect": ACTS, "edge": UNCLEAR}, columns),
        Part("none", "Without effect", {**asks, "effect": Effect.NO_EFFECT.value}, columns),
        Part("marks", marks, {**asks, "effect": Effect.MARKS.value}, columns),
    )


def _asks(*aspects: Aspect) -> dict[str, str | list[str]]:
    values = [aspect.value for aspect in aspects]
    return {"aspect": values[0] if len(values) == 1 else values}


RESISTANCE = _asks(Aspect.DRUG_RESISTANCE)
DELIVERY = _asks(Aspect.DRUG_DELIVERY)
MIRNA: dict[str, str | list[str]] = {"cargo_kind": CargoKind.MIRNA.value}
SURROUNDINGS = _asks(Aspect.TUMOUR_MICROENVIRONMENT, Aspect.IMMUNE_MODULATION, Aspect.ANGIOGENESIS)
STEM_CELLS: dict[str, str | list[str]] = {"source_category": SourceCategory.CANCER_STEM_CELL.value}
REGENERATION = _asks(Aspect.REGENERATION)
SAFETY, RADIATION = _asks(Aspect.SAFETY), _asks(Aspect.RADIOTHERAPY_RESPONSE)
# Treatments whose damage is repaired: a claim on regeneration names them, or the disease that they left.
TREATMENTS = "chemotherapy or radiotherapy or radiation or cisplatin or doxorubicin or paclitaxel or fluorouracil"

ALL = (
    Question(
        "diagnosis",
        "Diagnosis",
        "Which vesicle markers detect a cancer, with which AUC, sensitivity and specificity, in how many people?",
        (DISEASE, Entry("cargo", "Marker", "glypican-1"), Entry("tissue", "Fluid", "plasma")),
        (
            Part(
                "markers",
                "Markers",
                _asks(Aspect.DIAGNOSIS),
                (
                    *("cargo", "disease", "fluid", "finding", "people", "auc", "sensitivity", "specificity"),
                    *("validation", "level", "study"),
                ),
                heads={"cargo": "Marker"},
            ),
        ),
        "aucs",
        _asks(Aspect.DIAGNOSIS),
        {"disease": "pancreatic cancer"},
    ),
    Question(
        "drug-resistance",
        "Drug resistance",
        "Which sources and cargos make a cancer resist a drug, through which target, and which restore sensitivity?",
        (DISEASE, Entry("therapy", "Drug or treatment", "cisplatin"), CATEGORY),
        _by_edge(
            RESISTANCE,
            ("source", "cargo", "therapy", "disease", "finding", "target", *STUDY_COLUMNS),
            titles=((HARM, "Make resistant"), (BENEFIT, "Restore sensitivity")),
            marks="Tell who will answer to treatment",
        ),
        "network",
        RESISTANCE,
        {"disease": "gastric cancer", "therapy": "cisplatin"},
    ),
    Question(
        "drug-delivery",
        "Drug delivery",
        "Which engineered vesicles carried which payload to which tumour, with which effect and which side effects?",
        (DISEASE, Entry("cargo", "Payload", "doxorubicin"), CATEGORY, Entry("engineered", "Engineered")),
        (
            Part(
                "deliveries",
                "Deliveries",
                DELIVERY,
                (
                    *("source", "made", "cargo", "disease", "recipient", "finding", "edge", "side_effects"),
                    *STUDY_COLUMNS,
                ),
                heads={"cargo": "Payload"},
            ),
        ),
        "network",
        DELIVERY,
        {"disease": "pancreatic cancer"},
        note="Side effects: what the same study says of the safety of the same vesicles. "
        "None curated does not say that there were none.",
    ),
    Question(
        "mirna",
        "microRNA",
        "For a microRNA: everything that its transfer in vesicles was shown to do, both edges, by cancer.",
        (Entry("cargo", "microRNA", "miR-21"), DISEASE),
        _by_edge(
            MIRNA,
            ("cargo", "disease", "finding", "source", "recipient", "target", *STUDY_COLUMNS),
            titles=((HARM, "Shown to harm"), (BENEFIT, "Shown to help")),
            marks="What it marks",
        ),
        "map",
        MIRNA,
        {"cargo": "miR-21"},
    ),
    Question(
        "microenvironment",
        "Tumour microenvironment",
        "Which cells send which vesicles to which recipients, with what result?",
        (CATEGORY, Entry("recipient", "Recipient", "macrophages"), DISEASE),
        (
            Part(
                "signals",
                "Signals",
                SURROUNDINGS,
                ("source", "cargo", "recipient", "finding", "edge", "disease", "target", *STUDY_COLUMNS),
            ),
        ),
        "network",
        SURROUNDINGS,
        {"recipient": "macrophages"},
    ),
    Question(
        "cancer-stem-cells",
        "Cancer stem cells",
        "What do the vesicles of cancer stem cells feed, and what inhibits the release or uptake of vesicles?",
        (DISEASE, Entry("therapy", "Inhibitor", "GW4869")),
        (
            Part(
                "feeds",
                "What their vesicles do",
                STEM_CELLS,
                ("source", "cargo", "recipient", "finding", "edge", "disease", *STUDY_COLUMNS),
            ),
            Part(
                "stemness",
                "What vesicles of any source do to stemness",
                _asks(Aspect.CANCER_STEMNESS),
                ("source", "cargo", "recipient", "finding", "edge", "disease", *STUDY_COLUMNS),
            ),
            Part(
                "inhibits",
                "What inhibits release or uptake, of any source",
                _asks(Aspect.RELEASE_INHIBITION),
                ("therapy", "target", "source", "finding", "edge", "disease", *STUDY_COLUMNS),
                heads={"therapy": "Inhibitor"},
            ),
        ),
        "network",
        STEM_CELLS,
        {"disease": "glioma"},
    ),
    Question(
        "regeneration",
        "Regeneration",
        "Which vesicles repair which tissue?",
        (Entry("q", "Tissue or condition", "liver"), CATEGORY),
        _by_edge(
            REGENERATION,
            ("source", "cargo", "recipient", "disease", "finding", "target", *STUDY_COLUMNS),
            titles=((BENEFIT, "Repair"), (HARM, "Hinder repair")),
            marks="Mark repair",
        ),
        "network",
        REGENERATION,
        {"q": "liver"},
    ),
    Question(
        "turning",
        "Healing that turns",
        "Where vesicles of one kind of source repair a tissue, do they feed cancer there, too?",
        (Entry("q", "Tissue", "colon"), CATEGORY),
        (
            Part(
                "heals",
                "They repair",
                {**REGENERATION, "edge": BENEFIT},
                ("source", "cargo", "disease", "finding", *STUDY_COLUMNS),
            ),
            Part(
                "feeds",
                "Vesicles of the same kinds of sources feed cancer there",
                {"aspect": CANCER_FEEDING, "edge": HARM},
                ("source", "cargo", "disease", "finding", *STUDY_COLUMNS),
                same_sources=True,
            ),
        ),
        "sides",
        {**REGENERATION, "edge": BENEFIT},
        {"q": "colon"},
    ),
    Question(
        "less-harm",
        "Less harm from treatment",
        "Which vesicles lower side effects of chemotherapy and radiation, or raise the response to radiation?",
        (Entry("therapy", "Treatment", "cisplatin"), Entry("disease", "Condition", "kidney"), CATEGORY),
        (
            Part(
                "lower",
                "Lower side effects",
                {**SAFETY, "effect": Effect.SUPPRESSES.value, "edge": BENEFIT},
                ("source", "cargo", "therapy", "disease", "recipient", "finding", *STUDY_COLUMNS),
            ),
            Part(
                "repair",
                "Repair what treatment damaged",
                {**REGENERATION, "edge": BENEFIT, "q": TREATMENTS},
                ("source", "cargo", "therapy", "disease", "recipient", "finding", *STUDY_COLUMNS),
            ),
            Part(
                "raise",
                "Raise the response to radiation",
                {**RADIATION, "effect": ACTS, "edge": BENEFIT},
                ("source", "cargo", "therapy", "disease", "finding", "target", *STUDY_COLUMNS),
            ),
            Part(
                "weaken",
                "Weaken the response to radiation",
                {**RADIATION, "effect": ACTS, "edge": HARM},
                ("source", "cargo", "therapy", "disease", "finding", "target", *STUDY_COLUMNS),
            ),
        ),
        "network",
        {**SAFETY, "effect": Effect.SUPPRESSES.value, "edge": BENEFIT},
        {"therapy": "cisplatin"},
    ),
    Question(
        "sword",
        "The sword itself",
        "How do harm and benefit stand against each other for a cargo, a disease or a kind of source?",
        (Entry("cargo", "Cargo", "miR-21"), DISEASE, CATEGORY),
        (Part("claims", "Claims", {}, ("edge", "aspect", "cargo", "disease", "source", "finding", *STUDY_COLUMNS)),),
        "balance",
        {},
        {"cargo": "miR-21"},
        note="The balance weighs claims by their level; the bars count them. "
        "Claims of retracted studies are in the table below, and in neither.",
    ),
    Question(
        "trust",
        "Trust",
        "Is the study retracted or corrected, how often is it cited, and how well were its vesicles characterised?",
        (
            Entry("study", "Study (PMID, DOI, accession)", "26106858"),
            DISEASE,
            Entry("cargo", "Cargo", "GPC1"),
            Entry("status", "Standing"),
            Entry("reporting", "Reporting score"),
        ),
        (
            Part(
                "claims",
                "Claims and their studies",
                {},
                ("study", "standing", "cited", "score", "methods", "edge", "finding", "level"),
            ),
        ),
        "standings",
        {},
        {"status": StudyStatus.RETRACTED.value},
    ),
)
QUESTIONS: dict[str, Question] = {question.slug: question for question in ALL}

# Names that one microRNA goes by: its arms and copies, of any species, alone or in a panel.
MOST_NAMES = 60


def of_mirna(text: str) -> list[str]:
    """The accessions of all cargos that are the microRNA, or panels with it; none where the text is no microRNA.

    A name that gives the arm means that arm only; one that does not means all that may be it.
    """
    written = mirna.parse(text)
    if written is None:
        return []
    arm = "-[35]p|[*]" if written.arm is None else re.escape(f"-{written.arm}")
    copy = "(-[0-9]+)?" if written.copy is None else f"-{written.copy}"
    maybe = "?" if written.arm is None else ""
    named = rf"^([a-z]{{3,5}}-)?{re.escape(written.stem)}{copy}({arm}){maybe}$"
    single = Q(kind=CargoKind.MIRNA, key__regex=named)
    panel = Q(members__kind=CargoKind.MIRNA, members__key__regex=named)
    found = Cargo.objects.public().filter(single | panel).order_by("accession").distinct()
    return list(found.values_list("accession", flat=True)[:MOST_NAMES])


def called(text: str) -> list[str]:
    """The accessions of cargos that are a molecule of that name, or come from a gene of that name.

    For names that no cargo itself has: glypican-1 is GPC1. None where a cargo has the name.
    """
    if Cargo.objects.filter(cargo_is(text)).exists():
        return []
    curies = Term.objects.filter(terms_meant(text)).values("curie")
    own = (CargoXref.Relation.EXACT, CargoXref.Relation.GENE)
    meant = CargoXref.objects.filter(curie__in=curies, relation__in=own).values("cargo")
    found = Cargo.objects.public().filter(pk__in=meant).order_by("accession")
    return list(found.values_list("accession", flat=True)[:MOST_NAMES])
