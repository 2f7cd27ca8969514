"""The history of a record and of its parts, read from the event tables that the database keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import ForeignKey, Model
from django.utils.text import capfirst

from apps.people.models import ApiToken, User

MOST_EVENTS = 200
# Numbers of rows, and what the database derives: they say nothing to a person.
ACTS = {"insert": "added", "update": "changed", "delete": "removed"}
SILENT = {"id", "position", "cargo_kind"}


class Change(NamedTuple):
    """One field of one row, before and after."""

    of: str
    act: str
    field: str
    before: str
    after: str


class Entry(NamedTuple):
    """What one person did at one moment, and why."""

    at: datetime
    who: str
    why: str
    changes: list[Change]


class Part(NamedTuple):
    """Rows of another table that belong to a record: the column that names the record, and what one row is called."""

    model: type[Model]
    column: str
    called: str


class Moment(NamedTuple):
    """An event, the one before it on the same row, and of which part it is: of none, where of the record itself."""

    event: Any
    before: Any
    part: Part | None


def history(record: Model, parts: Iterable[Part] = ()) -> list[Entry]:
    """Who did what, when and why, newest first: the latest MOST_EVENTS events of the record, and of each part."""
    moments = _moments(type(record), {"pgh_obj_id": record.pk}, None)
    for part in parts:
        moments += _moments(part.model, {part.column: record.pk}, part)
    moments.sort(key=_when, reverse=True)
    users, tokens = _users(moments), _tokens(moments)
    labels = _labels(moments)
    return [
        Entry(
            at,
            users.get(user or 0, "the system") + tokens.get(token or 0, ""),
            why,
            [c for moment in group for c in _changes(moment, labels)],
        )
        for (at, user, why, token), group in groupby(moments, key=_occasion)
    ]


def is_kept(model: type[Model]) -> bool:
    return hasattr(model, "pgh_event_models")


def _moments(model: type[Model], of: dict[str, Any], part: Part | None) -> list[Moment]:
    """The latest events, each with its predecessor."""
    if not is_kept(model):
        return []
    table = model.pgh_event_models["insert"].objects  # type: ignore[attr-defined]
    events = list(table.filter(**of).order_by("-pgh_id")[:MOST_EVENTS])
    older: dict[Any, Any] = {}
    found = []
    for event in reversed(events):
        row = getattr(event, "pgh_obj_id", None)
        before = older.get(row) if row is not None else None
        if before is None and event.pgh_label == "update":
            before = table.filter(pgh_obj_id=row, pgh_id__lt=event.pgh_id).order_by("-pgh_id").first()
        older[row] = event
        found.append(Moment(event, before, part))
    return found


def _when(moment: Moment) -> tuple[datetime, bool, int]:
    """What one transaction wrote has one time: rows come before they change."""
    return moment.event.pgh_created_at, moment.event.pgh_label != "insert", moment.event.pgh_id


def _occasion(moment: Moment) -> tuple[datetime, int | None, str, int | None]:
    context = moment.event.pgh_context or {}
    return moment.event.pgh_created_at, context.get("user"), context.get("reason", ""), context.get("token")


def _users(moments: Sequence[Moment]) -> dict[int, str]:
    wanted = {user for moment in moments if (user := _occasion(moment)[1])}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "username"))


def _tokens(moments: Sequence[Moment]) -> dict[int, str]:
    """What is said of the programs that did it, beside the people in whose name they did."""
    wanted = {token for moment in moments if (token := _occasion(moment)[3])}
    named = ApiToken.objects.filter(pk__in=wanted).values_list("pk", "name") if wanted else ()
    return {pk: f", by the token “{name}”" for pk, name in named}


def _fields(event: Any) -> list[Any]:
    kept = type(event)._meta.fields  # noqa: SLF001 - the documented way to the fields of a model
    return [field for field in kept if not field.name.startswith("pgh_") and field.name not in SILENT]


def _labels(moments: Sequence[Moment]) -> dict[type[Model], dict[Any, str]]:
    """What the numbers of other records mean, in one query a model."""
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for moment in moments:
        for field in _fields(moment.event):
            if isinstance(field, ForeignKey):
                wanted[field.related_model] |= {
                    getattr(row, field.attname) for row in (moment.event, moment.before) if row is not None
                }
    return {
        model: {pk: str(row) for pk, row in model._base_manager.in_bulk(keys - {None}).items()}  # noqa: SLF001
        for model, keys in wanted.items()
    }


def _changes(moment: Moment, labels: dict[type[Model], dict[Any, str]]) -> list[Change]:
    """All that an event changed: everything there was, where a row came or went."""
    event, part, act = moment.event, moment.part, moment.event.pgh_label
    rows = {"insert": (None, event), "delete": (event, None)}.get(act, (moment.before, event))
    found = []
    for field in _fields(event):
        if part and field.attname == part.column:
            continue
        before, after = (_shown(row, field, labels) for row in rows)
        if before != after:
            found.append(
                Change(
                    capfirst(part.called) if part else "", ACTS[act], capfirst(str(field.verbose_name)), before, after
                )
            )
    return found


def _shown(row: Any, field: Any, labels: dict[type[Model], dict[Any, str]]) -> str:
    """A value as a person reads it."""
    value = getattr(row, field.attname, None)
    if value is None:
        return ""
    if isinstance(field, ForeignKey):
        return labels.get(field.related_model, {}).get(value, f"no. {value}")
    if isinstance(value, list):
        meant = dict(field.base_field.flatchoices)
        return ", ".join(str(meant.get(each, each)) for each in value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return str(dict(field.flatchoices).get(value, value))
