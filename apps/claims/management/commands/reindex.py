"""`manage.py reindex`: bring the search words of all claims up to date."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from apps.claims import search
from apps.claims.models import Claim


class Command(BaseCommand):
    help = (
        "Bring the words that claims are found by up to date, for all claims. What is up to date is not written. "
        "It may run while ExoDB is used, be broken off, and be run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        keys, changed = search.keys_of(Claim.objects.all()), 0
        with tqdm(
            total=len(keys), desc="indexing", unit="claim", disable=None if options["verbosity"] else True
        ) as bar:
            for looked_at, written in search.indexed(keys):
                changed += written
                bar.update(looked_at)
        self.stdout.write(f"{len(keys):,} claims looked at, {changed:,} had other words.")
