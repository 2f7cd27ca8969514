"""Numbers over all evidence, counted once for each state of it.

With a number is kept the snapshot of the database that it was counted in. It holds for as long as nothing that public
evidence rests on has changed since (`records.Change`): a cheap question, where to count again may take seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.core.cache import cache
from django.db import connection

from apps.finding.index import state
from apps.finding.index.state import State

# Labels beside the numbers may change without a change of evidence.
SECONDS = 300


def remembered[Found](name: str, count: Callable[[], Found], seconds: int = SECONDS) -> Found:
    """What `count` gives, or gave last, where nothing has changed since. The name must say all that it depends on."""
    key = f"remembered:{quote(name)}"
    known: tuple[State, Any] | None = cache.get(key)
    if known is not None and state.is_current(known[0]):
        found: Found = known[1]
        return found
    # The snapshot comes first: what changes while we count is then a change since.
    database, seen, writing = _moment()
    found = count()
    if not writing:
        cache.set(key, (State("", database, seen), found), seconds)
    return found


def _moment() -> tuple[str, str, bool]:
    """Which database this is, what can be seen of it, and whether this transaction writes: its own is nobody else's."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {state.DATABASE}, pg_current_snapshot()::text, pg_current_xact_id_if_assigned() IS NOT NULL"
        )
        database, seen, writing = cursor.fetchone()
    return database, seen, writing
