"""Search: which claims a person's words find, and where an identifier leads.

`Claim.search` holds the words of a claim by weight: A what it is about (cargo, disease, therapy, target, recipient,
by every name), B what it says, C whose vesicles they are, D the study and the broader diseases. It is derived: whoever
changes a record that claims rest on calls `index` for `Claim.objects.resting_on` it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import CombinedExpression

from apps.claims.models import Aspect, Claim, ClaimQuerySet, ClaimTarget, ClaimTherapy
from apps.claims.queries import tsquery
from apps.claims.words import for_index
from apps.studies.models import Study
from apps.terms import mirna
from apps.terms.models import Name, Synonym, Term, TermAncestor
from apps.vesicles.cargos import cargo_key
from apps.vesicles.models import Cargo, CargoKind, CargoMember, CargoSynonym, CargoXref, SourceCategory

CONFIG = "english"
CHUNK = 5_000
# A tsvector holds a megabyte; no real claim comes near.
LONGEST_TEXT = 100_000

WEIGHED = " || ".join(f"setweight(to_tsvector('{CONFIG}', words.{weight}), '{weight.upper()}')" for weight in "abcd")
WRITE = f"""
UPDATE claims_claim SET search = made.search FROM (
    SELECT id, {WEIGHED} AS search
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) AS words (id, a, b, c, d)
) made
WHERE claims_claim.id = made.id AND claims_claim.search IS DISTINCT FROM made.search
"""  # noqa: S608 -- put together from constants

Texts = dict[int, list[str]]


# --- the index ------------------------------------------------------------------------------------------------------


def index(claims: ClaimQuerySet | None = None) -> int:
    """Bring the search words of the claims (all by default) up to date; return how many claims were looked at."""
    return sum(looked_at for looked_at, _ in indexed(keys_of(Claim.objects.all() if claims is None else claims)))


def keys_of(claims: ClaimQuerySet) -> list[int]:
    return list(claims.order_by("pk").values_list("pk", flat=True))


def indexed(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Index the claims, a chunk at a time; after each, say how many were looked at and how many had other words."""
    for chunk in batched(keys, CHUNK):
        yield len(chunk), _write(_Gathered(chunk))


def _write(gathered: _Gathered) -> int:
    """Write the words that differ; return of how many claims."""
    rows = [(row["pk"], *(for_index(text[:LONGEST_TEXT]) for text in gathered.weighed(row))) for row in gathered.rows]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [list(column) for column in zip(*rows, strict=True)] if rows else [[]] * 5)
        return cursor.rowcount


NAME_FIELDS = ("disease_id", "recipient_id")
SOURCE_NAMES = ("species_id", "cell_line_id", "cell_type_id", "tissue_id", "disease_id")
SOURCE = "preparation__source__"
STUDY = "preparation__study__"
STUDY_WORDS = ("title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct", "accession")


class _Gathered:
    """All that a chunk of claims is found by, in a fixed number of queries."""

    def __init__(self, keys: Sequence[int]) -> None:
        self.rows = list(
            Claim.objects.filter(pk__in=keys).values(
                *("pk", "accession", "cargo_id", "aspect", "outcome", "statement", *NAME_FIELDS),
                *("preparation__term", f"{SOURCE}name", f"{SOURCE}category"),
                *(SOURCE + name for name in SOURCE_NAMES),
                *(STUDY + word for word in STUDY_WORDS),
            )
        )
        self.listed: dict[int, list[int]] = defaultdict(list)
        for link in (ClaimTherapy, ClaimTarget):
            for claim, name in link.objects.filter(claim__in=keys).values_list("claim_id", "name_id"):
                self.listed[claim].append(name)
        self.cargos = _cargo_texts({row["cargo_id"] for row in self.rows if row["cargo_id"]})
        self.names, self.broader = _name_texts(
            {name for row in self.rows for name in (*self._about(row), *self._of_source(row))},
            {row["disease_id"] for row in self.rows},
        )

    def _about(self, row: dict[str, Any]) -> list[int]:
        return [*(row[field] for field in NAME_FIELDS if row[field]), *self.listed[row["pk"]]]

    def _of_source(self, row: dict[str, Any]) -> list[int]:
        return [row[SOURCE + name] for name in SOURCE_NAMES if row[SOURCE + name]]

    def weighed(self, row: dict[str, Any]) -> tuple[str, str, str, str]:
        """The texts of a claim at weights A to D."""
        about = [*self.cargos.get(row["cargo_id"], []), *_all(self.names, self._about(row))]
        said = [row["statement"], row["outcome"], Aspect(row["aspect"]).label]
        category = SourceCategory(row[f"{SOURCE}category"]).label
        made = [row[f"{SOURCE}name"], category, row["preparation__term"], *_all(self.names, self._of_source(row))]
        study = [row[STUDY + word] for word in STUDY_WORDS]
        published = [" ".join(word) if isinstance(word, list) else str(word) for word in study if word]
        behind = [row["accession"], *published, *self.broader.get(row["disease_id"], [])]
        return _text(about), _text(said), _text(made), _text(behind)


def _text(texts: Iterable[str]) -> str:
    """One text of many, a stop between each so that no name is read across two."""
    return " ; ".join(dict.fromkeys(texts))


def _all(texts: Texts, keys: Iterable[int]) -> list[str]:
    return [text for key in keys for text in texts.get(key, [])]


def _cargo_texts(cargos: set[int]) -> Texts:
    """Every name that each cargo goes by: its own, its members', and those of the molecules it refers to."""
    members: dict[int, list[int]] = defaultdict(list)
    for panel, member in CargoMember.objects.filter(panel__in=cargos).values_list("panel_id", "member_id"):
        members[panel].append(member)
    everyone = cargos | {member for each in members.values() for member in each}
    own: Texts = defaultdict(list)
    for key, kind, name in Cargo.objects.filter(pk__in=everyone).values_list("pk", "kind", "name"):
        own[key] += [name, CargoKind(kind).label]
    for key, text in CargoSynonym.objects.filter(cargo__in=everyone).values_list("cargo_id", "text"):
        own[key].append(text)
    _add_molecules(own, everyone)
    return {cargo: [*own[cargo], *_all(own, members[cargo])] for cargo in cargos}


def _add_molecules(own: Texts, cargos: set[int]) -> None:
    """The labels of cross-references, and their synonyms unless the molecule is only the cargo's family.

    A microRNA whose arm was not stated must not be found by the name of one arm.
    """
    xrefs = list(CargoXref.objects.filter(cargo__in=cargos).values_list("cargo_id", "curie", "relation"))
    terms = dict(Term.objects.filter(curie__in={curie for _, curie, _ in xrefs}).values_list("curie", "pk"))
    texts = _term_texts(set(terms.values()))
    for cargo, curie, relation in xrefs:
        found = texts.get(terms.get(curie, 0), [])
        own[cargo] += [curie, *(found[:1] if relation == CargoXref.Relation.FAMILY else found)]


def _name_texts(names: set[int], diseases: set[int]) -> tuple[Texts, Texts]:
    """Names by every word for them, and diseases by those of all that is above them."""
    texts: Texts = defaultdict(list)
    for key, text in Name.objects.filter(pk__in=names).values_list("pk", "text"):
        texts[key].append(text)
    links = list(Name.terms.through.objects.filter(name__in=names).values_list("name_id", "term_id"))
    of_diseases = {term for name, term in links if name in diseases}
    lineage = list(
        TermAncestor.objects.filter(term__in=of_diseases, distance__gt=0).values_list("term_id", "ancestor_id")
    )
    found = _term_texts({term for _, term in links} | {above for _, above in lineage})
    above: dict[int, list[int]] = defaultdict(list)
    for term, ancestor in lineage:
        above[term].append(ancestor)
    broader: Texts = defaultdict(list)
    for name, term in links:
        texts[name] += found[term]
        broader[name] += _all(found, above[term])
    return texts, broader


def _term_texts(terms: set[int]) -> Texts:
    """Label first, then the synonyms that mean the same or something narrower."""
    texts: Texts = defaultdict(list)
    for key, label, curie in Term.objects.filter(pk__in=terms).values_list("pk", "label", "curie"):
        texts[key] += [label, curie]
    scopes = [Synonym.Scope.EXACT, Synonym.Scope.NARROW, Synonym.Scope.FORMER]
    for key, text in Synonym.objects.filter(term__in=terms, scope__in=scopes).values_list("term_id", "text"):
        texts[key].append(text)
    return texts


# --- finding --------------------------------------------------------------------------------------------------------


def find_claims(words: str) -> ClaimQuerySet:
    """Accepted claims that the words find, best first; all of them, newest first, where nothing is asked."""
    claims = Claim.objects.accepted()
    if not words.strip("\0 \t\r\n"):
        return claims.order_by("-accepted_at", "-pk")
    ranked = claims.filter(holding(words)).annotate(rank=rank(words))
    return ranked.order_by("-rank", "level", "-accepted_at", "-pk")


def among(claims: QuerySet[Claim], words: str) -> QuerySet[Claim]:
    """Those of the claims, in whatever state, that the words find; all of them where nothing is asked."""
    return claims.filter(holding(words)) if words.strip("\0 \t\r\n") else claims


def holding(words: str) -> Q:
    """Claims that the words find; none where nothing is left to look for."""
    typed = tsquery(words)
    return Q(search=SearchQuery(typed, config=CONFIG, search_type="raw")) if typed else Q(pk__in=[])


def rank(words: str) -> CombinedExpression:
    """How well a claim answers the words."""
    return SearchRank(F("search"), SearchQuery(tsquery(words), config=CONFIG, search_type="raw")) + _named(words)


def _named(words: str) -> Case:
    """A claim whose cargo is exactly what was asked stands before those that only mention it."""
    return Case(When(cargo__key__in=keys_named(words), then=Value(1.0)), default=Value(0.0))


def keys_named(words: str) -> set[str]:
    """The keys of cargos whose name the words are."""
    written = mirna.parse(words)
    return {cargo_key(words[:LONGEST_IDENTIFIER].replace("\0", "")), written.mature.lower() if written else ""}


LONGEST_IDENTIFIER = 300
PREFIX = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*|pmid:?\s*|pmcid:?\s*)", re.IGNORECASE)
IDENTIFIERS = (
    ("pmid", re.compile(r"[1-9][0-9]{4,8}")),
    ("pmcid", re.compile(r"PMC[1-9][0-9]{0,9}", re.IGNORECASE)),
    ("doi", re.compile(r"10\.[0-9]{4,9}/\S+")),
    ("nct", re.compile(r"NCT[0-9]{8}", re.IGNORECASE)),
)
CURIE = re.compile(r"([A-Za-z][A-Za-z0-9_.]*):(\S+)")


def address_of(words: str) -> str | None:
    """The page of the public study, term or cargo whose identifier the words are, or None where there is none."""
    typed = words.strip()
    if not typed or len(typed) > LONGEST_IDENTIFIER or "\0" in typed:
        return None
    return _study_address(PREFIX.sub("", typed, count=1)) or _term_address(typed)


def _study_address(typed: str) -> str | None:
    for field, pattern in IDENTIFIERS:
        if pattern.fullmatch(typed):
            value = typed.lower() if field == "doi" else typed.upper()
            study = Study.objects.public().filter(**{field: value}).first()
            return study.get_absolute_url() if study else None
    return None


def _term_address(typed: str) -> str | None:
    found = CURIE.fullmatch(typed)
    if not found:
        return None
    prefix, local = found.groups()
    curies = [f"{one}:{two}" for one in (prefix, prefix.upper(), prefix.lower()) for two in (local, local.upper())]
    term = Term.objects.filter(Q(curie__in=curies) | Q(alternative_ids__curie__in=curies)).first()
    if term:
        return term.get_absolute_url()
    cargo = Cargo.objects.public().filter(xrefs__curie__in=curies).first()
    return cargo.get_absolute_url() if cargo else None
