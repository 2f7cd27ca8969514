"""Each filter keeps what it says."""

import pytest

from apps.claims import search
from apps.claims.models import ReleaseMember
from apps.vesicles.models import CargoSynonym, CargoXref
from tests.api.asking import found, get, problem
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_release, a_source, a_study, a_term

pytestmark = pytest.mark.django_db


@pytest.fixture
def cancers():
    cancer = a_term("DOID:162", "cancer")
    gastric = a_term("DOID:10534", "gastric cancer", parents=(cancer,))
    gastric.synonyms.create(text="stomach cancer", key="stomach cancer")
    gastric.alternative_ids.create(curie="DOID:5516")
    return cancer, gastric


@pytest.mark.parametrize(
    ("parameter", "fields", "value"),
    [
        ("aspect", {"aspect": "metastasis"}, "metastasis"),
        ("edge", {"edge": "benefit"}, "benefit"),
        ("effect", {"effect": "marks"}, "marks"),
        ("level", {"models_used": ["animal"]}, "D"),
        ("model", {"models_used": ["in_vitro", "ex_vivo"]}, "ex_vivo"),
        ("has_measures", {"measures": ({"name": "AUC", "value": 0.9},)}, "true"),
        ("therapy", {"therapies": ("cisplatin",)}, "cisplatin"),
        ("target", {"targets": ("PTEN/AKT",)}, "PTEN/AKT"),
        ("disease", {"disease": "advanced colorectal cancer"}, "colorectal cancer"),
    ],
)
def test_claims_are_filtered_by_their_own_fields(parameter, fields, value):
    wanted = a_claim(**fields)
    a_claim()

    assert found("claims/", **{parameter: value}) == [wanted.accession]


@pytest.mark.parametrize(
    ("parameter", "preparation", "study", "source", "value"),
    [
        ("engineered", {"engineered": True}, {}, {}, "true"),
        ("study", {}, {"pmid": "28646161"}, {}, "28646161"),
        ("study", {}, {"doi": "10.1038/s41598-017-04386-1"}, {}, "https://doi.org/10.1038/S41598-017-04386-1"),
        ("study", {}, {"pmcid": "PMC5482839"}, {}, "PMC5482839"),
        ("study", {}, {"nct": "NCT03235687"}, {}, "NCT03235687"),
        ("status", {}, {"status": "retracted"}, {}, "retracted"),
        ("year_min", {}, {"year": 2024}, {}, "2024"),
        ("year_max", {}, {"year": 2009}, {}, "2010"),
        ("source_category", {}, {}, {"category": "biofluid"}, "biofluid"),
    ],
)
def test_claims_are_filtered_by_their_study_source_and_preparation(parameter, preparation, study, source, value):
    wanted = a_claim(preparation=a_preparation(study=a_study(**study), source=a_source(**source), **preparation))
    a_claim()

    assert found("claims/", **{parameter: value}) == [wanted.accession]


def test_claims_are_found_by_the_accessions_of_their_records():
    wanted, _ = a_claim(cargo=a_cargo("miR-21")), a_claim(cargo=a_cargo("miR-155"))
    made = wanted.preparation

    for parameter, record in (
        ("study", made.study),
        ("preparation", made),
        ("source", made.source),
        ("cargo", wanted.cargo),
    ):
        assert found("claims/", **{parameter: record.accession}) == [wanted.accession]


@pytest.mark.parametrize("value", ["miR-21", "MIR 21", "hsa-mir-21", "mirbase:MI0000077"])
def test_a_cargo_is_found_by_name_synonym_and_cross_reference(value):
    cargo = a_cargo("miR-21")
    CargoSynonym.objects.create(cargo=cargo, text="hsa-mir-21")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MI0000077")
    wanted = a_claim(cargo=cargo)
    a_claim(cargo=a_cargo("miR-215"))

    assert found("claims/", cargo=value) == [wanted.accession]
    assert found("cargos/", name=value) == [cargo.accession]


@pytest.mark.parametrize(
    "value",
    ["DOID:162", "cancer", "DOID:10534", "DOID:5516", "gastric cancer", "Stomach Cancer", "oesophageal,DOID:162"],
)
def test_a_disease_is_found_by_itself_by_its_ancestors_and_by_its_synonyms(cancers, value):
    _, gastric = cancers
    wanted = a_claim(disease=a_name("disease", "adenocarcinoma of the stomach", terms=(gastric,)))
    a_claim(disease="colitis")

    expected = [] if value.startswith("oeso") else [wanted.accession]
    assert found("claims/", disease=value) == expected


def test_a_term_is_found_below_not_above(cancers):
    cancer, _ = cancers
    a_claim(disease=a_name("disease", "some malignancy", terms=(cancer,)))

    assert found("claims/", disease="DOID:10534") == []


def test_words_find_whole_words_only():
    a_claim(disease="camlin syndrome")

    assert found("claims/", disease="aml") == []


def test_a_term_is_found_in_any_role(cancers):
    _, gastric = cancers
    of_disease = a_claim(disease=a_name("disease", "stomach tumour", terms=(gastric,)))
    source = a_source(disease=a_name("disease", "stomach tumour"))
    of_source = a_claim(disease="colitis", preparation=a_preparation(source=source))
    drug = a_term("CHEBI:27899", "cisplatin", vocabulary="therapy")
    of_drug = a_claim(disease="colitis", therapies=(a_name("therapy", "CDDP", terms=(drug,)),))

    assert set(found("claims/", term="DOID:162")) == {of_disease.accession, of_source.accession}
    assert found("claims/", term="CHEBI:27899") == [of_drug.accession]


def test_several_values_are_joined_by_or_and_several_filters_by_and():
    harm, benefit = a_claim(edge="harm"), a_claim(edge="benefit", aspect="vaccine")
    a_claim(edge="neutral")

    assert set(found("claims/", edge="harm,benefit")) == {harm.accession, benefit.accession}
    assert set(found("claims/", edge=["harm", "benefit"])) == {harm.accession, benefit.accession}
    assert found("claims/", edge="harm,benefit", aspect="vaccine") == [benefit.accession]


def test_a_claim_with_several_matching_names_is_there_once():
    a_claim(therapies=("cisplatin", "oxaliplatin"), targets=("PTEN", "AKT"))

    assert get("claims/", therapy=["cisplatin", "oxaliplatin"], target=["PTEN", "AKT"])["count"] == 1


def test_claims_are_found_by_release():
    claim, _ = a_claim(), a_claim()
    ReleaseMember.objects.create(release=a_release("2026.1"), claim=claim)

    assert found("claims/", release="2026.1") == [claim.accession]


def test_claims_without_measures_are_found_too():
    a_claim(measures=({"name": "AUC", "value": 0.9},))
    wanted = a_claim()

    assert found("claims/", has_measures="false") == [wanted.accession]


def test_claims_come_in_the_order_asked_for():
    claims = [a_claim(preparation=a_preparation(study=a_study(year=year))) for year in (2021, 2019, 2023)]

    by_year = [claims[place].accession for place in (1, 0, 2)]
    assert found("claims/", ordering="year") == by_year
    assert found("claims/", ordering="-year") == by_year[::-1]
    assert found("claims/") == [claim.accession for claim in claims[::-1]]


def test_claims_are_searched_as_on_the_pages():
    wanted = a_claim(statement="Synthetic vesicles carry a made-up zebrafish marker.")
    a_claim()
    search.index()

    assert found("claims/", q="zebrafish marker") == [wanted.accession]
    assert found("claims/", q="zebrafish", edge="benefit") == []
    assert found("claims/", edge="harm", q="zebrafish", ordering="year") == [wanted.accession]
    assert found("claims/", q="&|!") == []


@pytest.mark.parametrize(
    ("parameter", "fields", "value"),
    [
        ("year", {"year": 2024}, "2024"),
        ("year_min", {"year": 2024}, "2024"),
        ("year_max", {"year": 2010}, "2011"),
        ("status", {"status": "corrected"}, "corrected"),
        ("kind", {"kind": "review"}, "review"),
        ("pmid", {"pmid": "28646161"}, "28646161,28646162"),
        ("pmcid", {"pmcid": "PMC5482839"}, "PMC5482839"),
        ("doi", {"doi": "10.1038/synthetic"}, "10.1038/SYNTHETIC"),
        ("nct", {"nct": "NCT03235687"}, "NCT03235687"),
        ("q", {"title": "A zebrafish study", "authors": ["Smith A"]}, "smith zebrafish"),
    ],
)
def test_studies_are_filtered(parameter, fields, value):
    wanted = a_study(**fields)
    for study in (wanted, a_study()):
        a_claim(preparation=a_preparation(study=study))

    assert found("studies/", **{parameter: value}) == [wanted.accession]


@pytest.mark.parametrize(
    ("parameter", "value"), [("category", "milk"), ("species", "Bos taurus"), ("q", "cow"), ("material", "organism")]
)
def test_sources_are_filtered(parameter, value):
    wanted = a_source(name="cow milk", category="milk", material="organism", species=a_name("species", "Bos taurus"))
    for source in (wanted, a_source()):
        a_claim(preparation=a_preparation(source=source))

    assert found("sources/", **{parameter: value}) == [wanted.accession]


def test_preparations_are_filtered():
    wanted = a_preparation(engineered=True, isolation=["size_exclusion"], vesicle_class="small_ev")
    for preparation in (wanted, a_preparation()):
        a_claim(preparation=preparation)

    for parameter, value in (
        ("engineered", "true"),
        ("isolation", "size_exclusion,precipitation"),
        ("vesicle_class", "small_ev"),
        ("study", wanted.study.pmid),
        ("source", wanted.source.accession),
    ):
        assert found("preparations/", **{parameter: value}) == [wanted.accession]


def test_cargos_are_filtered():
    wanted = a_cargo("glypican-1", kind="protein")
    CargoXref.objects.create(cargo=wanted, curie="HGNC:4449", relation="gene")
    for cargo in (wanted, a_cargo("miR-21")):
        a_claim(cargo=cargo)

    for parameter, value in (("kind", "protein"), ("xref", "HGNC:4449"), ("q", "glypican")):
        assert found("cargos/", **{parameter: value}) == [wanted.accession]


def test_terms_are_filtered(cancers):
    a_term("CL:0000235", "macrophage", vocabulary="cell_type")

    assert found("terms/", vocabulary="cell_type") == ["CL:0000235"]
    for parameter, value in (("parent", "DOID:162"), ("ancestor", "DOID:162"), ("q", "stomach")):
        assert found("terms/", **{parameter: value}) == ["DOID:10534"]


def test_the_api_takes_the_search_language():
    wanted = a_claim(statement="Synthetic vesicles carry a made-up zebrafish marker.")
    a_claim(statement="Another zebrafish.", edge="benefit")
    search.index()

    assert found("claims/", q="zebrafish edge:harm") == [wanted.accession]
    assert found("claims/", q="NOT edge:benefit") == [wanted.accession]
    body = problem("claims/", 400, q="zebrafish edge:good")
    assert "can't be read at character 16: edge: 'good' is none of" in body["errors"][0]["message"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("isolation", "size_exclusion"),
        ("reporting", "75-100"),
        ("tissue", "liver"),
        ("year", "2024"),
        ("year", "2023.."),
    ],
)
def test_claims_are_filtered_by_what_the_page_narrows_to(parameter, value):
    source = a_source(tissue=a_name("tissue", "liver"))
    study = a_study(year=2024)
    made = a_preparation(source=source, study=study, isolation=["size_exclusion"], metric_antibodies="reported")
    wanted = a_claim(preparation=made)
    a_claim()

    assert found("claims/", **{parameter: value}) == [wanted.accession]
