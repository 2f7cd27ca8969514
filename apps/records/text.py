"""Text that says something, and text that stands for a number."""

from __future__ import annotations

import re

from django.db.models import Q


def not_blank(column: str) -> Q:
    """A condition for a CHECK: the column holds more than spaces."""
    return Q(**{f"{column}__regex": r"[^[:space:]]"})


_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


def number(text: object) -> int:
    """The number of a row that was sent as text; 0, which no row has, where the text is none that a column can hold."""
    return int(str(text)) if _NUMBER.fullmatch(str(text)) else 0
