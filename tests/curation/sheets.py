"""Spreadsheets of visibly made-up claims, in each kind of file, and ways to spoil them."""

from __future__ import annotations

import csv
import io
from typing import Any

from openpyxl import Workbook

ROW: dict[str, Any] = {
    "pmid": "900000001",
    "doi": "10.9999/synthetic.900000001",
    "study_kind": "primary",
    "title": "Synthetic study of made-up vesicles",
    "journal": "Journal of Synthetic Results",
    "year": 2020,
    "authors": "Doe J; Roe R",
    "read_at": "https://example.org/synthetic",
    "depth": "abstract",
    "curated_on": "2026-11-01",
    "preparation": "p1",
    "source_name": "synthetic stem cells",
    "source_category": "mesenchymal_stem_cell",
    "source_material": "primary_culture",
    "species": "Homo sapiens",
    "tissue": "bone marrow",
    "vesicle_term": "exosome",
    "engineered": "yes",
    "loading": "synthetic drug",
    "isolation": "differential_ultracentrifugation; other",
    "markers_positive": "CD63; CD9",
    "claim": "c1",
    "cargo_kind": "miRNA",
    "cargo_name": "miR-99999",
    "aspect": "diagnosis",
    "effect": "marks",
    "outcome": "a made-up cancer",
    "edge": "benefit",
    "disease": "synthetic cancer",
    "therapy": "cisplatin; synthetic therapy",
    "targets": "PTEN; SYNTH1",
    "model": "patient_samples; in_vitro",
    "statement": "Made-up vesicles marked a made-up cancer.",
    "locator": "abstract",
    "measure_1_name": "AUC",
    "measure_1_value": 0.87,
    "measure_1_ci_low": 0.8,
    "measure_1_ci_high": 0.93,
    "measure_1_p": "<0.001",
    "measure_1_n_cases": 50,
    "measure_1_n_controls": 40,
    "measure_2_name": "sensitivity",
    "measure_2_value": 0.9,
    "measure_2_note": "made up",
}
# What a second row of the same study and preparation needs to say.
SHORT = (
    *("pmid", "preparation", "claim", "aspect", "effect", "outcome", "edge", "disease", "model"),
    *("statement", "locator"),
)


def a_row(**changes: Any) -> dict[str, Any]:
    return {**ROW, **changes}


def another_row(number: int = 2, **changes: Any) -> dict[str, Any]:
    """A further claim of the same study and preparation, saying nothing twice."""
    return {**{name: ROW[name] for name in SHORT}, "claim": f"c{number}", **changes}


def of_studies(number: int) -> list[dict[str, Any]]:
    """A claim of each of so many studies."""
    return [
        a_row(
            pmid=str(900_000_000 + at),
            doi=f"10.9999/synthetic.{900_000_000 + at}",
            title=f"Synthetic study {at}",
            source_name=f"synthetic source {at % 50}",
            cargo_name=f"synthetic cargo {at % 200}",
            cargo_kind="other",
        )
        for at in range(1, number + 1)
    ]


def table(*rows: dict[str, Any], columns: list[str] | None = None) -> list[list[Any]]:
    """Headings and rows, as lists of cells."""
    names = columns or list(dict.fromkeys(name for row in (ROW, *rows) for name in row))
    return [names, *([row.get(name) for name in names] for row in rows)]


def as_text(lines: list[list[Any]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    return out.getvalue().encode(encoding)


def csv_of(*rows: dict[str, Any], **options: Any) -> bytes:
    return as_text(table(*rows), **options)


def a_workbook(lines: list[list[Any]], title: str = "claims") -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for line in lines:
        sheet.append(line)
    return book


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_of(*rows: dict[str, Any]) -> bytes:
    return saved(a_workbook(table(*rows)))
