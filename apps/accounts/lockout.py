"""Lockout after failed sign-ins, counted in the database: of passwords, of codes, and of both again at the account."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

# In the order of AXES_LOCKOUT_PARAMETERS: one account from one address, one address, one account from anywhere.
# An address may be a whole institute, and nobody should keep somebody else out: there, failures weigh a quarter.
WEIGHTS = (1, 4, 4)
Credentials = dict[str, Any] | None


class Lockout(AxesDatabaseHandler):
    """Counts as axes does, with a weight for each way to count."""

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        return max(failures for failures, _ in self.counted(request, credentials))

    def counted(self, request: HttpRequest, credentials: Credentials) -> list[tuple[int, datetime | None]]:
        """Each way's weighed failures, and the time of the last."""
        found = []
        for attempts, weight in zip(self.get_user_attempts(request, credentials), WEIGHTS, strict=True):
            sums = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
            found.append(((sums["failures"] or 0) // weight, sums["last"]))
        return found

    def reset_user_attempts(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """Who got in clears that account at that address alone: no own account clears guesses at others."""
        ours: QuerySet[Any] = self.filter_user_attempts(request, credentials)[0]
        return ours.delete()[0]

    def locked_until(self, request: HttpRequest, credentials: Credentials) -> datetime:
        limit = settings.AXES_FAILURE_LIMIT
        last = [at for failures, at in self.counted(request, credentials) if failures >= limit and at]
        return max(last, default=timezone.now()) + settings.AXES_COOLOFF_TIME


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; behind a proxy, by its word."""
    return get_client_ip(request)


def refuses(request: HttpRequest, username: str) -> bool:
    """Whether this account is locked for this request; the answer will then be the page that says so."""
    credentials = {"username": username}
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out, request.axes_credentials = True, credentials  # type: ignore[attr-defined]
    return True


def count_failure(request: HttpRequest, username: str) -> None:
    """Count a wrong code as a wrong password is counted."""
    AxesProxyHandler.user_login_failed(sender=__name__, credentials={"username": username}, request=request)


def locked(request: HttpRequest, _original: HttpResponse | None, credentials: Credentials) -> HttpResponse:
    """The page for who is locked out, with the time when it ends; the same for accounts that do not exist."""
    ends = Lockout().locked_until(request, credentials)
    seconds = max(1, ceil((ends - timezone.now()).total_seconds()))
    context = {"ends": ends, "minutes": ceil(seconds / 60), "contact": settings.ACCOUNTS_CONTACT}
    answer = render(request, "accounts/locked.html", context, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
