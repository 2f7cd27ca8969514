"""The rate that all processes together keep: one number per service in Redis.

The generic cell rate algorithm: each request pushes the earliest time of the next one forward by one interval, in one
atomic step. A worker whose clock lags only waits longer. No bursts: a service sees an even stream.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import ceil
from typing import cast

from pyrate_limiter import GCRA, InMemoryStateStore, Rate, RateItem, RedisStateStore, StateBucket, StateStore
from redis import Redis
from redis.exceptions import RedisError

from .errors import Unavailable
from .transport import Acquire

# Requests leave evenly and arrive unevenly: with a tenth to spare, a second at the service never holds one too many.
MARGIN = 1.1
LONGEST_WAIT = 300.0
LONGEST_NAP = 5.0


class Limit:
    """Wait for permission to make one request."""

    def __init__(
        self,
        service: str,
        requests_per_second: float,
        store: StateStore,
        *,
        longest_wait: float = LONGEST_WAIT,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if requests_per_second <= 0:
            raise ValueError(f"{service}: the rate is {requests_per_second}; it must be above 0")
        interval = ceil(1000 * MARGIN / requests_per_second)
        self._service = service
        self._bucket = StateBucket([Rate(1, interval, burst=1)], GCRA(), store)
        # The bucket remembers its last refusal: whoever was refused must read it before the next thread asks.
        self._lock = threading.Lock()
        self._longest_wait = longest_wait
        self._sleep = sleep

    def __call__(self) -> None:
        deadline = time.monotonic() + self._longest_wait
        while (pause := self._ask()) > 0:
            if time.monotonic() + pause > deadline:
                raise Unavailable(f"{self._service}: no turn within {self._longest_wait:.0f} s", retry_after=pause)
            self._sleep(min(pause, LONGEST_NAP))

    def _ask(self) -> float:
        """Take a turn and return 0, or return how many seconds to wait before asking again."""
        try:
            with self._lock:
                item = RateItem(self._service, int(time.time() * 1000))
                if self._bucket.put(item):
                    return 0.0
                # Never awaitable: both stores are synchronous.
                return max(0.001, cast("int", self._bucket.waiting(item)) / 1000)
        except RedisError as error:
            raise Unavailable(f"{self._service}: the shared rate limit can't be reached") from error


def shared(redis: Redis, service: str, requests_per_second: float, *, longest_wait: float = LONGEST_WAIT) -> Acquire:
    """A limit that every process keeps which uses the same Redis."""
    return Limit(
        service, requests_per_second, RedisStateStore(redis, f"exodb:rate:{service}"), longest_wait=longest_wait
    )


def local(service: str, requests_per_second: float) -> Acquire:
    """A limit of this process alone: for a single command without a broker, and for tests."""
    return Limit(service, requests_per_second, InMemoryStateStore())


def redis_at(url: str) -> Redis:
    """A client for a Redis address, also for a unix socket as Celery writes it."""
    return Redis.from_url(url.replace("redis+socket://", "unix://", 1))
