"""The empty spreadsheet, and the list of claims as one."""

import csv
import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from openpyxl import load_workbook

from apps.claims.models import Claim, State
from apps.curation.models import UploadState
from apps.curation.uploads.columns import FIXED, heading
from apps.curation.uploads.exporting import Download
from apps.curation.uploads.template import EXAMPLE_ROW, template
from apps.people.models import Role
from apps.studies.models import Study
from tests.curation.sheets import a_row, another_row, csv_of, saved
from tests.curation.test_uploads import checked, counts, everything, stored
from tests.makers import a_cargo, a_claim, a_notice, a_preparation, a_study, a_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CURATOR)
    signed_in(client, alice)
    return alice


def test_the_template_has_every_column_with_its_meaning_and_its_words():
    sheet = load_workbook(io.BytesIO(template()))["claims"]
    names = [cell.value for cell in sheet[1]]

    assert set(FIXED) <= set(names)
    assert all(heading(name) for name in names)
    assert all(cell.comment and cell.comment.text for cell in sheet[1])
    listed = {str(rule.sqref).partition(":")[0] for rule in sheet.data_validations.dataValidation}
    with_words = {name for name, column in FIXED.items() if column.words} | {"engineered"}
    assert listed == {f"{cell.column_letter}2" for cell in sheet[1] if cell.value in with_words}


def test_the_template_keeps_genes_from_becoming_dates():
    sheet = load_workbook(io.BytesIO(template()))["claims"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}

    assert {sheet.column_dimensions[letters[name]].number_format for name in ("cargo_name", "targets", "pmid")} == {"@"}


def test_the_example_of_the_template_must_go_before_it_is_taken():
    upload = checked(template(), "exodb-claims.xlsx")

    (problem,) = upload.problems
    assert (problem["row"], problem["column"]) == (2, "claim")
    assert "is the example of the template" in problem["message"]


def test_the_template_filled_is_taken():
    book = load_workbook(io.BytesIO(template()))
    sheet = book["claims"]
    names = [cell.value for cell in sheet[1]]
    for at, name in enumerate(names, start=1):
        sheet.cell(row=2, column=at, value=a_row().get(name))

    upload = stored(saved(book), "mine.xlsx")

    assert counts(upload)["claims"] == (1, 0, 0)


def test_but_for_its_key_the_example_is_a_right_one():
    upload = checked(csv_of({**EXAMPLE_ROW, "claim": "c1"}))

    assert upload.state == UploadState.CHECKED, upload.problems


def test_the_page_hands_the_template_out(client, alice):
    answer = client.get(reverse("admin:upload_template"))

    assert answer.content == template()
    assert 'filename="exodb-claims.xlsx"' in answer["Content-Disposition"]


# --- downloads -------------------------------------------------------------------------------------------------------


def lines(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_list_comes_as_it_is_filtered(client, alice):
    a_claim(aspect="metastasis", measures=({"name": "HR", "value": 2.5},))
    a_claim(aspect="diagnosis")

    (row,) = lines(client.get(reverse("admin:claims_csv"), {"aspect__exact": "metastasis"}))

    assert (row["aspect"], row["measure_1_name"], row["measure_1_value"]) == ("metastasis", "HR", "2.5")


def test_a_workbook_holds_the_same(client, alice):
    a_claim(statement="=1+1 synthetic vesicles")
    answer = client.get(reverse("admin:claims_xlsx"))

    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))["claims"]
    row = dict(zip([c.value for c in sheet[1]], [c.value for c in sheet[2]], strict=True))

    assert row["statement"] == "'=1+1 synthetic vesicles"


def test_of_a_claim_the_latest_open_version_comes(client, alice):
    claim = a_claim(state=State.ACCEPTED)
    Claim.objects.create(
        **{
            field.attname: getattr(claim, field.attname)
            for field in Claim._meta.concrete_fields
            if field.name
            in (
                *("accession", "key", "preparation", "aspect", "effect", "outcome", "edge", "disease"),
                *("models_used", "locator", "author", "level_computed", "level_reason"),
            )
        },
        version=2,
        basis=claim,
        statement="Synthetic vesicles, in other words.",
    )
    a_claim(state=State.REJECTED)

    (row,) = lines(client.get(reverse("admin:claims_csv")))

    assert row["statement"] == "Synthetic vesicles, in other words."


def test_a_wrong_filter_leads_back_with_the_reason(client, alice):
    page = client.get(reverse("admin:claims_csv"), {"version": "x"}, follow=True)

    assert page.status_code == 200
    assert page.redirect_chain


def test_more_than_a_workbook_takes_is_said(client, alice, monkeypatch):
    monkeypatch.setattr("apps.curation.uploads.exporting.MOST_IN_WORKBOOK", 1)
    a_claim()
    a_claim()

    assert b"take the CSV" in client.get(reverse("admin:claims_xlsx"), follow=True).content


def test_the_list_links_its_downloads_with_its_filters(client, alice):
    page = client.get(reverse("admin:claims_claim_changelist"), {"state__exact": "draft"}).content.decode()

    assert f"{reverse('admin:claims_csv')}?state__exact=draft" in page


def test_a_download_costs_the_same_for_any_number_of_claims(django_assert_max_num_queries):
    costs = []
    for number in (1, 12):
        for _ in range(number):
            a_claim(therapies=("synthetic drug",), targets=("PTEN",), measures=({"name": "AUC", "value": 0.9},))
        with django_assert_max_num_queries(20) as queries:
            list(Download(Claim.objects.all()).as_csv())
        costs.append(len(queries))

    assert costs[0] == costs[1]


def back(upload_as=None):
    """Download all, and upload it unchanged."""
    content = "".join(Download(Claim.objects.all()).as_csv()).encode()
    return stored(content, "claims.csv", by=upload_as)


def test_what_is_downloaded_and_uploaded_unchanged_changes_nothing():
    stored(csv_of(a_row(), another_row(2, recipient="synthetic; cells\\", validation="shown"), another_row(3)))
    made = a_preparation(
        study=a_study(authors=["O'Neil A", "Van der Berg, B"]),
        vesicle_class="exosome",
        metric_lysate="not_reported",
        markers_negative=["calnexin"],
        markers_positive=[],
    )
    a_claim(
        preparation=made,
        state=State.ACCEPTED,
        statement="=Synthetic\nin two lines",
        outcome="'+ quoted",
        cargo=a_cargo("@synthetic"),
        therapies=("-omics; of a kind", "a\\b"),
        level_override="A",
        level_override_reason="made up",
        measures=(
            {"name": "HR", "value": 1e-05, "p": 0.05, "p_relation": "<="},
            {"name": "fold_change", "value": -0.5, "p": 0.03, "p_relation": "="},
        ),
        lost_on_removal="shown",
    )
    a_notice(study=made.study, nature="concern", identifier="10.9999/notice")
    a_notice(study=Study.objects.get(pmid="900000001"), nature="retraction", service="crossref")
    before = everything()

    upload = back(upload_as=a_user("charlie", role=Role.CONTRIBUTOR))

    assert {what: numbers[:2] for what, numbers in counts(upload).items()} == dict.fromkeys(counts(upload), (0, 0))
    assert everything() == before


def test_nothing_of_the_starter_collection_is_lost_on_the_way():
    call_command("import_evidence", "data/evidence", release="2026.1", verbosity=0)
    before = everything()

    upload = back()

    assert counts(upload)["claims"] == (0, 0, Claim.objects.count())
    assert everything() == before


def test_an_uncurated_value_leaves_its_cell_empty():
    a_claim()

    (row,) = Download(Claim.objects.all()).rows()

    assert not {"validation", "cargo_observed", "metric_lysate", "isolation"} & set(row)


@pytest.mark.parametrize("length", [32_767, 32_768])
def test_a_cell_that_a_workbook_would_cut_is_refused(client, alice, length):
    Study.objects.filter(pk=a_claim().preparation.study_id).update(title="x" * length)

    answer = client.get(reverse("admin:claims_xlsx"), follow=True)

    if length == 32_767:
        book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
        assert "x" * length in [cell.value for cell in book["claims"][2]]
    else:
        assert "A title has 32,768 characters" in answer.content.decode()
    assert "x" * length in b"".join(client.get(reverse("admin:claims_csv")).streaming_content).decode()
