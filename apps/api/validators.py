"""Whether what a client holds still stands: ETag and Last-Modified, and 304 for who asks.

The ETag is of what was answered, and so always true. It is remembered beside the moment of the database that it was
answered in: for as long as nothing at all was written since, who brings it is answered without reading the evidence.
"""

from __future__ import annotations

import hashlib
import math
import time
from http import HTTPStatus
from typing import Any, override

from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.parameters import KnownParameters

READ = {"GET", "HEAD"}
SECONDS = 3_600
# To keep is allowed, to use unasked is not: a retraction counts at once.
CACHE_CONTROL = "no-cache"
# Two snapshots of the same text show the same. A transaction that writes sees its own besides.
NOW = """SELECT concat_ws('/', current_database(), pg_postmaster_start_time(), pg_current_snapshot())
    WHERE pg_current_xact_id_if_assigned() IS NULL"""


class Unchanged(Exception):
    """What the client holds still stands."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        self.answer = answer


class Reading(KnownParameters):
    """An address that the public reads: its answers can be kept, and asked after."""

    http_method_names = ["get", "head", "options"]
    moment: str | None = None
    # Whether the answer comes from the database, and not from the code alone.
    of_evidence = True

    @override
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in READ or not self.of_evidence:
            return
        self.moment = _now()
        known = caches["validators"].get(self._key)
        if known is not None and (answer := self._unchanged(known)):
            raise Unchanged(answer)

    @override
    def handle_exception(self, exc: Exception) -> Any:
        return exc.answer if isinstance(exc, Unchanged) else super().handle_exception(exc)

    @override
    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if answer.status_code != HTTPStatus.OK or request.method not in READ:
            return answer
        if isinstance(answer, Response):
            answer.add_post_render_callback(self._with_validators)
        elif answer.streaming:
            self._tag_stream(answer)
        return answer

    def _tag_stream(self, answer: HttpResponseBase) -> None:
        """Tag what is not read before it is sent by the moment that it was asked at."""
        if self.moment is not None:
            etag = f'W/"{self._key[:32]}"'
            caches["validators"].set(self._key, etag, SECONDS)
            self._tell(answer, etag)

    def _with_validators(self, answer: HttpResponse) -> HttpResponseBase | None:
        """The answer with its validators, or that it is what the client holds."""
        etag = f'W/"{hashlib.sha256(answer.content).hexdigest()[:32]}"'
        if self.moment is not None:
            caches["validators"].set(self._key, etag, SECONDS)
        self._tell(answer, etag)
        return self._unchanged(etag, answer)

    def _unchanged(self, etag: str, answer: HttpResponse | None = None) -> HttpResponseBase | None:
        """The answer that spares the client what it holds, if it does; or the one that was made."""
        # Django's own word on If-None-Match, If-Modified-Since and their like.
        asked = self.request._request  # noqa: SLF001
        checked = get_conditional_response(asked, etag=etag, last_modified=self._since, response=answer)
        if checked is not None and checked is not answer:
            for name, value in self.headers.items():
                checked[name] = value
            self._tell(checked, etag)
            del checked["Content-Type"]
        return checked

    def _tell(self, answer: HttpResponseBase, etag: str) -> None:
        """Say how the answer may be kept."""
        answer["ETag"], answer["Cache-Control"] = etag, CACHE_CONTROL
        patch_vary_headers(answer, ["Accept-Encoding"])
        if since := self._since:
            answer["Last-Modified"] = http_date(since)

    @property
    def _key(self) -> str:
        """The address asked for, in the form asked for."""
        asked = f"{self.request.accepted_media_type} {self.request.build_absolute_uri()}"
        return hashlib.sha256(f"{self.moment} {asked}".encode()).hexdigest()

    @property
    def _since(self) -> int | None:
        """Since when nothing was written, as far as this process knows; None while that second is not over.

        Rounded up, for dates in HTTP know no less than a second: what was written within it would be missed.
        """
        if self.moment is None:
            return None
        moment, since = caches["validators"].get("since") or ("", 0)
        if moment != self.moment:
            since = math.ceil(time.time())
            caches["validators"].set("since", (self.moment, since), None)
        return since if since <= time.time() else None


def _now() -> str | None:
    """The moment of the database, told apart from every other; None within a transaction that writes."""
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        found = cursor.fetchone()
    return found[0] if found else None
