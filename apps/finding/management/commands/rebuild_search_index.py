"""`manage.py rebuild_search_index`: make this host's search index anew; the present one serves until that is done."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.finding.index import follower, state

SECONDS_TO_TAKE_OVER = 60


class Command(BaseCommand):
    help = "Make this host's search index anew, and check it. The present one serves until that is done."

    def handle(self, *_args: Any, **_options: Any) -> None:
        new = follower.build(self.stdout.write)
        state.write(state.waiting(), new)
        if not self._taken_over():
            raise CommandError(f"Nobody took generation {new.generation} over; see the log of the follower.")
        self.stdout.write(f"Generation {new.generation} is in use.")

    def _taken_over(self) -> bool:
        """Hand the new generation to who follows the database; where nobody does, take it up to date ourselves."""
        end = time.monotonic() + SECONDS_TO_TAKE_OVER
        while state.waiting().exists() and time.monotonic() < end:
            with follower.lock() as lock:
                if lock.take():
                    following = follower.Follower()
                    following.step()
                    following.close()
            time.sleep(0.2)
        return not state.waiting().exists()
