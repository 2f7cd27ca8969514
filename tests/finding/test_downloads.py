"""What a search finds as a file: every format whole, true to its count, and harmless."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from apps.claims.search import index
from apps.finding import columns, downloads
from apps.finding.answering import answer
from apps.finding.asking import Search
from apps.finding.downloads import FORMATS, Download
from apps.vesicles.models import Cargo
from tests.makers import a_cargo, a_claim, a_notice, a_preparation, a_study
from tests.web.evidence import another_claim
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def rows(text, sign=","):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=sign))


@pytest.fixture
def claims():
    study = a_study(
        title="On {synthetic} zebras & 100 % of quaggas", authors=["Okapi ZA", "Lynx"], doi="10.1000/zebra_1"
    )
    made = a_preparation(study=study)
    return [another_claim(cargo=a_cargo("miR-21"), preparation=made if number < 2 else None) for number in range(3)]


def test_a_table_holds_every_claim_in_order_and_says_what_it_is(client, claims):
    for kind, sign in (("csv", ","), ("tsv", "\t")):
        response = client.get(f"/search/download/?q=miR-21&format={kind}&sort=newest")
        about, head, *found = rows(body(response).decode(), sign)

        assert re.match(
            r"# ExoDB, http://testserver/; 3 claims; http://testserver/search/\?q=miR-21&sort=newest; 20", about[0]
        )
        assert head == list(columns.COLUMNS)
        assert [row[0] for row in found] == [claim.accession for claim in claims[::-1]]
        assert response["X-ExoDB-Claims"] == "3"
        assert f'filename="exodb-mir-21-{datetime.now(UTC):%Y-%m-%d}.{kind}"' in response["Content-Disposition"]


def test_a_row_holds_what_the_claim_says(client, claims):
    _, head, *found = rows(body(client.get("/search/download/?format=csv")).decode())
    row = dict(zip(head, found[0], strict=True))

    assert row["therapies"] == "cisplatin; paclitaxel"
    assert row["measures"] == "AUC 0.87 (0.8 to 0.93), p < 0.001, 40 cases; fold_change -2.5"
    assert (row["engineered"], row["isolation"], row["reporting"]) == ("false", "", "")


def test_json_lines_keep_lists_and_what_is_unknown(client, claims):
    about, *found = (
        json.loads(line) for line in body(client.get("/search/download/?format=jsonl")).decode().splitlines()
    )

    assert about["about"]["claims"] == 3
    assert found[0]["targets"] == ["PTEN", "PDCD4"]
    assert found[0]["isolation"] is None
    assert found[0]["url"] == f"http://testserver/{found[0]['claim']}"


def test_a_workbook_holds_the_same_and_a_sheet_about_itself(client, claims):
    book = load_workbook(io.BytesIO(body(client.get("/search/download/?format=xlsx&edge=harm"))))

    assert [row[0].value for row in book["claims"].iter_rows(min_row=2)] == [c.accession for c in claims[::-1]]
    about = dict(row for row in book["about"].iter_rows(values_only=True))
    assert about["claims"] == 3
    assert about["search"] == "http://testserver/search/?edge=harm"


def test_a_workbook_too_large_is_refused_with_the_way_out(client, claims, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_IN_WORKBOOK", 2)

    response = client.get("/search/download/?format=xlsx&q=miR-21")

    assert response.status_code == 400
    assert "take the CSV" in text_of(response)
    assert "/search/?q=miR-21" in response.content.decode()


def test_references_are_the_studies_each_once(client, claims):
    ris = body(client.get("/search/download/?format=ris")).decode()
    bib = body(client.get("/search/download/?format=bib")).decode()

    assert ris.count("TY  - JOUR\r\n") == ris.count("ER  - \r\n") == 2
    assert "AU  - Okapi, Z. A.\r\n" in ris
    assert "DO  - 10.1000/zebra_1\r\n" in ris
    assert f"{claims[1].accession}, {claims[0].accession}" in ris
    assert bib.count("@article{EXST") == 2
    assert r"title = {{On \{synthetic\} zebras \& 100 \% of quaggas}}" in bib
    assert "author = {Okapi, Z. A. and Lynx}" in bib


def test_a_retraction_stands_in_the_reference(client):
    study = a_study()
    a_claim(preparation=a_preparation(study=study))
    a_notice(study=study)

    for kind in ("ris", "bib"):
        assert "RETRACTED. ExoDB" in body(client.get(f"/search/download/?format={kind}")).decode()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_nothing_runs_as_a_formula(client, name):
    cargo = Cargo.objects.create(kind="protein", name=name)
    a_claim(cargo=cargo, statement=f"{name} is synthetic.")

    for kind, sign in (("csv", ","), ("tsv", "\t")):
        for row in rows(body(client.get(f"/search/download/?format={kind}")).decode(), sign)[1:]:
            assert not any(cell[:1] in {"=", "+", "-", "@", "\t"} for cell in row if cell), row
    sheet = load_workbook(io.BytesIO(body(client.get("/search/download/?format=xlsx"))))["claims"]
    assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_search_is_an_empty_file(client, kind):
    response = client.get(f"/search/download/?q=zebrafish&format={kind}")

    assert response.status_code == 200
    assert b"EXCL" not in body(response)


def test_a_format_that_there_is_not_is_refused(client):
    assert "There is no format &#x27;docx&#x27;" in client.get("/search/download/?format=docx").content.decode()


@pytest.mark.parametrize("more", [0, 20])
def test_a_file_costs_the_same_for_any_number_of_claims(claims, django_assert_max_num_queries, more):
    for _ in range(more):
        another_claim(cargo=a_cargo("miR-21"))
    made = Download.of(answer(Search()), search="s", site="http://x/", now=datetime.now(UTC))
    with django_assert_max_num_queries(9):
        assert len("".join(downloads.as_csv(made)).splitlines()) == 2 + 3 + more


def test_a_file_stays_whole_when_a_claim_is_withdrawn_meanwhile(claims):
    made = Download.of(answer(Search()), search="s", site="http://x/", now=datetime.now(UTC))
    written = downloads.as_csv(made)
    next(written)
    type(claims[0]).objects.filter(pk=claims[0].pk).update(
        state="withdrawn", left_at=datetime.now(UTC), state_reason="for the test"
    )

    assert len("".join(written).splitlines()) == 2 + 3


def test_a_search_has_a_feed_of_its_newest_claims(client, claims):
    index()
    feed = client.get("/search/feed/?q=miR-21&edge=harm")

    text = feed.content.decode()
    assert feed["Content-Type"].startswith("application/atom+xml")
    assert text.count("<entry>") == 3
    assert "<title>ExoDB: miR-21, harm</title>" in text
    assert text.index(claims[2].accession) < text.index(claims[0].accession)
    assert client.get("/search/feed/?edge=benefit").content.decode().count("<entry>") == 0


def test_the_table_shows_the_columns_chosen(client, claims):
    usual = text_of(client.get("/search/?view=table"))
    chosen = client.get("/search/?view=table&column=claim&column=pmid&column=nonsense")

    assert "Vesicle source" in usual
    assert re.findall(r'<th scope="col">([^<]+)', chosen.content.decode()) == ["Claim", "PMID"]
    assert claims[0].preparation.study.pmid in text_of(chosen)


def test_the_api_call_on_the_page_finds_the_same(client, claims):
    for query in ("q=miR-21&edge=harm", "q=cargo:miR-21+-edge:benefit", "year=2020..&model=in_vitro"):
        page = client.get(f"/search/?{query}").content.decode()
        call = re.search(r'id="api-call"[^>]*value="http://testserver([^"]+)"', page)[1].replace("&amp;", "&")
        assert client.get(call).json()["count"] == 3, call
