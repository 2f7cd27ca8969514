"""A small, visibly synthetic body of evidence with one of each record, for the tests of pages."""

from dataclasses import dataclass
from typing import Any

from apps.claims.models import Claim
from apps.claims.search import index
from apps.studies.models import Study
from apps.terms.models import Term
from apps.vesicles.models import Cargo, CargoSynonym, CargoXref, Preparation, VesicleSource
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term


@dataclass(frozen=True)
class Evidence:
    claim: Claim
    study: Study
    source: VesicleSource
    preparation: Preparation
    cargo: Cargo
    term: Term

    @property
    def records(self) -> list[str]:
        """The page of each record."""
        everything = (self.claim, self.study, self.source, self.preparation, self.cargo, self.term)
        return [record.get_absolute_url() for record in everything]


LISTINGS = [
    "/",
    "/search/",
    "/search/?q=miR-21",
    "/studies/",
    "/cargos/",
    "/sources/",
    "/terms/",
    "/notices/",
    "/services/",
    "/synthesis/balance/",
    "/synthesis/contradictions/",
    "/synthesis/meta-analysis/",
]
EXPLORE = [
    "/explore/",
    "/explore/diagnosis/",
    "/explore/diagnosis/?disease=colon+cancer&cargo=miR-21",
    "/explore/diagnosis/?disease=no+such+thing",
    "/explore/drug-resistance/",
    "/explore/drug-delivery/",
    "/explore/mirna/?cargo=miR-21",
    "/explore/microenvironment/",
    "/explore/cancer-stem-cells/",
    "/explore/regeneration/",
    "/explore/turning/",
    "/explore/less-harm/",
    "/explore/sword/",
    "/explore/trust/?status=published",
    "/explore/map/",
    "/explore/map/?aspect=no_such_aspect",
    "/explore/network/?cargo=miR-21",
    "/explore/timeline/?edge=harm",
    "/explore/compare/",
    "/explore/compare/?of=cargo&with=miR-21&with=miR-96&with=nonesuch",
    "/explore/compare/?of=disease&with=colon+cancer&with=colorectal+cancer",
]
LISTINGS += EXPLORE
TEXTS = ["/about/", "/methods/", "/help/search/"]


def some_evidence(**study_fields: Any) -> Evidence:
    """One claim with everything around it."""
    colorectal = a_term("DOID:9256", "colorectal cancer")
    term = a_term("DOID:219", "colon cancer", parents=(colorectal,))
    study = a_study(**study_fields)
    source = a_source(
        name="synthetic colon cells", disease=a_name("disease", "colon cancer", (term,)), category="tumour_cell"
    )
    preparation = a_preparation(study=study, source=source)
    cargo = a_cargo("miR-21")
    CargoSynonym.objects.get_or_create(cargo=cargo, text="oncomiR-21")
    CargoXref.objects.get_or_create(cargo=cargo, curie="mirbase:MI0000077", relation="family")
    claim = another_claim(cargo=cargo, preparation=preparation, disease=a_name("disease", "colon cancer", (term,)))
    return Evidence(claim, study, source, preparation, cargo, term)


def another_claim(**fields: Any) -> Claim:
    """A claim with names and numbers, findable."""
    claim = a_claim(
        therapies=("cisplatin", "paclitaxel"),
        targets=("PTEN", "PDCD4"),
        recipient=a_name("recipient", "synthetic macrophages"),
        measures=(
            {
                "name": "AUC",
                "value": 0.87,
                "ci_low": 0.8,
                "ci_high": 0.93,
                "p": 0.001,
                "p_relation": "<",
                "n_cases": 40,
            },
            {"name": "fold_change", "value": -2.5},
        ),
        **fields,
    )
    index(Claim.objects.filter(pk=claim.pk))
    return claim
