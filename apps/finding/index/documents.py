"""Claims as documents of the index, in the very terms in which PostgreSQL would count and find them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from apps.claims.models import Claim, ClaimTarget, ClaimTherapy
from apps.finding import counting
from apps.finding.index.layout import COLUMNS, LISTED, RECORDS, SINGLE, TREES, above
from apps.finding.postgres import SOURCE, STUDY, citations
from apps.terms.models import SOURCE_COLUMNS, Name, TermAncestor

# One lexeme of a tsvector in text form, with where it stands: 'exosom':3A,17.
LEXEME = re.compile(r"'((?:[^']|'')*)':([0-9A-D,]+)")
# Places as text forms write them: looked up sooner than read.
PLACES = {f"{number}{weight}": number for number in range(1, 1_000) for weight in ("", "A", "B", "C")}
# In a place where PostgreSQL left a stop word out.
GAP = "."
# The sort keys hold the claim's key in the last 32 bits, and above it what they order by.
KEYS = 1 << 32
MOST_CITED = (1 << 20) - 2
LEVELS = "ABCDE"

Document = dict[str, Any]
# The CURIEs that a name means, and those above them that some name means.
Meanings = dict[int, tuple[set[str], set[str]]]

_LISTED = {
    "claim": F("pk"),
    "search": F("search"),
    "accepted": F("accepted_at"),
    "published": F(f"{STUDY}year"),
    "citations": citations(),
    "disease_name": F("disease_id"),
    "recipient_name": F("recipient_id"),
    "source": F(f"{SOURCE}accession"),
    "preparation": F("preparation__accession"),
    "study": F(f"{STUDY}accession"),
    **{f"source_{column}": F(f"{SOURCE}{column}_id") for column in SOURCE_COLUMNS},
    **{f"is_{facet}": value for facet, value in (counting.SINGLE | counting.LISTED).items()},
}


class Meaning:
    """What names mean: the terms themselves, and those above. Names are looked up once."""

    def __init__(self) -> None:
        self.known: Meanings = {}

    def look_up(self, names: Iterable[int]) -> None:
        new = set(names) - self.known.keys()
        self.known |= {name: (set(), set()) for name in new}
        # No facet lists a term that no name means, such as the root of a tree.
        meant = Name.terms.through.objects.filter(term=OuterRef("ancestor"))
        lineage = TermAncestor.objects.filter(Exists(meant), term__names__in=new)
        for name, curie, distance in lineage.values_list("term__names", "ancestor__curie", "distance"):
            self.known[name][1 if distance else 0].add(curie)

    def of(self, names: Iterable[int | None]) -> tuple[list[str], list[str]]:
        """The terms that the names mean, and those above them; each once, in one or the other."""
        found = [self.known[name] for name in names if name]
        own = {curie for each, _ in found for curie in each}
        return sorted(own), sorted({curie for _, higher in found for curie in higher} - own)


def documents(keys: Sequence[int], meaning: Meaning) -> Iterator[tuple[int, str]]:
    """Those of the claims that are accepted, each as (its key, its document as JSON)."""
    rows = Claim.objects.accepted().filter(pk__in=keys).order_by()
    listed = list(rows.annotate(**{f"as_{name}": value for name, value in _LISTED.items()}).values_list(*_COLUMNS))
    therapies, targets = (_names_of(link.objects.filter(claim__in=keys)) for link in (ClaimTherapy, ClaimTarget))
    claims = [dict(zip(_LISTED, row, strict=True)) for row in listed]
    for claim in claims:
        claim["therapies"], claim["targets"] = therapies[claim["claim"]], targets[claim["claim"]]
    meaning.look_up({name for claim in claims for name in _names(claim)})
    for claim in claims:
        yield claim["claim"], json.dumps(_document(claim, meaning))


_COLUMNS = [f"as_{name}" for name in _LISTED]


def _names_of(links: QuerySet[Any]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for claim, name in links.values_list("claim_id", "name_id"):
        found[claim].append(name)
    return found


def _names(claim: Document) -> set[int]:
    """The keys of all names that the claim or its source writes, whatever for."""
    single = (claim["disease_name"], claim["recipient_name"], *(claim[f"source_{column}"] for column in SOURCE_COLUMNS))
    return {name for name in (*single, *claim["therapies"], *claim["targets"]) if name}


def _document(claim: Document, meaning: Meaning) -> Document:
    words, about = running(claim["search"] or "")
    found = {
        "claim": claim["claim"],
        "accepted": moment(claim["accepted"]),
        "published": claim["published"],
        "words": words,
        "about": about,
        "disease_name": claim["disease_name"],
        "names": sorted(_names(claim)),
        **_sort_keys(claim),
        **{name: claim[name] for name in RECORDS},
        **{name: claim[f"is_{name}"] for name in SINGLE},
    }
    listed: dict[str, list[str]] = {name: claim[f"is_{name}"] for name in LISTED}
    written = {
        "disease": [claim["disease_name"]],
        "species": [claim["source_species"]],
        "therapy": claim["therapies"],
        "target": claim["targets"],
    }
    for tree in TREES:
        listed[tree], listed[above(tree)] = meaning.of(written[tree])
    for name, values in listed.items():
        found |= _in_columns(name, list(dict.fromkeys(values)))
    return {name: value for name, value in found.items() if value is not None and value != []}


def _in_columns(name: str, values: list[str]) -> Document:
    """The first values in a column each, the rest in the last."""
    *single, more = COLUMNS[name]
    return {**dict(zip(single, values, strict=False)), more: values[len(single) :]}


def moment(when: datetime) -> int:
    """Microseconds: PostgreSQL keeps no less and no more."""
    return int(when.timestamp()) * 1_000_000 + when.microsecond


def _sort_keys(claim: Document) -> dict[str, int]:
    key, year = claim["claim"], claim["published"]
    strength = len(LEVELS) - LEVELS.index(claim["is_level"])
    return {
        "by_level": (strength << 12 | year) * KEYS + key,
        "by_year": (year << 3 | strength) * KEYS + key,
        # None at all is one less than 0.
        "by_citations": (min(claim["citations"], MOST_CITED) + 1 << 12 | year) * KEYS + key,
    }


def running(search: str) -> tuple[str, str]:
    """A tsvector's lexemes in the places where they stand, and those that tell what the claim is about (weight A)."""
    places: dict[int, str] = {}
    about: list[str] = []
    more: list[str] = []
    for lexeme, listed in LEXEME.findall(search):
        for place in listed.split(","):
            if place[-1] == "A":
                about.append(lexeme)
            number = PLACES.get(place) or int(place.rstrip("ABCD"))
            # All behind the last place that PostgreSQL can count stand in that one.
            if places.setdefault(number, lexeme) is not lexeme:
                more += [GAP, lexeme]
    last = max(places, default=0)
    return " ".join([places.get(place, GAP) for place in range(1, last + 1)] + more), " ".join(about)
