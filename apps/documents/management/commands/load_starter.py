from collections.abc import Iterable, Sequence
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from apps.documents import starter
from apps.documents.management.commands._readings import refuse
from apps.documents.storing import Refused


class Command(BaseCommand):
    help = "Load the starter collection into a database that does not have it yet; else do nothing, quickly."

    def handle(self, *args: Any, **options: Any) -> None:
        if starter.is_loaded():
            return

        def progress(things: Sequence[Any], what: str) -> Iterable[Any]:
            return tqdm(things, desc=what, disable=None if options["verbosity"] else True)

        try:
            summary = starter.load_starter(progress)
        except Refused as refused:
            refuse(refused.faults, self.stderr)
        else:
            made = summary.made
            self.stdout.write(f"Starter collection loaded: {made['studies']} studies, {made['claims']} claims.")
