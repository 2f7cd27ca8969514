"""`manage.py check_search_index`: whether the search index says what PostgreSQL says."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.finding.index import checking


class Command(BaseCommand):
    help = "Compare this host's search index with PostgreSQL: the claims, every facet, every order, and some words."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            wrong, looked_at = checking.check()
        except checking.NotCurrent as why:
            raise CommandError(str(why)) from why
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            raise CommandError("The search index is wrong: make it anew with `manage.py rebuild_search_index`.")
        self.stdout.write(f"The search index agrees with PostgreSQL in {looked_at} searches.")
