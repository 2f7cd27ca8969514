from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.claims.models import Release
from apps.documents import starter
from apps.documents.starter import NotLoaded

MOST_SHOWN = 200


class Command(BaseCommand):
    help = "Load the starter collection into a database that does not have this release of it yet; else do nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--or-keep-earlier",
            action="store_true",
            help="where an earlier release is loaded, only warn when this one can't be: a server starts with that",
        )

    def handle(self, *, or_keep_earlier: bool, **options: Any) -> None:
        if starter.is_loaded():
            return

        def progress(things: Sequence[Any], what: str) -> Iterable[Any]:
            return tqdm(things, desc=what, disable=None if options["verbosity"] else True)

        try:
            summary = starter.load_starter(progress)
        except NotLoaded as problem:
            self.tell_why(problem.reasons, earlier=Release.objects.first() if or_keep_earlier else None)
        else:
            made = summary.made
            self.stdout.write(f"Starter collection loaded: {made['studies']} new studies, {made['claims']} new claims.")
            for remark in summary.remarks:
                self.stdout.write(f"  note: {remark}")

    def tell_why(self, reasons: list[str], *, earlier: Release | None) -> None:
        """Print the reasons; end with exit code 1 unless an earlier release can serve meanwhile."""
        for reason in reasons[:MOST_SHOWN]:
            self.stderr.write(reason)
        if len(reasons) > MOST_SHOWN:
            self.stderr.write(f"… and {len(reasons) - MOST_SHOWN} more")
        number, *_ = starter.release_at_hand()
        told = f"Release {number} of the starter collection was not loaded, and nothing was written"
        if earlier is None:
            raise CommandError(f"{told}.", returncode=1)
        self.stderr.write(
            f"Warning: {told}. ExoDB goes on with release {earlier}; "
            "when the reasons above are mended, run `manage.py load_starter`."
        )
