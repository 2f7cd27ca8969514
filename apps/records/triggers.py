"""The shapes of rule that a CHECK can't hold, as PostgreSQL triggers.

A refusal is raised as a named check violation, so that the application meets an `IntegrityError` that says which rule
was broken, whether the write came from the admin, the API, a bulk update or raw SQL.
"""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def refusal(rule: str, message: str) -> str:
    """PL/pgSQL that refuses the statement at hand; `message` may hold SQL after `%`-free text by way of `||`."""
    return (
        f"RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = {quoted(rule)}, MESSAGE = {quoted(message)};"
    )


def refuse(
    rule: str,
    message: str,
    *,
    on: pgtrigger.Operations | pgtrigger.Operation,
    condition: pgtrigger.Condition | None = None,
) -> pgtrigger.Trigger:
    """Refuse `on` for rows that meet `condition` (all rows without one)."""
    return pgtrigger.Trigger(
        name=rule, when=pgtrigger.Before, operation=on, condition=condition, func=refusal(rule, message)
    )


def fixed(rule: str, message: str, columns: Iterable[str], *, when: str = "TRUE") -> pgtrigger.Trigger:
    """Refuse any change of the columns in rows for which the SQL `when` (over OLD and NEW) holds."""
    changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
    return refuse(rule, message, on=pgtrigger.Update, condition=pgtrigger.Condition(f"(({when}) AND ({changed}))"))


def not_emptied() -> pgtrigger.Trigger:
    """Refuse TRUNCATE, which no row's trigger sees, on connections that were not opened for it."""
    rule = "not_emptied"
    return pgtrigger.Trigger(
        name=rule,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=(
            "IF current_setting('exodb.may_empty', true) IS DISTINCT FROM 'on' THEN "
            f"{refusal(rule, 'What is kept is never emptied.')} END IF; RETURN NULL;"
        ),
    )


def append_only(table: str, message: str, columns: Iterable[str]) -> list[pgtrigger.Trigger]:
    """Refuse deletion, and any change of the named columns."""
    return [
        refuse(f"{table}_not_deleted", message, on=pgtrigger.Delete),
        fixed(f"{table}_not_changed", message, columns),
    ]


def accession(kind: str, *, first: str = "TRUE") -> list[pgtrigger.Trigger]:
    """Give an accession once: register it, keep it, and remember it when its record goes.

    `first` is SQL over NEW that says whether the row is the first to bear its accession; others must find it given.
    """
    name = kind.lower()
    return [
        pgtrigger.Trigger(
            name=f"{name}_registers_accession",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=(
                f"IF {first} THEN INSERT INTO records_accession (accession, kind) "  # noqa: S608 - our own words only
                f"VALUES (NEW.accession, {quoted(kind)}); END IF; RETURN NEW;"
            ),
        ),
        fixed(f"{name}_keeps_accession", "An accession is given once and never changed.", ["accession"]),
        pgtrigger.Trigger(
            name=f"{name}_remembers_accession",
            when=pgtrigger.After,
            operation=pgtrigger.Delete,
            func=(
                f"IF {first.replace('NEW.', 'OLD.')} THEN UPDATE records_accession SET removed_at = now() "  # noqa: S608
                "WHERE accession = OLD.accession; END IF; RETURN NULL;"
            ),
        ),
    ]


def derive(rule: str, sql: str) -> pgtrigger.Trigger:
    """Fill columns of NEW before each insert and update."""
    return pgtrigger.Trigger(
        name=rule,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"{sql} RETURN NEW;",
    )


def check(
    rule: str, *, on: pgtrigger.Operations | pgtrigger.Operation, sql: str, message: str, first: str = ""
) -> pgtrigger.Trigger:
    """Refuse rows for which `sql`, a condition that may look at other rows, holds; `first` may lock those rows."""
    return pgtrigger.Trigger(
        name=rule,
        when=pgtrigger.Before,
        operation=on,
        func=f"{first} IF {sql} THEN {refusal(rule, message)} END IF; RETURN COALESCE(NEW, OLD);".lstrip(),
    )
