"""Pages of a list: whole numbers from 1, of a size that the caller may choose."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, override

from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.problems import Problem, refused, shown

PARAMETERS = ("page", "page_size")
WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Pages(PageNumberPagination):
    """Pages that refuse what they can't give, where others silently give something else."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"

    @override
    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        number = _whole_number(request, self.page_query_param) or 1
        paginator = Paginator(queryset, self.get_page_size(request))
        try:
            self.page = paginator.page(number)
        except InvalidPage as error:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                f"Page {number} is beyond the last: with {paginator.per_page} to a page there are "
                f"{paginator.num_pages} ({paginator.count} records).",
                errors=[{"field": "page", "value": str(number), "message": f"The last page is {paginator.num_pages}."}],
            ) from error
        self.request = request
        return list(self.page)

    @override
    def get_paginated_response(self, data: Any) -> Response:
        """The page, whose neighbours stand in the header Link, too."""
        answer = super().get_paginated_response(data)
        ways = {"next": answer.data["next"], "prev": answer.data["previous"]}
        if link := ", ".join(f'<{address}>; rel="{way}"' for way, address in ways.items() if address):
            answer["Link"] = link
        return answer

    @override
    def get_page_size(self, request: Request) -> int:
        size = _whole_number(request, "page_size") or self.page_size
        if size > self.max_page_size:
            message = f"page_size is at most {self.max_page_size}."
            raise refused([{"field": "page_size", "value": str(size), "message": message}])
        return size

    @override
    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            _parameter("page", "The page, from 1. A page beyond the last is 404.", minimum=1, default=1),
            _parameter(
                "page_size",
                f"Records to a page, at most {self.max_page_size}.",
                minimum=1,
                maximum=self.max_page_size,
                default=self.page_size,
            ),
        ]

    @override
    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["count", "next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "minimum": 0, "description": "Records on all pages together."},
                "next": {**link, "description": "Address of the next page; null on the last."},
                "previous": {**link, "description": "Address of the page before; null on the first."},
                "results": schema,
            },
        }


def _whole_number(request: Request, name: str) -> int | None:
    """The parameter as a number; None where it was not given."""
    given = request.query_params.getlist(name)
    if not given:
        return None
    if len(given) > 1 or not WHOLE_NUMBER.fullmatch(given[0]):
        message = f"{name} takes one whole number from 1."
        raise refused([{"field": name, "value": shown(",".join(given)), "message": message}])
    return int(given[0])


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "integer", **schema},
    }
