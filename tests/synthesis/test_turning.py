"""Healing that turns: what repairs a tissue beside what the same sources and cargos do to its cancer."""

import csv
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.synthesis.turning import ORGANS, turning
from tests.api.asking import get, problem
from tests.makers import a_cargo, a_name, a_notice, a_term
from tests.synthesis.evidence import says

pytestmark = pytest.mark.django_db

MSC = {"category": "mesenchymal_stem_cell"}


@pytest.fixture
def liver():
    """Names: a disease of the liver, an injury that has no term, its cancer and another."""
    disease = a_term("DOID:409", "liver disease")
    cancer = a_term("DOID:3571", "liver cancer", parents=(a_term("DOID:162", "cancer"),))
    below = a_term("DOID:684", "hepatocellular carcinoma", parents=(cancer,))
    return {
        "disease": a_name("disease", "liver fibrosis", (a_term("DOID:5082", "cirrhosis", parents=(disease,)),)),
        "as written": a_name("disease", "liver ischaemia-reperfusion injury"),
        "cancer": a_name("disease", "HCC", (below,)),
        "other cancer": a_name("disease", "glioma", (a_term("DOID:0060108", "brain glioma"),)),
    }


def found():
    told = turning(ORGANS["liver"])
    return {side: {claim.pk for claim in getattr(told, side).claims} for side in ("heals", "feeds", "holds_back")}


def test_both_sides_of_the_same_kind_of_source(liver):
    heals = says("benefit", aspect="regeneration", source=MSC, disease=liver["disease"])
    written = says("benefit", aspect="regeneration", source=MSC, disease=liver["as written"])
    feeds = says("harm", source=MSC, disease=liver["cancer"])
    holds = says("benefit", effect="suppresses", source=MSC, disease=liver["cancer"])
    says("harm", source=MSC, disease=liver["other cancer"])
    says("harm", source={"category": "tumour_cell"}, disease=liver["cancer"])
    says("harm", source=MSC, engineered=True, disease=liver["cancer"])
    says("harm", source=MSC, effect="marks", disease=liver["cancer"])
    says("harm", aspect="regeneration", source=MSC, disease=liver["disease"])

    assert found() == {"heals": {heals.pk, written.pk}, "feeds": {feeds.pk}, "holds_back": {holds.pk}}


def test_the_same_cargo_from_any_source(liver):
    cargo = a_cargo("miR-21")
    heals = says(
        "benefit", aspect="regeneration", source={"category": "biofluid"}, disease=liver["disease"], cargo=cargo
    )
    feeds = says("harm", source={"category": "tumour_cell"}, disease=liver["cancer"], cargo=cargo)
    says("harm", source={"category": "biofluid"}, disease=liver["cancer"])

    assert found() == {"heals": {heals.pk}, "feeds": {feeds.pk}, "holds_back": set()}


def test_retracted_studies_are_left_out(liver):
    says("benefit", aspect="regeneration", source=MSC, disease=liver["disease"])
    a_notice(study=says("harm", source=MSC, disease=liver["cancer"]).preparation.study)

    assert found()["feeds"] == set()


def test_page_and_programs_tell_the_same(liver, django_assert_max_num_queries):
    heals = says("benefit", aspect="regeneration", source=MSC, disease=liver["disease"])
    feeds = [says("harm", source=MSC, disease=liver["cancer"]) for _ in range(30)]

    with django_assert_max_num_queries(10):
        text = Client().get("/synthesis/turning/?tissue=liver").content.decode()
    told = get("turning/", tissue="liver")

    assert heals.get_absolute_url() in text
    assert "and 5 more" in text
    assert ">liver cancer</a> and what is narrower" in text
    assert told["heals"] == {"count": 1, "claims": [heals.accession]}
    assert told["feeds"]["count"] == len(feeds)
    assert len(told["feeds"]["claims"]) == 25
    assert told["sources"] == ["mesenchymal stem cell"]


def test_a_tissue_that_is_none_of_them():
    assert "is none of these tissues" in Client().get("/synthesis/turning/?tissue=tail").content.decode()
    assert problem("turning/", 400, tissue="tail")["errors"][0]["field"] == "tissue"


def test_every_term_is_in_the_vocabularies():
    """Else a tissue would silently have no cancers."""
    known = set()
    for name in ("disease", "tissue"):
        with (Path(settings.BASE_DIR) / "data" / "vocabulary" / f"{name}.tsv").open() as rows:
            known |= {row["curie"] for row in csv.DictReader(rows, delimiter="\t")}

    for organ in ORGANS.values():
        assert {organ.curie, *organ.diseases, *organ.cancers} <= known
