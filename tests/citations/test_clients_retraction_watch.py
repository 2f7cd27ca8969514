"""The Retraction Watch table: from a file or an address, whole or not believed."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from apps.citations.clients import (
    Endpoint,
    Ids,
    Nature,
    Nonsense,
    Outcome,
    Patience,
    RetractionWatch,
    ServiceError,
    Unavailable,
)
from tests.citations.server import Fault, Server, Store
from tests.citations.server.recorded import RETRACTIONS
from tests.citations.server.store import COLUMNS

SLICE = RETRACTIONS / "retraction_watch_slice.csv"
PAPER = Ids(1, pmid="900000097", doi="10.9999/synthetic.97")
CLEAN = Ids(2, pmid="900000001", doi="10.9999/synthetic.1")


def table_at(path: Path) -> RetractionWatch:
    return RetractionWatch(Endpoint(str(path)), lambda: None, Patience(attempts=1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "retraction_watch.csv"
    path.write_bytes(Store(300).table)
    return path


def row(**values: str) -> str:
    full = {"RetractionNature": "Retraction", "RetractionDate": "7/12/2023 0:00", "Reason": "+Why;", **values}
    return ",".join(full.get(name, "") for name in COLUMNS) + "\r\n"


def ask(path: Path, *batch: Ids) -> list[Outcome]:
    return [answer.outcome for answer in table_at(path).fetch(batch)]


@pytest.mark.skipif(not SLICE.is_file(), reason="the slice of the real table is not here; see EXODB_SHARED")
def test_the_real_table_is_read() -> None:
    rows = list(csv.DictReader(SLICE.read_text(encoding="utf-8").splitlines()))
    by_doi = [Ids(place, doi=row["OriginalPaperDOI"].upper()) for place, row in enumerate(rows)]
    by_pmid = [Ids(100 + place, pmid=row["OriginalPaperPubMedID"].removesuffix(".0")) for place, row in enumerate(rows)]
    notices = [Ids(200 + place, doi=row["RetractionDOI"]) for place, row in enumerate(rows)]
    table = table_at(SLICE)

    answers = table.fetch([*by_doi, *by_pmid, *notices])

    assert (table.report.rows, table.report.malformed) == (20, [])
    assert {answer.outcome for answer in answers[:20]} == {Outcome.FOUND}
    own = [place for place, one in enumerate(rows) if one["RetractionDOI"] == one["OriginalPaperDOI"]]
    assert [answer.ref - 200 for answer in answers[40:] if answer.notices] == own
    first = answers[0].notices[0]
    assert (first.nature, first.identifier, first.dated) == (
        Nature.RETRACTION,
        "10.1155/2023/9756480",
        date(2023, 7, 12),
    )
    assert first.reason.startswith("Concerns/Issues About Data; Concerns/Issues About Results; ")


def test_a_paper_is_found_by_either_identifier(file: Path) -> None:
    assert ask(file, PAPER, Ids(3, pmid=PAPER.pmid), Ids(4, doi=PAPER.doi), CLEAN) == ["found"] * 3 + ["absent"]


def test_the_table_comes_from_an_address_as_well() -> None:
    with Server(Store(300)) as server:
        table = RetractionWatch(server.endpoint("retraction_watch"), lambda: None)
        assert [answer.outcome for answer in table.fetch([PAPER, CLEAN])] == ["found", "absent"]
        table.close()
        assert len(server.requests("retraction_watch")) == 1


def test_a_malformed_row_is_reported_and_hurts_only_whom_it_may_be_about(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = row(OriginalPaperDOI="10.9999/good")
    broken = "1,2,3,10.9999/broken,900000001.0\r\n"
    strange = row(OriginalPaperDOI="10.9999/strange", RetractionNature="Vanishment")
    file.write_bytes(file.read_bytes() + (broken + strange + good).encode())
    table = table_at(file)

    answers = table.fetch(
        [Ids(1, doi="10.9999/good"), Ids(2, doi="10.9999/broken"), Ids(3, doi="10.9999/strange"), CLEAN]
    )

    assert [answer.outcome for answer in answers] == ["found", "not_known", "not_known", "not_known"]
    assert [why for _, why in table.report.malformed] == ["5 columns", "nature 'Vanishment'"]
    assert len(caplog.records) == 1, "one line for all of them"


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_table_that_ends_too_early_calls_nobody_absent(file: Path, share: float) -> None:
    body = file.read_bytes()
    cut = body[: int(len(body) * share)]
    file.write_bytes(cut[: cut.rindex(b",")])

    assert Outcome.ABSENT not in ask(file, CLEAN, PAPER)


def test_a_stray_quote_calls_nobody_absent(file: Path) -> None:
    stray = '"' + "x" * 200_000 + "\r\n" + row(OriginalPaperDOI="10.9999/after")
    file.write_bytes(file.read_bytes() + stray.encode())

    assert ask(file, CLEAN, Ids(5, doi="10.9999/after")) == ["not_known", "found"]


def test_a_quote_that_swallows_rows_calls_nobody_absent(file: Path) -> None:
    body = file.read_bytes().decode()
    lines = body.splitlines(keepends=True)
    lines[7] = '"' + lines[7]
    file.write_text("".join(lines), encoding="utf-8", newline="")
    everybody = [Ids(study.number, doi=study.doi) for study in Store(300).studies if study.updates]

    assert Outcome.ABSENT not in ask(file, *everybody)


def test_several_notices_on_one_paper_are_all_told(tmp_path: Path) -> None:
    natures = ("Expression of concern", "Correction", "Retraction", "Reinstatement")
    rows = [row(OriginalPaperDOI="10.9999/much", RetractionNature=nature) for nature in natures]
    path = tmp_path / "table.csv"
    path.write_text(",".join(COLUMNS) + "\r\n" + "".join(rows), encoding="utf-8-sig")

    (answer,) = table_at(path).fetch([Ids(1, doi="10.9999/much")])

    assert [notice.nature for notice in answer.notices] == ["concern", "correction", "retraction", "reinstatement"]
    assert {notice.identifier for notice in answer.notices} == {""}


def test_placeholders_are_no_identifiers(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    placeholders = row(OriginalPaperDOI="unavailable", OriginalPaperPubMedID="0.0", RetractionDOI="Unavailable")
    named = row(OriginalPaperDOI="10.9999/a", RetractionDOI="unavailable", RetractionPubMedID="37476288.0")
    path.write_text(",".join(COLUMNS) + "\r\n" + placeholders + named, encoding="utf-8")

    found, other = table_at(path).fetch([Ids(1, doi="10.9999/a"), CLEAN])

    assert found.notices[0].identifier == "37476288"
    assert other.outcome is Outcome.ABSENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00\x00",
        "<!DOCTYPE html><html></html>",
        "a,b,c\r\n1,2,3\r\n",
        ",".join(COLUMNS) + "\r\n",
        '{"error": 1}',
        '"',
    ],
)
def test_what_is_not_the_table_is_nonsense(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Nonsense):
        ask(path, CLEAN)


def test_a_table_of_broken_rows_is_another_table(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(",".join(COLUMNS) + "\r\n" + "1,2\r\n" * 20 + row() * 50, encoding="utf-8")

    with pytest.raises(Nonsense, match="20 of 70 rows"):
        ask(path, CLEAN)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_cannot_be_read_is_unavailable(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unavailable):
        ask(tmp_path / name, CLEAN)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Store(300)) as server:
        yield server


@pytest.mark.parametrize("kind", ["cut", "half-table", "html", "empty", "500", "hang-up", "truncated"])
def test_a_download_that_fails_calls_nobody_absent(server: Server, kind: str) -> None:
    server.misbehave(Fault(kind))
    table = RetractionWatch(server.endpoint("retraction_watch"), lambda: None, Patience(attempts=1))
    try:
        outcomes = [answer.outcome for answer in table.fetch([CLEAN, PAPER])]
    except ServiceError:
        outcomes = []
    table.close()

    assert Outcome.ABSENT not in outcomes


def test_a_download_begins_anew_after_it_was_cut(server: Server) -> None:
    server.misbehave(Fault("cut", times=1))
    patience = Patience(attempts=2, sleep=lambda _seconds: None)
    table = RetractionWatch(server.endpoint("retraction_watch"), lambda: None, patience)
    outcomes = [answer.outcome for answer in table.fetch([PAPER, CLEAN])]
    table.close()

    assert outcomes == ["found", "absent"]
    assert table.report.malformed == []
