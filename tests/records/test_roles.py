"""What the application's role in PostgreSQL can't do, met by a real connection of that role."""

from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.records import checks, roles
from tests.makers import a_study
from tests.records.refusals import run

APPLICATION = settings.DATABASE_APPLICATION["USER"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        settings.DATABASE_OWNER["USER"] == APPLICATION, reason="DATABASE_URL names one role for everything"
    ),
]
HISTORY = sorted(model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model"))
GRANTS = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname, oid"
# All but the one of pghistory's that is no table.
TABLES = sorted({model._meta.db_table for model in apps.get_models() if model._meta.app_label != "pghistory"})


@pytest.fixture
def application() -> Iterator[psycopg.Connection]:
    """A connection to the test database as the application makes it."""
    with psycopg.connect(dbname=connection.settings_dict["NAME"], user=APPLICATION, **host()) as own:
        yield own
        own.rollback()


def host() -> dict[str, str]:
    address = settings.DATABASE_APPLICATION
    given = {"host": address["HOST"] or address["OPTIONS"].get("host", ""), "port": str(address["PORT"])}
    return {name: value for name, value in {**given, "password": address["PASSWORD"]}.items() if value}


def denied(own: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        own.execute(statement)
    own.rollback()


@pytest.mark.parametrize("table", HISTORY)
def test_a_row_of_history_is_neither_written_nor_changed_nor_deleted(application, table):
    assert application.execute(f"SELECT count(*) FROM {table}").fetchone()

    denied(application, f"INSERT INTO {table} (pgh_label) VALUES ('forged')")
    denied(application, f"UPDATE {table} SET pgh_label = 'forged'")
    denied(application, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_no_table_is_emptied_or_altered_and_no_trigger_switched_off(application, table):
    denied(application, f"TRUNCATE {table} CASCADE")
    denied(application, f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    denied(application, f"ALTER TABLE {table} ADD COLUMN mine text")
    denied(application, f"DROP TABLE {table} CASCADE")


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET ROLE exodb_owner",
        "SET SESSION AUTHORIZATION exodb_owner",
        "CREATE TABLE mine (n int)",
        "CREATE TEMPORARY TABLE claims_claim (n int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine SUPERUSER",
        "ALTER ROLE exodb_app SUPERUSER",
        "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(n name) RETURNS boolean LANGUAGE sql RETURN TRUE",
        "DROP FUNCTION next_accession(text)",
        "DELETE FROM records_accession",
        "DELETE FROM django_migrations",
        "COPY claims_claim FROM PROGRAM 'true'",
    ],
)
def test_the_application_can_not_get_round_the_rules(application, statement):
    denied(application, statement)


def test_no_trigger_can_be_told_to_look_away(application):
    """`pgtrigger.ignore` is a setting that any role may make; it must do nothing."""
    triggers = [name for (name,) in run("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'pgtrigger%%'")]
    assert len(triggers) > 100
    application.execute("SELECT set_config('pgtrigger.ignore', %s, false)", ["{" + ",".join(triggers) + "}"])

    told = application.execute(
        "SELECT bool_or(_pgtrigger_should_ignore(name)) FROM unnest(%s::name[]) name", [triggers]
    )

    assert told.fetchone() == (False,)
    # A function that writes with the owner's rights finds its tables by no other path than its own.
    definers = run("SELECT DISTINCT proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef")
    assert definers == [(["search_path=public, pg_temp"],)]


def test_what_the_application_writes_is_in_history_and_in_the_register():
    """The rest of the suite does its work as this role, too: see tests/conftest.py."""
    run(f"SET LOCAL ROLE {APPLICATION}")
    study = a_study()
    study.title = "Synthetic study, renamed"
    study.save()
    run("DELETE FROM studies_study WHERE id = %s", [study.pk])

    kept = run("SELECT pgh_label FROM studies_studyevent WHERE pgh_obj_id = %s ORDER BY pgh_id", [study.pk])
    assert kept == [("insert",), ("update",), ("delete",)]
    register = run("SELECT removed_at IS NULL FROM records_accession WHERE accession = %s", [study.accession])
    assert register == [(False,)]


def test_settling_again_changes_nothing():
    before = run(GRANTS)
    roles.settle(connection)

    assert run(GRANTS) == before
    assert before


def test_a_right_that_somebody_gave_by_hand_is_taken_back():
    before = run(GRANTS)
    run(f"GRANT ALL ON claims_claimevent, claims_claim TO {APPLICATION}")
    run(f"REVOKE SELECT ON studies_study FROM {APPLICATION}")
    assert run(GRANTS) != before

    roles.settle(connection)

    assert run(GRANTS) == before


def test_who_may_not_change_the_schema_is_told_so_before_anything_happens(monkeypatch):
    run(f"SET LOCAL ROLE {APPLICATION}")

    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("migrate", verbosity=0)


def test_an_application_that_owns_its_tables_is_warned_of(settings):
    assert checks.application_has_a_role_of_its_own(databases=["default"]) == []

    settings.DATABASE_APPLICATION = settings.DATABASE_OWNER

    assert [found.id for found in checks.application_has_a_role_of_its_own(databases=["default"])] == ["exodb.W001"]


def test_with_one_role_nothing_is_granted_and_no_trigger_is_ignored_either(settings):
    settings.DATABASE_APPLICATION = settings.DATABASE_OWNER
    before = run(GRANTS)

    roles.settle(connection)

    assert run(GRANTS) == before
    assert run("SELECT _pgtrigger_should_ignore('any')") == [(False,)]


@pytest.mark.django_db(transaction=True)
def test_migrations_run_as_the_owner_and_the_application_goes_on_as_itself(settings):
    """As `manage.py migrate` does on a connection of the application's."""
    own = {key: connection.settings_dict[key] for key in roles.WHERE_AND_WHO}
    application = {key: settings.DATABASE_APPLICATION[key] for key in roles.WHERE_AND_WHO}
    connection.close()
    connection.settings_dict.update(application)
    try:
        with roles.as_owner(connection):
            assert run("SELECT current_user::text") == [(settings.DATABASE_OWNER["USER"],)]
        assert run("SELECT current_user::text") == [(APPLICATION,)]
        call_command("migrate", verbosity=0)
        assert run("SELECT current_user::text") == [(APPLICATION,)]
    finally:
        connection.close()
        connection.settings_dict.update(own)
