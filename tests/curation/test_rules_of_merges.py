"""The rules of merges, each met by raw SQL."""

import json

import pytest

from apps.curation.models import Merge
from tests.makers import a_cargo, a_claim, a_merge, a_notice, a_preparation, a_source, a_study, a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db

NOW = "; SET CONSTRAINTS ALL IMMEDIATE"


def accessions(*records):
    for record in records:
        record.refresh_from_db()
    return [record.accession for record in records]


@pytest.fixture
def merge():
    return a_merge(a_cargo("miR-21 twice"), a_cargo("miR-21"))


def test_a_merge_is_kept_as_it_was_made(merge):
    for column, value in (("reason", "other"), ("kind", "EXST"), ("moved", json.dumps({}))):
        refused("merge_not_changed", f"UPDATE curation_merge SET {column} = %s", [value])
    refused("merge_not_deleted", "DELETE FROM curation_merge")
    refused("not_emptied", "SET LOCAL exodb.may_empty = 'off'; TRUNCATE curation_merge")


def test_that_a_merge_was_undone_is_kept(merge):
    erin = a_user("erin")
    run("UPDATE curation_merge SET undone_at = now(), undone_by_id = %s, undone_reason = 'made up'", [erin.pk])

    refused("merge_undone_once", "UPDATE curation_merge SET undone_reason = 'other'")
    refused("merge_undone_once", "UPDATE curation_merge SET undone_at = NULL, undone_by_id = NULL, undone_reason = ''")


def inserted(gone, into, by, kind="EXCG", reason="made up"):
    return (
        """INSERT INTO curation_merge (kind, gone_id, into_id, by_id, at, reason, moved, undone_reason)
        VALUES (%s, %s, %s, %s, now(), %s, '{}', '')""",
        [kind, gone, into, by.pk, reason],
    )


def test_editors_merge_and_undo(merge):
    carol, one, other = a_user("carol", role="curator"), a_cargo("made-up 1"), a_cargo("made-up 2")

    refused("merge_by_an_editor", *inserted(*accessions(one, other), carol))
    refused(
        "merge_by_an_editor",
        "UPDATE curation_merge SET undone_at = now(), undone_by_id = %s, undone_reason = 'made up'",
        [carol.pk],
    )


def test_a_merge_is_of_two_records_of_one_kind_with_a_reason():
    erin = a_user("erin", role="editor")
    one, other, study = accessions(a_cargo("made-up 1"), a_cargo("made-up 2"), a_study())

    refused("merge_of_two", *inserted(one, one, erin))
    refused("merge_within_kind", *inserted(one, study, erin))
    refused("merge_has_reason", *inserted(one, other, erin, reason="  "))
    refused("merge_kind_known", *inserted(*accessions(a_preparation(), a_preparation()), erin, kind="EXPR"))


def test_undoing_takes_a_person_and_a_reason(merge):
    refused("merge_undone_by_somebody_with_reason", "UPDATE curation_merge SET undone_at = now()")
    refused(
        "merge_undone_by_somebody_with_reason",
        "UPDATE curation_merge SET undone_at = now(), undone_by_id = by_id, undone_reason = ' '",
    )


def test_a_record_goes_once_while_its_merge_stands(merge):
    (third,) = accessions(a_cargo("miR-22"))

    refused("merge_stands_once", *inserted(merge.gone_id, third, a_user("erin")))


def test_the_register_leads_elsewhere_by_a_merge_alone():
    one, other = accessions(a_cargo("made-up 1"), a_cargo("made-up 2"))

    refused(
        "accession_merged_by_a_merge",
        "UPDATE records_accession SET merged_into_id = %s WHERE accession = %s" + NOW,
        [other, one],
    )


def test_the_register_comes_back_when_a_merge_is_undone(merge):
    refused("accession_comes_back_by_undoing", "UPDATE records_accession SET merged_into_id = NULL" + NOW)


def test_a_record_that_was_merged_is_there_no_more(merge):
    refused(
        "accession_merged_record_is_gone",
        "INSERT INTO vesicles_cargo (accession, kind, name, ungrounded_reason) VALUES (%s, 'miRNA', 'again', '')" + NOW,
        [merge.gone_id],
    )


LEADS = "UPDATE records_accession SET merged_into_id = %s WHERE accession = %s; "


def test_frozen_claims_move_along_a_merge_and_no_other_way():
    one, other, third = a_cargo("made-up 1"), a_cargo("made-up 2"), a_cargo("made-up 3")
    claim = a_claim(cargo=one)
    gone, into = accessions(one, other)
    moves = "UPDATE claims_claim SET cargo_id = %s WHERE id = %s"

    refused("claim_not_edited_in_place", moves, [other.pk, claim.pk])
    refused("claim_not_edited_in_place", LEADS + moves, [into, gone, third.pk, claim.pk])
    refused(
        "claim_not_edited_in_place",
        LEADS + "UPDATE claims_claim SET cargo_id = %s, statement = 'other' WHERE id = %s",
        [into, gone, other.pk, claim.pk],
    )
    refused("claim_not_edited_in_place", LEADS + "UPDATE claims_claim SET cargo_id = NULL", [into, gone])
    # The move itself is let through; the register is what is refused at the end, for nobody merged.
    refused("accession_merged_by_a_merge", LEADS + moves + NOW, [into, gone, other.pk, claim.pk])


def test_the_key_of_a_frozen_claim_stays_while_its_study_does():
    claim = a_claim()

    refused("claim_not_edited_in_place", "UPDATE claims_claim SET key = 'c999999' WHERE id = %s", [claim.pk])


def test_preparations_and_what_was_reported_move_along_a_merge_and_no_other_way():
    one, other, third = a_study(), a_study(), a_study()
    a_preparation(study=one)
    a_notice(study=one)
    run("INSERT INTO studies_citationcount (study_id, service, day, count) VALUES (%s, 'x', '2026-11-01', 1)", [one.pk])
    gone, into = accessions(one, other)

    for rule, table in (
        ("preparation_keeps_study", "vesicles_preparation"),
        ("notice_not_changed", "studies_notice"),
        ("citation_count_not_changed", "studies_citationcount"),
    ):
        moves = f"UPDATE {table} SET study_id = %s"
        refused(rule, moves, [other.pk])
        refused(rule, LEADS + moves, [into, gone, third.pk])
        refused("accession_merged_by_a_merge", LEADS + moves + NOW, [into, gone, other.pk])
    for rule, table in (
        ("notice_not_deleted", "studies_notice"),
        ("citation_count_not_deleted", "studies_citationcount"),
    ):
        refused(rule, LEADS + f"DELETE FROM {table}", [into, gone])


def test_a_preparation_brings_no_second_claim_of_one_key():
    one, other = a_study(), a_study()
    a_claim(preparation=a_preparation(study=one), key="c1")
    a_claim(preparation=a_preparation(study=other), key="c1")
    gone, into = accessions(one, other)

    refused(
        "preparation_brings_no_second_key",
        LEADS + "UPDATE vesicles_preparation SET study_id = %s WHERE study_id = %s",
        [into, gone, other.pk, one.pk],
    )


def test_sources_have_no_frozen_rows_and_leave_the_register_to_the_merge():
    merge = a_merge(a_source(), a_source())

    assert Merge.objects.standing().get() == merge
