"""The database and the broker of a data folder, for as long as somebody needs them."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from exodb.embedded import lock, places
from exodb.embedded.postgres import Postgres, PostgresError, query
from exodb.embedded.redis import Redis, RedisError, program

SECONDS_FOR_ANOTHER_TO_START = 120


class InUse(Exception):
    """Another process runs the services of the folder; the text says which, and where."""


def environment(data: Path) -> dict[str, str]:
    """What children need to find the folder and its services; what is set already stays."""
    names = {"EXODB_DATA": str(data)}
    if not os.environ.get("DATABASE_URL"):
        # For psql, which Django starts without the folder of the socket.
        names["PGHOST"] = str(places.socket_dir(data))
        names["DATABASE_OWNER_URL"] = places.database_url(data, places.OWNER)
    names["DATABASE_URL"] = os.environ.get("DATABASE_URL") or places.database_url(data)
    names["REDIS_URL"] = os.environ.get("REDIS_URL") or places.redis_url(data)
    return names


@contextlib.contextmanager
def running(data: Path) -> Iterator[dict[str, str]]:
    """Have PostgreSQL and Redis up: those of whoever runs them now, else our own, stopped when nobody needs them."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield environment(data)
        return
    with lock.owner(data) as ours, lock.guests(data) as guests:
        if _become_owner_or_guest(data, ours, guests):
            with _started(data):
                yield environment(data)
                # Whoever came while we ran still uses what we started, and nobody may come while it stops.
                guests.take(wait=True)
        else:
            yield environment(data)


def _become_owner_or_guest(data: Path, ours: lock.Lock, guests: lock.Lock) -> bool:
    """Return whether we own the folder now; if not, its services answer."""
    end = time.monotonic() + SECONDS_FOR_ANOTHER_TO_START
    while time.monotonic() < end:
        if ours.take():
            ours.tell(what="a command")
            return True
        if guests.take(shared=True, wait=True) and _answers(data):
            return False
        time.sleep(0.1)
    raise InUse(f"Process {ours.told().get('pid')} holds {data}, but its database does not answer.")


def _answers(data: Path) -> bool:
    if os.environ.get("DATABASE_URL"):
        return True
    try:
        return query(data, "SELECT 1", places.DATABASE) == "1"
    except PostgresError:
        return False


@contextlib.contextmanager
def _started(data: Path) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(data, places.log_dir(data) / "postgres.log")
            stack.callback(postgres.stop)
            postgres.start()
        if not os.environ.get("REDIS_URL") and program():
            redis = Redis(data, places.log_dir(data) / "redis.log")
            stack.callback(redis.stop)
            with contextlib.suppress(RedisError):
                redis.start()
        yield
