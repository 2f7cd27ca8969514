"""History is kept by the database: whoever writes, and by whatever way."""

import pghistory
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.db import connection

from apps.claims.models import Claim, Measure
from apps.curation.models import Assignment, Likeness
from apps.people import tokens
from apps.studies.models import Study
from apps.terms.models import Name
from tests.makers import a_claim, a_name, a_notice, a_study, a_term, a_user
from tests.records.refusals import refused, refused_by_protection, run

pytestmark = pytest.mark.django_db

# What a curator writes; the rest is append-only of itself, or made from files that are kept.
TRACKED = {
    *("claims.Interest", "claims.Decision"),
    *("people.User", "people.SecondFactor", "people.ApiToken"),
    *("studies.Study", "studies.Notice", "terms.Name", "terms.NameTerm"),
    *("vesicles.VesicleSource", "vesicles.Preparation", "vesicles.Cargo", "vesicles.CargoSynonym"),
    *("vesicles.CargoXref", "vesicles.CargoMember"),
    *("claims.Claim", "claims.ClaimTherapy", "claims.ClaimTarget", "claims.Measure"),
    *("curation.Assignment", "curation.Likeness"),
}
APPEND_ONLY = {"records.Accession", "studies.CitationCount", "claims.ReleaseMember", "claims.Release"}
APPEND_ONLY |= {"curation.Comment", "curation.Mention", "curation.Merge", "curation.NameNote", "curation.Upload"}
APPEND_ONLY |= {"curation.Sample", "curation.SampledClaim", "curation.Grading"}
# Where a person has got to in a discussion: no evidence, and no act.
BOOKMARKS = {"curation.Reading"}
# What somebody typed and has not saved, or a file until it is stored: gone once it is.
UNSAVED = {"curation.Autosave", "curation.UploadFile"}
# So that a program may ask again what it was answered: gone after a week.
REMEMBERED = {"curation.Answered"}
# Counted from what is kept.
COUNTED = {"curation.Agreement", "finding.KnownName", "finding.NameKey"}
# That something changed, until whoever derives from it has read so.
TOLD = {"records.Change"}
FROM_FILES = {"terms.Term", "terms.Synonym", "terms.AlternativeId", "terms.TermAncestor"}
OURS = ("records", "people", "terms", "studies", "vesicles", "claims", "curation", "finding")


def trigger_names(model):
    return {trigger.name for trigger in getattr(model._meta, "triggers", [])}


def is_event(model):
    return hasattr(model, "pgh_tracked_model")


def our_models():
    return [model for app in OURS for model in apps.get_app_config(app).get_models()]


def test_every_table_is_kept_in_history_or_append_only_or_made_from_files():
    tracked = {
        m._meta.label for m in our_models() if {"insert_insert", "update_update", "delete_delete"} <= trigger_names(m)
    }
    events = {m._meta.label for m in our_models() if is_event(m)}

    assert tracked == TRACKED
    others = APPEND_ONLY | FROM_FILES | BOOKMARKS | UNSAVED | COUNTED | TOLD | REMEMBERED
    assert {m._meta.label for m in our_models()} - events - tracked == others


def test_every_event_table_is_append_only():
    events = [model for model in our_models() if is_event(model)]

    assert {model.pgh_tracked_model._meta.label for model in events} == TRACKED
    assert all("append_only" in trigger_names(model) for model in events)


def a_study_of_register():
    study = a_study()
    study.refresh_from_db()
    return study.accession


def events_of_everything():
    """At least one row in each event table."""
    a_notice(study=a_study())
    TOTP.activate(a_user(), "synthetic secret")
    tokens.make(person=a_user(), name="synthetic", scopes=["read"], days=7)
    a_claim(therapies=("t",), targets=("g",), measures=({"name": "AUC", "value": 0.9},))
    a_name("tissue", "liver", (a_term("UBERON:0002107", "liver", "tissue"),))
    run("INSERT INTO vesicles_cargo (kind, name, ungrounded_reason) VALUES ('miRNA', 'a', ''), ('miRNA', 'b', '')")
    run("INSERT INTO vesicles_cargosynonym (cargo_id, text) SELECT id, 'c' FROM vesicles_cargo")
    claim = a_claim(state="submitted")
    Assignment.objects.create(claim=claim, reviewer=a_user("bob"), by=a_user("erin", role="editor"))
    one, other = sorted([a_study_of_register(), a_study_of_register()])
    Likeness.objects.create(one_id=one, other_id=other, score=1)
    run(
        """INSERT INTO vesicles_cargoxref (cargo_id, curie, relation, cargo_kind)
        SELECT id, 'X:1', 'gene', 'miRNA' FROM vesicles_cargo"""
    )
    run(
        """INSERT INTO vesicles_cargomember (panel_id, member_id)
        SELECT a.id, b.id FROM vesicles_cargo a, vesicles_cargo b WHERE a.name = 'a' AND b.name = 'b'"""
    )


def test_no_row_of_history_can_be_changed_or_deleted():
    events_of_everything()
    for model in filter(is_event, our_models()):
        table = model._meta.db_table
        assert run(f"SELECT count(*) FROM {table}")[0][0] > 0, table

        refused_by_protection(f"UPDATE {table} SET pgh_label = 'forged'")
        refused_by_protection(f"UPDATE {table} SET pgh_context = NULL")
        refused_by_protection(f"DELETE FROM {table}")


def test_who_and_why_stand_in_the_row_of_history_itself():
    alice = a_user("alice")
    study = a_study()

    with pghistory.context(user=alice.pk, reason="a typing error"):
        study.title = "Synthetic study, mended"
        study.save()

    event = study.events.order_by("pgh_id").last()
    assert event.pgh_context == {"user": alice.pk, "reason": "a typing error"}
    assert (event.pgh_label, event.title) == ("update", "Synthetic study, mended")


def test_two_acts_in_one_request_keep_their_own_reasons():
    study = a_study()

    with pghistory.context(user=7):
        with pghistory.context(reason="first"):
            Study.objects.update(year=2001)
        with pghistory.context(reason="second"):
            Study.objects.update(year=2002)

    assert [(e.year, e.pgh_context["reason"]) for e in study.events.order_by("pgh_id")[1:]] == [
        (2001, "first"),
        (2002, "second"),
    ]


@pytest.mark.parametrize(
    "write",
    [
        lambda: Study.objects.update(journal="Journal of Bulk Updates"),
        lambda: Study.objects.bulk_update(
            [_renamed(study, "Journal of Bulk Updates") for study in Study.objects.all()], ["journal"]
        ),
        lambda: run("UPDATE studies_study SET journal = 'Journal of Bulk Updates'"),
    ],
    ids=["update", "bulk_update", "raw SQL"],
)
def test_history_sees_every_way_to_change_a_row(write):
    studies = [a_study() for _ in range(3)]

    with pghistory.context(user=7, reason="renamed"):
        write()

    for study in studies:
        event = study.events.order_by("pgh_id").last()
        assert event.journal == "Journal of Bulk Updates"
        assert event.pgh_context == {"user": 7, "reason": "renamed"}


def _renamed(study, journal):
    study.journal = journal
    return study


@pytest.mark.parametrize("by", ["queryset", "raw SQL"])
def test_history_sees_a_deletion_with_its_reason(by):
    claim = a_claim(state="draft", measures=({"name": "AUC", "value": 0.9},))
    events, measured = claim.events, Measure.pgh_event_models["insert"]

    with pghistory.context(user=7, reason="entered twice"):
        if by == "queryset":
            Claim.objects.all().delete()
        else:
            run("DELETE FROM claims_measure")
            run("DELETE FROM claims_claim")

    assert not Claim.objects.exists()
    last = events.model.objects.filter(pgh_label="delete").get()
    assert (last.accession, last.pgh_context["reason"]) == (claim.accession or last.accession, "entered twice")
    assert measured.objects.filter(pgh_label="delete", value=0.9).exists()


def test_what_was_inserted_in_bulk_is_in_history():
    Name.objects.bulk_create([Name(kind="tissue", text=f"synthetic tissue {n}", key="x") for n in range(3)])

    assert Name.pgh_event_models["insert"].objects.filter(text__startswith="synthetic tissue").count() == 3


def test_a_row_that_did_not_change_makes_no_history():
    study = a_study()

    study.save()

    assert study.events.count() == 1


def test_which_terms_a_name_means_is_kept_in_history():
    name, term = a_name("tissue", "liver"), a_term("UBERON:0002107", "liver", "tissue")

    with pghistory.context(user=7, reason="clear from the methods"):
        name.terms.add(term)
        name.terms.remove(term)

    rows = run(
        "SELECT pgh_label, term_id, pgh_context->>'reason' FROM terms_nametermevent WHERE name_id = %s ORDER BY pgh_id",
        [name.pk],
    )
    assert rows == [
        ("insert", term.pk, "clear from the methods"),
        ("delete", term.pk, "clear from the methods"),
    ]


def test_the_password_of_a_user_is_not_in_history():
    a_user("alice", password="not in any history")

    columns = {
        column.name
        for column in connection.introspection.get_table_description(connection.cursor(), "people_userevent")
    }
    assert "password" not in columns


KEPT = sorted(
    model._meta.db_table
    for model in apps.get_models()
    if model._meta.label in TRACKED | APPEND_ONLY | {"citations.Alert"} or (is_event(model) and model._meta.managed)
)


@pytest.mark.parametrize("table", KEPT)
def test_no_table_that_is_kept_can_be_emptied(table):
    a_claim()
    before = run(f"SELECT count(*) FROM {table}")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET LOCAL exodb.may_empty = off")  # tests alone may

    refused("not_emptied", f"TRUNCATE {table} CASCADE")

    assert run(f"SELECT count(*) FROM {table}") == before
