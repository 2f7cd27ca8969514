"""The shapes of rule that a CHECK can't hold, as PostgreSQL triggers.

A refusal is raised as a named check violation, so that the application meets an `IntegrityError` that says which rule
was broken, whether the write came from the admin, the API, a bulk update or raw SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def fixed(
    rule: str, message: str, columns: Iterable[str], *, when: str = "TRUE", unless: Mapping[str, str] | None = None
) -> pgtrigger.Trigger:
    """Refuse any change of the columns in rows for which the SQL `when` (over OLD and NEW) holds.

    `unless` names columns that may change where its SQL holds, which may look at other rows.
    """
    differ = {column: f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns}
    condition = pgtrigger.Condition(f"(({when}) AND ({' OR '.join(differ.values())}))")
    if not unless:
        return refuse(rule, message, on=pgtrigger.Update, condition=condition)
    wrong = [f"({told} AND NOT ({unless[column]}))" if column in unless else told for column, told in differ.items()]
    return pgtrigger.Trigger(
        name=rule,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=condition,
        func=f"IF {' OR '.join(wrong)} THEN {refusal(rule, message)} END IF; RETURN NEW;",
    )


def moved_by_merge(table: str, column: str) -> str:
    """SQL, over OLD and NEW: the column goes from a record to the one that the register merges it into, or back.

    Both are there only while a merge goes on, or is undone: a merged record does not outlive the transaction.
    """
    return f"""EXISTS (
        SELECT FROM records_accession gone
        JOIN {table} went ON went.accession = gone.accession
        JOIN {table} stayed ON stayed.accession = gone.merged_into_id
        WHERE (went.id = OLD.{column} AND stayed.id = NEW.{column})
        OR (went.id = NEW.{column} AND stayed.id = OLD.{column}))"""


def kept_by_the_other(table: str, same: Iterable[str]) -> str:
    """SQL, over OLD: its study is being merged into one that has a row in the table with the same in these columns."""
    alike = " AND ".join(f"other.{column} = OLD.{column}" for column in same)
    return f"""EXISTS (
        SELECT FROM studies_study went
        JOIN records_accession gone ON gone.accession = went.accession
        JOIN studies_study stayed ON stayed.accession = gone.merged_into_id
        JOIN {table} other ON other.study_id = stayed.id
        WHERE went.id = OLD.study_id AND {alike})"""


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


def append_only_of_study(
    rules: str, message: str, columns: Iterable[str], *, table: str, once: Iterable[str]
) -> list[pgtrigger.Trigger]:
    """The same for what was reported of a study, which goes along when the study is merged.

    A row that the other study has too (the same in the columns `once`) goes with the study that goes.
    """
    return [
        check(
            f"{rules}_not_deleted", on=pgtrigger.Delete, sql=f"NOT {kept_by_the_other(table, once)}", message=message
        ),
        fixed(
            f"{rules}_not_changed", message, columns, unless={"study_id": moved_by_merge("studies_study", "study_id")}
        ),
    ]


def accession(kind: str, *, first: str = "TRUE", merges: bool = False) -> list[pgtrigger.Trigger]:
    """Give an accession once: register it, keep it, and remember it when its record goes.

    `first` is SQL over NEW that says whether the row is the first to bear its accession; others must find it given.
    Where records of the kind are merged, one that was merged may come back under its own accession.
    """
    name = kind.lower()
    register = f"INSERT INTO records_accession (accession, kind) VALUES (NEW.accession, {quoted(kind)});"  # noqa: S608
    if merges:
        register = (
            "UPDATE records_accession SET removed_at = NULL WHERE accession = NEW.accession "  # noqa: S608 - likewise
            f"AND merged_into_id IS NOT NULL; IF NOT FOUND THEN {register} END IF;"
        )
    return [
        pgtrigger.Trigger(
            name=f"{name}_registers_accession",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert,
            func=f"IF {first} THEN {register} END IF; RETURN NEW;",
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


def told(
    kind: str, *, on: pgtrigger.Operation, columns: Iterable[str] = (), record: str = "id", when: str = "TRUE"
) -> pgtrigger.Trigger:
    """Write down that rows changed which public evidence rests on, one line of `records_change` for each record.

    An update is told where one of the columns differs; `when` is SQL over `later` and, of updates, `earlier`.
    """
    joined, differ = "", "TRUE"
    if on == pgtrigger.Update:
        before, after = (", ".join(f"{row}.{column}" for column in columns) for row in ("earlier", "later"))
        joined, differ = "JOIN old_rows earlier USING (id)", f"({before}) IS DISTINCT FROM ({after})"
    rows = "old_rows" if on == pgtrigger.Delete else "new_rows"
    named = {
        "old": None if on == pgtrigger.Insert else "old_rows",
        "new": None if on == pgtrigger.Delete else "new_rows",
    }
    return pgtrigger.Trigger(
        name=f"{kind}_told_on_{on.name.lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=on,
        referencing=pgtrigger.Referencing(**named),
        func=f"""INSERT INTO records_change (kind, record)
            SELECT DISTINCT {quoted(kind)}, {record if record.isdigit() else f"later.{record}"}
            FROM {rows} later {joined} WHERE {differ} AND {when};
            RETURN NULL;""",  # noqa: S608 -- put together from constants
    )
