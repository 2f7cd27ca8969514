"""One rate for all workers, as the service sees it."""

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from redis import Redis

from apps.citations.clients import Endpoint, Ids, Unavailable, client_for
from apps.citations.clients.limits import Limit, local, redis_at, shared
from tests.citations.server import Server, Store
from tests.citations.server.http import most_in_a_second

RATE = 20.0


@pytest.fixture
def redis() -> Iterator[Redis]:
    """The Redis of the test run."""
    client = redis_at(os.environ["REDIS_URL"])
    yield client
    client.close()


def ask(endpoint: Endpoint, redis_url: str, service: str, times: int) -> None:
    """What one worker does."""
    redis = redis_at(redis_url)
    with client_for("icite", endpoint, shared(redis, service, RATE)) as client:
        for number in range(times):
            client.fetch([Ids(1, pmid=str(900_000_001 + number))])
    redis.close()


@pytest.mark.slow
def test_several_processes_together_keep_the_rate_at_the_server(redis: Redis) -> None:
    name = f"test-{uuid4()}"
    spawn = multiprocessing.get_context("spawn")
    with Server(Store(50)) as server:
        workers = [
            spawn.Process(target=ask, args=(server.endpoint("icite"), os.environ["REDIS_URL"], name, 20))
            for _ in range(4)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        times = sorted(seen.at for seen in server.requests("icite"))

    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(times) == 80
    assert most_in_a_second(times) <= RATE
    assert times[-1] - times[0] >= 79 / RATE
    assert times[-1] - times[0] <= 2.5 * 79 / RATE, "nor is the rate left unused"


def test_threads_of_one_process_keep_it_too(redis: Redis) -> None:
    turn = shared(redis, f"test-{uuid4()}", 50.0)
    times: list[float] = []

    def work() -> None:
        for _ in range(10):
            turn()
            times.append(time.time())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert len(times) == 40
    assert max(times) - min(times) >= 39 / 50


def test_services_do_not_wait_for_one_another(redis: Redis) -> None:
    begun = time.monotonic()
    for _ in range(3):
        shared(redis, f"test-{uuid4()}", 0.1)()

    assert time.monotonic() - begun < 5


def test_a_restarted_redis_is_no_failure(redis: Redis) -> None:
    turn = shared(redis, f"test-{uuid4()}", 100.0)
    turn()
    redis.script_flush()
    redis.connection_pool.disconnect()
    turn()


def test_without_redis_there_is_no_permission() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gone = Redis(port=port)
    with pytest.raises(Unavailable, match="can't be reached"):
        shared(gone, "crossref", 10.0)()
    gone.close()


def test_a_turn_that_would_come_too_late_is_none() -> None:
    naps: list[float] = []
    turn = local("crossref", 0.01)
    assert isinstance(turn, Limit)
    turn._longest_wait, turn._sleep = 5.0, naps.append
    turn()

    with pytest.raises(Unavailable) as caught:
        turn()

    assert (caught.value.retry_after or 0) > 100
    assert naps == []


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        local("crossref", 0)


def test_a_unix_socket_is_named_as_celery_does() -> None:
    client = redis_at("redis+socket:///tmp/somewhere/redis.sock")

    assert client.connection_pool.connection_kwargs["path"] == "/tmp/somewhere/redis.sock"  # noqa: S108
    client.close()
