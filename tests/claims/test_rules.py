"""What a claim, its parts and a release can't be: raw SQL meets each rule by its name."""

import threading
from itertools import product

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.claims.models import LONGEST_STATEMENT, TRANSITIONS, Claim, State
from tests.makers import a_cargo, a_claim, a_decision, a_name, a_preparation, a_release, a_study, a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db

BLANKS = ("'  '", "E'\\t\\n'")


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("claim_aspect_known", "aspect = 'rumour'"),
        ("claim_effect_known", "effect = 'enchants'"),
        ("claim_edge_known", "edge = 'blunt'"),
        ("claim_models_known", "models_used = '{}'"),
        ("claim_models_known", "models_used = '{in_silico}'"),
        ("claim_models_known", "models_used = '{in_vitro,in_silico}'"),
        ("claim_models_known", "models_used = '{NULL}'"),
        ("claim_validation_known", "validation = 'maybe'"),
        ("claim_cargo_observed_known", "cargo_observed = 'maybe'"),
        ("claim_transfer_shown_known", "transfer_shown = 'maybe'"),
        ("claim_vesicle_free_control_known", "vesicle_free_control = ''"),
        ("claim_lost_on_removal_known", "lost_on_removal = 'yes'"),
        ("claim_level_override_known", "level_override = 'F', level_override_reason = 'because'"),
        ("claim_level_override_has_reason", "level_override = 'A'"),
        ("claim_level_override_has_reason", "level_override_reason = 'because'"),
        ("claim_has_statement", "statement = ''"),
        ("claim_has_outcome", "outcome = ''"),
        *(("claim_has_statement", f"statement = {blank}") for blank in BLANKS),
        *(("claim_has_outcome", f"outcome = {blank}") for blank in BLANKS),
        *(("claim_has_locator", f"locator = {blank}") for blank in ("''", *BLANKS)),
        ("claim_level_override_has_reason", "level_override = 'A', level_override_reason = '  '"),
        ("claim_models_once", "models_used = '{in_vitro,in_vitro}'"),
        ("claim_keeps_origin", "version = 0"),
        ("claim_keeps_origin", "version = 2"),
        ("claim_keeps_origin", "written_at = '2001-01-01'"),
        ("claim_accepted_has_date", "accepted_at = now(), accepted_with_id = (SELECT id FROM claims_release)"),
        ("claim_left_has_date", "left_at = now()"),
    ],
)
def test_what_a_draft_can_not_be_is_refused(rule, change):
    a_release()

    refused(rule, f"UPDATE claims_claim SET {change} WHERE id = %s", [a_claim(state="draft").pk])


COPIED = """
INSERT INTO claims_claim (
    accession, version, state, preparation_id, key, aspect, effect, outcome, edge, disease_id, models_used, statement,
    locator, level_override, level_override_reason, level_computed, level_reason, author_id, state_reason)
SELECT {accession}, {version}, {state}, {preparation}, key || '-copy', aspect, effect, outcome, edge, disease_id,
    models_used, statement, locator, level_override, level_override_reason, level_computed, level_reason, author_id, ''
FROM claims_claim WHERE id = %s
"""


def a_copy(accession="accession", version="1", state="'draft'", preparation="preparation_id"):
    """SQL for another row like the claim with the id that it is given."""
    return COPIED.format(accession=accession, version=version, state=state, preparation=preparation)


# --- states -----------------------------------------------------------------------------------------------------------

ILLEGAL = [(old, new) for old, new in product(State, State) if old != new and new not in TRANSITIONS[old]]
LEGAL = [(old, new) for old, new in product(State, State) if new in TRANSITIONS[old]]


def test_the_pairs_of_states_are_all_looked_at():
    assert len(ILLEGAL) + len(LEGAL) == 30
    assert set(LEGAL) == {
        *(("draft", "submitted"), ("draft", "accepted"), ("draft", "rejected")),
        *(("submitted", "draft"), ("submitted", "accepted"), ("submitted", "rejected"), ("submitted", "superseded")),
        *(("accepted", "withdrawn"), ("accepted", "superseded")),
    }


@pytest.mark.parametrize(("old", "new"), ILLEGAL)
def test_a_claim_goes_no_other_way_from_state_to_state(old, new):
    claim = a_claim(state=old)

    refused("claim_state_changes_legally", f"UPDATE claims_claim SET state = '{new}' WHERE id = %s", [claim.pk])


@pytest.mark.parametrize(("old", "new"), LEGAL)
def test_a_claim_goes_the_legal_ways(old, new):
    claim = a_claim(state=old)
    change = {
        "submitted": "",
        "draft": "",
        "accepted": ", accepted_at = now(), accepted_with_id = %(release)s",
        "rejected": ", state_reason = 'why'",
        "withdrawn": ", left_at = now(), state_reason = 'why'",
        "superseded": ", left_at = now()",
    }[new]

    run(
        f"UPDATE claims_claim SET state = '{new}' {change} WHERE id = %(id)s",
        {"id": claim.pk, "release": a_release().pk},
    )

    claim.refresh_from_db()
    assert claim.state == new


def test_a_state_that_does_not_exist_is_refused():
    # The rules that would refuse it too, and are asked before.
    run("ALTER TABLE claims_claim DISABLE TRIGGER USER, DROP CONSTRAINT claim_accepted_has_date")
    claim = a_claim(state="draft", accession="EXCL0000001")

    refused("claim_state_known", "UPDATE claims_claim SET state = 'famous' WHERE id = %s", [claim.pk])


def test_a_level_that_does_not_exist_is_refused():
    run("ALTER TABLE claims_claim DISABLE TRIGGER USER")
    claim = a_claim(state="draft", accession="EXCL0000001")

    refused("claim_level_known", "UPDATE claims_claim SET level_computed = 'F' WHERE id = %s", [claim.pk])


@pytest.mark.parametrize("state", [state for state in State if state != "draft"])
def test_a_claim_starts_as_a_draft(state):
    claim = a_claim(state="draft")

    refused("claim_starts_as_draft", a_copy("next_accession('EXCL')", state=f"'{state}'"), [claim.pk])


@pytest.mark.parametrize("state", ["rejected", "withdrawn"])
def test_to_reject_or_withdraw_takes_a_reason(state):
    claim = a_claim(state="submitted" if state == "rejected" else "accepted")
    left = "now()" if state == "withdrawn" else "NULL"

    refused(
        "claim_refused_with_reason",
        f"UPDATE claims_claim SET state = '{state}', left_at = {left} WHERE id = %s",
        [claim.pk],
    )


# --- acceptance -------------------------------------------------------------------------------------------------------

ACCEPT = "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_by_id = %s WHERE id = %s"


def test_whoever_wrote_a_claim_can_not_accept_it():
    claim = a_claim(state="submitted", author=a_user("alice"))

    refused("claim_two_people", ACCEPT, [claim.author_id, claim.pk])


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_the_author_of_a_claim_can_not_be_exchanged_before_acceptance(state):
    claim = a_claim(state=state, author=a_user("alice"))

    refused("claim_keeps_origin", "UPDATE claims_claim SET author_id = %s WHERE id = %s", [a_user("bob").pk, claim.pk])


@pytest.mark.parametrize(
    ("rule", "with_it"),
    [
        ("claim_accepted_by_somebody", "accepted_at = now()"),
        ("claim_accepted_has_date", "accepted_at = NULL"),
        ("claim_accepted_by_somebody", "accepted_by_id = %(bob)s"),
        ("claim_accepted_by_somebody", "accepted_at = now(), accepted_by_id = %(bob)s, accepted_with_id = %(release)s"),
    ],
)
def test_a_claim_is_accepted_by_a_second_person_or_with_a_release_at_a_known_time(rule, with_it):
    claim = a_claim(state="submitted")

    refused(
        f"{rule}|claim_accepted_has_date",
        f"UPDATE claims_claim SET state = 'accepted', {with_it} WHERE id = %(id)s",
        {"id": claim.pk, "bob": a_user("bob").pk, "release": a_release().pk},
    )


def test_a_draft_is_not_accepted_without_review():
    claim = a_claim(state="draft")

    refused("claim_accepted_after_review", ACCEPT, [a_user("bob").pk, claim.pk])


def test_a_draft_is_accepted_with_a_release():
    claim = a_claim(state="draft")

    run(
        "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_with_id = %s WHERE id = %s",
        [a_release().pk, claim.pk],
    )

    assert Claim.objects.accepted().get() == claim


@pytest.mark.parametrize("state", ["accepted", "withdrawn", "superseded"])
@pytest.mark.parametrize("change", ["accepted_at = '2001-01-01'", "accepted_by_id = %(carol)s"])
def test_who_accepted_a_claim_and_when_is_kept(state, change):
    claim = a_claim(state=state)

    refused(
        "claim_keeps_acceptance",
        f"UPDATE claims_claim SET {change} WHERE id = %(id)s",
        {"id": claim.pk, "carol": a_user("carol").pk},
    )


@pytest.mark.parametrize(
    ("state", "change"),
    [
        ("rejected", "state_reason = 'another'"),
        ("withdrawn", "state_reason = 'another'"),
        ("withdrawn", "left_at = '2001-01-01'"),
        ("superseded", "left_at = '2001-01-01'"),
    ],
)
def test_when_and_why_a_claim_left_is_kept(state, change):
    refused("claim_keeps_departure", f"UPDATE claims_claim SET {change} WHERE id = %s", [a_claim(state=state).pk])


# --- no edit in place -------------------------------------------------------------------------------------------------

CHANGES = [
    *("key = 'other'", "aspect = 'safety'", "effect = 'suppresses'", "outcome = 'other'", "edge = 'benefit'"),
    *("models_used = '{animal}'", "statement = 'other'", "locator = 'other'", "validation = 'shown'"),
    *("cargo_observed = 'shown'", "transfer_shown = 'shown'", "vesicle_free_control = 'shown'"),
    *("lost_on_removal = 'shown'", "level_override = 'A', level_override_reason = 'because'"),
    *(
        "preparation_id = %(preparation)s",
        "cargo_id = %(cargo)s",
        "disease_id = %(name)s",
        "recipient_id = %(recipient)s",
    ),
]
NOT_DRAFTS = [state for state in State if state != "draft"]


@pytest.mark.parametrize("change", CHANGES)
def test_what_an_accepted_claim_says_is_not_edited_in_place(change):
    claim = a_claim()

    refused(
        "claim_not_edited_in_place",
        f"UPDATE claims_claim SET {change} WHERE id = %(id)s",
        {
            "id": claim.pk,
            "preparation": a_preparation(study=claim.preparation.study).pk,
            "cargo": a_cargo().pk,
            "name": a_name("disease", "another").pk,
            "recipient": a_name("recipient", "another").pk,
        },
    )


@pytest.mark.parametrize("state", NOT_DRAFTS)
def test_only_a_draft_is_edited(state):
    claim = a_claim(state=state)

    refused("claim_not_edited_in_place", "UPDATE claims_claim SET statement = 'other' WHERE id = %s", [claim.pk])


def test_a_claim_is_not_edited_on_its_way_back_to_draft():
    claim = a_claim(state="submitted")

    refused(
        "claim_not_edited_in_place",
        "UPDATE claims_claim SET state = 'draft', statement = 'other' WHERE id = %s",
        [claim.pk],
    )


@pytest.mark.parametrize("state", NOT_DRAFTS)
def test_only_a_draft_is_deleted(state):
    claim = a_claim(state=state)

    refused("claim_only_drafts_deleted", "DELETE FROM claims_claim WHERE id = %s", [claim.pk])


PARTS = {
    "claims_measure": (
        "measure_frozen_with_claim",
        "INSERT INTO claims_measure (claim_id, position, name, p_relation, note) VALUES (%(id)s, 9, 'AUC', '', '')",
        "position = 7",
    ),
    "claims_claimtherapy": (
        "claim_therapy_frozen_with_claim",
        "INSERT INTO claims_claimtherapy (claim_id, position, name_id) VALUES (%(id)s, 9, %(name)s)",
        "position = 7",
    ),
    "claims_claimtarget": (
        "claim_target_frozen_with_claim",
        "INSERT INTO claims_claimtarget (claim_id, position, name_id) VALUES (%(id)s, 9, %(target)s)",
        "position = 7",
    ),
}


def with_parts(state):
    return a_claim(state=state, therapies=("t",), targets=("g",), measures=({"name": "AUC", "value": 0.9},))


@pytest.mark.parametrize("state", NOT_DRAFTS)
@pytest.mark.parametrize("table", PARTS)
def test_the_parts_of_a_claim_are_frozen_with_it(table, state):
    rule, insert, change = PARTS[table]
    claim = with_parts(state)
    params = {"id": claim.pk, "name": a_name("therapy", "another").pk, "target": a_name("target", "another").pk}

    refused(rule, insert, params)
    refused(rule, f"UPDATE {table} SET {change} WHERE claim_id = %(id)s", params)
    refused(rule, f"DELETE FROM {table} WHERE claim_id = %(id)s", params)


@pytest.mark.parametrize("table", PARTS)
def test_the_parts_of_a_claim_move_to_no_other(table):
    accepted, draft = with_parts("accepted"), with_parts("draft")
    rule = PARTS[table][0]

    for there, here in ((accepted, draft), (draft, accepted)):
        refused(
            rule,
            f"UPDATE {table} SET claim_id = %(there)s, position = 9 WHERE claim_id = %(here)s",
            {"there": there.pk, "here": here.pk},
        )


@pytest.mark.django_db(transaction=True)
def test_a_measure_does_not_slip_in_while_a_claim_is_submitted():
    claim, met = a_claim(state="draft"), []

    def add() -> None:
        try:
            run(PARTS["claims_measure"][1], {"id": claim.pk})
        except Exception as problem:  # noqa: BLE001
            met.append(str(problem))
        connection.close()

    with transaction.atomic():
        run("UPDATE claims_claim SET state = 'submitted' WHERE id = %s", [claim.pk])
        other = threading.Thread(target=add)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()

    assert "Only a draft can be edited" in met[0]
    assert not claim.measures.exists()


# --- versions and keys ------------------------------------------------------------------------------------------------


def test_a_revision_takes_the_accession_of_the_accepted_claim():
    claim = a_claim()

    run(a_copy(version="2"), [claim.pk])

    assert Claim.objects.filter(accession=Claim.objects.get(pk=claim.pk).accession).count() == 2


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected"])
def test_what_was_never_accepted_is_not_revised(state):
    claim = a_claim(state=state)

    refused("claim_revises_one_that_was_accepted", a_copy(version="2"), [claim.pk])


def test_a_revision_needs_an_accession_that_was_given():
    claim = a_claim()

    refused("claim_revises_one_that_was_accepted", a_copy("'EXCL0000999'", version="2"), [claim.pk])


def test_a_revision_stays_with_the_study():
    claim, elsewhere = a_claim(), a_preparation()

    refused("claim_revises_one_that_was_accepted", a_copy(version="2", preparation=str(elsewhere.pk)), [claim.pk])

    run(a_copy(version="2"), [claim.pk])


@pytest.mark.parametrize("state", ["draft", "submitted", "accepted"])
def test_a_claim_never_changes_its_study(state):
    """Not as a draft either: what was said of one paper would be reviewed as said of another."""
    claim = a_claim(state=state)
    move = "UPDATE claims_claim SET preparation_id = %s WHERE id = %s"

    refused("claim_keeps_study", move, [a_preparation(study=a_study()).pk, claim.pk])

    if state == "draft":
        run(move, [a_preparation(study=claim.preparation.study).pk, claim.pk])


@pytest.mark.parametrize("size", [2_000, 2_001])
def test_a_statement_has_an_upper_limit(size):
    claim, write = a_claim(state="draft"), "UPDATE claims_claim SET statement = repeat('é', %s) WHERE id = %s"

    if size > LONGEST_STATEMENT:
        refused("claim_statement_is_short", write, [size, claim.pk])
    else:
        run(write, [size, claim.pk])


def test_versions_count_from_one_and_stand_once():
    claim = a_claim()

    refused("claim_versions_count_from_1", a_copy("'unknown'", version="0"), [claim.pk])
    run(a_copy(version="2"), [claim.pk])
    refused("claim_version_once", a_copy(version="2"), [claim.pk])


def test_a_version_one_does_not_take_an_accession_that_was_given():
    refused("records_accession_pkey", a_copy(version="1"), [a_claim().pk])


def test_one_version_of_a_claim_is_accepted():
    claim = a_claim()
    run(a_copy(version="2"), [claim.pk])
    run("UPDATE claims_claim SET state = 'submitted' WHERE version = 2")
    revision = Claim.objects.get(version=2)

    refused("claim_accepted_once", ACCEPT, [a_user("bob").pk, revision.pk])

    with transaction.atomic():
        run("UPDATE claims_claim SET state = 'superseded', left_at = now() WHERE id = %s", [claim.pk])
        a_decision(claim=revision)
        run(ACCEPT, [a_user("bob").pk, revision.pk])
    assert Claim.objects.accepted().get() == revision


def test_the_key_of_a_claim_stands_once_in_its_study():
    first = a_claim(key="c1", state="draft")
    second = a_claim(key="c2", state="draft", preparation=a_preparation(study=first.preparation.study))

    refused("claim_key_once_per_study", "UPDATE claims_claim SET key = 'c1' WHERE id = %s", [second.pk])


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_do_not_give_one_key_twice():
    study = a_study()
    first, second = (a_preparation(study=study) for _ in range(2))
    claim, met = a_claim(key="c0", state="draft"), []
    insert = a_copy("next_accession('EXCL')", preparation="{}").replace("key || '-copy'", "'c1'")

    def write() -> None:
        try:
            run(insert.format(second.pk), [claim.pk])
        except Exception as problem:  # noqa: BLE001
            met.append(str(problem))
        connection.close()

    with transaction.atomic():
        run(insert.format(first.pk), [claim.pk])
        other = threading.Thread(target=write)
        other.start()
        other.join(0.5)
    other.join()

    assert "Another claim of this study has that key" in met[0]
    assert Claim.objects.filter(key="c1").count() == 1


# --- parts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "table"),
    [("claim_therapy_once", "claims_claimtherapy"), ("claim_target_once", "claims_claimtarget")],
)
def test_a_claim_lists_a_name_once(rule, table):
    with_parts("draft")

    refused(
        rule, f"INSERT INTO {table} (claim_id, position, name_id) SELECT claim_id, position + 1, name_id FROM {table}"
    )


@pytest.mark.parametrize(
    ("rule", "measure"),
    [
        ("measure_has_name", "name = ''"),
        ("measure_has_name", "name = '  '"),
        ("measure_has_number", "value = NULL"),
        *(
            ("measure_name_as_known", f"name = '{name}', value = 87")
            for name in ("auc", "Auc", " AUC", "Sensitivity", "comparator AUC", "Comparator-auc", "hr", "rr ")
        ),
        ("measure_interval_in_order", "ci_low = 0.9, ci_high = 0.8"),
        ("measure_interval_in_order", "value = 0.7, ci_low = 0.8, ci_high = 0.9"),
        ("measure_interval_in_order", "value = 0.95, ci_low = 0.8, ci_high = 0.9"),
        ("measure_interval_in_order", "value = 0.95, ci_high = 0.9"),
        ("measure_interval_in_order", "value = 0.7, ci_low = 0.8"),
        ("measure_p_is_probability", "p = 1.5, p_relation = '='"),
        ("measure_p_is_probability", "p = -0.1, p_relation = '<'"),
        ("measure_p_is_probability", "p = 'NaN', p_relation = '='"),
        ("measure_p_has_relation", "p = 0.05"),
        ("measure_p_has_relation", "p_relation = '<'"),
        ("measure_p_has_relation", "p = 0.05, p_relation = '~'"),
        ("measure_share_between_0_and_1", "value = 87"),
        ("measure_share_between_0_and_1", "value = -0.1"),
        ("measure_share_between_0_and_1", "value = NULL, ci_high = 1.2"),
        ("measure_share_between_0_and_1", "value = NULL, ci_low = -0.2"),
        *(
            ("measure_share_between_0_and_1", f"name = '{name}', value = 87")
            for name in ("sensitivity", "specificity", "comparator_AUC")
        ),
        *(("measure_ratio_above_0", f"name = '{name}', value = 0") for name in ("HR", "OR", "RR")),
        ("measure_ratio_above_0", "name = 'HR', value = -1"),
        ("measure_ratio_above_0", "name = 'HR', ci_low = 0"),
        ("measure_ratio_above_0", "name = 'HR', value = NULL, ci_high = -1"),
        ("measure_is_finite", "name = 'fold_change', value = 'NaN'"),
        ("measure_is_finite", "name = 'fold_change', value = 'Infinity'"),
        ("measure_is_finite", "name = 'fold_change', value = '-Infinity'"),
        ("measure_is_finite", "name = 'fold_change', value = NULL, ci_low = '-Infinity'"),
        ("measure_is_finite", "name = 'fold_change', value = NULL, ci_high = 'Infinity'"),
        ("measure_is_finite", "name = 'fold_change', value = NULL, ci_high = 'NaN'"),
        (r"claims_measure_n_cases_check", "n_cases = -1"),
    ],
)
def test_what_a_measure_can_not_be_is_refused(rule, measure):
    claim = with_parts("draft")

    refused(rule, f"UPDATE claims_measure SET {measure} WHERE claim_id = %s", [claim.pk])


@pytest.mark.parametrize("name", ["AUC", "fold_change", "AUC (training)", "cohort", "HR2", "correlation"])
def test_a_measure_may_have_any_other_name(name):
    with_parts("draft")

    run("UPDATE claims_measure SET name = %s", [name])


@pytest.mark.parametrize("number", ["ci_low", "ci_high", "n", "n_cases", "n_controls"])
def test_any_number_makes_a_measure(number):
    with_parts("draft")

    run(f"UPDATE claims_measure SET value = NULL, {number} = 1")


@pytest.mark.parametrize("column", ["disease", "recipient"])
def test_a_column_of_a_claim_takes_names_of_its_own_kind(column):
    claim, tissue = a_claim(state="draft"), a_name("tissue", "liver")

    refused("claim_names_of_their_kind", f"UPDATE claims_claim SET {column}_id = %s", [tissue.pk])
    assert claim.disease.kind == "disease"


@pytest.mark.parametrize(
    ("rule", "table"),
    [("claim_therapy_is_one", "claims_claimtherapy"), ("claim_target_is_one", "claims_claimtarget")],
)
def test_a_list_of_a_claim_takes_names_of_its_own_kind(rule, table):
    claim, tissue = with_parts("draft"), a_name("tissue", "liver")

    refused(rule, f"UPDATE {table} SET name_id = %s", [tissue.pk])
    refused(rule, f"INSERT INTO {table} (claim_id, position, name_id) VALUES (%s, 9, %s)", [claim.pk, tissue.pk])


def test_a_position_holds_one_measure():
    with_parts("draft")

    refused(
        "measure_position_once",
        "INSERT INTO claims_measure (claim_id, position, name, value, p_relation, note) "
        "SELECT claim_id, position, 'HR', 2, '', '' FROM claims_measure",
    )


# --- releases ---------------------------------------------------------------------------------------------------------

MEMBER = "INSERT INTO claims_releasemember (release_id, claim_id) VALUES (%s, %s)"


@pytest.mark.parametrize("state", [state for state in State if state != "accepted"])
def test_a_release_holds_accepted_claims_only(state):
    refused("release_member_accepted", MEMBER, [a_release().pk, a_claim(state=state).pk])


def test_a_release_is_never_changed():
    release, claim, other = a_release(), a_claim(), a_claim()
    run(MEMBER, [release.pk, claim.pk])

    refused("release_member_once", MEMBER, [release.pk, claim.pk])
    refused("release_member_not_deleted", "DELETE FROM claims_releasemember")
    refused("release_member_not_changed", "UPDATE claims_releasemember SET claim_id = %s", [other.pk])
    refused("release_not_changed", "UPDATE claims_release SET number = '2027.1'")
    refused("release_not_changed", "UPDATE claims_release SET released_on = '2001-01-01'")
    refused("release_not_changed", "UPDATE claims_release SET title = 'Another'")
    refused("release_not_deleted", "DELETE FROM claims_release")


CLOSE = "UPDATE claims_release SET closed_at = now() WHERE id = %s"


def test_a_closed_release_takes_no_more_claims_and_stays_closed():
    release, claim = a_release(), a_claim()
    run(CLOSE, [release.pk])

    refused("release_member_before_closing", MEMBER, [release.pk, claim.pk])
    refused("release_stays_closed", "UPDATE claims_release SET closed_at = NULL")
    refused("release_stays_closed", "UPDATE claims_release SET closed_at = '2030-01-01'")


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_nobody_gets_around_the_second_person_by_an_old_release(state):
    release, mine = a_release(), a_claim(state=state)
    run(CLOSE, [release.pk])

    refused(
        "claim_accepted_with_open_release",
        "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_with_id = %s WHERE id = %s",
        [release.pk, mine.pk],
    )


def test_claims_of_a_closed_release_leave_it_in_no_way_but_their_own():
    claim = a_claim(state="draft")
    run(
        "UPDATE claims_claim SET state = 'accepted', accepted_at = now(), accepted_with_id = %s WHERE id = %s",
        [a_release().pk, claim.pk],
    )
    run(CLOSE, [a_release().pk])

    run("UPDATE claims_claim SET accepted_with_id = accepted_with_id")
    run("UPDATE claims_claim SET state = 'withdrawn', state_reason = 'why', left_at = now()")
    assert Claim.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("title", ["", "  "])
def test_a_release_has_a_title(title):
    refused(
        "release_has_title",
        "INSERT INTO claims_release (number, title, released_on) VALUES ('2026.2', %s, '2026-11-01')",
        [title],
    )


@pytest.mark.parametrize("number", ["1", "2026", "2026.1b", "v2026.1", ""])
def test_the_number_of_a_release_is_a_year_and_a_count(number):
    refused(
        "release_number_well_formed",
        "INSERT INTO claims_release (number, title, released_on) VALUES (%s, 'Synthetic', '2026-11-01')",
        [number],
    )


def test_a_claim_was_public_from_its_acceptance_to_its_leave():
    claim = a_claim()
    assert list(Claim.objects.as_of(timezone.now())) == [claim]

    run("UPDATE claims_claim SET state = 'withdrawn', state_reason = 'why', left_at = clock_timestamp()")

    assert list(Claim.objects.as_of(timezone.now())) == []
    assert list(Claim.objects.as_of(claim.accepted_at)) == [claim]
