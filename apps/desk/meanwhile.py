"""What a record said when its page was opened, so that nobody's change is written over unread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Field, Model
from django.utils.text import capfirst

from apps.desk.door import read_json
from apps.desk.history import Part

Said = dict[str, str]
AGAIN = "Your input stands below: take over what should stay, and save again."


def said_by(record: Model, parts: Sequence[Part] = ()) -> Said:
    """What can be edited of a record, and its parts, as a person reads it."""
    own = {capfirst(str(column.verbose_name)): _shown(record, column) for column in _columns(type(record))}
    for part in parts:
        rows = part.model._default_manager.filter(**{part.column: record.pk}).order_by("pk")  # noqa: SLF001
        own[capfirst(f"{part.called} rows")] = "; ".join(_row(row, part) for row in rows)
    return own


def token(record: Model, parts: Sequence[Part] = ()) -> str:
    """The same as text, to be sent back with the form."""
    return json.dumps(said_by(record, parts), ensure_ascii=False)


def changed(seen: str, record: Model, parts: Sequence[Part] = ()) -> str:
    """What was changed since, in a sentence; empty where nothing was. Without what was seen, nobody can tell."""
    try:
        before: Any = read_json(seen)
    except ValueError:
        before = None
    if not isinstance(before, dict):
        return "The form came without what its page had shown, so nobody can tell what it would write over. " + AGAIN
    changes = [
        f"{name}: “{before.get(name, '')}” is now “{now}”"
        for name, now in said_by(record, parts).items()
        if before.get(name) != now
    ]
    if not changes:
        return ""
    return f"Somebody changed this since you opened it. {'; '.join(changes)}. {AGAIN}"


def _columns(model: type[Model]) -> Iterable[Field[Any, Any]]:
    return [column for column in model._meta.concrete_fields if column.editable and not column.primary_key]  # noqa: SLF001


def _row(row: Model, part: Part) -> str:
    columns = [column for column in _columns(type(row)) if column.attname != part.column and column.name != "position"]
    return ", ".join(filter(None, (_shown(row, column) for column in columns)))


def _shown(record: Model, column: Field[Any, Any]) -> str:
    value = getattr(record, column.name)
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(dict(column.flatchoices).get(value, value))
