"""One process at a time asks a service: the lock is PostgreSQL's and goes with the connection of whoever held it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

# The first half of the key of an advisory lock; the second tells the service.
LOCKS = 20_261_124


class AlreadyRunning(Exception):
    """Another process is asking this service just now."""


@contextmanager
def only_one(service: str) -> Iterator[None]:
    """Hold the lock of a service. Raises AlreadyRunning when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [LOCKS, service])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning(f"{service} is being asked by another process just now.")
    try:
        yield
    finally:
        release(service)


def release(service: str) -> None:
    """Give the lock back. A connection that broke, or a transaction that failed, has given it back or soon will."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [LOCKS, service])
