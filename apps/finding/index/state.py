"""Where the index of this host is, and up to which moment it follows the database: one small file, replaced whole."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from apps.finding.index.layout import VERSION

# Which database this is. Numbers of transactions mean nothing in another one, nor in one that was restored.
DATABASE = """(SELECT concat_ws('/', system_identifier, timeline_id, 'records_change'::regclass::oid,
    (SELECT oid FROM pg_database WHERE datname = current_database()))
    FROM pg_control_system(), pg_control_checkpoint())"""
# The changes that a snapshot did not see.
UNSEEN = (
    "xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)"
)
# Counts of citations may come a little later than all that says how a study stands.
LATE = "kind = 'citations' AND at > now() - interval '4 seconds'"
# A snapshot of the future is one of another history of this database.
CURRENT = f"""{DATABASE} = %(database)s
    AND pg_snapshot_xmax(%(snapshot)s::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
    AND NOT EXISTS (SELECT FROM records_change WHERE {UNSEEN} AND NOT ({LATE}))"""


@dataclass(frozen=True)
class State:
    """One generation of the index, and the snapshot of the database that it shows."""

    generation: str
    database: str
    snapshot: str
    version: int = VERSION

    @property
    def folder(self) -> Path:
        return home() / self.generation

    @property
    def parameters(self) -> dict[str, str]:
        return {"database": self.database, "snapshot": self.snapshot}


def home() -> Path:
    return Path(settings.SEARCH_INDEX)


def current() -> Path:
    return home() / "current.json"


def waiting() -> Path:
    """A generation that is whole, and that whoever follows shall go on with."""
    return home() / "next.json"


def read(path: Path) -> State | None:
    """What the file says; None where there is none, or one of another layout."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
        state = State(**found)
    except (OSError, ValueError, TypeError):
        return None
    return state if state.version == VERSION else None


def write(path: Path, state: State) -> None:
    """Replace the file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(asdict(state)))
    partial.replace(path)


def new_generation() -> str:
    """A name that sorts behind those of all generations before."""
    return f"{time.time_ns():020d}"


def clear_before(generation: str, spared: Iterable[str] = ()) -> None:
    """Remove older generations; whoever still reads one has it open."""
    for folder in home().glob("[0-9]*"):
        if folder.is_dir() and folder.name < generation and folder.name not in spared:
            with suppress(OSError):
                shutil.rmtree(folder)


def snapshot() -> tuple[str, str]:
    """Which database this is, and what can be seen of it at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {DATABASE}, pg_current_snapshot()::text")
        database, seen = cursor.fetchone()
    return database, seen


def is_current(state: State) -> bool:
    """Whether the state shows all that can be seen of the database now."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CURRENT}", state.parameters)
        return bool(cursor.fetchone()[0])
