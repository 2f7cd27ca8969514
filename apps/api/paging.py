"""Pages of a list, of a size that the caller may choose: each is found from where the one before it ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, override

from django.core.paginator import InvalidPage, Paginator
from django.db.models import QuerySet
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from apps.api.cursors import Order, Place
from apps.api.problems import Problem, refused, shown

PARAMETERS = ("page", "page_size", "cursor")
PAGE_SIZE, MOST = 50, 200
WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass
class Page:
    """Some records of a list, and the addresses of what is before and behind them."""

    records: list[Any]
    count: int
    next: str | None = None
    previous: str | None = None


class Pages(BasePagination):
    """Pages that refuse what they can't give, where others silently give something else."""

    page: Page

    @override
    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        number, size = _whole_number(request, "page"), _page_size(request)
        if number and "cursor" in request.query_params:
            raise refused([{"field": "page", "message": "page: a page has a number or a cursor, not both."}])
        if not isinstance(queryset, QuerySet):
            self.page = _numbered(queryset, number or 1, size, request)
            return self.page.records
        # A list may know better than to count all of it for each page.
        count = getattr(view, "count", QuerySet.count)(queryset)
        if number and number > 1:
            self.page = _by_number(queryset, number, size, count, request)
        else:
            self.page = _by_cursor(queryset, size, count, request)
        return self.page.records

    @override
    def get_paginated_response(self, data: Any) -> Response:
        """The page, whose neighbours stand in the header Link, too."""
        page = self.page
        ways = {"next": page.next, "prev": page.previous}
        link = ", ".join(f'<{address}>; rel="{way}"' for way, address in ways.items() if address)
        body = {"count": page.count, "next": page.next, "previous": page.previous, "results": data}
        return Response(body, headers={"Link": link} if link else None)

    @override
    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE_SIZE}
        # No default: generated clients would send it with each cursor.
        number = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
        cursor = {"type": "string", "minLength": 1}
        return [
            _parameter("page", "The page, from 1. A page beyond the last is 404. Far behind it costs more.", number),
            _parameter("page_size", f"Records to a page, at most {MOST}.", size),
            _parameter(
                "cursor", "Where a page begins, as `next` and `previous` give it, for the same filters.", cursor
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


# --- by cursor --------------------------------------------------------------------------------------------------------


def _by_cursor(records: QuerySet[Any], size: int, count: int, request: Request) -> Page:
    """The page at the cursor, or the first."""
    order, of = Order(records), list_of(request)
    place = _place(order, of, request)
    backwards = place is not None and place.backwards
    # One more tells whether there is more.
    found = order.page(size + 1, place)
    more, kept = len(found) > size, found[:size]
    if backwards:
        kept.reverse()
    page = Page(kept, count)
    before, behind = (more, True) if backwards else (place is not None, more)
    if kept:
        ends = Place(order.values(kept[-1])), Place(order.values(kept[0]), backwards=True)
        after, ahead = (_address(request, order.write(end, of=of)) for end in ends)
        page.next, page.previous = after if behind else None, ahead if before else None
    elif place is not None:
        # All that was on this side has gone: what is on the other side, or right here, is still there.
        turned = _address(request, order.write(Place(place.values, not backwards, here=True), of=of))
        page.next, page.previous = (turned, None) if backwards else (None, turned)
    return page


def _place(order: Order, of: str, request: Request) -> Place | None:
    given = request.query_params.getlist("cursor")
    if not given:
        return None
    try:
        (text,) = given
        return order.read(text, of=of)
    except ValueError:
        message = "cursor: this is no cursor of this list with these filters: follow next from the first page."
        raise refused([{"field": "cursor", "value": shown(",".join(given)), "message": message}]) from None


def list_of(request: Request) -> str:
    """What a cursor is a place of: the address, its filters and its order."""
    asked = {
        name: values for name, values in request.query_params.lists() if name not in {*PARAMETERS, "format", "expand"}
    }
    return f"{request.path} {sorted(asked.items())}"


def _address(request: Request, cursor: str) -> str:
    return replace_query_param(remove_query_param(request.build_absolute_uri(), "page"), "cursor", cursor)


# --- by number --------------------------------------------------------------------------------------------------------


def _by_number(records: QuerySet[Any], number: int, size: int, count: int, request: Request) -> Page:
    """The page of that number; its neighbours are found by cursors."""
    order, of = Order(records), list_of(request)
    page = _numbered(order.listed, number, size, request, count)
    if page.next:
        page.next = _address(request, order.write(Place(order.values(page.records[-1])), of=of))
    page.previous = _address(request, order.write(Place(order.values(page.records[0]), backwards=True), of=of))
    return page


def _numbered(
    records: QuerySet[Any] | Sequence[Any], number: int, size: int, request: Request, count: int | None = None
) -> Page:
    paginator = Paginator(records, size)
    if count is not None:
        paginator.count = count
    try:
        found = paginator.page(number)
    except InvalidPage as error:
        raise Problem(
            HTTPStatus.NOT_FOUND,
            f"Page {number} is beyond the last: with {size} to a page there are "
            f"{paginator.num_pages} ({paginator.count} records).",
            errors=[{"field": "page", "value": str(number), "message": f"The last page is {paginator.num_pages}."}],
        ) from error
    address = request.build_absolute_uri()
    page = Page(list(found), paginator.count)
    page.next = replace_query_param(address, "page", number + 1) if found.has_next() else None
    page.previous = replace_query_param(address, "page", number - 1) if found.has_previous() else None
    return page


# --- parameters -------------------------------------------------------------------------------------------------------


def _page_size(request: Request) -> int:
    size = _whole_number(request, "page_size") or PAGE_SIZE
    if size > MOST:
        raise refused([{"field": "page_size", "value": str(size), "message": f"page_size is at most {MOST}."}])
    return size


def _whole_number(request: Request, name: str) -> int | None:
    """The parameter as a number; None where it was not given."""
    given = request.query_params.getlist(name)
    if not given:
        return None
    if len(given) > 1 or not WHOLE_NUMBER.fullmatch(given[0]):
        message = f"{name} takes one whole number from 1."
        raise refused([{"field": name, "value": shown(",".join(given)), "message": message}])
    return int(given[0])


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
