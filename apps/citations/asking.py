"""Clients made from the settings: where a service is, who asks, and the rate that all processes share."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

from django.conf import settings
from redis.exceptions import RedisError

from apps.citations.clients import Client, Endpoint, Patience, client_for
from apps.citations.clients.limits import LONGEST_WAIT, local, redis_at, shared
from apps.citations.clients.transport import Acquire, span_of


def endpoint_of(service: str) -> Endpoint:
    return Endpoint(**settings.CITATION_SERVICES[service])


def client_of(service: str, before_each: Callable[[], None]) -> Client:
    """A client that calls `before_each` before every request, after waiting for its turn.

    The first turn comes a second late: the run before this one may have been killed just after a request.
    """
    turn = turn_of(service)
    begin = time.monotonic() + span_of(endpoint_of(service).requests_per_second)

    def acquire() -> None:
        time.sleep(max(0.0, begin - time.monotonic()))
        turn()
        before_each()

    return client_for(service, endpoint_of(service), acquire, Patience(**settings.CITATION_PATIENCE))


def turn_of(service: str, longest_wait: float = LONGEST_WAIT) -> Acquire:
    """The rate limit of a service: shared through Redis, or this process's own where there is none."""
    rate = endpoint_of(service).requests_per_second
    redis = redis_at(settings.REDIS_URL)
    try:
        redis.ping()
    except RedisError:
        return _local(service, rate)
    return shared(redis, service, rate, longest_wait=longest_wait)


@functools.cache
def _local(service: str, rate: float) -> Acquire:
    return local(service, rate)
