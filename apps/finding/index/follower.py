"""Keeps the index in step with the database: builds it where there is none, and reads what has changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import batched
from typing import Any

import tantivy
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from apps.claims.models import Claim, ClaimTarget, ClaimTherapy
from apps.finding.index import layout, state
from apps.finding.index.documents import Meaning, documents
from apps.finding.index.forgetting import PURGED
from apps.finding.index.state import State
from apps.terms.models import Name
from exodb.embedded.lock import Lock

logger = logging.getLogger(__name__)

CHUNK = 2_000
# Memory of the writer, in bytes: while it builds, and while it follows.
BUILDING, FOLLOWING = 400_000_000, 30_000_000
# More changed claims than this are a new collection: to build it anew is sooner done than to replace one by one.
MOST_CHANGED = 200_000


def _writing(names: QuerySet[Name]) -> Q:
    """Claims that write one of the names where facets look for terms."""
    keys = list(names.values_list("pk", flat=True).distinct())
    return (
        Q(disease__in=keys)
        | Q(preparation__source__species__in=keys)
        | Q(pk__in=ClaimTherapy.objects.filter(name__in=keys).values("claim"))
        | Q(pk__in=ClaimTarget.objects.filter(name__in=keys).values("claim"))
    )


# How a claim rests on the records of each kind. A name that means a term puts it above all that is below it.
RESTS: dict[str, Callable[[Sequence[int]], Q]] = {
    "claim": lambda keys: Q(pk__in=keys),
    "made": lambda keys: Q(preparation__in=keys),
    "source": lambda keys: Q(preparation__source__in=keys),
    "study": lambda keys: Q(preparation__study__in=keys),
    "citations": lambda keys: Q(preparation__study__in=keys),
    "cargo": lambda keys: Q(cargo__in=keys),
    "name": lambda keys: _writing(Name.objects.filter(Q(pk__in=keys) | Q(terms__lineage__ancestor__names__in=keys))),
}


class Rebuild(Exception):
    """The index can't be brought up to date step by step."""


@contextmanager
def one_moment() -> Iterator[tuple[str, str]]:
    """A transaction that sees one moment of the database, and which database and moment that is."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield state.snapshot()


def build(say: Callable[[str], Any] = logger.info) -> State:
    """A new generation with every accepted claim, as of one moment. Nobody uses it yet."""
    generation = state.new_generation()
    folder = state.home() / generation
    folder.mkdir(parents=True)
    index = layout.opened(str(folder), new=True)
    writer = index.writer(BUILDING, 1)
    done = 0
    with one_moment() as (database, seen):
        meaning = Meaning()
        for keys in batched(_every_key(), CHUNK):
            for _, document in documents(keys, meaning):
                writer.add_json(document)
            done += len(keys)
            if done % 100_000 == 0:
                say(f"{done:,} claims indexed")
    writer.commit()
    writer.wait_merging_threads()
    say(f"{done:,} claims are in generation {generation}")
    return State(generation, database, seen)


def _every_key() -> Iterator[int]:
    return Claim.objects.accepted().order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK * 5)


def lock() -> Lock:
    """The lock of the one process on this host that writes the index."""
    return Lock(state.home() / "follower.lock")


class Follower:
    """Follows the database for as long as it holds the lock."""

    def __init__(self) -> None:
        self.state: State | None = None
        self.writer: Any = None
        self.schema: Any = None

    def step(self) -> int:
        """Bring the index up to date; return how many claims were indexed again."""
        try:
            self._adopt()
            return self._follow()
        except (Rebuild, OSError, ValueError) as why:
            logger.warning("The search index is made anew: %s", why)
            self.close()
            self._go_on_with(build())
            return 0

    def _adopt(self) -> None:
        """Go on with a generation that waits, else with the current one."""
        if new := state.read(state.waiting()):
            self._go_on_with(new)
            state.waiting().unlink()
        elif self.state is None:
            found = state.read(state.current())
            if found is None:
                raise Rebuild("there is none")
            self._go_on_with(found)

    def _go_on_with(self, new: State) -> None:
        self.close()
        index = layout.opened(str(new.folder))
        self.writer, self.schema = index.writer(FOLLOWING, 1), index.schema
        self.state = new
        state.write(state.current(), new)
        state.clear_before(new.generation)

    def close(self) -> None:
        self.writer = None
        self.state = None

    def _follow(self) -> int:
        known = self.state
        if known is None:
            raise Rebuild("there is none")
        with one_moment() as (database, seen):
            if database != known.database or _is_ahead(known):
                raise Rebuild("it is of another database, or of another past of this one")
            changed = _changed(known)
            if changed is None:
                return 0
            keys = _resting_on(changed)
            if len(keys) > MOST_CHANGED:
                raise Rebuild(f"{len(keys):,} claims changed")
            self._write(keys)
        self.state = State(known.generation, database, seen)
        state.write(state.current(), self.state)
        return len(keys)

    def _write(self, keys: Sequence[int]) -> None:
        """Replace the documents of the claims, in one commit: twice is as good as once."""
        if not keys:
            return
        meaning = Meaning()
        for chunk in batched(keys, CHUNK):
            # By a query, for by a term of an unsigned field nothing goes (tantivy 0.27).
            self.writer.delete_documents_by_query(tantivy.Query.term_set_query(self.schema, "claim", list(chunk)))
            for _, document in documents(chunk, meaning):
                self.writer.add_json(document)
        self.writer.commit()


def _is_ahead(known: State) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmax(%(snapshot)s::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot())",
            known.parameters,
        )
        return bool(cursor.fetchone()[0])


def _changed(known: State) -> dict[str, list[int]] | None:
    """The records that changed since, by kind; None if none did."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT kind, array_agg(DISTINCT record) FROM records_change WHERE {state.UNSEEN} GROUP BY kind",  # noqa: S608 -- put together from constants
            known.parameters,
        )
        changed = dict(cursor.fetchall())
        for number in changed.pop(PURGED, []):
            cursor.execute("SELECT %s::xid8 >= pg_snapshot_xmin(%s::pg_snapshot)", [str(number), known.snapshot])
            if cursor.fetchone()[0]:
                raise Rebuild("changes were forgotten that it has not seen")
            changed.setdefault("claim", [])
    if "tree" in changed:
        raise Rebuild("the tree of terms changed")
    return changed or None


def _resting_on(changed: dict[str, list[int]]) -> list[int]:
    keys: set[int] = set(changed.pop("claim", []))
    for kind, records in changed.items():
        keys |= set(Claim.objects.accepted().filter(RESTS[kind](records)).values_list("pk", flat=True))
    return sorted(keys)
