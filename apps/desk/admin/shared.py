"""What several pages of the desk share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest


class ReadOnly:
    """A page that shows, and changes nothing."""

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False


class ToDo(admin.SimpleListFilter):
    """What nobody has decided on."""

    title = "work list"
    parameter_name = "to_do"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "To do")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.to_do() if self.value() == "yes" else queryset  # type: ignore[attr-defined]


class ToDoFirst(ToDo):
    """The same, where the work list is what one comes for: all is only shown when asked for."""

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "To do"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            yield {
                "selected": (self.value() or "yes") == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset if self.value() == "all" else queryset.to_do()  # type: ignore[attr-defined]
