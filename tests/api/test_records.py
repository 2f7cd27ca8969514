"""Each record shows all that its document holds."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from apps.claims.models import ReleaseMember
from apps.vesicles.models import CargoMember, CargoSynonym, CargoXref
from tests.api.asking import found, get
from tests.makers import (
    a_cargo,
    a_claim,
    a_name,
    a_notice,
    a_preparation,
    a_release,
    a_source,
    a_study,
    a_term,
    a_user,
)
from tests.web.evidence import some_evidence

pytestmark = pytest.mark.django_db

SITE = "http://testserver"


def test_a_claim_shows_all_that_it_holds():
    cancer = a_term("DOID:162", "cancer")
    gastric = a_term("DOID:10534", "gastric cancer", parents=(cancer,))
    cargo = a_cargo("miR-21")
    claim = a_claim(
        preparation=a_preparation(study=a_study(pmid="28646161", doi="10.1038/synthetic")),
        cargo=cargo,
        aspect="drug_resistance",
        outcome="resistance to cisplatin",
        disease=a_name("disease", "gastric cancer", terms=(gastric,)),
        recipient=a_name("recipient", "gastric cancer cells"),
        therapies=("paclitaxel", "cisplatin"),
        targets=("PTEN", "AKT"),
        models_used=["patient_samples", "in_vitro"],
        validation="not_shown",
        cargo_observed="shown",
        measures=(
            {
                "name": "AUC",
                "value": 0.87,
                "ci_low": 0.8,
                "ci_high": 0.94,
                "p": 0.001,
                "p_relation": "<",
                "n_cases": 30,
            },
            {"name": "fold_change", "value": 2, "n": 12, "note": "of the made-up marker"},
        ),
        locator="figure 3",
    )

    shown = get(f"claims/{claim.accession}/")

    assert shown["accession"] == claim.accession
    assert shown["url"] == f"{SITE}/api/v1/claims/{claim.accession}/"
    assert shown["page"] == f"{SITE}/claims/{claim.accession}/"
    assert (shown["version"], shown["key"], shown["statement"]) == (1, claim.key, claim.statement)
    assert (shown["aspect"], shown["effect"], shown["edge"]) == ("drug_resistance", "promotes", "harm")
    assert (shown["outcome"], shown["locator"]) == ("resistance to cisplatin", "figure 3")
    assert shown["level"] == {
        "level": "C",
        "reason": "Patient samples of one cohort; no independent validation cohort.",
        "computed": "C",
        "computed_reason": "Patient samples of one cohort; no independent validation cohort.",
        "override": None,
        "override_reason": None,
    }
    assert shown["disease"] == {
        "name": "gastric cancer",
        "written_curie": None,
        "grounding": "grounded",
        "relation": "exact",
        "terms": [{"curie": "DOID:10534", "label": "gastric cancer"}],
        "reason": None,
    }
    assert shown["recipient"]["name"] == "gastric cancer cells"
    assert (shown["recipient"]["grounding"], shown["recipient"]["terms"]) == ("unknown", [])
    assert [name["name"] for name in shown["therapies"]] == ["paclitaxel", "cisplatin"]
    assert [name["name"] for name in shown["targets"]] == ["PTEN", "AKT"]
    assert shown["models"] == ["patient_samples", "in_vitro"]
    assert shown["validation"] == "not_shown"
    assert shown["ladder"] == {
        "cargo_observed": "shown",
        "transfer_shown": "not_curated",
        "vesicle_free_control": "not_curated",
        "lost_on_removal": "not_curated",
        "animal": "not_shown",
        "patients": "shown",
    }
    nothing = dict.fromkeys(["ci_low", "ci_high", "p", "p_relation", "n_cases", "n_controls", "n", "note"])
    assert shown["measures"] == [
        {
            **nothing,
            "name": "AUC",
            "value": 0.87,
            "ci_low": 0.8,
            "ci_high": 0.94,
            "p": 0.001,
            "p_relation": "<",
            "n_cases": 30,
        },
        {**nothing, "name": "fold_change", "value": 2.0, "n": 12, "note": "of the made-up marker"},
    ]
    study = claim.preparation.study
    assert shown["study"] == {
        "accession": study.accession,
        "url": f"{SITE}/api/v1/studies/{study.accession}/",
        "page": f"{SITE}/studies/{study.accession}/",
        "kind": "primary",
        "title": study.title,
        "journal": "Journal of Synthetic Results",
        "year": 2020,
        "pmid": "28646161",
        "doi": "10.1038/synthetic",
        "status": "published",
    }
    assert shown["preparation"]["accession"] == claim.preparation.accession
    assert shown["source"]["accession"] == claim.preparation.source.accession
    assert (shown["cargo"]["accession"], shown["cargo"]["name"]) == (cargo.accession, "miR-21")


def test_a_claim_about_the_whole_vesicle_has_no_cargo_and_says_nothing_of_what_is_not_stated():
    shown = get(f"claims/{a_claim().accession}/")

    assert (shown["cargo"], shown["recipient"]) == (None, None)
    assert (shown["therapies"], shown["targets"], shown["measures"], shown["releases"]) == ([], [], [], [])


def test_a_level_set_by_hand_says_why():
    claim = a_claim(level_override="A", level_override_reason="Approved, in this made-up world.")

    assert get(f"claims/{claim.accession}/")["level"] == {
        "level": "A",
        "reason": "Approved, in this made-up world.",
        "computed": "E",
        "computed_reason": "Shown in cultured cells only.",
        "override": "A",
        "override_reason": "Approved, in this made-up world.",
    }


def test_a_reviewer_is_named_by_their_public_name_alone():
    bob = a_user("bob", email="bob@example.org")
    claim = a_claim()
    accepted = get(f"claims/{claim.accession}/")["accepted"]
    assert (accepted["how"], accepted["release"], accepted["reviewer"]) == ("review", None, None)

    bob.public_name = "Robert Roe"
    bob.save()

    assert get(f"claims/{claim.accession}/")["accepted"]["reviewer"] == "Robert Roe"


def test_a_claim_that_came_with_a_release_says_so():
    claim = a_claim(state="draft")
    release = a_release("2026.1")
    claim.state, claim.accepted_at, claim.accepted_with = "accepted", "2026-11-01T00:00:00Z", release
    claim.save()
    ReleaseMember.objects.create(release=release, claim=claim)

    shown = get(f"claims/{claim.accession}/")

    assert shown["accepted"] == {"at": "2026-11-01T00:00:00Z", "how": "release", "release": "2026.1", "reviewer": None}
    assert shown["releases"] == ["2026.1"]


def test_a_study_shows_all_that_it_holds():
    study = a_study(
        pmid="28646161", pmcid="PMC5482839", doi="10.1038/synthetic", nct="NCT03235687", kind="clinical_trial"
    )
    a_notice(study=study, nature="retraction", identifier="10.1038/notice", dated=date(2026, 10, 2), reason="Made up.")
    claim = a_claim(preparation=a_preparation(study=study))

    shown = get(f"studies/{study.accession}/")

    assert (shown["kind"], shown["title"], shown["journal"]) == ("clinical_trial", study.title, study.journal)
    assert (shown["year"], shown["authors"]) == (2020, ["Doe J", "Roe R"])
    assert (shown["pmid"], shown["pmcid"]) == ("28646161", "PMC5482839")
    assert (shown["doi"], shown["nct"], shown["status"]) == ("10.1038/synthetic", "NCT03235687", "retracted")
    notice = study.notices.get()
    assert shown["notices"] == [
        {
            "id": notice.urn,
            "changed_at": notice.changed_at.isoformat().replace("+00:00", "Z"),
            "service": "curation",
            "nature": "retraction",
            "identifier": "10.1038/notice",
            "dated": "2026-10-02",
            "reason": "Made up.",
            "first_seen": "2026-11-01",
            "last_seen": "2026-11-01",
            "vanished_on": None,
            "overruled": None,
        }
    ]
    assert shown["provenance"] == {
        "read_at": ["https://example.org/synthetic"],
        "depth": "abstract",
        "curated_on": "2026-11-01",
    }
    assert [each["accession"] for each in shown["preparations"]] == [claim.preparation.accession]
    assert shown["claim_count"] == 1
    assert shown["links"]["pubmed"] == "https://pubmed.ncbi.nlm.nih.gov/28646161"
    assert shown["links"]["doi"] == "https://doi.org/10.1038/synthetic"
    assert Client().get(shown["links"]["claims"]).json()["results"][0]["accession"] == claim.accession
    assert Client().get(shown["links"]["preparations"]).json()["count"] == 1


def test_an_identifier_that_is_not_known_is_null():
    claim = a_claim()

    shown = get(f"studies/{claim.preparation.study.accession}/")

    assert (shown["pmcid"], shown["doi"], shown["nct"], shown["links"]["doi"]) == (None, None, None, None)


def test_a_preparation_shows_all_that_it_holds():
    preparation = a_preparation(
        term="small EV",
        vesicle_class="small_ev",
        engineered=True,
        loading="siRNA by electroporation",
        isolation=["size_exclusion", "density_gradient"],
        methods=["nta"],
        markers_positive=["CD63", "CD9"],
        metric_density_gradient="reported",
        metric_ev_density="not_reported",
        metric_lysate="not_applicable",
    )
    a_claim(preparation=preparation)

    shown = get(f"preparations/{preparation.accession}/")

    assert shown["key"] == preparation.key
    assert shown["vesicle"] == {
        "term": "small EV",
        "class": "small_ev",
        "engineered": True,
        "loading": "siRNA by electroporation",
        "surface": None,
    }
    assert shown["isolation"] == ["size_exclusion", "density_gradient"]
    assert shown["characterisation"] == {
        "methods": ["nta"],
        "markers_positive": ["CD63", "CD9"],
        "markers_negative": None,
    }
    metric = shown["ev_metric"]
    assert (metric["reported"], metric["curated"], metric["score"]) == (1, 2, 0.5)
    items = {item["item"]: item["value"] for item in metric["items"]}
    assert len(items) == 9
    assert (items["density_gradient"], items["lysate"], items["antibodies"]) == (
        "reported",
        "not_applicable",
        "not_curated",
    )
    assert shown["study"]["accession"] == preparation.study.accession
    assert shown["source"]["name"] == preparation.source.name


def test_methods_that_nobody_curated_are_null_and_have_no_score():
    claim = a_claim()

    shown = get(f"preparations/{claim.preparation.accession}/")

    assert shown["isolation"] is None
    assert shown["characterisation"] == {"methods": None, "markers_positive": None, "markers_negative": None}
    assert shown["ev_metric"]["score"] is None


def test_a_source_shows_all_that_it_holds():
    source = a_source(
        name="BM-MSC", cell_type=a_name("cell_type", "mesenchymal stem cell"), tissue=a_name("tissue", "bone marrow")
    )
    a_claim(preparation=a_preparation(source=source))

    shown = get(f"sources/{source.accession}/")

    assert (shown["name"], shown["category"], shown["material"]) == (
        "BM-MSC",
        "mesenchymal_stem_cell",
        "primary_culture",
    )
    assert (shown["species"]["name"], shown["cell_type"]["name"]) == ("Homo sapiens", "mesenchymal stem cell")
    assert (shown["tissue"]["name"], shown["cell_line"], shown["disease"]) == ("bone marrow", None, None)
    assert Client().get(shown["links"]["claims"]).json()["count"] == shown["claim_count"] == 1


def test_a_cargo_shows_all_that_it_holds():
    cargo = a_cargo("miR-21")
    CargoSynonym.objects.create(cargo=cargo, text="hsa-mir-21")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MI0000077", relation="family")
    panel = a_cargo("miR-21 and miR-155")
    CargoMember.objects.create(panel=panel, member=cargo)
    a_claim(cargo=panel)

    shown = get(f"cargos/{cargo.accession}/")

    assert (shown["kind"], shown["name"], shown["synonyms"]) == ("miRNA", "miR-21", ["hsa-mir-21"])
    assert shown["xrefs"] == [{"curie": "mirbase:MI0000077", "relation": "family"}]
    assert [each["accession"] for each in shown["panels"]] == [panel.accession]
    assert (shown["members"], shown["claim_count"]) == ([], 0)
    assert [each["accession"] for each in get(f"cargos/{panel.accession}/")["members"]] == [cargo.accession]


def test_a_term_shows_its_place_in_the_tree():
    disease = a_term("DOID:4", "disease")
    cancer = a_term("DOID:162", "cancer", parents=(disease,))
    gastric = a_term("DOID:10534", "gastric cancer", parents=(cancer,))
    gastric.synonyms.create(text="stomach cancer", key="stomach cancer")

    shown = get("terms/DOID:10534/")

    assert (shown["curie"], shown["label"], shown["vocabulary"]) == ("DOID:10534", "gastric cancer", "disease")
    assert shown["synonyms"] == [{"text": "stomach cancer", "scope": "exact"}]
    assert [parent["curie"] for parent in shown["parents"]] == ["DOID:162"]
    assert shown["ancestors"] == [
        {"curie": "DOID:162", "label": "cancer", "distance": 1},
        {"curie": "DOID:4", "label": "disease", "distance": 2},
    ]


def test_a_release_goes_by_its_number():
    claim = a_claim()
    ReleaseMember.objects.create(release=a_release("2026.1"), claim=claim)

    shown = get("releases/2026.1/")

    assert (shown["number"], shown["released_on"], shown["claim_count"]) == ("2026.1", "2026-11-01", 1)
    assert Client().get(shown["links"]["claims"]).json()["results"][0]["accession"] == claim.accession
    assert found("releases/") == ["2026.1"]


def test_a_release_counts_what_it_holds_and_what_of_it_is_listed_still():
    claims = [a_claim() for _ in range(3)]
    for claim in claims:
        ReleaseMember.objects.create(release=a_release("2026.1"), claim=claim)
    withdrawn = claims[0]
    withdrawn.state, withdrawn.left_at, withdrawn.state_reason = "withdrawn", timezone.now(), "synthetic reason"
    withdrawn.save()

    shown = get("releases/2026.1/")

    assert (shown["claim_count"], shown["public_claim_count"]) == (3, 2)
    assert Client().get(shown["links"]["claims"]).json()["count"] == 2
    assert get("stats/")["release"]["claim_count"] == 3


@pytest.mark.parametrize("kind", ["claims", "studies", "sources", "preparations", "cargos", "terms", "releases"])
def test_a_list_shows_records_as_they_show_themselves(kind):
    term = a_term("DOID:162", "cancer")
    claim = a_claim(cargo=a_cargo("miR-21"), disease=a_name("disease", "cancer", terms=(term,)))
    ReleaseMember.objects.create(release=a_release(), claim=claim)

    (row,) = get(f"{kind}/")["results"]

    assert Client().get(row["url"]).json() == row


def test_the_root_names_addresses_that_all_answer():
    evidence = some_evidence()
    needed = {
        "suggest": {"q": "miR"},
        "propositions": {"cargo": evidence.cargo.accession, "disease": evidence.term.curie},
        "turning": {"tissue": "liver"},
        "gaps": {"kind": "single"},
    }
    addresses = get("")

    assert {"claims", "studies", "sources", "preparations", "cargos", "terms", "releases", "stats"} <= set(addresses)
    for name, address in addresses.items():
        # Drafts are their author's, who brings a token.
        expected = 401 if name == "drafts" else 200
        assert Client().get(address, needed.get(name, {})).status_code == expected, name


def test_statistics_count_what_the_lists_hold():
    a_claim(edge="harm", aspect="metastasis", preparation=a_preparation(study=a_study(status="retracted")))
    a_claim(edge="benefit", models_used=["animal"], cargo=a_cargo())
    a_claim(state="draft", cargo=a_cargo("miR-155"))
    a_release("2026.1")

    stats = get("stats/")

    for kind in ("claims", "studies", "sources", "preparations", "cargos", "terms"):
        assert stats["counts"][kind] == get(f"{kind}/")["count"]
    assert stats["claims_by_edge"] == {"harm": 1, "benefit": 1, "mixed": 0, "neutral": 0}
    assert (stats["claims_by_aspect"]["metastasis"], stats["claims_by_aspect"]["vaccine"]) == (1, 0)
    assert (stats["claims_by_level"]["D"], stats["claims_by_level"]["E"]) == (1, 1)
    assert stats["claims_of_retracted_studies"] == 1
    assert stats["studies_by_status"] == {"published": 1, "corrected": 0, "concern": 0, "retracted": 1}
    assert stats["release"]["number"] == "2026.1"


def test_statistics_of_an_empty_database_have_no_release():
    assert get("stats/")["release"] is None
