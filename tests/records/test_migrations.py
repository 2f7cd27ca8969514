import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

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
