"""Places in an ordered list: where a page ended, by the values that its last record is ordered by.

What comes behind a place is found by these values, not by counting: so a page far behind costs what the first one does,
and what is accepted or withdrawn meanwhile moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any, override

from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import F, Func, Lookup, OrderBy, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

# What records are annotated with: the values that they are ordered by.
PREFIX = "cursor_"


class Row(Func):
    """Several values as one, to be compared as one."""

    function = "ROW"

    @property
    @override
    def output_field(self) -> models.Field[Any, Any]:
        return models.Field()


@dataclass(frozen=True)
class Step:
    """One step of an order."""

    name: str
    by: OrderBy
    field: models.Field[Any, Any]

    @property
    def falling(self) -> bool:
        return bool(self.by.descending)

    @property
    def unknown_last(self) -> bool:
        """Whether records without a value come last; where nothing is said, PostgreSQL takes them for the greatest."""
        return bool(self.by.nulls_last or (not self.by.nulls_first and not self.falling))

    @property
    def plain(self) -> bool:
        """Whether no record without a value can come behind one that has a value."""
        return not self.unknown_last or not getattr(self.field, "null", True)

    def order(self, *, backwards: bool) -> OrderBy:
        first, last = self.by.nulls_first, self.by.nulls_last
        if backwards:
            first, last = last, first
        return OrderBy(F(self.name), descending=self.falling != backwards, nulls_first=first, nulls_last=last)

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def behind(self, value: Any, *, backwards: bool, or_same: bool = False) -> Q:
        """The records that this step puts behind one with the value."""
        known = Q(**{f"{self.name}__isnull": False})
        unknown_behind = self.unknown_last != backwards
        if value is None:
            behind = Q(pk__in=[]) if unknown_behind else known
            return behind | ~known if or_same else behind
        side = ("lt" if self.falling != backwards else "gt") + ("e" if or_same else "")
        further = Q(**{f"{self.name}__{side}": value})
        return further | ~known if unknown_behind and getattr(self.field, "null", True) else further


@dataclass(frozen=True)
class Place:
    """Where a page begins: the values that its neighbour is ordered by."""

    values: list[Any]
    # Whether what is before it is wanted, and whether a record that stands right here is, too.
    backwards: bool = False
    here: bool = False


class Order:
    """The order of a list, down to the record's key, and the list with the values that it is ordered by."""

    def __init__(self, records: QuerySet[Any]) -> None:
        each = [_order_by(step) for step in records.query.order_by]
        if not each or not _unique(records.model, each[-1]):
            each.append(OrderBy(F("pk")))
        named = {f"{PREFIX}{place}": by.expression for place, by in enumerate(each)}
        self.records = records.annotate(**named)
        found = self.records.query.annotations
        self.steps = [Step(name, by, found[name].output_field) for name, by in zip(named, each, strict=True)]

    @property
    def listed(self) -> QuerySet[Any]:
        return self.records.order_by(*(step.order(backwards=False) for step in self.steps))

    def page(self, most: int, place: Place | None = None) -> list[Any]:
        """So many records from the start, behind the place, or, the nearest first, before it."""
        backwards = place is not None and place.backwards
        listed = self.records.order_by(*(step.order(backwards=backwards) for step in self.steps))
        return list((listed.filter(self.beyond(place)) if place else listed)[:most])

    def values(self, record: Any) -> list[Any]:
        """What the record is ordered by."""
        return [getattr(record, step.name) for step in self.steps]

    def beyond(self, place: Place) -> Any:
        """The records on the side of the place that is wanted, as a condition."""
        one_way = len({step.falling for step in self.steps}) == 1 and not (place.backwards or place.here)
        if one_way and None not in place.values and all(step.plain for step in self.steps):
            return self._as_row(place.values)
        # The first term says nothing new: it is what an index can be asked for.
        bound = self.steps[0].behind(place.values[0], backwards=place.backwards, or_same=True)
        return bound & reduce(or_, self._ways(place))

    def _as_row(self, place: Sequence[Any]) -> Q:
        falling = self.steps[0].falling
        behind = Q(_compared(LessThan if falling else GreaterThan, self.steps, place))
        if len(self.steps) <= 2:  # noqa: PLR2004
            return behind
        # Says nothing new, but an index may know all but the key, which is another table's.
        bound = _compared(LessThanOrEqual if falling else GreaterThanOrEqual, self.steps[:-1], place[:-1])
        return Q(bound) & behind

    def _ways(self, place: Place) -> Iterator[Q]:
        """Behind by one step, and level in all before it."""
        level: list[Q] = []
        for step, value in zip(self.steps, place.values, strict=True):
            yield reduce(and_, level, step.behind(value, backwards=place.backwards))
            level.append(step.same(value))
        if place.here:
            yield reduce(and_, level)

    def write(self, place: Place, *, of: str) -> str:
        """The place as an address holds it. `of` says which list it is a place of."""
        said = [value.isoformat() if isinstance(value, date) else value for value in place.values]
        return _signer(of).sign_object([int(place.backwards), int(place.here), *said], compress=True)

    def read(self, text: str, *, of: str) -> Place:
        """The place that was written; ValueError for any other text."""
        try:
            backwards, here, *said = _signer(of).unsign_object(text)
        except BadSignature as error:
            raise ValueError(text) from error
        values = [step.field.to_python(value) for step, value in zip(self.steps, said, strict=True)]
        return Place(values, bool(backwards), bool(here))


def _compared(how: type[Lookup[Any]], steps: Sequence[Step], place: Sequence[Any]) -> Lookup[Any]:
    """How the values of a record, taken as one, stand to those of the place."""
    here = Row(*(F(step.name) for step in steps))
    return how(here, Row(*(Value(value, output_field=step.field) for step, value in zip(steps, place, strict=True))))


def _signer(of: str) -> Signer:
    return Signer(salt=f"apps.api.cursors {of}")


def _unique(model: type[models.Model], by: OrderBy) -> bool:
    """Whether no two records are level in this step."""
    name = getattr(by.expression, "name", "")
    return name == "pk" or any(field.name == name and field.unique for field in model._meta.concrete_fields)  # noqa: SLF001


def _order_by(step: Any) -> OrderBy:
    if isinstance(step, OrderBy):
        return step
    if isinstance(step, str):
        return OrderBy(F(step.removeprefix("-")), descending=step.startswith("-"))
    return OrderBy(step)
