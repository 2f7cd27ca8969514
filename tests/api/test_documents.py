"""The API holds all that the documents of the starter collection hold: each can be built again from its answers."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from tests.api.asking import get, pages

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EVIDENCE = Path(settings.BASE_DIR) / "data" / "evidence"


@pytest.fixture
def starter(django_db_setup):
    call_command("load_starter", verbosity=0)
    kinds = ("studies", "preparations", "sources", "claims", "cargos")
    return {
        row["accession"]: row for kind in kinds for page in pages(f"{kind}/", page_size=200) for row in page["results"]
    }


def test_every_document_can_be_built_again_from_the_api(starter):
    documents = [yaml.safe_load(path.read_text()) for path in sorted(EVIDENCE.glob("*.yaml"))]
    assert len(documents) == get("studies/")["count"]
    assert sum(len(document["claims"]) for document in documents) == get("claims/")["count"]

    for document in documents:
        assert document_of(starter[document["study"]["accession"]], starter) == in_our_spelling(document)


def document_of(study: dict[str, Any], starter: dict[str, Any]) -> dict[str, Any]:
    """The document as the API's answers have it."""
    accession = study["accession"]
    claims = [row for row in starter.values() if "statement" in row and row["study"]["accession"] == accession]
    return {
        "study": study_part(study),
        "preparations": [preparation_part(starter[made["accession"]], starter) for made in study["preparations"]],
        "claims": [claim_part(claim, starter) for claim in sorted(claims, key=lambda claim: claim["accession"])],
        "provenance": study["provenance"],
    }


def in_our_spelling(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what ExoDB spells in one way: DOIs in lower case, p values apart from their relation."""
    study = document["study"]
    if "doi" in study:
        study["doi"] = study["doi"].lower()
    for claim in document["claims"]:
        for measure in claim.get("measures", []):
            if "p" in measure:
                relation, number = re.fullmatch(r"([<>=]*)(.+)", str(measure["p"])).groups()
                measure |= {"p": float(number), "p_relation": relation or "="}
    return document


def kept(**values: Any) -> dict[str, Any]:
    """What a document writes: the values that there are."""
    return {key: value for key, value in values.items() if value not in (None, [], {}, "not_curated")}


def study_part(study: dict[str, Any]) -> dict[str, Any]:
    plain = ("accession", "kind", "title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct", "status")
    noticed = [notice["identifier"] for notice in study["notices"]]
    return kept(**{key: study[key] for key in plain}, notice=noticed[0] if noticed else None)


def preparation_part(made: dict[str, Any], starter: dict[str, Any]) -> dict[str, Any]:
    source = starter[made["source"]["accession"]]
    names = ("species", "cell_line", "cell_type", "tissue", "disease")
    return kept(
        accession=made["accession"],
        id=made["key"],
        source=kept(
            **{key: source[key] for key in ("accession", "name", "category", "material")},
            **{key: source[key]["name"] for key in names if source[key]},
        ),
        vesicle=kept(**made["vesicle"]),
        isolation=made["isolation"],
        characterisation=kept(**made["characterisation"]),
    )


def claim_part(claim: dict[str, Any], starter: dict[str, Any]) -> dict[str, Any]:
    cargo = claim["cargo"] and starter[claim["cargo"]["accession"]]
    plain = ("accession", "aspect", "effect", "outcome", "edge", "statement", "locator", "validation")
    return kept(
        **{key: claim[key] for key in plain},
        id=claim["key"],
        preparation=claim["preparation"]["key"],
        cargo=cargo and Cargo(cargo),
        disease=claim["disease"]["name"],
        disease_id=claim["disease"]["written_curie"],
        recipient=claim["recipient"] and claim["recipient"]["name"],
        therapy=[name["name"] for name in claim["therapies"]],
        targets=[name["name"] for name in claim["targets"]],
        model=claim["models"],
        measures=[kept(**measure) for measure in claim["measures"]],
    )


class Cargo:
    """A cargo, equal to what a document may write for it: any of its names, with or without its identifier."""

    def __init__(self, cargo: dict[str, Any]) -> None:
        self.kind, self.names = cargo["kind"], {cargo["name"], *cargo["synonyms"]}
        self.curies = {None, *(xref["curie"] for xref in cargo["xrefs"])}

    def __eq__(self, written: object) -> bool:
        return (
            isinstance(written, dict)
            and written.get("kind") == self.kind
            and written.get("name") in self.names
            and written.get("id") in self.curies
        )

    __hash__ = None
