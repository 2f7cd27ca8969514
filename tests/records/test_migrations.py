import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

from tests.makers import a_claim

OURS = ("curation", "claims", "vesicles", "studies", "terms", "people", "records")


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say():
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


@pytest.mark.django_db
def test_every_operation_of_every_migration_knows_its_way_back():
    loader = MigrationExecutor(connection).loader
    ours = [migration for (app, _), migration in loader.disk_migrations.items() if app in OURS]
    assert ours

    one_way = [(m.app_label, m.name, op) for m in ours for op in m.operations if not _reversible(op)]
    assert one_way == []


def _reversible(operation: Operation) -> bool:
    return bool(operation.reversible)


@pytest.fixture
def migrated_back(django_db_blocker):
    """Whatever happens, the test database ends as the tests after this one expect it."""
    with django_db_blocker.unblock():
        yield
        call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_all_migrations_go_back_to_nothing_and_forward_again(migrated_back):
    for app in OURS:
        call_command("migrate", app, "zero", verbosity=0)
    left = _relations()
    assert not [name for name in left if name.startswith(tuple(f"{app}_" for app in OURS))], left
    assert "accession_exst" not in left

    call_command("migrate", verbosity=0)

    assert {"claims_claim", "records_accession", "accession_exst"} <= set(_relations())


def _relations() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') AND relnamespace = 'public'::regnamespace"
        )
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_who_lost_a_role_before_the_rule_came_loses_what_came_with_it(migrated_back):
    call_command("migrate", "people", "0005_second_factor_history", verbosity=0)
    with connection.cursor() as cursor:
        for name, role, superuser, staff in (
            ("demoted", "editor", True, True),
            ("root", "administrator", True, True),
            ("left", "reader", False, True),
            ("importer", "contributor", False, False),
        ):
            cursor.execute(
                """INSERT INTO people_user (password, is_superuser, username, first_name, last_name, email, is_staff,
                is_active, date_joined, role, public_name) VALUES ('!', %s, %s, '', '', '', %s, TRUE, now(), %s, '')""",
                [superuser, name, staff, role],
            )

    call_command("migrate", "people", verbosity=0)

    with connection.cursor() as cursor:
        cursor.execute("SELECT username, is_superuser, is_staff FROM people_user WHERE username <> 'import'")
        assert set(cursor.fetchall()) == {
            ("demoted", False, True),
            ("root", True, True),
            ("left", False, False),
            ("importer", False, True),
        }


@pytest.mark.django_db(transaction=True)
def test_a_level_that_went_stale_before_the_rule_came_is_computed_again(migrated_back):
    claim = a_claim(models_used=["patient_samples"])
    call_command("migrate", "claims", "0003_decisions", verbosity=0)
    call_command("migrate", "studies", "0004_notice_changed_at", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE studies_study SET kind = 'meta_analysis'")

    call_command("migrate", verbosity=0)

    claim.refresh_from_db()
    assert (claim.level, claim.level_reason) == ("B", "A meta-analysis of patients.")
