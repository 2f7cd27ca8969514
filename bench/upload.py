#!/usr/bin/env python3
"""How long a large spreadsheet takes to be checked and stored, and how much memory that needs.

    PYTHONPATH=. .venv/bin/python -m exodb.embedded run --data FOLDER -- .venv/bin/python bench/upload.py [--rows 50000]

FOLDER becomes a database of its own with the starter collection, left for you to look at: give a new one.
Rows are synthetic, five claims a study. Prints the seconds of each step, the parts of it, and the peak of memory.
"""

import argparse
import csv
import io
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

import django

django.setup()

from django.core.management import call_command
from openpyxl import Workbook

from apps.curation.models import UploadState
from apps.curation.uploads import jobs
from apps.people.models import Role, User

CLAIMS_OF_STUDY = 5
ASPECTS = ("tumour_growth", "metastasis", "drug_resistance", "angiogenesis")
DISEASES = ("gastric cancer", "breast cancer", "glioblastoma", "colorectal cancer", "synthetic cancer")


def rows(number: int) -> Iterator[dict[str, Any]]:
    for at in range(number):
        study, claim = divmod(at, CLAIMS_OF_STUDY)
        first = claim == 0
        yield {
            "pmid": str(800_000_000 + study),
            "study_kind": "primary" if first else None,
            "title": f"Synthetic study {study} of made-up vesicles" if first else None,
            "journal": "Journal of Synthetic Results" if first else None,
            "year": 2020 if first else None,
            "authors": "Doe J; Roe R; Poe P" if first else None,
            "read_at": "https://example.org/synthetic" if first else None,
            "depth": "abstract" if first else None,
            "curated_on": "2026-11-01" if first else None,
            "preparation": "p1",
            "source_name": f"synthetic source {study % 2_000}" if first else None,
            "source_category": "tumour_cell" if first else None,
            "source_material": "cell_line" if first else None,
            "species": "Homo sapiens" if first else None,
            "vesicle_term": "exosome" if first else None,
            "engineered": "no" if first else None,
            "isolation": "differential_ultracentrifugation" if first else None,
            "markers_positive": "CD63; CD9; TSG101" if first else None,
            "claim": f"c{claim + 1}",
            "cargo_kind": "miRNA" if at % 3 else None,
            "cargo_name": f"miR-{at % 900 + 1}" if at % 3 else None,
            "aspect": ASPECTS[at % 4],
            "effect": "promotes",
            "outcome": f"growth of made-up cells {at % 500}",
            "edge": "harm",
            "disease": DISEASES[at % 5],
            "therapy": "cisplatin" if at % 4 == 2 else None,
            "targets": f"PTEN; SYNTH{at % 300}",
            "model": "in_vitro; animal",
            "statement": f"Synthetic statement {at}: made-up vesicles made made-up cells grow.",
            "locator": "abstract",
            "measure_1_name": "fold_change",
            "measure_1_value": 1 + at % 40 / 10,
            "measure_1_p": "<0.001",
        }


def content(number: int, *, text: bool) -> bytes:
    lines: Iterator[dict[str, Any]] = rows(number)
    if text:
        out = io.StringIO()
        names = list(next(rows(1)))
        writer = csv.DictWriter(out, names)
        writer.writeheader()
        writer.writerows(lines)
        return out.getvalue().encode()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("claims")
    sheet.append(list(next(rows(1))))
    for line in lines:
        sheet.append(list(line.values()))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


class Clock:
    """Notes when each part of a step began, as the progress tells it."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self.began = time.monotonic()

    def note(self, step: str) -> None:
        self.parts.setdefault(step, time.monotonic() - self.began)

    def told(self) -> str:
        return ", ".join(f"{step} from {at:.1f} s" for step, at in self.parts.items())


def measured(name: str, act: Any, upload: Any) -> None:
    clock = Clock()
    teller = jobs.Teller.__call__

    def listening(self: Any, step: str, done: int, total: int) -> None:
        clock.note(step)
        teller(self, step, done, total)

    jobs.Teller.__call__ = listening  # type: ignore[method-assign]
    act(upload_id=upload.pk)
    jobs.Teller.__call__ = teller  # type: ignore[method-assign]
    upload.refresh_from_db()
    seconds = time.monotonic() - clock.began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<8} {seconds:8.1f} s   peak {peak:6.0f} MB   {upload.state}   ({clock.told()})", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--csv", action="store_true")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("load_starter", verbosity=0)
    alice = User.objects.filter(username="alice").first() or User.objects.create_user("alice", role=Role.CURATOR)
    file = content(options.rows, text=options.csv)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{options.rows:,} rows, {len(file):,} bytes; before: {start:.0f} MB", flush=True)
    upload = jobs.receive(name="synthetic.csv" if options.csv else "synthetic.xlsx", content=file, by=alice)
    del file
    measured("check", jobs.check, upload)
    if upload.state == UploadState.CHECKED:
        jobs.confirm(upload_id=upload.pk, by=alice)
        measured("store", jobs.store, upload)
    print(upload.effect and upload.effect["records"], upload.problems[:3])


main()
