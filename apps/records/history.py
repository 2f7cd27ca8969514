"""History that the database keeps itself: every insert, change and deletion, whoever or whatever made it."""

from __future__ import annotations

from typing import Any

import pghistory
import pgtrigger
from django.db.models import Model

from apps.records import triggers


def kept(**options: Any) -> Any:
    """Class decorator: copy each row into an append-only event table at every insert, update and delete."""
    track = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        meta={"triggers": [triggers.not_emptied()]},
        **options,
    )

    def keep(model: type[Model]) -> type[Model]:
        return track(pgtrigger.register(triggers.not_emptied())(model))

    return keep
