"""How a rule is met: raw SQL breaks it, the database names it, and nothing has changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

# The rules that tests have met, for `tests/rules_met.py`.
MET: set[str] = set()

_TABLE = re.compile(r"\b(?:records|people|terms|studies|vesicles|claims|citations|curation|finding)_[a-z]+\b")


def refused(rule: str, sql: str, params: Sequence[Any] = ()) -> str:
    """Assert that the database refuses the statement by the rule, and return what it says."""
    tables = {*_TABLE.findall(sql), "records_accession"}
    before = {table: _content(table) for table in tables}
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    diag = caught.value.__cause__.diag  # type: ignore[union-attr]
    assert re.fullmatch(rule, diag.constraint_name), f"{diag.constraint_name}: {diag.message_primary}"
    assert {table: _content(table) for table in tables} == before
    met(diag.constraint_name)
    return str(diag.message_primary)


def met(rule: str) -> None:
    """Note a rule that refuses nothing, where a test has just seen what it does."""
    MET.add(rule)


def refused_by_protection(sql: str, params: Sequence[Any] = ()) -> None:
    """Assert that a row of history refuses the statement: by its trigger, or by what the role may do."""
    with (
        pytest.raises(DatabaseError, match=r"Cannot (update|delete)|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql, params)


def run(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Execute SQL behind the ORM's back, and return its rows, if any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def _content(table: str) -> Any:
    """A fingerprint of all that the table holds."""
    return run(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
