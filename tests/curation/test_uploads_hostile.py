"""Spreadsheets as people and their enemies send them: each is told row by row, none is stored in part, none runs."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from apps.curation.models import Upload, UploadState
from apps.people.models import Role
from tests.curation.sheets import (
    ROW,
    a_row,
    a_workbook,
    another_row,
    as_text,
    csv_of,
    of_studies,
    saved,
    table,
    xlsx_of,
)
from tests.curation.test_uploads import everything
from tests.makers import a_user, signed_in

pytestmark = pytest.mark.django_db

SCRIPT = "<script>document.title='run'</script><img src=x onerror=alert(1)>"


def rewritten(content, change):
    """The workbook with its parts passed through `change(name, bytes)`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def with_part(content, name, data):
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


def with_cell(name, value, number_format=None):
    """A workbook whose cell of that column, in row 2, is given as it is."""
    lines = table(a_row())
    book = a_workbook(lines)
    cell = book["claims"].cell(row=2, column=lines[0].index(name) + 1, value=value)
    if number_format:
        cell.number_format = number_format
    return saved(book)


def merged():
    book = a_workbook(table(a_row(), another_row()))
    book["claims"].merge_cells("A2:A3")
    return saved(book)


def hidden():
    book = a_workbook(table(a_row()))
    book.create_sheet("notes")
    book["claims"].sheet_state = "hidden"
    return saved(book)


def two_sheets():
    book = a_workbook(table(a_row()), title="one")
    book.create_sheet("two").append(["anything"])
    return saved(book)


def empty_sheet():
    return saved(Workbook())


def many_columns():
    return b",".join(b"x%d" % number for number in range(100_000)) + b"\n" + b"," * 99_999 + b"\n"


def far_column():
    """A cell in a column that no sheet has."""
    return rewritten(
        xlsx_of(a_row()),
        lambda name, data: data.replace(b'r="A2"', b'r="ZZZZ2"') if name.endswith("sheet1.xml") else data,
    )


def bomb():
    return with_part(xlsx_of(a_row()), "xl/media/zeros", b"\0" * 500_000_000)


def billion_laughs():
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">{entities}]>'.encode()

    def laugh(name, data):
        if not name.endswith("sheet1.xml"):
            return data
        return head + data.partition(b"?>")[2].replace(b"<v>2020</v>", b"<v>&a9;</v>") if b"?>" in data else head + data

    return rewritten(xlsx_of(a_row()), laugh)


def cut_short():
    return xlsx_of(a_row())[:-2000]


def open_quote():
    return csv_of(a_row()).replace(b"abstract,2026", b'"abstract,2026')


def lines_with(*changes):
    """CSV rows, each a further claim with one change."""
    rows = [another_row(number, **change) for number, change in enumerate(changes, start=2)]
    return csv_of(a_row(), *rows)


def doubled_column():
    lines = table(a_row())
    return as_text([[*lines[0], "title"], [*lines[1], "Another"]])


def without(*names):
    columns = [name for name in ROW if name not in names]
    return as_text(table(a_row(), columns=columns))


# Name of the file, its content, and for each fault that must be told: row, column, words of the message.
HOSTILE = {
    "Latin-1 with umlauts": (
        "a.csv",
        csv_of(a_row(), another_row(statement="Überlebende Zellen"), encoding="latin-1"),
        [(3, "", "is not UTF-8 text")],
    ),
    "UTF-16 without a mark": ("a.csv", csv_of(a_row(), encoding="utf-16-le"), [(1, None, "is no column")]),
    "UTF-16 cut in half": ("a.tsv", csv_of(a_row(), delimiter="\t", encoding="utf-16")[:-1], [(None, "", "UTF-8")]),
    "bytes that are no text": ("a.csv", bytes(range(256)) * 40, [(None, None, ".")]),
    "a formula as text": ("a.csv", lines_with({"outcome": "=cmd|' /C calc'!A0"}), [(3, "outcome", "begins with =")]),
    "signs that begin a formula": (
        "a.csv",
        lines_with({"outcome": "+1"}, {"statement": "@SUM(1)"}, {"locator": "-2+3"}),
        [(3, "outcome", "apostrophe"), (4, "statement", "begins with @"), (5, "locator", "begins with -")],
    ),
    "a formula in a workbook": ("a.xlsx", with_cell("title", "=1+1"), [(2, "title", "is a formula: paste its value")]),
    "an error in a workbook": ("a.xlsx", with_cell("year", "#N/A"), [(2, "year", "is an error of the spreadsheet")]),
    "a cell of a megabyte": ("a.csv", lines_with({"outcome": "x" * 1_000_000}), [(3, "", "more than")]),
    "a long cell": ("a.csv", lines_with({"outcome": "x" * 5_000}), [(3, "outcome", "at most 300")]),
    "a date where a number stands": (
        "a.xlsx",
        with_cell("measure_1_value", datetime(2026, 8, 1, 7, 0)),  # noqa: DTZ001 - as workbooks have them
        [(2, "measure_1_value", "is a date, not a number")],
    ),
    "a number where a date stands": ("a.xlsx", with_cell("curated_on", 46000), [(2, "curated_on", "is not a date")]),
    "a date where a year stands": ("a.xlsx", with_cell("year", date(2020, 1, 1)), [(2, "year", "not a number")]),
    "genes that became dates, in text": (
        "a.csv",
        lines_with({"cargo_name": "1-Mar", "cargo_kind": "protein"}, {"targets": "PTEN; 2-Sep"}, {"targets": "Mar-01"}),
        [(3, "cargo_name", "MARCHF1"), (4, "targets", "SEPTIN2"), (5, "targets", "format the column as text")],
    ),
    "a gene that became a date": (
        "a.xlsx",
        with_cell("cargo_name", date(2026, 9, 2), "d-mmm"),
        [(2, "cargo_name", "SEPTIN2, once SEPT2")],
    ),
    "a name that became a number": (
        "a.csv",
        lines_with({"targets": "2.31E+13"}),
        [(3, "targets", "became a number")],
    ),
    "missing columns": (
        "a.csv",
        without("title", "claim", "pmid", "doi"),
        [(1, "title", "is missing"), (1, "claim", "is missing"), (1, "pmid", "one of them is needed")],
    ),
    "unknown columns": (
        "a.csv",
        as_text([[*table(a_row())[0], "statment", "colour"], [*table(a_row())[1], "x", "y"]]),
        [(1, "statment", "did you mean statement"), (1, "colour", "is no column")],
    ),
    "doubled columns": ("a.csv", doubled_column(), [(1, "title", "stands twice")]),
    "cells under no heading": (
        "a.csv",
        as_text([table(a_row())[0], [*table(a_row())[1], "stray"]]),
        [(2, f"column {len(ROW) + 1}", "has no heading")],
    ),
    "duplicated rows": ("a.csv", csv_of(a_row(), another_row(2), another_row(2)), [(4, "claim", "'c2' stands twice")]),
    "merged cells": ("a.xlsx", merged(), [(0, "", "A2:A3 are merged cells: unmerge them")]),
    "a hidden sheet": ("a.xlsx", hidden(), [(0, "", "is hidden: show it")]),
    "several sheets": ("a.xlsx", two_sheets(), [(0, "", "which sheet holds the claims")]),
    "macros": ("a.xlsm", with_part(xlsx_of(a_row()), "xl/vbaProject.bin", b"x"), [(0, "", "holds macros")]),
    "a password": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 500, [(0, "", "protected by a password")]),
    "no zip": ("a.xlsx", b"this is no workbook", [(0, "", "named .xlsx and is none")]),
    "a zip of something else": ("a.xlsx", with_part(b"", "a.txt", b"x"), [(0, "", "not an Excel workbook")]),
    "a workbook cut short": ("a.xlsx", cut_short(), [(0, "", "not a whole Excel workbook")]),
    "an empty sheet": ("a.xlsx", empty_sheet(), [(0, "", "the sheet is empty")]),
    "headings alone": ("a.csv", as_text(table()), [(0, "", "no row below the headings")]),
    "100,000 columns": ("a.csv", many_columns(), [(None, "", "more than")]),
    "a column that no sheet has": ("a.xlsx", far_column(), [(0, "", "not a whole Excel workbook")]),
    "a zip bomb": ("a.xlsx", bomb(), [(0, "", "bytes when unpacked; at most")]),
    "a billion laughs": ("a.xlsx", billion_laughs(), [(0, "", "not a whole Excel workbook")]),
    "NUL and control characters": (
        "a.csv",
        lines_with({"outcome": "a\0b"}, {"outcome": "a\x07b"}, {"outcome": "a\x1b[31mb"}),
        [(3, "outcome", "U\\+0000"), (4, "outcome", "U\\+0007"), (5, "outcome", "U\\+001B")],
    ),
    "text that turns around": (
        "a.csv",
        lines_with({"outcome": "growth\u202edecuder"}, {"disease": "can\u200bcer"}),
        [(3, "outcome", "U\\+202E"), (4, "disease", "ZERO WIDTH SPACE")],
    ),
    "decimal commas": (
        "a.csv",
        lines_with({"measure_1_name": "AUC", "measure_1_value": "0,87", "measure_1_p": "<0,001"}),
        [(3, "measure_1_value", "write 0.87"), (3, "measure_1_p", "write <0.001")],
    ),
    "percent signs": (
        "a.csv",
        lines_with({"measure_1_name": "AUC", "measure_1_value": "87 %"}, {"measure_1_value": "87,5%"}),
        [(3, "measure_1_value", "write it as a share, 0.87"), (4, "measure_1_value", "0.875")],
    ),
    "separators of thousands": (
        "a.csv",
        lines_with({"measure_1_name": "n", "measure_1_n": "1,234"}, {"measure_1_n": "1 234"}, {"measure_1_n": "1'234"}),
        [(3, "measure_1_n", "write 1234, or 1.234"), (4, "measure_1_n", "write 1234"), (5, "measure_1_n", "1234")],
    ),
    "numbers that are none": (
        "a.csv",
        lines_with({"measure_1_name": "AUC", "measure_1_value": "nan"}, {"measure_1_value": "1e999"}, {"year": "20.5"}),
        [(3, "measure_1_value", "is not a number"), (4, "measure_1_value", "."), (5, "year", ".")],
    ),
    "yes and no where text stands": ("a.xlsx", with_cell("tissue", True), [(2, "tissue", "is TRUE or FALSE")]),
    "a quotation mark left open": ("a.csv", open_quote(), [(None, "", "quotation mark is open")]),
    "script in every cell": (
        "a.csv",
        as_text([list(ROW), [SCRIPT for _ in ROW]]),
        [(2, "study_kind", "is not one of"), (2, "pmid", "is not well-formed"), (2, "year", "is not a number")],
    ),
    "script in every heading": ("a.csv", as_text([[SCRIPT, *ROW], ["", *ROW.values()]]), [(1, None, "is no column")]),
    "an unknown kind of file": ("a.exe", b"MZ\x90", [(0, "", "must end in .xlsx")]),
    "a spreadsheet named as a document": ("a.yaml", csv_of(a_row()), [(None, "", ".")]),
    "a document of aliases": (
        "a.yaml",
        b"a: &a [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (n, n, b", ".join([b"*%c" % (n - 1)] * 9)) for n in range(98, 108)),
        [(None, "", "too many parts")],
    ),
}


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CONTRIBUTOR)
    signed_in(client, alice)
    return alice


@pytest.fixture
def at_once(monkeypatch):
    """Large files too are dealt with while the test waits."""
    monkeypatch.setattr("apps.curation.uploads.jobs.SMALL", 50_000_000)
    monkeypatch.setattr("apps.curation.uploads.jobs.SMALL_UNPACKED", 50_000_000)


def upload(client, name, content):
    return client.post(reverse("admin:uploads"), {"file": SimpleUploadedFile(name, content)}, follow=True)


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_wrong_is_told_and_nothing_is_stored(client, alice, at_once, case):
    name, content, expected = HOSTILE[case]
    before = everything()

    page = upload(client, name, content)

    found = Upload.objects.get()
    assert page.status_code == 200
    assert found.state == UploadState.REFUSED
    assert everything() == before
    for row, column, words in expected:
        told = [
            problem["message"]
            for problem in found.problems
            if row in (None, problem["row"]) and column in (None, problem["column"])
        ]
        assert any(re.search(words, message) for message in told), found.problems[:10]
    assert b"<script>document" not in page.content
    assert b"<img src=x" not in page.content


FORGIVEN = {
    "a mark at the beginning": csv_of(a_row(), encoding="utf-8-sig"),
    "blanks around everything": csv_of({name: f"  {value} \u00a0" for name, value in a_row().items()}),
    "hard blanks within": csv_of(a_row(disease="synthetic\u00a0cancer")),
    "mixed line ends": csv_of(a_row()).replace(b"\r\n", b"\r", 1) + b"\r\n\n\r",
    "empty rows": csv_of(a_row()).replace(b"\r\n", b"\r\n,,,,\r\n\r\n", 1),
    "headings in capitals": csv_of(a_row()).replace(b"source_name", b"Source Name"),
    "a sign of minus": csv_of(a_row(measure_2_name="log2_fold_change", measure_2_value="−0.5")),
    "an apostrophe before a formula": csv_of(a_row(outcome="'=growth")),
}


@pytest.mark.parametrize("case", FORGIVEN)
def test_what_can_be_told_for_certain_is_taken(client, alice, case):
    upload(client, "a.csv", FORGIVEN[case])

    found = Upload.objects.get()
    assert found.state == UploadState.CHECKED, found.problems


def test_numbers_typed_as_text_and_identifiers_typed_as_numbers_are_taken(client, alice):
    upload(client, "a.xlsx", xlsx_of(a_row(pmid=900000001, year="2020", measure_1_value="0.87", engineered=True)))

    assert Upload.objects.get().state == UploadState.CHECKED


def test_script_in_every_text_is_stored_as_text_and_runs_on_no_page(client, alice):
    texts = ("title", "journal", "authors", "source_name", "tissue", "vesicle_term", "loading", "cargo_name", "outcome")
    script = dict.fromkeys((*texts, "disease", "recipient", "therapy", "targets", "statement", "locator"), SCRIPT)
    script |= {"markers_positive": "<script>x</script>", "measure_1_name": SCRIPT, "measure_1_note": SCRIPT}

    page = upload(client, "<script>a.csv", csv_of(a_row(**script)))
    found = Upload.objects.get()
    assert found.state == UploadState.CHECKED, found.problems
    pages = [page, client.post(reverse("admin:upload_store", args=[found.pk]), follow=True)]
    pages += [client.get(reverse(f"admin:{name}")) for name in ("uploads", "claims_claim_changelist")]

    for each in pages:
        assert each.status_code == 200
        assert b"<script>document" not in each.content
        assert b"<img src=x" not in each.content
        assert b"<script>a.csv" not in each.content


def test_of_many_faults_the_first_are_shown_and_all_are_counted(client, alice, at_once):
    upload(client, "a.csv", csv_of(*(row | {"edge": "good"} for row in of_studies(600))))

    found = Upload.objects.get()
    assert (len(found.problems), found.problem_count) == (500, 600)
