"""What the vocabularies, the names of the studies and the people can't be."""

import pytest

from tests.makers import a_claim, a_name, a_source, a_term, a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("term_curie_well_formed", "curie = 'glioma'"),
        ("term_curie_well_formed", "curie = 'DOID: 1'"),
        ("term_vocabulary_known", "vocabulary = 'gossip'"),
        ("term_has_label", "label = ''"),
        ("term_has_label", "label = '  '"),
    ],
)
def test_what_a_term_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE terms_term SET {change} WHERE id = %s", [a_term("DOID:3070", "glioma").pk])


def test_a_curie_names_one_term():
    a_term("DOID:3070", "glioma")
    other = a_term("DOID:1", "another")

    refused(r"terms_term_curie_\w*(key|uniq)", "UPDATE terms_term SET curie = 'DOID:3070' WHERE id = %s", [other.pk])


SYNONYM = "INSERT INTO terms_synonym (term_id, text, key, scope) VALUES (%s, 'glial tumour', 'x', %s)"


def test_a_synonym_stands_once_and_in_a_known_scope():
    term = a_term("DOID:3070", "glioma")
    run(SYNONYM, [term.pk, "exact"])

    refused("synonym_once_per_term", SYNONYM, [term.pk, "broad"])
    refused("synonym_scope_known", SYNONYM, [a_term("DOID:1", "another").pk, "vague"])


def test_a_term_has_an_ancestor_once():
    term = a_term("DOID:3070", "glioma")

    refused(
        "ancestor_once",
        "INSERT INTO terms_termancestor (term_id, ancestor_id, distance) VALUES (%s, %s, 3)",
        [term.pk] * 2,
    )


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("name_has_text", "text = ''"),
        ("name_has_text", "text = '  '"),
        ("name_ungroundable_has_reason", "grounding = 'ungroundable', reason = ' '"),
        ("name_grounding_known", "grounding = 'maybe'"),
        ("name_grounded_has_relation", "grounding = 'grounded'"),
        ("name_grounded_has_relation", "relation = 'exact'"),
        ("name_grounded_has_relation", "grounding = 'grounded', relation = 'cousin'"),
        ("name_ungroundable_has_reason", "grounding = 'ungroundable'"),
    ],
)
def test_what_a_name_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE terms_name SET {change} WHERE id = %s", [a_name("disease", "synthetic disease").pk])


def test_a_name_of_an_unknown_kind_is_refused():
    refused(
        "name_kind_known",
        """INSERT INTO terms_name (kind, text, given_curie, key, grounding, relation, reason)
        VALUES ('rumour', 'x', '', 'x', 'unknown', '', '')""",
    )


def test_a_name_stands_once_for_its_kind():
    a_name("disease", "glioma")
    other = a_name("disease", "another")

    refused("name_once", "UPDATE terms_name SET text = 'glioma' WHERE id = %s", [other.pk])


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("user_role_known", "role = 'emperor'"),
        ("user_orcid_well_formed", "orcid = '0000-0002-1825-009'"),
        ("user_orcid_well_formed", "orcid = ''"),
        ("user_orcid_check_digit", "orcid = '0000-0002-1825-0098'"),
        ("user_orcid_check_digit", "orcid = '0000-0002-1825-009X'"),
        ("user_orcid_check_digit", "orcid = '0000-0002-1852-0097'"),
        ("user_superuser_by_role", "is_superuser = TRUE"),
        ("user_staff_by_role", "is_staff = FALSE"),
        ("user_staff_by_role", "role = 'reader'"),
        ("user_superuser_by_role", "role = 'administrator'"),
    ],
)
def test_what_a_user_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE people_user SET {change} WHERE id = %s", [a_user("alice").pk])


# --- names that records use -------------------------------------------------------------------------------------------


def a_use_of(name, by):
    if by == "a source":
        return a_source(**{name.kind: name})
    lists = {"therapies": (name,)} if name.kind == "therapy" else {"targets": (name,)} if name.kind == "target" else {}
    return a_claim(state=by, **lists or {name.kind: name})


@pytest.mark.parametrize(
    ("kind", "by"),
    [
        *(
            (kind, state)
            for kind in ("disease", "recipient", "therapy", "target")
            for state in ("submitted", "accepted", "rejected", "withdrawn", "superseded")
        ),
        *((kind, "a source") for kind in ("species", "cell_line", "cell_type", "tissue", "disease")),
    ],
)
def test_a_name_that_a_record_uses_is_kept_as_written(kind, by):
    name = a_name(kind, "synthetic name")
    a_use_of(name, by)

    refused("name_keeps_text", "UPDATE terms_name SET text = 'another' WHERE id = %s", [name.pk])
    refused("name_keeps_text", "UPDATE terms_name SET given_curie = 'X:1' WHERE id = %s", [name.pk])
    run("UPDATE terms_name SET text = text, grounding = 'not_stated' WHERE id = %s", [name.pk])


@pytest.mark.parametrize("kind", ["disease", "recipient", "therapy", "target"])
def test_a_name_that_only_drafts_use_can_be_mended(kind):
    name = a_name(kind, "synthetic nmae")
    a_use_of(name, "draft")

    run("UPDATE terms_name SET text = 'synthetic name' WHERE id = %s", [name.pk])


def test_a_name_never_changes_its_kind():
    refused("name_keeps_kind", "UPDATE terms_name SET kind = 'tissue' WHERE id = %s", [a_name("disease", "liver").pk])
