"""The citation services: the only part of ExoDB that reaches out into the network.

Everything here takes plain values and gives plain values (`interface`), knows no Django and no database, and fails
with a `ServiceError` only. Settings come as an `Endpoint`, the permission to ask as a callable (`limits`).
"""

from .crossref import Crossref
from .errors import Nonsense, Refused, ServiceError, Unavailable
from .europepmc import EuropePmc
from .icite import ICite
from .idconv import IdConverter
from .interface import (
    Answer,
    Bibliography,
    Client,
    Endpoint,
    Gives,
    Ids,
    Librarian,
    Nature,
    NoticeRecord,
    Outcome,
    batches,
)
from .openalex import OpenAlex
from .retraction_watch import RetractionWatch
from .service import Service
from .transport import Acquire, Patience

SERVICES: dict[str, type[Service]] = {
    service.name: service for service in (EuropePmc, Crossref, OpenAlex, ICite, IdConverter, RetractionWatch)
}


LIBRARIANS: tuple[type[EuropePmc | Crossref], ...] = (EuropePmc, Crossref)


def client_for(name: str, endpoint: Endpoint, acquire: Acquire, patience: Patience | None = None) -> Client:
    """The client of a service, by its name."""
    return SERVICES[name](endpoint, acquire, patience)


__all__ = [
    "LIBRARIANS",
    "SERVICES",
    "Acquire",
    "Answer",
    "Bibliography",
    "Client",
    "Crossref",
    "Endpoint",
    "EuropePmc",
    "Gives",
    "ICite",
    "IdConverter",
    "Ids",
    "Librarian",
    "Nature",
    "Nonsense",
    "NoticeRecord",
    "OpenAlex",
    "Outcome",
    "Patience",
    "Refused",
    "RetractionWatch",
    "Service",
    "ServiceError",
    "Unavailable",
    "batches",
    "client_for",
]
