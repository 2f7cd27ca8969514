"""Two roles in PostgreSQL: one owns the schema, and the application's own can't get round the rules.

The application's role may not change the schema, empty a table, switch a trigger off, or write a row of history; rows
of history are written by the database itself, on the owner's authority. `docs/operations.md` tells how to make the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory.trigger
import pgtrigger.registry
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

READ = frozenset({"SELECT"})
# With MAINTAIN, an import can tell the planner what it brought.
WRITE = READ | {"INSERT", "UPDATE", "DELETE", "MAINTAIN"}
DRAW = frozenset({"SELECT", "USAGE"})
# The register of accessions is never shortened.
NARROWER = {"records_accession": WRITE - {"DELETE"}, "django_migrations": READ}
SEQUENCE = "S"

# Where and as whom a connection is made: all that tells the owner's from the application's.
WHERE_AND_WHO = ("HOST", "PORT", "USER", "PASSWORD", "OPTIONS")


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Connect as the owner of the schema for a while, where the application has a role of its own."""
    own = {key: connection.settings_dict[key] for key in WHERE_AND_WHO}
    owner = {key: settings.DATABASE_OWNER.get(key, "") for key in WHERE_AND_WHO}
    if own == owner:
        yield
        return
    connection.close()
    connection.settings_dict.update(owner)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(own)


def may_migrate(connection: BaseDatabaseWrapper) -> bool:
    """Whether we are connected as a role that may make tables and change those that there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT has_schema_privilege('public', 'CREATE') AND COALESCE(
                (SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class
                WHERE oid = to_regclass('public.records_accession')), TRUE)"""
        )
        return bool(cursor.fetchone()[0])


def application_may_do_anything(connection: BaseDatabaseWrapper) -> bool:
    """Whether the application's role is a superuser or owns the tables, so that no rule binds it for sure."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT rolsuper OR pg_has_role(r.oid, relowner, 'MEMBER') FROM pg_roles r, pg_class c
            WHERE rolname = COALESCE(NULLIF(%s, ''), current_user) AND c.oid = to_regclass('public.records_accession')
            """,
            [settings.DATABASE_APPLICATION.get("USER", "")],
        )
        found = cursor.fetchone()
    return bool(found and found[0])


def settle(connection: BaseDatabaseWrapper) -> None:
    """Bring what each role may do up to date with the tables that there are. Run by the owner; quick when it is."""
    application = settings.DATABASE_APPLICATION.get("USER", "")
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('exodb roles'))")
        _let_no_trigger_be_ignored(cursor)
        _let_triggers_keep_history(cursor)
        if application != settings.DATABASE_OWNER.get("USER", ""):
            _grant(cursor, application)
            _close_to_strangers(cursor)


def _let_no_trigger_be_ignored(cursor: Any) -> None:
    """Make the function by which pgtrigger lets any role ignore a trigger say no; each migration writes it anew."""
    cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('public._pgtrigger_should_ignore(name)')")
    found = cursor.fetchone()
    if found and found[0]:  # a body in standard SQL has no source text
        cursor.execute(
            "CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean "
            "LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN FALSE"
        )


def _let_triggers_keep_history(cursor: Any) -> None:
    """Let the triggers that write history do so with the owner's rights, for the application has none to."""
    cursor.execute(
        """SELECT proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname = ANY(%s) AND NOT prosecdef ORDER BY 1""",
        [_writing_for_the_owner()],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(
            # Nobody's temporary table may pose as one of ours.
            sql.SQL("ALTER FUNCTION public.{}() SECURITY DEFINER SET search_path = public, pg_temp").format(
                sql.Identifier(name)
            )
        )


def _writing_for_the_owner() -> list[str]:
    """The functions of all triggers that write history."""
    return [
        trigger.get_pgid(model)
        for model, trigger in pgtrigger.registry.registered()
        if isinstance(trigger, pghistory.trigger.Event)
    ]


def _history() -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_tracked_model")}  # noqa: SLF001


def _grant(cursor: Any, application: str) -> None:
    """Give the application's role, table by table, what it may do, and take what it may not."""
    role = sql.Identifier(application)
    cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    cursor.execute(
        """SELECT relname, relkind, array_remove(array_agg(privilege_type ORDER BY privilege_type)
            FILTER (WHERE grantee = (SELECT oid FROM pg_roles WHERE rolname = %s)), NULL)
        FROM pg_class LEFT JOIN LATERAL aclexplode(relacl) ON TRUE
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            AND pg_has_role(relowner, 'USAGE')
        GROUP BY relname, relkind ORDER BY relname""",
        [application],
    )
    history = _history()
    for name, kind, has in cursor.fetchall():
        wanted = DRAW if kind == SEQUENCE else READ if name in history else NARROWER.get(name, WRITE)
        if wanted == set(has or ()):
            continue
        words = {
            "what": sql.SQL("SEQUENCE" if kind == SEQUENCE else "TABLE"),
            "name": sql.Identifier("public", name),
            "rights": sql.SQL(", ").join(map(sql.SQL, sorted(wanted))),
            "role": role,
        }
        cursor.execute(sql.SQL("REVOKE ALL ON {what} {name} FROM {role}").format(**words))
        cursor.execute(sql.SQL("GRANT {rights} ON {what} {name} TO {role}").format(**words))


def _close_to_strangers(cursor: Any) -> None:
    """Take from everybody the right to make tables, also temporary ones, which could pose as ours to a trigger."""
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL("REVOKE CREATE, TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
    cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
