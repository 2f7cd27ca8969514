"""How often one may ask: so many requests in so long, counted in Redis for all processes of the server together.

Where Redis does not answer nobody is refused: to read matters more than to count.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, override

import limits
from django.conf import settings
from django.http import HttpRequest
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import ConnectionPool, RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.accounts.lockout import address_of
from apps.people.models import User

if TYPE_CHECKING:
    # Its module is what imports this one.
    from rest_framework.views import APIView

log = logging.getLogger(__name__)
# A broker that is away is not asked again at each request.
PAUSE = 10
TIMEOUT = 0.3
# What one subscriber has of IPv6.
PREFIX = 64


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with a rate after a request."""

    rate: limits.RateLimitItem
    kept: bool
    remaining: int
    # Until more is to be had.
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"api";q={self.rate.amount};w={self.rate.get_expiry()}',
            "RateLimit": f'"api";r={self.remaining};t={self.seconds}',
        }


class Counter:
    """Counts in Redis; says nothing for a while where that is away."""

    def __init__(self) -> None:
        self.silent_until = -math.inf

    def count(self, rate: limits.RateLimitItem, who: str, cost: int) -> Standing | None:
        if time.monotonic() < self.silent_until:
            return None
        try:
            limiter = _limiter(settings.REDIS_URL)
            kept = limiter.hit(rate, who, cost=cost)
            stats = limiter.get_window_stats(rate, who)
        except (RedisError, OSError) as problem:
            self.silent_until = time.monotonic() + PAUSE
            log.warning("Requests are not counted, for the broker is away: %s", problem)
            return None
        seconds = max(1, math.ceil(stats.reset_time - time.time()))
        return Standing(rate, kept, int(stats.remaining), seconds)


counter = Counter()


@cache
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    # Celery and limits call a socket by different names.
    address = url.replace("redis+socket://", "unix://")
    # Tried once: the reader waits for it.
    pool = ConnectionPool.from_url(address, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=None)
    return SlidingWindowCounterRateLimiter(RedisStorage(address, connection_pool=pool, key_prefix="exodb-rate"))


@cache
def _rate(text: str) -> limits.RateLimitItem | None:
    return limits.parse(text) if text else None


class Rates(BaseThrottle):
    """Refuses who asks too often: a person who is known, else an address. A view may weigh more by `cost`."""

    seconds = 1

    @override
    def allow_request(self, request: Request, view: APIView) -> bool:
        known = isinstance(request.user, User)
        rate = _rate(settings.API_RATE_USER if known else settings.API_RATE)
        if rate is None:
            return True
        who = f"user-{request.user.pk}" if known else f"address-{_subscriber(request._request)}"  # noqa: SLF001
        standing = counter.count(rate, who, getattr(view, "cost", 1))
        if standing is None:
            return True
        request._request.standing = standing  # type: ignore[attr-defined]  # noqa: SLF001 - the middleware shows it
        self.seconds = standing.seconds
        return standing.kept

    @override
    def wait(self) -> float:
        return self.seconds


def _subscriber(request: HttpRequest) -> str:
    """The address that a request comes from; of IPv6 the network, for one subscriber has all of it."""
    given = address_of(request) or ""
    try:
        address = ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, PREFIX), strict=False).network_address)
    return str(address)


def headers_of(request: Any) -> dict[str, str]:
    """What the answer says of the rate; nothing where nobody counted."""
    standing: Standing | None = getattr(request, "standing", None)
    return standing.headers if standing else {}
