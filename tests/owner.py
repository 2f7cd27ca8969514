"""What only the owner of the schema can do, for tests that must: the tests else work as the application's role."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.records.refusals import run


@contextmanager
def without_triggers(table: str) -> Iterator[None]:
    """Switch the triggers of a table off, within the transaction of the test."""
    ((role,),) = run("SELECT current_user::text")
    run("RESET ROLE")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    run("SET CONSTRAINTS ALL DEFERRED")
    run(f"SET LOCAL ROLE {role}")
