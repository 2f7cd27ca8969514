"""The index as the processes that serve pages use it: mapped into memory, and only where it shows the present."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.claims.search import CONFIG
from apps.finding.index import layout, state
from apps.finding.index.state import State

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """The index at one moment, and the words of a question as PostgreSQL understands them."""

    # Which commit of which index it is: the same for as long as nothing in it changes.
    commit: tuple[str, int, int]
    index: Any
    searcher: Any
    lexed: dict[str, str]


class Reader:
    """The index of this process; opened at first use, and again when its generation changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._state: State | None = None
        self._commit = ("", 0, 0)
        self._index: Any = None

    def open(self, typed: Mapping[str, str]) -> Opened | None:
        """The index, if it shows all that can be seen of the database now; `typed` are queries to understand."""
        try:
            known, commit, index, searcher = self._latest()
        except (OSError, ValueError) as problem:
            logger.warning("The search index can't be read: %s", problem)
            return None
        if known is None:
            return None
        lexed = _if_current(known, typed)
        return None if lexed is None else Opened(commit, index, searcher, lexed)

    def _latest(self) -> tuple[State | None, tuple[str, int, int], Any, Any]:
        """What the state file says, and a view of the index that is no older."""
        with self._lock:
            stamp = _stamp()
            if stamp != self._stamp:
                self._read()
                self._stamp = stamp
            return self._state, self._commit, self._index, self._index.searcher() if self._index else None

    def _read(self) -> None:
        self._stamp = None
        found = state.read(state.current())
        if found is None:
            self._state, self._index = None, None
            return
        # It comes first: what is committed meanwhile is then taken for another one.
        facts = (found.folder / "meta.json").stat()
        self._commit = (found.generation, facts.st_ino, facts.st_mtime_ns)
        if self._state is None or found.generation != self._state.generation:
            self._state, self._index = None, None
            index = layout.opened(str(found.folder))
            index.config_reader("manual")
            index.reload()
            self._state, self._index = found, index
        else:
            self._index.reload()
            self._state = found


def _stamp() -> tuple[int, int] | None:
    try:
        facts = state.current().stat()
    except FileNotFoundError:
        return None
    return facts.st_ino, facts.st_mtime_ns


def _if_current(known: State, typed: Mapping[str, str]) -> dict[str, str] | None:
    """The words in lexemes, or None where the database has changed since: one question to PostgreSQL."""
    lexed = {f"words{number}": words for number, words in enumerate(typed.values())}
    columns = "".join(f", to_tsquery('{CONFIG}', %({name})s)::text" for name in lexed)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {state.CURRENT}{columns}", known.parameters | lexed)
        is_current, *found = cursor.fetchone()
    return dict(zip(typed, found, strict=True)) if is_current else None


READER = Reader()
