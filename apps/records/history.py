"""History that the database keeps itself: every insert, change and deletion, whoever or whatever made it."""

from __future__ import annotations

from typing import Any

import pghistory


def kept(**options: Any) -> Any:
    """Class decorator: copy each row into an append-only event table at every insert, update and delete."""
    return pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), **options)
