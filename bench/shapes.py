"""What synthetic rows look like: each says that it is synthetic; its parts are as uneven as in real collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any, NamedTuple, Protocol

from apps.terms import naming
from apps.vesicles.models import EV_METRIC
from bench.made_up import MADE_UP

Row = tuple[Any, ...]

SOURCE_COLUMNS = (
    "id, accession, name, category, material, species_id, cell_line_id, cell_type_id, tissue_id, disease_id"
)
STUDY_COLUMNS = "id, accession, kind, title, journal, year, authors, pmid, doi, status, pages_read, depth, curated_on"
NOTICE_COLUMNS = (
    "id, study_id, service, nature, identifier, dated, reason, first_seen, last_seen, overruled_reason, changed_at"
)
PREPARATION_COLUMNS = (
    "id, accession, study_id, key, source_id, term, vesicle_class, engineered, loading, surface, isolation, methods, "
    f"markers_positive, {', '.join(EV_METRIC)}"
)
CLAIM_COLUMNS = (
    "id, accession, preparation_id, key, cargo_id, aspect, effect, outcome, edge, disease_id, recipient_id, "
    "models_used, statement, locator, validation, cargo_observed, transfer_shown, vesicle_free_control, "
    "lost_on_removal, level_override, level_override_reason, level_computed, level_reason, version, state, author_id, "
    "state_reason, written_at, submitted_at, accepted_at, accepted_with_id"
)
MEASURE_COLUMNS = "id, claim_id, position, name, value, ci_low, ci_high, p_relation, p, n_cases, n_controls, n, note"


class Weighed:
    """Values with how often each is drawn."""

    def __init__(self, **weights: float) -> None:
        self.values, self.weights = tuple(weights), list(accumulate(weights.values()))

    def one(self, rng: Random) -> str:
        return rng.choices(self.values, cum_weights=self.weights)[0]


ASPECTS = Weighed(
    diagnosis=16, prognosis=7, drug_resistance=14, radiotherapy_response=2, drug_delivery=9, tumour_growth=15,
    metastasis=11, angiogenesis=5, immune_modulation=7, tumour_microenvironment=4, cancer_stemness=2, vaccine=1,
    regeneration=5, release_inhibition=1, safety=1,
)  # fmt: skip
EDGES = Weighed(harm=52, benefit=36, mixed=5, neutral=7)
KINDS = Weighed(primary=88, clinical_trial=2, meta_analysis=1, systematic_review=2, review=7)
CARGO_KINDS = Weighed(
    miRNA=44, lncRNA=9, circRNA=6, mRNA=3, other_RNA=1, siRNA=2, protein=22, DNA=1, lipid=1, metabolite=1,
    small_molecule=7, particle=1, virus=1, other=1,
)  # fmt: skip
CATEGORIES = Weighed(
    tumour_cell=44, cancer_stem_cell=2, cancer_associated_fibroblast=4, fibroblast=1, immune_cell=6,
    mesenchymal_stem_cell=15, other_stem_cell=2, hepatocyte=1, endothelial_cell=1, epithelial_cell=2, blood_cell=1,
    biofluid=18, tissue=1, plant=1, bacterium=1, milk=1, other=1,
)  # fmt: skip
ISOLATIONS = Weighed(
    differential_ultracentrifugation=55, precipitation=18, density_gradient=7, size_exclusion=8, ultrafiltration=4,
    tangential_flow=2, immunoaffinity=3, microfluidics=2, other=1,
)  # fmt: skip
METHODS = Weighed(tem=30, nta=26, western_blot=34, dls=6, flow_cytometry=6, cryo_em=2, elisa=1, other=1)
MODELS = Weighed(in_vitro=58, animal=30, patient_samples=30, ex_vivo=4, clinical_trial=1)
CLASSES = Weighed(not_curated=40, small_ev=35, ev=18, exosome=3, large_ev=3, ev_mimetic=1)
RUNGS = Weighed(not_curated=70, shown=25, not_shown=5)
MEASURES = Weighed(AUC=30, sensitivity=14, specificity=14, HR=16, OR=6, fold_change=20)
MATERIALS = {"biofluid": "biofluid", "tissue": "tissue", "plant": "organism", "milk": "biofluid"}
COMMONNESS = list(accumulate(1 / (rank + 2) ** 0.9 for rank in range(len(MADE_UP))))


def words(rng: Random, number: int) -> str:
    """So many words of no language, few of them common."""
    return " ".join(rng.choices(MADE_UP, cum_weights=COMMONNESS, k=number))


# For each vocabulary: terms at full size, children of a term (0: no tree), and the names that studies write for them.
VOCABULARIES: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "disease": (1_500, 6, ("disease",)),
    "tissue": (200, 5, ("tissue",)),
    "cell_type": (250, 5, ("cell_type", "recipient")),
    "cell_line": (900, 0, ("cell_line",)),
    "species": (12, 0, ("species",)),
    "therapy": (700, 8, ("therapy",)),
    "molecule": (9_000, 0, ("target",)),
}


class Names:
    """The vocabularies, and the names that studies write for their terms; every tenth name has no term."""

    def __init__(self, rng: Random, scale: float) -> None:
        self.terms: list[Row] = []
        self.synonyms: list[Row] = []
        self.parents: list[Row] = []
        self.ancestors: list[Row] = []
        self.rows: list[Row] = []
        self.meanings: list[Row] = []
        self.of_kind: dict[str, list[int]] = {}
        self.of_vocabulary: dict[str, list[str]] = {}
        for vocabulary, (size, children, kinds) in VOCABULARIES.items():
            first = len(self.terms) + 1
            self._grow(vocabulary, max(12, int(size * scale)), children)
            for kind in kinds:
                self._name(rng, kind, range(first, len(self.terms) + 1))

    def _grow(self, vocabulary: str, size: int, children: int) -> None:
        first = len(self.terms) + 1
        lineages: dict[int, dict[int, int]] = {}
        self.of_vocabulary[vocabulary] = [f"SYN:{first + at:07d}" for at in range(size)]
        for at in range(size):
            term = first + at
            label = f"synthetic {vocabulary.replace('_', ' ')} {at + 1}"
            self.terms.append((term, f"SYN:{term:07d}", vocabulary, label, naming.key(label)))
            for text in (f"made-up {label}", f"{label} by another name")[: at % 3]:
                self.synonyms.append((len(self.synonyms) + 1, term, text, naming.key(text), "exact"))
            lineages[term] = {term: 0}
            if children and at:
                parent = first + (at - 1) // children
                self.parents.append((len(self.parents) + 1, term, parent))
                lineages[term] |= {above: distance + 1 for above, distance in lineages[parent].items()}
            for above, distance in lineages[term].items():
                self.ancestors.append((len(self.ancestors) + 1, term, above, distance))

    def _name(self, rng: Random, kind: str, terms: range) -> None:
        found: list[int] = []
        order = list(terms)
        rng.shuffle(order)
        for at, term in enumerate(order):
            text = self.terms[term - 1][3] + (" in other words" if at % 6 == 0 else "")
            grounded = at % 10 != 9
            name = len(self.rows) + 1
            grounding = ("grounded", "exact") if grounded else ("unknown", "")
            self.rows.append((name, kind, text, "", naming.key(text), *grounding, ""))
            if grounded:
                self.meanings.append((len(self.meanings) + 1, name, term))
            found.append(name)
        self.of_kind[kind] = found

    def any(self, rng: Random, kind: str) -> int:
        return rng.choice(self.of_kind[kind])


def cargo_kind(rng: Random) -> str:
    return CARGO_KINDS.one(rng)


def cargo_name(kind: str, number: int) -> str:
    return (
        f"synthetic miR-{10_000 + number}-{3 + 2 * (number % 2)}p"
        if kind == "miRNA"
        else f"synthetic {kind} SYN{number}"
    )


def source(rng: Random, names: Names, number: int, accession: str) -> Row:
    category = CATEGORIES.one(rng)
    fluid = category in ("biofluid", "milk")
    return (
        *(number, accession, f"synthetic source {number}", category, MATERIALS.get(category, "cell_line")),
        names.of_kind["species"][min(rng.randrange(12), rng.randrange(12), rng.randrange(12))],
        None if fluid else names.any(rng, "cell_line"),
        None if fluid else names.any(rng, "cell_type"),
        names.any(rng, "tissue"),
        names.any(rng, "disease") if category in ("tumour_cell", "cancer_stem_cell") else None,
    )


def study(rng: Random, number: int, accession: str) -> Row:
    year = 2026 - min(int(rng.expovariate(0.2)), 22)
    authors = [f"Synthetic {letter}" for letter in rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", rng.randint(2, 9))]
    return (
        *(number, accession, KINDS.one(rng), f"Synthetic study {number}: {words(rng, 8)}"),
        *(f"Journal of Synthetic Results {1 + number % 300}", year, authors, str(800_000_000 + number)),
        f"10.5555/synthetic.{number}",
        {"retraction": "retracted", "concern": "concern", "correction": "corrected"}.get(
            nature_of(number), "published"
        ),
        *(["https://example.org/synthetic"], rng.choice(("abstract", "abstract", "full_text")), "2026-11-01"),
    )


def nature_of(study: int) -> str:
    """What notice there is on the study; none on most."""
    return {11: "retraction", 37: "correction", 38: "correction", 71: "concern"}.get(study % 100, "")


def notice(study: int, nature: str) -> Row:
    day = "2026-11-01"
    return study, study, "crossref", nature, f"10.5555/notice.{study}", day, "synthetic reason", day, day, "", day


def preparation(rng: Random, *given: Any) -> Row:
    """`given`: id, accession, study, key, source."""
    engineered = rng.random() < 0.14
    isolation = list(dict.fromkeys(ISOLATIONS.one(rng) for _ in range(rng.choice((1, 1, 1, 2)))))
    methods = list(dict.fromkeys(METHODS.one(rng) for _ in range(3)))
    items = ["not_curated"] * len(EV_METRIC)
    if rng.random() < 0.5:
        items = [rng.choice(("reported", "reported", "not_reported", "not_applicable")) for _ in EV_METRIC]
    return (
        *(*given, "exosome", CLASSES.one(rng), engineered),
        *(("loaded by synthetic means", "") if engineered else ("", "")),
        None if rng.random() < 0.2 else isolation,
        None if rng.random() < 0.2 else methods,
        None if rng.random() < 0.3 else ["CD63", "TSG101"],
        *items,
    )


class Drawn(Protocol):
    def one(self) -> int: ...
    def several(self, most: int) -> list[int]: ...


@dataclass
class Picks:
    """How the parts of claims are drawn."""

    cargo: Drawn
    disease: Drawn
    therapy: Drawn
    target: Drawn
    recipient: Drawn


class Made(NamedTuple):
    """A claim from its cargo to the reason of its level, and the rows that hang on it."""

    row: Row
    links: dict[str, list[Row]]


def claim(rng: Random, names: Names, pick: Picks, number: int, *, assess: Callable[..., Any], study_kind: str) -> Made:
    aspect, edge = ASPECTS.one(rng), EDGES.one(rng)
    models = list(dict.fromkeys(MODELS.one(rng) for _ in range(rng.choice((1, 1, 2, 3)))))
    validation = RUNGS.one(rng) if "patient_samples" in models else "not_curated"
    level = assess(models=models, study_kind=study_kind, validation=validation)
    row = (
        pick.cargo.one() if rng.random() < 0.86 else None,
        *(aspect, _effect(rng, aspect), f"synthetic outcome of {words(rng, 2)}", edge),
        names.of_kind["disease"][pick.disease.one()],
        names.of_kind["recipient"][pick.recipient.one()] if rng.random() < 0.7 else None,
        *(models, f"Synthetic claim {number}: made-up vesicles {words(rng, 12)}.", "abstract", validation),
        *(RUNGS.one(rng) for _ in range(4)),
        *("", "", level.level.value, level.reason, 1),
    )
    return Made(
        row,
        {
            "therapy": _therapies(rng, names, pick),
            "target": _targets(rng, names, pick),
            "measure": _measures(rng, aspect),
        },
    )


def _effect(rng: Random, aspect: str) -> str:
    if aspect in ("diagnosis", "prognosis"):
        return "marks"
    return rng.choices(("promotes", "suppresses", "no_effect"), (60, 34, 6))[0]


def _named(names: Sequence[int], picked: Sequence[int]) -> list[Row]:
    return [(names[each], position) for position, each in enumerate(picked)]


def _therapies(rng: Random, names: Names, pick: Picks) -> list[Row]:
    return _named(names.of_kind["therapy"], pick.therapy.several(rng.choice((0, 0, 0, 1, 1, 2))))


def _targets(rng: Random, names: Names, pick: Picks) -> list[Row]:
    return _named(names.of_kind["target"], pick.target.several(rng.choice((0, 1, 1, 2, 3))))


def _measures(rng: Random, aspect: str) -> list[Row]:
    many = 0.9 if aspect in ("diagnosis", "prognosis") else 0.2
    return [_measure(rng, position) for position in range(rng.choice((1, 2, 3)) if rng.random() < many else 0)]


def _measure(rng: Random, position: int) -> Row:
    name = MEASURES.one(rng)
    share = name in ("AUC", "sensitivity", "specificity")
    value = round(rng.uniform(0.55, 0.97) if share else rng.uniform(0.3, 4.0), 3)
    interval = (round(value * 0.93, 3), round(min(value * 1.06, 1.0 if share else 9.0), 3))
    cases = rng.randint(20, 300)
    return position, name, value, *interval, "<", 0.01, cases, cases // 2, None, ""


def standing(state: str, number: int, author: int) -> Row:
    """State, author, reason and dates; accepted ones came with a release, a few thousand at the same moment."""
    hour = f"2026-{1 + number // 40_000 % 9:02d}-{1 + number // 4_000 % 28:02d} {number // 170 % 24:02d}:00:00+00"
    return (
        *(state, author, "", hour),
        None if state == "draft" else hour,
        hour if state == "accepted" else None,
        1 if state == "accepted" else None,
    )
