#!/usr/bin/env python3
"""Synthetic evidence by the million, for benchmarks: whole rows, as uneven as real collections are.

    PYTHONPATH=. .venv/bin/python -m exodb.embedded run --data FOLDER -- .venv/bin/python bench/synthetic.py 100000

FOLDER becomes a database of its own, never `var/`: a database that holds other evidence is refused. Every name and
every text says that it is synthetic. As many claims as asked for are accepted; on top come drafts and submitted ones.
The same number gives the same rows.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")
# Rows by the million are laid out by the owner of the schema, past its triggers.
os.environ["EXODB_TEST"] = "1"

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from apps.claims import search
from apps.claims.levels import assess
from apps.claims.models import Claim
from apps.people.models import User
from apps.studies.models import Study
from bench import shapes
from exodb.embedded import places
from exodb.embedded.postgres import query

FIRST_NUMBER = 2_000_001
RELEASE = "2000.1"
Row = tuple[Any, ...]


class NotEmpty(SystemExit):
    """The database holds evidence that is not synthetic."""


def prepare() -> None:
    """Make the schema, and make sure that nothing real is there."""
    call_command("migrate", verbosity=0)
    if (
        Study.objects.exclude(title__startswith="Synthetic study ").exists()
        or Claim.objects.exclude(accession__gte=f"EXCL{FIRST_NUMBER}").exists()
    ):
        raise NotEmpty("This database holds evidence: give synthetic claims a folder of their own, with --data.")
    # Only a superuser may let the owner of the schema past the triggers.
    query(settings.DATA_DIR, f"GRANT SET ON PARAMETER session_replication_role TO {places.OWNER}")


def fill(claims: int, *, say: Callable[[str], Any] = print) -> None:
    """The accepted claims, so many, with all that they rest on; nothing where there are as many already."""
    prepare()
    there = Claim.objects.accepted().count()
    if there == claims:
        return
    if there:
        raise NotEmpty(f"This database holds {there} synthetic claims, not {claims}: give another folder.")
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DROP INDEX claim_by_words")
        for table, columns, rows in Collection(claims).tables():
            _copy(cursor, table, columns, rows)
        _set_sequences(cursor)
        cursor.execute("ANALYZE")
        cursor.execute("SET session_replication_role = origin")
    say(f"{claims:,} claims laid out in {time.monotonic() - began:.0f} s")
    began = time.monotonic()
    _index_words()
    with connection.cursor() as cursor:
        # The words were written into new versions of the rows.
        cursor.execute("VACUUM FULL ANALYZE claims_claim")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("CREATE INDEX claim_by_words ON claims_claim USING gin (search)")
        cursor.execute("VACUUM ANALYZE")
    say(f"indexed by words in {time.monotonic() - began:.0f} s")


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Row]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _set_sequences(cursor: Any) -> None:
    cursor.execute("""
        SELECT sequence, relname FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'id',
        LATERAL pg_get_serial_sequence(quote_ident(relname), 'id') sequence
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND sequence IS NOT NULL
            AND relname ~ '^(claims|studies|terms|vesicles)_'
    """)
    for sequence, table in cursor.fetchall():
        cursor.execute(f"SELECT setval('{sequence}', (SELECT COALESCE(max(id), 0) + 1 FROM {table}), false)")


def _index_words() -> None:
    """The search words of each claim, by the application's own code, on every processor."""
    keys = search.keys_of(Claim.objects.all())
    connection.close()
    chunks = [keys[at : at + search.CHUNK] for at in range(0, len(keys), search.CHUNK)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(_index_chunk, chunks):
            pass


def _index_chunk(keys: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
    return sum(changed for _, changed in search.indexed(keys))


class Picker:
    """Draws from a range so that the first are drawn most, as names in the literature are (Zipf)."""

    def __init__(self, rng: Random, size: int, steepness: float = 0.9, first: int = 1) -> None:
        self.rng, self.values = rng, range(first, first + size)
        self.weights = list(accumulate(1 / (rank + 2) ** steepness for rank in range(size)))

    def one(self) -> int:
        return self.rng.choices(self.values, cum_weights=self.weights)[0]

    def several(self, most: int) -> list[int]:
        return list(dict.fromkeys(self.rng.choices(self.values, cum_weights=self.weights, k=most)))


class Collection:
    """All rows of a synthetic collection, in the order in which tables want them."""

    def __init__(self, claims: int) -> None:
        self.rng = Random(claims)
        self.claims = claims
        self.studies = max(20, claims // 10)
        self.sources = min(4_000, 40 + claims // 100)
        self.cargos = min(12_000, 100 + claims // 50)
        self.names = shapes.Names(self.rng, min(1.0, 0.1 + claims / 400_000))
        self.preparation_study: list[int] = []
        self.study_kinds: list[str] = []
        # Asked for now: nothing can be asked while rows are copied.
        self.author = User.objects.get(username="import").pk
        self.links: dict[str, list[Row]] = {"therapy": [], "target": [], "measure": []}

    def tables(self) -> Iterator[tuple[str, str, Iterable[Row]]]:
        names = self.names
        yield "terms_term", "id, curie, vocabulary, label, key", names.terms
        yield "terms_synonym", "id, term_id, text, key, scope", names.synonyms
        yield "terms_term_parents", "id, from_term_id, to_term_id", names.parents
        yield "terms_termancestor", "id, term_id, ancestor_id, distance", names.ancestors
        yield "terms_name", "id, kind, text, given_curie, key, grounding, relation, reason", names.rows
        yield "terms_name_terms", "id, name_id, term_id", names.meanings
        yield "vesicles_vesiclesource", shapes.SOURCE_COLUMNS, self._sources()
        yield "vesicles_cargo", "id, accession, kind, name, ungrounded_reason", self._cargos()
        yield "vesicles_cargoxref", "id, cargo_id, curie, relation, cargo_kind", self._xrefs()
        yield "studies_study", shapes.STUDY_COLUMNS, self._studies()
        yield "studies_notice", shapes.NOTICE_COLUMNS, self._notices()
        yield "studies_citationcount", "id, study_id, service, day, count, ratio", self._citations()
        yield "vesicles_preparation", shapes.PREPARATION_COLUMNS, self._preparations()
        yield "claims_release", "id, number, title, released_on", [(1, RELEASE, "Synthetic release", "2026-01-01")]
        yield "claims_claim", shapes.CLAIM_COLUMNS, self._claims()
        yield "claims_claimtherapy", "id, claim_id, name_id, position", self.links["therapy"]
        yield "claims_claimtarget", "id, claim_id, name_id, position", self.links["target"]
        yield "claims_measure", shapes.MEASURE_COLUMNS, self.links["measure"]
        yield "records_accession", "accession, kind", self._register()

    def _sources(self) -> Iterator[Row]:
        for number in range(1, self.sources + 1):
            yield shapes.source(self.rng, self.names, number, accession("EXVS", number))

    def _cargos(self) -> Iterator[Row]:
        self.cargo_kinds = [shapes.cargo_kind(self.rng) for _ in range(self.cargos)]
        for number, kind in enumerate(self.cargo_kinds, 1):
            yield number, accession("EXCG", number), kind, shapes.cargo_name(kind, number), ""

    def _xrefs(self) -> Iterator[Row]:
        molecules = self.names.of_vocabulary["molecule"]
        for number, kind in enumerate(self.cargo_kinds, 1):
            if number <= len(molecules) and number % 5:
                yield number, number, molecules[number - 1], "exact", kind

    def _studies(self) -> Iterator[Row]:
        for number in range(1, self.studies + 1):
            row = shapes.study(self.rng, number, accession("EXST", number))
            self.study_kinds.append(row[2])
            yield row

    def _notices(self) -> Iterator[Row]:
        for number in range(1, self.studies + 1):
            if nature := shapes.nature_of(number):
                yield shapes.notice(number, nature)

    def _citations(self) -> Iterator[Row]:
        for number in range(1, self.studies + 1):
            cited = int(self.rng.lognormvariate(2.5, 1.2))
            yield 2 * number - 1, number, "crossref", "2026-11-01", cited, None
            yield 2 * number, number, "icite", "2026-11-01", int(cited * 0.9), round(cited / 15, 2)

    def _preparations(self) -> Iterator[Row]:
        source = Picker(self.rng, self.sources)
        number = 0
        for study in range(1, self.studies + 1):
            for key in range(1, self.rng.choice((2, 2, 2, 3)) + (study % 7 == 0)):
                number += 1
                self.preparation_study.append(study)
                yield shapes.preparation(self.rng, number, accession("EXPR", number), study, f"p{key}", source.one())

    def _claims(self) -> Iterator[Row]:
        """Claims go round the preparations; a few studies have many, most have few."""
        pick = shapes.Picks(
            cargo=Picker(self.rng, self.cargos),
            disease=Picker(self.rng, len(self.names.of_kind["disease"]), first=0),
            therapy=Picker(self.rng, len(self.names.of_kind["therapy"]), first=0),
            target=Picker(self.rng, len(self.names.of_kind["target"]), first=0),
            recipient=Picker(self.rng, len(self.names.of_kind["recipient"]), first=0),
        )
        home = Picker(self.rng, len(self.preparation_study), steepness=0.35)
        for number in range(1, self.claims + self.claims // 20 + 1):
            state = "accepted" if number <= self.claims else "submitted" if number % 5 < 2 else "draft"
            made = home.one()
            kind = self.study_kinds[self.preparation_study[made - 1] - 1]
            claim = shapes.claim(self.rng, self.names, pick, number, assess=assess, study_kind=kind)
            for link, rows in claim.links.items():
                own = self.links[link]
                own += [(len(own) + at, number, *row) for at, row in enumerate(rows, 1)]
            standing = shapes.standing(state, number, self.author)
            yield (number, accession("EXCL", number), made, f"c{number}", *claim.row, *standing)

    def _register(self) -> Iterator[Row]:
        sizes = {
            "EXST": self.studies,
            "EXVS": self.sources,
            "EXPR": len(self.preparation_study),
            "EXCG": self.cargos,
            "EXCL": self.claims + self.claims // 20,
        }
        for kind, size in sizes.items():
            for number in range(1, size + 1):
                yield accession(kind, number), kind


def accession(kind: str, number: int) -> str:
    return f"{kind}{FIRST_NUMBER + number:07d}"


if __name__ == "__main__":
    fill(int(sys.argv[1]))
