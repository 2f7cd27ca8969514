"""One rate for all workers, as the service sees it."""

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from redis import Redis

from apps.citations.clients import Endpoint, Ids, Patience, Unavailable, client_for
from apps.citations.clients.limits import Limit, local, redis_at, shared
from tests.citations.server import Fault, Server, Store
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
    # Turns are given evenly; on a busy machine some arrive late and close together, but none ever early.
    assert all(at - times[0] >= place / RATE - 0.5 for place, at in enumerate(times))
    assert times[-1] - times[0] <= 2.5 * 79 / RATE, "nor is the rate left unused"


@pytest.mark.parametrize("rate", [1.0, 2.5, 8.0])
def test_one_client_never_exceeds_the_rate_in_any_second_whatever_the_wire_does(rate: float) -> None:
    with Server(Store(50)) as server:
        server.misbehave(Fault("slow", nth=3, seconds=0.4))
        with client_for("icite", server.endpoint("icite", requests_per_second=rate), lambda: None) as client:
            for number in range(int(3 * rate)):
                client.fetch([Ids(1, pmid=str(900_000_001 + number))])
        times = sorted(seen.at for seen in server.requests("icite"))

    assert most_in_a_second(times) <= rate


def test_a_service_gets_the_peace_that_it_asked_for_from_the_next_batch_too() -> None:
    naps: list[float] = []
    patience = Patience(attempts=1, longest=30, sleep=naps.append)
    with Server(Store(5)) as server, client_for("icite", server.endpoint("icite"), lambda: None, patience) as client:
        server.misbehave(Fault("429", retry_after="20", times=1))
        for _ in range(2):
            with suppress(Unavailable):
                client.fetch([Ids(1, pmid="900000001")])
        server.misbehave(Fault("429", retry_after="500", times=1))
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                client.fetch([Ids(1, pmid="900000001")])

    assert round(naps[0]) == 20
    assert (caught.value.retry_after or 0) > 490
    assert len(server.requests("icite")) == 3, "the last was not even sent"


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
