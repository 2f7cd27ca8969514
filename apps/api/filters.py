"""Kinds of values that a filter takes, and the filter that refuses every other with a sentence.

Built on django-filter's sets. Each filter takes any number of values, joined by *or*: repeated, or separated by
commas where the values themselves hold none.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, override

import django_filters
from django import forms
from django.db.models import F, OrderBy, Q, QuerySet
from django.utils.datastructures import MultiValueDict
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api.problems import Fault, refused, shown
from apps.finding.fields import Unfit
from apps.records.models import Kind as RecordKind
from apps.terms.table import is_curie

MOST_VALUES = 100
MOST_CHARACTERS = 500


class Kind(ABC):
    """A kind of value."""

    schema: dict[str, Any]

    @abstractmethod
    def parse(self, text: str) -> Any:
        """The value of the text, or `Unfit`."""

    def split(self, text: str) -> Iterable[str]:
        """The values that one text holds."""
        return text.split(",")


class Choice(Kind):
    """One of a few words."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = [str(value) for value in values]
        self.schema = {"type": "string", "enum": self.values}

    @override
    def parse(self, text: str) -> str:
        if text not in self.values:
            raise Unfit(f"is none of {', '.join(self.values)}")
        return text


class YesNo(Choice):
    """true or false."""

    def __init__(self) -> None:
        super().__init__(["true", "false"])
        self.schema = {"type": "boolean"}

    @override
    def parse(self, text: str) -> bool:  # type: ignore[override]
        return super().parse(text) == "true"


class Whole(Kind):
    """A whole number within bounds."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.schema = {"type": "integer", "minimum": low, "maximum": high}

    @override
    def parse(self, text: str) -> int:
        if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) and self.low <= int(text) <= self.high:
            return int(text)
        raise Unfit(f"is not a whole number from {self.low} to {self.high}")


class Day(Kind):
    """A day of the calendar."""

    def __init__(self) -> None:
        self.schema = {"type": "string", "format": "date", "example": "2026-11-24"}

    @override
    def parse(self, text: str) -> date:
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise Unfit("is not a day like 2026-11-24")


class Like(Kind):
    """Text of one shape."""

    def __init__(self, pattern: str, example: str) -> None:
        self.pattern, self.example = re.compile(pattern, re.ASCII), example
        self.schema = {"type": "string", "pattern": f"^(?:{pattern})$", "example": example}

    @override
    def parse(self, text: str) -> str:
        if not self.pattern.fullmatch(text):
            raise Unfit(f"is not like {self.example}")
        return text


def accession(kind: RecordKind) -> Like:
    return Like(f"{kind.value}[0-9]{{7}}", f"{kind.value}0000001")


class Words(Kind):
    """Free text: one value, commas and all, unless it is a list of identifiers."""

    def __init__(self, example: str) -> None:
        self.schema = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS, "example": example}

    @override
    def parse(self, text: str) -> str:
        return text.strip()

    @override
    def split(self, text: str) -> Iterable[str]:
        parts = text.split(",")
        return parts if all(is_curie(part.strip()) for part in parts) else [text]


class Values(forms.Field):
    """All values of a parameter, parsed."""

    class AsGiven(forms.Widget):
        def value_from_datadict(self, data: Any, files: MultiValueDict[str, Any], name: str) -> list[str]:  # noqa: ARG002
            return data.getlist(name)

    widget = AsGiven

    def __init__(self, *, kind: Kind, many: bool, **options: Any) -> None:
        super().__init__(**options)
        self.kind, self.many = kind, many

    @override
    def clean(self, value: list[str]) -> list[Any]:
        parts = [part.strip() for text in value for part in (self.kind.split(text) if self.many else [text])]
        most = MOST_VALUES if self.many else 1
        if len(parts) > most:
            raise _refusal(f"takes at most {most} value{'s' * self.many}", f"{len(parts)} values")
        faults: list[forms.ValidationError] = []
        parsed = [self._parsed(part, faults) for part in parts]
        if faults:
            raise forms.ValidationError(faults)
        return parsed

    def _parsed(self, text: str, faults: list[forms.ValidationError]) -> Any:
        try:
            return self.kind.parse(_readable(text))
        except Unfit as why:
            faults.append(_refusal(f"{shown(text)!r} {why}", text))


def _readable(text: str) -> str:
    if not text:
        raise Unfit("is empty: leave the parameter out, or give it a value")
    if len(text) > MOST_CHARACTERS:
        raise Unfit(f"is longer than {MOST_CHARACTERS} characters")
    if "\0" in text:
        raise Unfit("holds a null character")
    return text


def _refusal(message: str, value: str) -> forms.ValidationError:
    return forms.ValidationError(message.replace("%", "%%"), params={"value": shown(value)})


class Filter(django_filters.Filter):
    """Keep the records for which `where` holds of the values given."""

    field_class = Values

    def __init__(self, kind: Kind, where: Callable[[list[Any]], Q], *, says: str, many: bool = True) -> None:
        super().__init__(kind=kind, many=many, help_text=says)
        self.where = where

    @override
    def filter(self, qs: QuerySet[Any], value: list[Any]) -> QuerySet[Any]:
        return qs.filter(self.where(value)) if value else qs

    def parameter(self, name: str) -> dict[str, Any]:
        """The parameter as OpenAPI describes it."""
        schema, many = dict(self.extra["kind"].schema), self.extra["many"]
        # In words, for a reference that fills every example in would send them all together.
        example = schema.pop("example", None)
        says = f"{self.extra['help_text']} For example `{example}`." if example else self.extra["help_text"]
        described = {"type": "array", "items": schema, "maxItems": MOST_VALUES} if many else schema
        style = {"explode": isinstance(self.extra["kind"], Words), "style": "form"} if many else {}
        parameter = {"name": name, "in": "query", "required": False, "description": says}
        return {**parameter, "schema": described, **style}


class Ordering(Filter):
    """Put the records in the order of the fields named, each with - in front for the other way round.

    Of the fields in `unknown_last`, records without a value come last, whichever way. What stands level goes by what
    `level_with` names for the last field, then by the key, the same way round as that field: so an index has the order.
    """

    def __init__(
        self, *, unknown_last: Sequence[str] = (), level_with: Mapping[str, Sequence[str]] | None = None, **paths: str
    ) -> None:
        self.paths, self.unknown_last, self.level_with = paths, unknown_last, level_with or {}
        names = [sign + name for name in paths for sign in ("", "-")]
        super().__init__(Choice(names), lambda _: Q(), says="Order; - in front turns it round. The order is total.")

    @override
    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if not value:
            return qs
        sign = "-" * value[-1].startswith("-")
        level = self.level_with.get(value[-1].removeprefix("-"), ())
        return qs.order_by(*map(self._by, value), *(sign + path for path in (*level, "pk")))

    def _by(self, name: str) -> str | OrderBy:
        field, backwards = name.removeprefix("-"), name.startswith("-")
        if field in self.unknown_last:
            return OrderBy(F(self.paths[field]), descending=backwards, nulls_last=True)
        return f"{'-' * backwards}{self.paths[field]}"


class Filters(django_filters.FilterSet):
    """The filters of a list. Only those asked for are made: the others leave out nothing."""

    base_filters: dict[str, Any]

    def __init__(self, data: Any = None, queryset: Any = None, *, request: Any = None, prefix: Any = None) -> None:
        known: dict[str, Filter] = type(self).base_filters
        self.base_filters = {name: each for name, each in known.items() if name in (data or ())}
        super().__init__(data, queryset, request=request, prefix=prefix)


class FilterBackend(BaseFilterBackend):
    """Filters a list by its view's `filterset_class`, and refuses bad values with all their faults at once."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filters = view.filterset_class(request.query_params, queryset=queryset, request=request)  # type: ignore[attr-defined]
        if not filters.is_valid():
            raise refused(list(_faults(filters.form)))
        return filters.qs

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        filters: dict[str, Filter] = view.filterset_class.base_filters  # type: ignore[attr-defined]
        return [each.parameter(name) for name, each in filters.items()]


def _faults(form: forms.Form) -> Iterable[Fault]:
    for field, errors in form.errors.as_data().items():
        for error in errors:
            value = (error.params or {}).get("value", "")
            yield {"field": field, "value": value, "message": f"{field}: {' '.join(error.messages)}."}
