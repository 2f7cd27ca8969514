import pytest

from apps.curation.models import Upload
from tests.makers import a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload():
    return Upload.objects.create(by=a_user("alice"), name="synthetic.csv", size=10)


INSERT = "INSERT INTO curation_upload (by_id, name, size, state, step, problems) VALUES (%s, %s, %s, %s, '', '[]')"


def test_an_upload_starts_by_waiting():
    refused("upload_starts_waiting", INSERT, [a_user("alice").pk, "a.csv", 10, "checked"])


def test_an_upload_has_a_name_and_content():
    refused("upload_has_name", INSERT, [a_user("alice").pk, "", 10, "waiting"])
    refused("upload_has_content", INSERT, [a_user("alice").pk, "a.csv", 0, "waiting"])


@pytest.mark.parametrize("state", ["checked", "stored", "confirmed", "storing", "refused"])
def test_an_upload_skips_no_step(upload, state):
    refused("upload_state_changes_legally", "UPDATE curation_upload SET state = %s WHERE id = %s", [state, upload.pk])


def test_an_upload_that_ended_stays_so(upload):
    run("UPDATE curation_upload SET state = 'cancelled' WHERE id = %s", [upload.pk])

    refused("upload_state_changes_legally", "UPDATE curation_upload SET state = 'waiting' WHERE id = %s", [upload.pk])


def test_what_is_being_stored_is_not_cancelled(upload):
    for state in ("checking", "checked", "confirmed", "storing"):
        run("UPDATE curation_upload SET state = %s, effect = '{}' WHERE id = %s", [state, upload.pk])

    refused("upload_state_changes_legally", "UPDATE curation_upload SET state = 'cancelled' WHERE id = %s", [upload.pk])


def test_the_state_of_an_upload_is_a_known_one():
    alice = a_user("alice")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE curation_upload DISABLE TRIGGER USER")

    refused("upload_state_known", INSERT, [alice.pk, "a.csv", 10, "eaten"])


def test_what_was_checked_says_what_storing_does(upload):
    run("UPDATE curation_upload SET state = 'checking' WHERE id = %s", [upload.pk])

    refused("upload_checked_says_effect", "UPDATE curation_upload SET state = 'checked' WHERE id = %s", [upload.pk])


def test_what_was_refused_says_why(upload):
    run("UPDATE curation_upload SET state = 'checking' WHERE id = %s", [upload.pk])

    refused("upload_refused_says_why", "UPDATE curation_upload SET state = 'refused' WHERE id = %s", [upload.pk])


def test_no_more_is_done_than_there_is(upload):
    sql = "UPDATE curation_upload SET done = 11, total = 10 WHERE id = %s"

    refused("upload_done_within_total", sql, [upload.pk])


def test_who_uploaded_what_is_kept(upload):
    refused("upload_not_changed", "UPDATE curation_upload SET name = 'other.csv' WHERE id = %s", [upload.pk])
    refused("upload_not_deleted", "DELETE FROM curation_upload WHERE id = %s", [upload.pk])
