"""Healing that turns: what repairs a tissue, beside what the same sources and cargos do to cancer of that tissue.

No vocabulary that is kept here says which cancer is of which tissue, so the relation stands below, by terms. What is
repaired is often named by no term ("liver ischaemia-reperfusion injury"); there, words of the name tell the tissue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.claims.models import Aspect, Claim, ClaimQuerySet, Edge, Effect
from apps.synthesis.facts import MIXED
from apps.terms.models import Name, Term
from apps.vesicles.models import SourceCategory

MOST = 25
STRONGEST_FIRST = ("level", "-preparation__study__year", "pk")
ACTS = (Effect.PROMOTES, Effect.SUPPRESSES)
ON_CANCER = (
    *(Aspect.TUMOUR_GROWTH, Aspect.METASTASIS, Aspect.ANGIOGENESIS, Aspect.CANCER_STEMNESS, Aspect.DRUG_RESISTANCE),
    *(Aspect.RADIOTHERAPY_RESPONSE, Aspect.IMMUNE_MODULATION, Aspect.TUMOUR_MICROENVIRONMENT),
)


@dataclass(frozen=True)
class Organ:
    """A tissue with its term, the terms of its diseases and of its cancers, and the words that name it."""

    key: str
    curie: str
    words: str
    diseases: tuple[str, ...]
    cancers: tuple[str, ...]


ORGANS = {
    organ.key: organ
    for organ in (
        Organ("liver", "UBERON:0002107", r"\m(liver|hepat)", ("DOID:409",), ("DOID:3571",)),
        Organ("intestine", "UBERON:0000160", r"\m(intestin|colon|coliti|bowel)", ("DOID:5295",), ("DOID:10155",)),
        Organ("stomach", "UBERON:0000945", r"\m(stomach|gastri)", ("DOID:76",), ("DOID:10534",)),
        Organ("pancreas", "UBERON:0001264", r"\mpancrea", ("DOID:26",), ("DOID:1793",)),
        Organ("lung", "UBERON:0002048", r"\m(lung|pulmon)", ("DOID:850",), ("DOID:1324",)),
        Organ("kidney", "UBERON:0002113", r"\m(kidney|renal|nephr)", ("DOID:557",), ("DOID:263",)),
        Organ("brain", "UBERON:0000955", r"\m(brain|chemobrain|hippocamp|cognitive)", ("DOID:1561",), ("DOID:1319",)),
        Organ("ovary", "UBERON:0000992", r"\movar(y|ian)", ("DOID:1100",), ("DOID:2394",)),
        Organ("skin", "UBERON:0002097", r"\m(skin|dermal|diabetic wound)", (), ("DOID:4159",)),
        Organ("bone", "UBERON:0001474", r"\m(bone(?! marrow)|osteo)", ("DOID:0080001",), ("DOID:184",)),
    )
}


@dataclass(frozen=True)
class Side:
    """The strongest claims of one side, and how many there are."""

    claims: list[Claim]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.claims)


@dataclass(frozen=True)
class Turning:
    """What heals the tissue, and what the same sources and cargos do to its cancer."""

    organ: Organ
    cancers: list[Term]
    sources: list[str]
    cargos: list[str]
    heals: Side
    feeds: Side
    holds_back: Side


def turning(organ: Organ) -> Turning:
    """Both sides for the tissue, in a fixed number of queries. Claims of retracted studies are left out."""
    heals = _heals(organ)
    pairs = set(heals.order_by().values_list("preparation__source__category", "cargo", "cargo__name"))
    categories = sorted({category for category, _, _ in pairs if category not in MIXED})
    cargos = {cargo: name for _, cargo, name in pairs if cargo is not None}
    same = Q(preparation__source__category__in=categories, preparation__engineered=False) | Q(cargo__in=list(cargos))
    of_cancer = Claim.objects.counting().filter(
        same, aspect__in=ON_CANCER, effect__in=ACTS, disease__in=_named(organ.cancers)
    )
    return Turning(
        organ,
        list(Term.objects.filter(curie__in=organ.cancers).order_by("label")),
        [str(SourceCategory(category).label) for category in categories],
        sorted(cargos.values()),
        _side(heals),
        _side(of_cancer.filter(edge=Edge.HARM)),
        _side(of_cancer.filter(edge=Edge.BENEFIT)),
    )


def _heals(organ: Organ) -> ClaimQuerySet:
    by_words = Q(disease__text__iregex=organ.words) | Q(recipient__text__iregex=organ.words, disease__terms=None)
    repaired = Q(disease__in=_named(organ.diseases)) | by_words
    healing = Claim.objects.counting().filter(repaired, aspect=Aspect.REGENERATION, edge=Edge.BENEFIT)
    return Claim.objects.filter(pk__in=healing.order_by().values("pk"))


def _named(curies: tuple[str, ...]) -> Any:
    """The names that mean one of the terms or what is narrower."""
    return Name.objects.filter(terms__lineage__ancestor__curie__in=curies).order_by().values("pk")


def _side(claims: ClaimQuerySet) -> Side:
    listed = claims.for_listing().prefetch_related(None).defer("search").order_by(*STRONGEST_FIRST)
    return Side(list(listed[:MOST]), claims.count())
