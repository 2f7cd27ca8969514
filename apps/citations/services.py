"""What the services are called on pages."""

from __future__ import annotations

NAMES = {
    "europepmc": "Europe PMC",
    "crossref": "Crossref",
    "openalex": "OpenAlex",
    "icite": "NIH iCite",
    "idconv": "NCBI ID converter",
    "retraction_watch": "Retraction Watch",
    # Notices that a person read, and entered.
    "curation": "a curator",
}


def name_of(service: str) -> str:
    return NAMES.get(service, service)
