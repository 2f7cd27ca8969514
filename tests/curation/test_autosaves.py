from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from apps.curation import autosaves, tasks
from apps.curation.models import Autosave, NameNote
from apps.curation.models.autosave import KEPT_FOR, MOST_BYTES
from tests.makers import a_name, a_user
from tests.records.refusals import refused

pytestmark = pytest.mark.django_db
FORM = "/admin/entry/EXST0000001/claims/add/"


def test_input_is_kept_once_a_form_and_given_back_in_its_order():
    alice = a_user("alice")
    autosaves.keep(person=alice, form=FORM, pairs=[["statement", "half a"]])
    autosaves.keep(person=alice, form=FORM, pairs=[["therapies", "b"], ["therapies", "a"], ["statement", "half a\0"]])

    kept = autosaves.kept_of(alice, FORM)

    assert kept.payload == [["therapies", "b"], ["therapies", "a"], ["statement", "half a"]]
    assert Autosave.objects.count() == 1
    assert autosaves.kept_of(a_user("bob"), FORM) is None


def test_what_was_saved_is_forgotten_and_nothing_else():
    alice = a_user("alice")
    for form in (FORM, "/admin/entry/add/"):
        autosaves.keep(person=alice, form=form, pairs=[])

    autosaves.forget(person=alice, form=FORM)

    assert [kept.form for kept in Autosave.objects.all()] == ["/admin/entry/add/"]


@pytest.mark.parametrize("pairs", [None, {"a": "b"}, ["ab"], [["a"]], [["a", 1]], [["a", "b", "c"]]])
def test_what_is_no_input_is_refused(pairs):
    with pytest.raises(autosaves.NotInput):
        autosaves.keep(person=a_user(), form=FORM, pairs=pairs)
    assert not Autosave.objects.exists()


def test_a_person_leaves_a_bounded_number_of_forms():
    alice = a_user("alice")
    for number in range(autosaves.MOST_A_PERSON + 2):
        autosaves.keep(person=alice, form=f"/admin/{number}/", pairs=[])

    kept = set(Autosave.objects.values_list("form", flat=True))
    assert len(kept) == autosaves.MOST_A_PERSON
    assert f"/admin/{autosaves.MOST_A_PERSON + 1}/" in kept
    assert "/admin/0/" not in kept


def test_what_nobody_came_back_for_is_purged():
    old = autosaves.keep(person=a_user("alice"), form=FORM, pairs=[])
    autosaves.keep(person=a_user("bob"), form=FORM, pairs=[])
    Autosave.objects.filter(pk=old.pk).update(saved_at=timezone.now() - KEPT_FOR - timedelta(hours=1))

    tasks.purge_autosaves()

    assert [str(kept.person) for kept in Autosave.objects.all()] == ["bob"]


INSERT = "INSERT INTO curation_autosave (person_id, form, payload, saved_at) VALUES (%s, %s, %s::jsonb, now())"


def test_the_database_holds_one_input_a_form_of_sane_size():
    alice = a_user("alice")
    autosaves.keep(person=alice, form=FORM, pairs=[])

    refused("autosave_once_a_form", INSERT, [alice.pk, FORM, "[]"])
    refused("autosave_has_form", INSERT, [alice.pk, "", "[]"])
    refused("autosave_of_sane_size", INSERT, [alice.pk, "/x/", f'["{"x" * MOST_BYTES}"]'])
    with pytest.raises(IntegrityError, match="autosave_of_sane_size"):
        autosaves.keep(person=alice, form=FORM, pairs=[["statement", "x" * MOST_BYTES]])


def test_a_note_on_a_name_is_kept_as_it_was_written():
    note = NameNote.objects.create(name=a_name(text="odd words"), by=a_user("alice"), text="see table S3")

    refused("name_note_not_changed", "UPDATE curation_namenote SET text = 'else' WHERE id = %s", [note.pk])
    refused("name_note_not_deleted", "DELETE FROM curation_namenote WHERE id = %s", [note.pk])
    refused(
        "name_note_has_text",
        "INSERT INTO curation_namenote (name_id, by_id, text, at) VALUES (%s, %s, '', now())",
        [note.name_id, note.by_id],
    )
