"""The names of accepted evidence: gathered from the records, kept as a table, looked up by key.

The table is derived and may be a minute behind, some minutes with a million claims. It serves suggestions and the
reading of free words; how many claims a search finds, it does not say.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count

from apps.claims.models import Claim
from apps.claims.words import mirna_words, parts
from apps.finding.models import LONGEST_KEY, KnownName, NameKey
from apps.studies.models import Study
from apps.terms import naming
from apps.terms.models import Synonym, Term
from apps.vesicles.models import Cargo, CargoMember, CargoSynonym, CargoXref, SourceCategory, VesicleSource

CHUNK = 5_000
# A refresh is followed by a rest of so many times its length.
REST = 9
LONGEST_TEXT = 500
# Later words of a name from which on it is found, too.
MOST_STARTS = 8
_MIRNA = re.compile(r"^(?:[a-z]{3} )?(?:microrna|mirna|mir) ?(?=\d)")
_PLAIN = re.compile(r"[^\W_]+")
# Three words for the same, as people write them of any organ.
_CANCER = re.compile(r"\b(?:tumor|neoplasm|cancer)s?$")

Key = tuple[str, str]


@dataclass
class Known:
    """What is known of one entry while names are gathered."""

    label: str
    claims: int
    texts: list[str] = field(default_factory=list)

    @property
    def lines(self) -> str:
        texts = [" ".join(text.split())[:LONGEST_TEXT] for text in (self.label, *self.texts)]
        return "\n".join(dict.fromkeys(text for text in texts if text))


# --- keys -------------------------------------------------------------------------------------------------------------


def key_of(text: str) -> str:
    """A name as it is looked up: letters and digits, whatever the spelling and the hyphens."""
    plain = _CANCER.sub("cancer", _MIRNA.sub("mir", naming.key(text[:LONGEST_TEXT])))
    return "".join(_PLAIN.findall(plain))[:LONGEST_KEY]


def keys_of(text: str) -> Iterator[tuple[str, bool]]:
    """Every key of a name, with whether it stands for the whole of it."""
    yield key_of(text), True
    named = mirna_words(text)
    for word in named:
        yield word, True
    if named:
        return
    words = text.split()
    for at in range(1, min(len(words), MOST_STARTS)):
        yield key_of(" ".join(words[at:])), False
    short = "".join(part[0] if part in naming.GREEK.values() else part for word in words for part in parts(word))
    yield short[:LONGEST_KEY], True


# --- gathering --------------------------------------------------------------------------------------------------------


def gathered() -> dict[Key, Known]:
    """Every entry that accepted claims can be found by, in a fixed number of queries."""
    found: dict[Key, Known] = {}
    _cargos(found)
    for name, sql in _TERMS.items():
        _terms(found, name, sql)
    _sources(found)
    _studies(found)
    return found


def _count(path: str) -> dict[int, int]:
    rows = Claim.objects.accepted().filter(**{f"{path}__isnull": False}).order_by().values_list(path)
    return dict(rows.annotate(n=Count("pk")))


def _cargos(found: dict[Key, Known]) -> None:
    claims = _count("cargo_id")
    texts: dict[int, list[str]] = defaultdict(list)
    for cargo, text in CargoSynonym.objects.values_list("cargo_id", "text"):
        texts[cargo].append(text)
    _molecules(texts)
    names = dict(Cargo.objects.values_list("pk", "name"))
    for panel, member in CargoMember.objects.values_list("panel_id", "member_id"):
        texts[panel] += [names[member], *texts.get(member, [])]
    for key, accession in Cargo.objects.filter(pk__in=list(claims)).values_list("pk", "accession"):
        found["cargo", accession] = Known(names[key], claims[key], texts[key])


def _molecules(texts: dict[int, list[str]]) -> None:
    """What the molecule goes by that a cargo refers to, unless it is only the cargo's family."""
    xrefs = CargoXref.objects.exclude(relation=CargoXref.Relation.FAMILY).values_list("cargo_id", "curie")
    cargos: dict[str, list[int]] = defaultdict(list)
    for cargo, curie in xrefs:
        cargos[curie].append(cargo)
    labels = dict(Term.objects.filter(curie__in=list(cargos)).values_list("curie", "label"))
    synonyms = Synonym.objects.filter(term__curie__in=list(cargos), scope=Synonym.Scope.EXACT)
    for curie, text in (*labels.items(), *synonyms.values_list("term__curie", "text")):
        for cargo in cargos[curie]:
            texts[cargo].append(text)


# How many claims stand under each term, by the field: through the one name of a claim, or through those that it lists.
_WRITTEN = """
WITH named AS (SELECT disease_id, count(*) AS n FROM claims_claim WHERE state = 'accepted' GROUP BY 1)
SELECT each.ancestor_id, sum(each.n)::bigint FROM (
    SELECT DISTINCT named.disease_id, named.n, up.ancestor_id FROM named
    JOIN terms_name_terms means ON means.name_id = named.disease_id
    JOIN terms_termancestor up ON up.term_id = means.term_id) each GROUP BY 1"""
_LINKED = """
SELECT up.ancestor_id, count(DISTINCT claim.id) FROM claims_claim claim JOIN {table} link ON link.claim_id = claim.id
JOIN terms_name_terms means ON means.name_id = link.name_id
JOIN terms_termancestor up ON up.term_id = means.term_id WHERE claim.state = 'accepted' GROUP BY 1"""
_TERMS = {
    "disease": _WRITTEN,
    "therapy": _LINKED.format(table="claims_claimtherapy"),
    "target": _LINKED.format(table="claims_claimtarget"),
}


def _terms(found: dict[Key, Known], name: str, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        claims: dict[int, int] = dict(cursor.fetchall())
    texts: dict[int, list[str]] = defaultdict(list)
    scopes = [Synonym.Scope.EXACT, Synonym.Scope.FORMER]
    for term, text in Synonym.objects.filter(term__in=list(claims), scope__in=scopes).values_list("term_id", "text"):
        texts[term].append(text)
    for key, curie, label in Term.objects.filter(pk__in=list(claims)).values_list("pk", "curie", "label"):
        found[name, curie] = Known(label, claims[key], texts[key])


def _sources(found: dict[Key, Known]) -> None:
    claims = _count("preparation__source_id")
    by_category: dict[str, int] = defaultdict(int)
    sources = VesicleSource.objects.filter(pk__in=list(claims)).values_list("pk", "accession", "name", "category")
    for key, accession, name, category in sources:
        found["source", accession] = Known(name, claims[key])
        by_category[category] += claims[key]
    for category, number in by_category.items():
        found["source_category", category] = Known(str(SourceCategory(category).label).lower(), number)


def _studies(found: dict[Key, Known]) -> None:
    claims = _count("preparation__study_id")
    for study in Study.objects.filter(pk__in=list(claims)).only("accession", "title", "authors", "year").iterator():
        found["study", study.accession] = Known(f"{study}: {study.title}", claims[study.pk], [study.title])


# --- keeping ----------------------------------------------------------------------------------------------------------


# The tables that names and their counts come from.
TABLES = (
    *("claims_claim", "claims_claimtherapy", "claims_claimtarget", "terms_name", "terms_name_terms", "terms_term"),
    *("terms_synonym", "vesicles_cargo", "vesicles_cargosynonym", "vesicles_cargoxref", "vesicles_cargomember"),
    *("vesicles_vesiclesource", "vesicles_preparation", "studies_study"),
)
_WRITTEN_SO_FAR = """
SELECT string_agg(relname || n_tup_ins + n_tup_upd + n_tup_del, ' ' ORDER BY relname)
FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname = ANY(%s)"""
_CLAIMS_OF_KEYS = """
UPDATE finding_namekey SET claims = name.claims FROM finding_knownname name
WHERE name.id = name_id AND finding_namekey.claims <> name.claims"""
_SEEN = "names-of-accepted-evidence-seen"


def refresh_if_changed() -> int:
    """Refresh, unless nothing was written to any of the tables since the last time.

    With very much evidence it takes half a minute; so it rests afterwards for some times as long as it took.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN_SO_FAR, [list(TABLES)])
        (now,) = cursor.fetchone()
    seen, rests_until = cache.get(_SEEN) or ("", 0.0)
    if KnownName.objects.exists() and (seen == now or time.time() < rests_until):
        return 0
    began = time.time()
    changed = refresh()
    ended = time.time()
    cache.set(_SEEN, (now, ended + REST * (ended - began)), None)
    return changed


@transaction.atomic
def refresh() -> int:
    """Bring the table up to date; return how many entries changed. One at a time: the next waits, and finds little."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('finding_knownname'))")
    new = gathered()
    old = {(each.field, each.value): each for each in KnownName.objects.all().iterator()}
    gone = [each.pk for key, each in old.items() if key not in new]
    KnownName.objects.filter(pk__in=gone).delete()
    changed: list[KnownName] = []
    renamed: list[KnownName] = []
    for key, known in new.items():
        each = old.get(key) or KnownName(field=key[0], value=key[1])
        wanted = (known.label[:LONGEST_TEXT], known.claims, known.lines)
        if (each.label, each.claims, each.texts) == wanted and each.pk:
            continue
        if each.texts != known.lines:
            renamed.append(each)
        each.label, each.claims, each.texts = wanted
        changed.append(each)
    KnownName.objects.bulk_create([each for each in changed if not each.pk], batch_size=CHUNK)
    KnownName.objects.bulk_update([each for each in changed if each.pk], ["label", "claims", "texts"], batch_size=CHUNK)
    _write_keys(renamed)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS_OF_KEYS)
    return len(gone) + len(changed)


def _write_keys(names: Iterable[KnownName]) -> None:
    for chunk in batched(names, CHUNK):
        NameKey.objects.filter(name__in=chunk).delete()
        NameKey.objects.bulk_create([key for each in chunk for key in _keys(each)], batch_size=CHUNK)


def _keys(name: KnownName) -> list[NameKey]:
    """The keys of an entry, each once: where two names have one key, whole names and earlier ones come first."""
    made: dict[str, NameKey] = {}
    for text in name.texts.split("\n"):
        for key, whole in keys_of(text):
            before = made.get(key)
            if key and (before is None or (whole and not before.whole)):
                made[key] = NameKey(name=name, key=key, text=text, whole=whole)
    return list(made.values())
