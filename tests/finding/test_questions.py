"""The questions: what each asks of the search, and what the names in their forms mean."""

import pytest

from apps.claims.models import Claim
from apps.finding.fields import FIELDS
from apps.finding.questions import ALL, called, of_mirna
from apps.web.answers import claims_of, search_by
from apps.web.cells import COLUMNS
from tests.makers import a_cargo, a_claim, a_term


def test_every_part_asks_what_the_search_takes_and_shows_columns_that_there_are():
    assert len(ALL) == 11
    for question in ALL:
        limits = [question.pictured, question.example, *(part.asks for part in question.parts)]
        assert all(not search_by(asks).unknown for asks in limits), question.slug
        assert all(entry.name == "q" or entry.name in FIELDS for entry in question.entries)
        assert all(name in COLUMNS for part in question.parts for name in part.columns)
        assert set(question.example) <= {entry.name for entry in question.entries}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["drug-resistance", "mirna", "regeneration"])
def test_parts_by_edge_hold_every_claim_once(slug):
    question = next(each for each in ALL if each.slug == slug)
    for effect in ("promotes", "suppresses", "no_effect", "marks"):
        for edge in ("harm", "benefit", "mixed", "neutral"):
            aspect = {"drug-resistance": "drug_resistance", "regeneration": "regeneration"}.get(slug, "metastasis")
            a_claim(effect=effect, edge=edge, aspect=aspect, cargo=a_cargo("miR-21"))

    found = [key for part in question.parts for key in claims_of(search_by(part.asks)).values_list("pk", flat=True)]

    assert sorted(found) == sorted(Claim.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_microrna_means_its_arms_its_copies_and_panels_with_it_and_no_other():
    names = ("miR-21", "miR-21-5p", "hsa-miR-21-3p", "miR-21*", "mir-21-1")
    meant = {a_claim(cargo=a_cargo(name)).cargo.accession for name in names}
    panel = a_cargo("miR-21 and miR-96")
    panel.memberships.create(member=a_cargo("miR-21"))
    a_claim(cargo=panel)
    for name in ("miR-214", "miR-210", "miR-121", "miR-21b"):
        a_claim(cargo=a_cargo(name))

    assert set(of_mirna("microRNA 21")) == {*meant, panel.accession}
    assert set(of_mirna("miR-21-5p")) == {a_cargo("miR-21-5p").accession}
    assert of_mirna("glypican-1") == of_mirna(".*") == []


@pytest.mark.django_db
def test_a_molecule_is_found_by_a_name_that_its_cargo_does_not_have():
    gene = a_term("HGNC:4449", "GPC1", "molecule")
    gene.synonyms.create(text="glypican 1", key="glypican 1")
    cargo, silencer = a_cargo("GPC1", "protein"), a_cargo("si-GPC1", "siRNA")
    cargo.xrefs.create(curie="HGNC:4449", relation="gene")
    silencer.xrefs.create(curie="HGNC:4449", relation="target")
    a_claim(cargo=cargo)
    a_claim(cargo=silencer)

    assert called("glypican-1") == [cargo.accession]
    assert called("GPC1") == called("no such thing") == []
