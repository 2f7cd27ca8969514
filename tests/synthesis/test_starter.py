"""The contradictions of the starter collection, told by reading its documents, are those that the program finds."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import TestCase

from apps.documents import reading, starter
from apps.synthesis.contradicting import rebuild, take_in
from apps.synthesis.models import Contradiction, Stale
from apps.synthesis.questions import PROGRESSION
from tests.synthesis.test_contradicting import kept, sides


def claims_of_documents() -> list[dict[str, Any]]:
    """Every claim as its document has it, with its study and source."""
    found = []
    for path in reading.documents_under([starter.EVIDENCE]):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        made = {each["id"]: each for each in document["preparations"]}
        study = document["study"]
        found += [{**claim, "made": made[claim["preparation"]], "study": study} for claim in document["claims"]]
    return found


def cargo(claim: dict[str, Any]) -> str:
    return str((claim.get("cargo") or {}).get("name", ""))


def source(claim: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = claim["made"]["source"]
    return found


def acts(claim: dict[str, Any]) -> bool:
    """Of vesicles as released, tried out on something."""
    return (
        claim["effect"] != "marks"
        and not claim["made"]["vesicle"]["engineered"]
        and set(claim["model"]) != {"patient_samples"}
    )


def progress(claim: dict[str, Any]) -> bool:
    return claim["aspect"] in {aspect.value for aspect in PROGRESSION}


# What the issue of contradictions names: its page, and how a reader finds its claims in the documents.
NAMED = {
    "glypican-1 in pancreatic cancer": (
        ("GPC1", "pancreatic cancer", "diagnosis"),
        lambda claim: cargo(claim) == "GPC1" and claim["aspect"] == "diagnosis" and "pancrea" in claim["disease"],
    ),
    "vesicle PD-L1 and checkpoint response in lung cancer": (
        ("CD274 (PD-L1)", "lung non-small cell carcinoma", "drug_resistance"),
        lambda claim: (
            "PD-L1" in cargo(claim) and claim["aspect"] == "drug_resistance" and "lung cancer" in claim["disease"]
        ),
    ),
    **{
        f"mesenchymal stem cell vesicles in {disease}": (
            ("vesicles of mesenchymal stem cells", term, "progression"),
            lambda claim, words=words: (
                source(claim)["category"] == "mesenchymal_stem_cell"
                and progress(claim)
                and acts(claim)
                and any(word in claim["disease"] for word in words)
            ),
        )
        for disease, term, words in (
            ("breast cancer", "breast cancer", ["breast cancer"]),
            ("colorectal cancer", "colorectal cancer", ["colorectal cancer", "colon cancer"]),
            ("myeloma", "multiple myeloma", ["myeloma"]),
        )
    },
    "macrophage vesicles in gastric cancer": (
        ("vesicles of immune cells", "stomach cancer", "progression"),
        lambda claim: (
            "macrophage" in source(claim)["name"]
            and progress(claim)
            and acts(claim)
            and claim["disease"] == "gastric cancer"
        ),
    ),
    "H. pylori vesicles": (
        ("vesicles of cells or people with Helicobacter pylori", "", "regeneration"),
        lambda claim: "pylori" in source(claim)["name"] and claim["aspect"] == "regeneration" and acts(claim),
    ),
    "glioma stem cell vesicles": (
        ("vesicles of cancer stem cells", "brain glioma", "progression"),
        lambda claim: (
            source(claim)["category"] == "cancer_stem_cell"
            and progress(claim)
            and acts(claim)
            and claim["disease"] == "glioma"
        ),
    ),
    "vesicles of irradiated cells": (
        ("vesicles of irradiated cells", "", "radiotherapy_response"),
        lambda claim: (
            ("irradiated" in source(claim)["name"] or "after low-dose radiation" in source(claim)["name"])
            and claim["aspect"] == "radiotherapy_response"
            and acts(claim)
        ),
    ),
}
# What it names too, and of which the documents tell one side alone.
ONE_SIDED = {
    "mesenchymal stem cell vesicles in gastric cancer": (
        {"harm"},
        lambda claim: (
            source(claim)["category"] == "mesenchymal_stem_cell"
            and progress(claim)
            and claim["disease"] == "gastric cancer"
        ),
    ),
    "mesenchymal stem cell vesicles in liver cancer": (
        {"benefit", "no_effect"},
        lambda claim: (
            source(claim)["category"] == "mesenchymal_stem_cell"
            and progress(claim)
            and claim["disease"] == "hepatocellular carcinoma"
        ),
    ),
    "macrophage vesicles in liver cancer": (
        {"harm"},
        lambda claim: "macrophage" in source(claim)["name"] and claim["disease"] == "hepatocellular carcinoma",
    ),
}


def read_sides(claims: list[dict[str, Any]], wanted: Any) -> dict[str, set[str]]:
    """The claims by the side that they take, as a reader sorts them."""
    found: dict[str, set[str]] = {}
    for claim in filter(wanted, claims):
        side = claim["edge"] if claim["edge"] in {"harm", "benefit"} else claim["effect"]
        if side in {"harm", "benefit", "no_effect"}:
            found.setdefault(side, set()).add(claim["accession"])
    return found


@pytest.mark.slow
class ContradictionsOfTheStarterCollection(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        starter.load_starter(lambda things, _: things)
        take_in()
        cls.claims = claims_of_documents()

    def test_each_that_is_named_is_found_with_the_sides_that_a_reader_finds(self) -> None:
        for name, ((subject, disease, question), wanted) in NAMED.items():
            with self.subTest(name):
                found = Contradiction.objects.get(subject=subject, disease=disease, question=question)
                assert sides(found) == read_sides(self.claims, wanted)
                assert len(sides(found)) > 1

    def test_of_some_the_documents_tell_one_side_only_and_none_is_made_up(self) -> None:
        for name, (told, wanted) in ONE_SIDED.items():
            with self.subTest(name):
                accessions = {each for side in read_sides(self.claims, wanted).values() for each in side}
                assert set(read_sides(self.claims, wanted)) == told
                named = Contradiction.objects.filter(standings__claim__accession__in=accessions)
                assert not named.filter(subject_kind="category").exists()

    def test_it_was_taken_in_as_a_rebuild_has_it(self) -> None:
        assert not Stale.objects.exists()
        before = kept()
        rebuild()
        assert kept() == before

    def test_every_page_of_them_is_there(self) -> None:
        for each in Contradiction.objects.all():
            for address in (each.get_absolute_url(), f"/api/v1/contradictions/{each.slug}/"):
                answer = self.client.get(address)
                assert answer.status_code == 200, address
                assert "no longer stands" not in answer.content.decode()
