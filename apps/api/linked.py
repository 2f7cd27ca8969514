"""Records as JSON-LD, in the words of schema.org: made from the API's own documents, so that both say the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

CONTEXT = "https://schema.org/"
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
# How each identifier is called elsewhere (identifiers.org).
IDENTIFIERS = {"pmid": "pubmed", "pmcid": "pmc", "doi": "doi", "nct": "clinicaltrials"}

Document = dict[str, Any]


def claim(shown: Document) -> Document:
    """A claim: what it says, what it is about, and the study that it appears in."""
    return {
        "@context": CONTEXT,
        "@type": "Claim",
        "@id": shown["page"],
        "identifier": shown["accession"],
        "url": shown["page"],
        "text": shown["statement"],
        "version": shown["version"],
        "datePublished": shown["accepted"]["at"],
        "license": LICENSE,
        "about": [*_named(_names_of(shown)), *_cargo(shown["cargo"])],
        "appearance": _study(shown["study"]),
        "isPartOf": [_release(number) for number in shown["releases"]],
    }


def study(shown: Document) -> Document:
    """A study: its bibliographic facts and where it stands."""
    return {
        "@context": CONTEXT,
        **_study(shown),
        "author": [{"@type": "Person", "name": name} for name in shown["authors"]],
    }


def _study(shown: Document) -> Document:
    identifiers = {name: shown[name] for name in IDENTIFIERS if shown.get(name)}
    return {
        # A trial that is only registered is no article.
        "@type": "ScholarlyArticle" if shown["pmid"] or shown["doi"] else "CreativeWork",
        "@id": shown["page"],
        "name": shown["title"],
        "url": shown["page"],
        "datePublished": str(shown["year"]),
        "isPartOf": {"@type": "Periodical", "name": shown["journal"]},
        "creativeWorkStatus": shown["status"],
        "identifier": [
            {"@type": "PropertyValue", "propertyID": "exodb", "value": shown["accession"]},
            *(
                {"@type": "PropertyValue", "propertyID": IDENTIFIERS[name], "value": value}
                for name, value in identifiers.items()
            ),
        ],
        "sameAs": [f"https://identifiers.org/{IDENTIFIERS[name]}:{value}" for name, value in identifiers.items()],
    }


def _names_of(shown: Document) -> Iterable[Document]:
    yield shown["disease"]
    if shown["recipient"]:
        yield shown["recipient"]
    yield from (*shown["therapies"], *shown["targets"])


def _named(names: Iterable[Document]) -> Iterable[Document]:
    """Each name as the study wrote it; where it was grounded, as the terms that it means."""
    for name in names:
        terms = [{"@type": "DefinedTerm", "termCode": term["curie"], "name": term["label"]} for term in name["terms"]]
        yield from terms or [{"@type": "Thing", "name": name["name"]}]


def _cargo(shown: Document | None) -> Iterable[Document]:
    if shown:
        yield {"@type": "Thing", "@id": shown["page"], "name": shown["name"], "identifier": shown["accession"]}


def _release(number: str) -> Document:
    return {"@type": "Dataset", "name": f"ExoDB {number}", "version": number, "license": LICENSE}
