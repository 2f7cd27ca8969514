"""Pages that say nothing but what the evidence says, made once by each process and kept until it changes.

A page of record with hundreds of links takes longer to write than its numbers take to count. Whoever has a cookie, and
so may be somebody, has their page made for them.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse

from apps.finding.remembering import remembered

# The fastest: what takes longer than to send a few bytes more gains nobody anything.
QUICKLY = 1


class NotKept(Exception):
    """The view answered with something else than a page that others may have, too."""


type View[**Arguments] = Callable[Concatenate[HttpRequest, Arguments], HttpResponse]


def kept[**Arguments](seconds: int) -> Callable[[View[Arguments]], View[Arguments]]:
    """Keep the view's page by its whole address, for so long at most.

    What `records.Change` tells of makes it anew at once; what else it shows may be behind for that time.
    """

    def keeping(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def shown(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponse:
            if request.method not in {"GET", "HEAD"} or request.COOKIES:
                return view(request, *args, **kwargs)
            made: list[HttpResponse] = []

            def make() -> tuple[dict[str, Any], bytes]:
                made.append(view(request, *args, **kwargs))
                if (
                    made[0].status_code != HTTPStatus.OK
                    or made[0].cookies
                    or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
                ):
                    raise NotKept
                return dict(made[0].headers), zlib.compress(made[0].content, QUICKLY)

            address = sha256(request.build_absolute_uri().encode()).hexdigest()
            try:
                headers, page = remembered(f"page:{address}", make, seconds)
            except NotKept:
                return made[0]
            return made[0] if made else HttpResponse(zlib.decompress(page), headers=headers)

        return shown

    return keeping


def _is_for_all(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether it is a page, and holds nothing for this reader alone."""
    alone = response.cookies or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
    return response.status_code == HTTPStatus.OK and not alone
