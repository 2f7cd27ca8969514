"""`manage.py build_vocabulary SOURCES`: make the tables of `data/vocabulary` from a folder of raw files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.terms.building import build
from apps.terms.sources import FILES, Sources
from apps.terms.table import BadVocabulary


class Command(BaseCommand):
    help = (
        "Make the vocabulary tables from a folder of raw files, which has " + ", ".join(FILES.values()) + ". "
        "Then `build_cargos` adds the cargos that the evidence names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sources", type=Path)
        parser.add_argument(
            "--evidence",
            type=Path,
            default=Path(settings.BASE_DIR) / "data" / "evidence",
            help="the documents whose names decide what is needed (default: data/evidence)",
        )
        parser.add_argument("--out", type=Path, default=Path(settings.BASE_DIR) / "data" / "vocabulary")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("sources", "evidence", "out"):
            if not options[name].is_dir():
                raise CommandError(f"{options[name]} is not a folder; name the folder of {name} on the command line.")
        try:
            counts = build(Sources(options["sources"]), options["evidence"], options["out"])
        except BadVocabulary as fault:
            raise CommandError(
                f"{fault}\nTables made before it are written; mend it and run the command again."
            ) from fault
        for vocabulary, count in counts.items():
            self.stdout.write(f"{vocabulary}.tsv: {count:,} terms")
