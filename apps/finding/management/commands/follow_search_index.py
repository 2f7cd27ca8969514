"""`manage.py follow_search_index`: keep this host's search index in step with the database, until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from apps.finding.index import follower

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.3
LONGEST_PAUSE = 30.0


class Command(BaseCommand):
    help = "Keep this host's search index in step with the database, until told to stop. One per host."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="bring the index up to date and end")

    def handle(self, *_args: Any, once: bool, **_options: Any) -> None:
        stopping = threading.Event()
        if not once:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stopping.set())
        with follower.lock() as lock:
            if not lock.take():
                raise CommandError(f"Process {lock.told().get('pid')} follows the database for this host already.")
            lock.tell(what="follows the database")
            _follow(stopping, once=once)


def _follow(stopping: threading.Event, *, once: bool) -> None:
    following, pause = follower.Follower(), SECONDS_BETWEEN_LOOKS
    while not stopping.is_set():
        try:
            following.step()
            pause = SECONDS_BETWEEN_LOOKS
        except Error as problem:
            # A database that is away comes back; what it told meanwhile is read then.
            if once:
                raise
            logger.warning("The database does not answer the follower: %s", problem)
            connection.close()
            pause = min(LONGEST_PAUSE, pause * 2)
        if once:
            break
        stopping.wait(pause)
    following.close()
