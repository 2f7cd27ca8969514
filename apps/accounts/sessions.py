"""Sessions end when they are not used."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

SEEN = "seen"
# So much may be missing of SESSION_HOURS; in return, not every page writes the session anew.
EVERY = 300


class InUse:
    """Middleware: a session that a page looked at is good for another SESSION_HOURS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session, now = request.session, int(time.time())
        # Public pages look at no session, so that they may be cached; nor does this.
        if session.accessed and SESSION_KEY in session and now - session.get(SEEN, 0) > EVERY:
            session[SEEN] = now
        return response
