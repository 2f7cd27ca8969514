"""What a merge moved, changed, added and dropped, noted while it happens, and put back when it is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import GeneratedField, Model, QuerySet

from apps.curation.merging.references import HANGS_ON, Reference

BATCH = 1_000
Row = dict[str, Any]


@dataclass
class Trace:
    """All that it takes to undo a merge, as plain values."""

    record: Row = field(default_factory=dict)
    changed: list[Row] = field(default_factory=list)  # of the record that stayed: column, old, new
    moved: list[Row] = field(default_factory=list)  # model, column, ids
    keyed: list[Row] = field(default_factory=list)  # model, and of each row: id, old, new
    dropped: list[Row] = field(default_factory=list)  # model, row
    added: list[Row] = field(default_factory=list)  # model, id

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    # --- while it happens ---

    def move(self, reference: Reference, gone: Model, into: Model) -> None:
        """Point the rows at the record that stays; what that has already is dropped."""
        doubled = reference.doubled(gone, into)
        if hanging := HANGS_ON.get(reference.model):
            model, column = hanging
            self.drop(model._default_manager.filter(**{f"{column}__in": doubled.values("pk")}))  # noqa: SLF001
        self.drop(doubled)
        ids = list(reference.of(gone).order_by("pk").values_list("pk", flat=True))
        if ids:
            rows(reference.model).filter(pk__in=ids).update(**{reference.column: into.pk})
            self.moved.append({"model": label(reference.model), "column": reference.column, "ids": ids})

    def drop(self, doubled: QuerySet[Any]) -> None:
        found = list(doubled.order_by("pk"))
        self.dropped += [{"model": label(type(row)), "row": values_of(row)} for row in found]
        if found:
            rows(type(found[0])).filter(pk__in=[row.pk for row in found]).delete()

    def change(self, record: Model, values: Mapping[str, Any]) -> None:
        """Write columns of the record that stays."""
        for column, new in values.items():
            self.changed.append({"column": column, "old": getattr(record, column), "new": new})
            setattr(record, column, new)
        if values:
            record.save(update_fields=list(values))

    def add(self, row: Model) -> None:
        row.save(force_insert=True)
        self.added.append({"model": label(type(row)), "id": row.pk})

    def key(self, model: type[Model], new_keys: Mapping[Any, str]) -> None:
        """Give rows, by number, other keys."""
        found = list(rows(model).filter(pk__in=list(new_keys)).order_by("pk"))
        noted = [{"id": row.pk, "old": row.key, "new": new_keys[row.pk]} for row in found]
        if noted:
            self.keyed.append({"model": label(model), "rows": noted})
        set_keys(model, new_keys)

    # --- when it is undone ---

    def put_back_record(self, model: type[Model], begins_as: Row) -> Any:
        """The record as it was, but for what the database derives from rows that are still to come."""
        return insert(model, self.record | begins_as)

    def change_back(self, record: Model) -> None:
        for change in self.changed:
            setattr(record, change["column"], change["old"])
        if self.changed:
            record.save(update_fields=[change["column"] for change in self.changed])

    def take_away(self) -> None:
        for added in self.added:
            rows(model_of(added)).filter(pk=added["id"]).delete()

    def move_back(self, gone: Model, into: Model) -> None:
        """What still points at the record that stayed returns; what has gone elsewhere since stays where it is."""
        for moved in self.moved:
            column = moved["column"]
            rows(model_of(moved)).filter(pk__in=moved["ids"], **{column: into.pk}).update(**{column: gone.pk})

    def put_back_dropped(self) -> None:
        for dropped in reversed(self.dropped):
            insert(model_of(dropped), dropped["row"])

    def ids(self, model: type[Model]) -> list[int]:
        """The numbers of the rows of a model that moved."""
        return [pk for moved in self.moved if model_of(moved) is model for pk in moved["ids"]]


def set_keys(model: type[Model], new_keys: Mapping[Any, str]) -> None:
    found = list(rows(model).filter(pk__in=list(new_keys)).order_by("pk"))
    for row in found:
        row.key = new_keys[row.pk]
    rows(model).bulk_update(found, ["key"], batch_size=BATCH)


def label(model: type[Model]) -> str:
    return model._meta.label_lower  # noqa: SLF001 - documented


def model_of(noted: Row) -> type[Model]:
    return apps.get_model(noted["model"])


def rows(model: type[Model]) -> QuerySet[Any]:
    return model._base_manager.all()  # noqa: SLF001 - documented


def stored(model: type[Model]) -> Iterable[Any]:
    """The columns that are written; the database makes the others."""
    return (each for each in model._meta.concrete_fields if not isinstance(each, GeneratedField))  # noqa: SLF001


def values_of(row: Model) -> Row:
    return {each.attname: each.value_from_object(row) for each in stored(type(row))}


def insert(model: type[Model], values: Row) -> Any:
    """Write a row as it was, number and all."""
    row = model(**{each.attname: each.to_python(values[each.attname]) for each in stored(model)})
    row.save(force_insert=True)
    return row
