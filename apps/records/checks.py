"""`manage.py check --database default`: what of ExoDB's promises this database can't keep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 -- Django's name for it
from django.db import connections

from apps.records import roles


def application_has_a_role_of_its_own(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn where the role that the application connects as could switch the rules off."""
    if not any(roles.application_may_do_anything(connections[alias]) for alias in databases or ()):
        return []
    return [
        Warning(
            "The application connects to PostgreSQL as a superuser or as the owner of its tables: it could change "
            "history and switch rules off.",
            hint="Give it a role of its own in DATABASE_URL, and name the owner in DATABASE_OWNER_URL: see "
            "'Two roles' in docs/operations.md.",
            id="exodb.W001",
        )
    ]
