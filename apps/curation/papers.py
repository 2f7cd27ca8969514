"""Which paper a person means, whether it is here already, and what the services say that it is."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.conf import settings
from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models import Q

from apps.citations.asking import endpoint_of, turn_of
from apps.citations.clients import LIBRARIANS, Bibliography, Crossref, EuropePmc, Ids, Patience, ServiceError
from apps.citations.models import Feed
from apps.studies.models import Study

log = logging.getLogger(__name__)

LONGEST_TYPED = 2_000
IDENTIFIERS = ("pmid", "pmcid", "doi", "nct")
SERVICE_NAMES = {EuropePmc.name: "Europe PMC", Crossref.name: "Crossref"}

# --- what was typed ---------------------------------------------------------------------------------------------------

DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"]+")
LONGEST_DOI = 300
# Brackets that stand around a DOI, and not in it, have no fellow there.
BRACKETS = {")": "(", ">": "<", "]": "["}
# What publishers append to a DOI in the addresses of their pages.
PAGE_OF_DOI = re.compile(r"(?:/(?:full|fulltext|abstract|pdf|epdf|meta|html|summary)|\.pdf|\.full)$", re.IGNORECASE)
PATTERNS = (
    ("pmcid", re.compile(r"\b(PMC[1-9][0-9]{0,9})\b", re.IGNORECASE)),
    (
        "pmid",
        re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov/|/pubmed/|/med/|pmid:?\s*)([1-9][0-9]{0,8})\b", re.IGNORECASE),
    ),
    ("pmid", re.compile(r"^([1-9][0-9]{0,8})$")),
    ("nct", re.compile(r"\b(NCT[0-9]{8})\b", re.IGNORECASE)),
)


class Identifier(NamedTuple):
    """One identifier of a publication or a trial."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind.upper()} {self.value}"


def read_identifier(typed: str) -> Identifier | None:
    """The PMID, PMCID, DOI or NCT number in what a person typed or pasted, addresses included; None where is none."""
    text = unquote(typed[:LONGEST_TYPED].strip())
    if "\0" in text:
        return None
    if found_doi := DOI.search(text):
        doi = _doi(found_doi[0], from_page="://" in text and "doi.org/" not in text.lower())
        return Identifier("doi", doi) if len(doi) <= LONGEST_DOI else None
    for kind, pattern in PATTERNS:
        if found := pattern.search(text):
            return Identifier(kind, found[1].upper())
    return None


def _doi(found: str, *, from_page: bool) -> str:
    """A DOI as it is kept: in lower case, without what stands behind it in a sentence or in a page's address."""
    doi = found.lower().rstrip(".,;'")
    if from_page:
        doi = PAGE_OF_DOI.sub("", doi.partition("?")[0].partition("#")[0].rstrip("/"))
    while (opening := BRACKETS.get(doi[-1])) and doi.count(opening) < doi.count(doi[-1]):
        doi = doi[:-1].rstrip(".,;'")
    return doi


def page_of(identifier: Identifier) -> str:
    """Where the publication or the trial is read."""
    return {
        "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
        "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
        "doi": "https://doi.org/{}",
        "nct": "https://clinicaltrials.gov/study/{}",
    }[identifier.kind].format(identifier.value)


# --- whether it is here -----------------------------------------------------------------------------------------------

NEAR_ENOUGH = 0.6
MOST_ALIKE = 5


def known(identifiers: Mapping[str, str | None]) -> Study | None:
    """The study that has one of the identifiers."""
    wanted = Q(pk__in=[])
    for kind in IDENTIFIERS:
        if value := identifiers.get(kind):
            wanted |= Q(**{kind: value})
    return Study.objects.filter(wanted).order_by("pk").first()


def alike(title: str, *, but: Study | None = None) -> list[Study]:
    """Studies whose titles are spelled nearly so, the likest first."""
    if not title.strip():
        return []
    others = Study.objects.exclude(pk=but.pk) if but else Study.objects.all()
    with transaction.atomic(), connection.cursor() as cursor:
        # The index leaves out at once what is less alike than that.
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(NEAR_ENOUGH)])
        near = others.filter(title__trigram_similar=title).annotate(likeness=TrigramSimilarity("title", title))
        return list(near.order_by("-likeness", "pk")[:MOST_ALIKE])


# --- what it is -------------------------------------------------------------------------------------------------------


@dataclass
class Looked:
    """What the services said: the paper and who knew it, or why there is none, in sentences for the person."""

    paper: Bibliography | None = None
    by: str = ""
    troubles: list[str] = field(default_factory=list)


def look_up(identifier: Identifier) -> Looked:
    """Ask Europe PMC, then Crossref, what the paper is; within seconds, and without ever raising."""
    looked = Looked()
    if identifier.kind == "nct":
        looked.troubles.append("A trial is entered by hand: the services know publications.")
        return looked
    ids = Ids(1, **{identifier.kind: identifier.value})
    asked = set(Feed.objects.filter(enabled=True).values_list("service", flat=True))
    for service in LIBRARIANS:
        if identifier.kind in service.kinds and looked.paper is None:
            if service.name in asked:
                _ask(service, ids, looked)
            else:
                looked.troubles.append(f"{SERVICE_NAMES[service.name]} is switched off here.")
    if looked.paper:
        looked.paper = replace(looked.paper, **_given(identifier))
        looked.troubles += _warnings(looked.paper, looked.by)
    return looked


def _given(identifier: Identifier) -> dict[str, Any]:
    return {identifier.kind: identifier.value}


def _ask(service: type[EuropePmc | Crossref], ids: Ids, looked: Looked) -> None:
    called = SERVICE_NAMES[service.name]
    endpoint = replace(endpoint_of(service.name), timeout=settings.LOOKUP_TIMEOUT)
    turn = turn_of(service.name, longest_wait=settings.LOOKUP_TIMEOUT)
    try:
        with service(endpoint, turn, Patience(attempts=1)) as client:
            paper = client.bibliography(ids) if client.kind(ids) else None
    except ServiceError as error:
        log.info("%s could not be asked: %s", called, error)
        looked.troubles.append(f"{called} can't be reached just now.")
        return
    if paper is None:
        looked.troubles.append(f"{called} does not know it.")
    else:
        looked.paper, looked.by, looked.troubles = paper, called, []


def _warnings(paper: Bibliography, by: str) -> list[str]:
    """What a person must know of the paper before they enter it."""
    natures = dict.fromkeys(str(notice.nature) for notice in paper.notices)
    return [f"{by} has a notice on this paper: {nature}. Look before you enter it." for nature in natures]
