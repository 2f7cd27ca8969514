"""Text that says something."""

from __future__ import annotations

from django.db.models import Q


def not_blank(column: str) -> Q:
    """A condition for a CHECK: the column holds more than spaces."""
    return Q(**{f"{column}__regex": r"[^[:space:]]"})
