"""The starter collection as users meet it: nothing lost, nothing changed, grounded as far as promised."""

from __future__ import annotations

import html
import math
import os
import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.test import TestCase

from apps.claims.models import Claim
from apps.documents import grounded, reading, starter, storing
from apps.people.models import User
from apps.studies.models import Study
from apps.vesicles.models import Preparation

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("EXODB_SHARED", ROOT.parent / "shared")) / "curation" / "studies"
OURS = {"accession", "validation"}  # keys that the project's copies have on top


def bare(part):
    """A part of a document without the keys that the project added."""
    if isinstance(part, dict):
        return {key: bare(value) for key, value in part.items() if key not in OURS}
    return [bare(item) for item in part] if isinstance(part, list) else part


def number(p):
    return float(re.sub(r"[<>=\s]", "", str(p)))


@pytest.mark.slow
class StarterCollection(TestCase):
    @classmethod
    def setUpTestData(cls):
        starter.load_starter(lambda things, _: things)
        paths = reading.documents_under([starter.EVIDENCE])
        cls.documents = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in paths}

    def api(self, address):
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.json()

    def all_of(self, records):
        """Every record of a list of the API, by accession."""
        found, address = {}, f"/api/v1/{records}/?page_size=200"
        while address:
            answer = self.api(address)
            found |= {record["accession"]: record for record in answer["results"]}
            address = answer["next"]
        return found

    def page(self, address):
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        words = html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("−", "-")
        return " ".join(words.split())

    def test_documents_are_studies_and_claims_are_claims(self):
        documents = self.documents.values()

        assert Study.objects.count() == len(documents) == 265
        assert Claim.objects.accepted().count() == sum(len(d["claims"]) for d in documents) == 513
        assert Preparation.objects.count() == sum(len(d["preparations"]) for d in documents) == 303
        assert starter.is_loaded()

    def test_the_documents_are_those_that_the_curators_gave(self):
        if not SHARED.is_dir():
            self.skipTest("the curators' own folder is not beside this checkout")
        given = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in SHARED.glob("*.yaml")}

        assert {name: bare(document) for name, document in self.documents.items()} == given

    def test_every_accession_is_given_once(self):
        given = [d["study"]["accession"] for d in self.documents.values()]
        given += [part["accession"] for d in self.documents.values() for part in d["preparations"] + d["claims"]]

        assert len(given) == len(set(given)) == 265 + 303 + 513

    def test_the_same_collection_again_changes_nothing(self):
        readings = starter.starter_readings(lambda things, _: things)
        author = User.objects.get(username="import")

        summary = storing.import_documents(readings, author=author)

        assert not summary.made
        assert not summary.changed

    def test_almost_every_claim_has_its_disease_in_the_disease_ontology(self):
        grounded = Claim.objects.accepted().filter(disease__terms__curie__startswith="DOID:").distinct().count()

        assert grounded / 513 >= 0.95

    def test_the_cargos_are_grounded_as_far_as_is_stated(self):
        """docs/vocabularies.md gives these figures; they may change with the collection, and then change there too."""
        found = grounded.cargos_named()

        assert found.own == {"exact": 82, "family": 28, "gene": 35, "target": 3, "broader": 37}
        assert (found.all, found.with_own, found.panels) == (219, 185, 28)
        assert [str(cargo) for cargo in found.partly] == ["6-gingerol and 6-shogaol"]
        assert (len(found.reasoned), found.to_do) == (5, [])
        assert (found.with_own + found.panels) / found.all >= 0.90

    def test_the_report_prints_the_figures_and_the_reasons(self):
        out = StringIO()

        call_command("report_grounding", stdout=out)

        assert "Claims with their disease grounded: 498 of 513 (97.1%)" in out.getvalue()
        assert "with a cross-reference of their own: 185 of 219 (84.5%)" in out.getvalue()
        assert "erastin: no identifier of it could be verified in the sources at hand" in out.getvalue()

    def test_the_api_answers_all_that_every_study_document_holds(self):
        answers = self.all_of("studies")
        for name, document in self.documents.items():
            with self.subTest(name):
                self.compare_study(document, answers[document["study"]["accession"]])

    def compare_study(self, document, answer):
        given = document["study"]
        for key in ("kind", "title", "journal", "year", "authors", "pmid", "pmcid", "nct", "status"):
            assert answer[key] == given.get(key), key
        assert answer["doi"] == (given["doi"].lower() if "doi" in given else None)
        assert answer["provenance"] == {
            **document["provenance"],
            "curated_on": str(document["provenance"]["curated_on"]),
        }
        if "notice" in given:
            assert [notice["identifier"] for notice in answer["notices"]] == [given["notice"].lower()]

    def test_the_api_answers_all_that_every_claim_holds(self):
        answers = self.all_of("claims")
        assert len(answers) == 513
        for name, document in self.documents.items():
            preparations = {part["id"]: part for part in document["preparations"]}
            for claim in document["claims"]:
                with self.subTest(name, claim=claim["id"]):
                    answer = answers[claim["accession"]]
                    self.compare_claim(claim, answer)
                    assert answer["preparation"]["accession"] == preparations[claim["preparation"]]["accession"]
                    assert answer["study"]["accession"] == document["study"]["accession"]

    def compare_claim(self, given, answer):
        for key in ("aspect", "effect", "outcome", "edge", "statement", "locator"):
            assert answer[key] == given[key], key
        assert answer["models"] == given["model"]
        assert answer["disease"]["name"] == given["disease"]
        assert answer["disease"]["written_curie"] == given.get("disease_id")
        assert (answer["recipient"] or {}).get("name") == given.get("recipient")
        assert [name["name"] for name in answer["therapies"]] == given.get("therapy", [])
        assert [name["name"] for name in answer["targets"]] == given.get("targets", [])
        cargo = given.get("cargo", {})
        assert {key: (answer["cargo"] or {}).get(key) for key in ("kind", "name")} == {
            key: cargo.get(key) for key in ("kind", "name")
        }
        assert len(answer["measures"]) == len(given.get("measures", []))
        for measure, shown in zip(given.get("measures", []), answer["measures"], strict=True):
            self.compare_measure(measure, shown)

    def compare_measure(self, given, shown):
        for key in ("name", "value", "ci_low", "ci_high", "n_cases", "n_controls", "n", "note"):
            assert shown[key] == given.get(key), key
        if "p" in given:
            assert math.isclose(shown["p"], number(given["p"]))
            assert shown["p_relation"] == ("<" if str(given["p"]).startswith("<") else "=")

    def test_the_api_answers_all_that_every_preparation_holds(self):
        preparations, sources = self.all_of("preparations"), self.all_of("sources")
        for name, document in self.documents.items():
            for given in document["preparations"]:
                with self.subTest(name, preparation=given["id"]):
                    self.compare_preparation(given, preparations[given["accession"]])
                    self.compare_source(given["source"], sources[given["source"]["accession"]])

    def test_one_record_and_its_row_in_the_list_say_the_same(self):
        for records in ("studies", "claims", "preparations", "sources", "cargos"):
            for accession, row in list(self.all_of(records).items())[::50]:
                with self.subTest(accession):
                    assert self.api(f"/api/v1/{records}/{accession}/") == row

    def compare_preparation(self, given, answer):
        for key in ("term", "engineered", "loading", "surface"):
            assert answer["vesicle"][key] == given["vesicle"].get(key), key
        assert answer["isolation"] == (given.get("isolation") or None)
        for key in ("methods", "markers_positive", "markers_negative"):
            assert answer["characterisation"][key] == (given.get("characterisation", {}).get(key) or None)
        assert answer["source"]["accession"] == given["source"]["accession"]

    def compare_source(self, given, answer):
        for key in ("name", "category", "material"):
            assert answer[key] == given[key], key
        for key in ("species", "cell_line", "cell_type", "tissue", "disease"):
            assert (answer[key] or {}).get("name") == given.get(key), key

    def test_ten_documents_are_read_whole_on_their_pages(self):
        for name in sorted(self.documents)[::27]:
            with self.subTest(name):
                self.compare_pages(self.documents[name])

    def compare_pages(self, document):
        study = document["study"]
        shown = self.page(f"/studies/{study['accession']}/")
        wanted = [study["title"], study["journal"], str(study["year"]), *study["authors"]]
        wanted += [study[key] for key in ("pmid", "pmcid", "nct") if key in study]
        wanted += document["provenance"]["read_at"]
        self.all_on(shown, wanted)
        for preparation in document["preparations"]:
            self.all_on(
                self.page(f"/preparations/{preparation['accession']}/"),
                [
                    preparation["source"]["name"],
                    preparation["vesicle"]["term"],
                    *(preparation["vesicle"][key] for key in ("loading", "surface") if key in preparation["vesicle"]),
                    *preparation.get("characterisation", {}).get("markers_positive", []),
                ],
            )
        for claim in document["claims"]:
            self.compare_claim_page(claim)

    def compare_claim_page(self, claim):
        wanted = [claim[key] for key in ("statement", "outcome", "disease", "recipient", "locator") if key in claim]
        wanted += claim.get("therapy", []) + claim.get("targets", [])
        wanted += [claim["cargo"]["name"]] if "cargo" in claim else []
        for measure in claim.get("measures", []):
            wanted += [
                str(measure[key])
                for key in ("value", "ci_low", "ci_high", "n_cases", "n_controls", "n", "note")
                if key in measure
            ]
        self.all_on(self.page(f"/claims/{claim['accession']}/"), wanted)

    def all_on(self, page, wanted):
        missing = [text for text in wanted if " ".join(text.split()) not in page]
        assert not missing
