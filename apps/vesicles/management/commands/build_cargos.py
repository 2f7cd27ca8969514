"""`manage.py build_cargos`: add to `data/vocabulary/cargos.tsv` the cargos that the evidence names."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.terms.building import lookup_of, read_evidence
from apps.terms.table import BadVocabulary, write_rows
from apps.vesicles.meaning import Facts
from apps.vesicles.table import CARGO_COLUMNS, add_rows, read_cargos, row_cells


class Command(BaseCommand):
    help = (
        "Add a row, with the next accession, for each cargo that the documents name and the table lacks. "
        "Rows that are there stay as they are. Run `build_vocabulary` first, and once more after it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        data = Path(settings.BASE_DIR) / "data"
        parser.add_argument("--evidence", type=Path, default=data / "evidence")
        parser.add_argument("--out", type=Path, default=data / "vocabulary")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["out"] / "cargos.tsv"
        try:
            facts = Facts(*lookup_of(options["out"]))
            rows = read_cargos(path) if path.is_file() else []
            grown = add_rows(rows, read_evidence(options["evidence"]).cargos, facts)
            write_rows(path, CARGO_COLUMNS, (row_cells(row) for row in grown))
        except (BadVocabulary, OSError) as fault:
            raise CommandError(f"{fault}\nThe table of cargos is as it was.") from fault
        self.stdout.write(f"{path.name}: {len(grown):,} cargos, {len(grown) - len(rows):,} new")
