"""The pages of uploads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.claims.models import Claim
from apps.curation.models import Upload, UploadState
from apps.curation.uploads import jobs, tasks
from apps.people.models import Role
from tests.curation.sheets import a_row, another_row, csv_of, of_studies
from tests.makers import a_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CONTRIBUTOR)
    signed_in(client, alice)
    return alice


@pytest.fixture
def handed_over(monkeypatch):
    """What would be given to a worker."""
    given = []
    monkeypatch.setattr(tasks, "hand_over", given.append)
    return given


def upload(client, content, name="synthetic.csv"):
    return client.post(reverse("admin:uploads"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_small_file_is_checked_at_once_and_stored_on_a_word(client, alice, handed_over):
    page = upload(client, csv_of(a_row(), another_row()))

    found = Upload.objects.get()
    assert page.redirect_chain == [(reverse("admin:upload", args=[found.pk]), 302)]
    assert b"What storing it does" in page.content
    assert not Claim.objects.exists()

    page = client.post(reverse("admin:upload_store", args=[found.pk]), follow=True)

    assert b"What was stored" in page.content
    assert Claim.objects.filter(author=alice).count() == 2
    assert not handed_over


def test_a_large_file_is_given_to_a_worker_and_the_page_watches(client, alice, handed_over):
    page = upload(client, csv_of(*of_studies(200)))

    assert [each.pk for each in handed_over] == [Upload.objects.get().pk]
    assert b"waiting to be checked" in page.content
    assert b'desk/uploads.js"' in page.content
    assert reverse("admin:upload_progress", args=[handed_over[0].pk]).encode() in page.content


def test_progress_is_told_in_json(client, alice, handed_over):
    upload(client, csv_of(*of_studies(200)))
    found = Upload.objects.get()
    Upload.objects.filter(pk=found.pk).update(step="reading", done=7)

    answer = client.get(reverse("admin:upload_progress", args=[found.pk]))

    assert answer.json() == {
        "state": "waiting",
        "at_work": True,
        "said": "waiting to be checked",
        "step": "reading",
        "done": 7,
        "total": 0,
    }


def test_faults_are_shown_with_row_column_value_and_way_out(client, alice):
    page = upload(client, csv_of(a_row(edge="<script>alert(1)</script>", measure_1_value="0,87"))).content.decode()

    assert "2 faults: nothing was stored" in page
    assert "has a decimal comma: write 0.87" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_an_empty_file_or_none_is_told_at_the_form(client, alice):
    assert b"The file is empty." in upload(client, b"").content
    assert b"This field is required." in client.post(reverse("admin:uploads")).content
    assert not Upload.objects.exists()


def test_a_file_that_is_too_large_is_told_at_the_form(client, alice, settings):
    settings.UPLOAD_BYTES = 10

    assert b"at most 10 are taken" in upload(client, csv_of(a_row())).content
    assert not Upload.objects.exists()


@pytest.mark.parametrize("page", ["upload", "upload_progress"])
def test_nobody_reads_the_upload_of_another(client, alice, page):
    found = jobs.receive(name="a.csv", content=csv_of(a_row()), by=a_user("bob"))

    assert client.get(reverse(f"admin:{page}", args=[found.pk])).status_code == 404


@pytest.mark.parametrize("act", ["upload_store", "upload_cancel"])
def test_nobody_acts_on_the_upload_of_another(client, alice, act):
    found = jobs.receive(name="a.csv", content=csv_of(a_row()), by=a_user("bob"))

    assert client.post(reverse(f"admin:{act}", args=[found.pk])).status_code == 404
    assert client.get(reverse(f"admin:{act}", args=[found.pk])).status_code == 405
    found.refresh_from_db()
    assert found.state == UploadState.WAITING


def test_an_upload_can_be_cancelled_and_not_stored_after(client, alice):
    upload(client, csv_of(a_row()))
    found = Upload.objects.get()

    client.post(reverse("admin:upload_cancel", args=[found.pk]))
    page = client.post(reverse("admin:upload_store", args=[found.pk]), follow=True)

    assert "can&#x27;t be stored" in page.content.decode()
    assert not Claim.objects.exists()


def test_a_reader_does_not_come_in(client):
    signed_in(client, a_user("rita", role=Role.READER))

    assert client.get(reverse("admin:uploads")).status_code == 302


def test_the_list_shows_ones_own_and_costs_the_same_for_any_number(client, alice, django_assert_max_num_queries):
    jobs.receive(name="bobs.csv", content=b"x", by=a_user("bob"))
    counts = []
    for _ in range(2):
        for number in range(12):
            jobs.receive(name=f"synthetic {number}.csv", content=b"x", by=alice)
        with django_assert_max_num_queries(15) as queries:
            page = client.get(reverse("admin:uploads"))
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert b"synthetic 3.csv" in page.content
    assert b"bobs.csv" not in page.content


def test_the_first_page_of_the_desk_leads_to_the_uploads(client, alice):
    assert reverse("admin:uploads").encode() in client.get(reverse("admin:index")).content
