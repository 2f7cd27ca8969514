"""Synthetic claims that differ in all that searches ask for, indexed by words as the application does it."""

from __future__ import annotations

from itertools import product
from random import Random

from apps.claims import search
from apps.claims.models import Claim, State
from apps.studies.models import CitationCount
from apps.vesicles.models import EV_METRIC
from tests import makers

WORDS = ("zebra", "yodel", "xenon", "walrus", "velvet")
DISEASES = ("synthetic disease", "synthetic carcinoma", "synthetic carcinoma of glass", "synthetic sarcoma")
THERAPIES = ("synthetic drug", "synthetic platinum", "synthetic platinum 2")
MODELS = (["in_vitro"], ["animal", "in_vitro"], ["patient_samples"], ["ex_vivo", "animal"])
EDGES, ASPECTS, EFFECTS = ("harm", "benefit", "mixed"), ("tumour_growth", "diagnosis"), ("promotes", "suppresses")


def varied_claims(number: int = 48) -> list[Claim]:
    rng = Random(number)
    top = makers.a_term("SYN:1", "synthetic disease")
    middle = makers.a_term("SYN:2", "synthetic carcinoma", parents=(top,))
    terms = [top, middle, makers.a_term("SYN:3", "synthetic carcinoma of glass", parents=(middle,))]
    drug = makers.a_term("SYN:11", "synthetic drug", "therapy")
    drugs = [
        drug,
        *(makers.a_term(f"SYN:{n}", text, "therapy", (drug,)) for n, text in ((12, THERAPIES[1]), (13, THERAPIES[2]))),
    ]
    diseases = [makers.a_name("disease", text, (term,)) for text, term in zip(DISEASES[:3], terms, strict=True)]
    diseases.append(makers.a_name("disease", DISEASES[3]))
    therapies = [makers.a_name("therapy", text, (term,)) for text, term in zip(THERAPIES, drugs, strict=True)]
    preparations = [
        _preparation(rng, status) for status in ("published", "retracted", "concern", "published", "published")
    ]
    cargos = [makers.a_cargo("synthetic miR-9001-5p"), makers.a_cargo("SYNP1", "protein"), None]
    made = []
    for at, (edge, aspect, effect) in zip(range(number), _round(list(product(EDGES, ASPECTS, EFFECTS))), strict=False):
        made.append(
            makers.a_claim(
                state=State.SUBMITTED if at % 11 == 10 else State.ACCEPTED,
                preparation=rng.choice(preparations),
                cargo=rng.choice(cargos),
                disease=rng.choice(diseases),
                recipient=rng.choice([None, makers.a_name("recipient", "synthetic cell")]),
                therapies=tuple(rng.sample(therapies, rng.randrange(4))),
                targets=tuple(rng.sample(["SYNT1", "SYNT2", "SYNT3", "SYNT4", "SYNT5", "SYNT6"], rng.randrange(6))),
                models_used=rng.choice(MODELS),
                measures=({"name": "AUC", "value": 0.9},) if at % 3 == 0 else (),
                statement=f"Synthetic statement {at}: {' '.join(rng.choices(WORDS, k=4))}.",
                edge=edge,
                aspect=aspect,
                effect=effect,
            )
        )
    search.index()
    return made


def _round(values: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return values * 20


def _preparation(rng: Random, status: str):
    study = makers.a_study(status=status, year=rng.choice((2016, 2019, 2020, 2024)))
    for service, count in (("crossref", rng.randrange(90)), ("icite", rng.randrange(90))):
        CitationCount.objects.create(study=study, service=service, day="2026-11-01", count=count)
    source = makers.a_source(
        category=rng.choice(("tumour_cell", "milk")),
        tissue=rng.choice([None, makers.a_name("tissue", "synthetic liver")]),
    )
    items = {item: rng.choice(("reported", "not_reported")) for item in EV_METRIC} if rng.random() < 0.7 else {}
    isolation = rng.choice([None, ["density_gradient"], ["precipitation", "size_exclusion"]])
    return makers.a_preparation(study=study, source=source, engineered=rng.random() < 0.4, isolation=isolation, **items)
