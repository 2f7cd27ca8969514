"""What a killed worker held is done by the next one: with the settings and the broker that the server runs on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exodb.embedded import processes, redis
from exodb.embedded.redis import Redis
from tests.embedded.running import ROOT, clean_environment, eventually

pytestmark = [pytest.mark.slow, pytest.mark.skipif(redis.program() is None, reason=redis.ABSENT)]
SECONDS_UNTIL_REDELIVERED = 3


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Redis]:
    broker = Redis(tmp_path, tmp_path / "redis.log")
    broker.start()
    yield broker
    broker.stop()
    broker.socket.parent.rmdir()


@pytest.fixture
def environment(broker: Redis) -> dict[str, str]:
    return clean_environment(
        REDIS_URL=f"redis+socket://{broker.socket}",
        EXODB_DATA=str(broker.data),
        DATABASE_URL=os.environ["DATABASE_URL"],  # a worker checks the models when it starts
        TASK_VISIBILITY_TIMEOUT=str(SECONDS_UNTIL_REDELIVERED),
    )


@pytest.fixture
def start_worker(environment: dict[str, str]) -> Iterator["WorkerStarter"]:
    starter = WorkerStarter(environment)
    yield starter
    for worker in starter.started:
        processes.stop(worker, signal.SIGTERM, 10)


class WorkerStarter:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.started: list[subprocess.Popen[bytes]] = []

    def __call__(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", "celery", "-A", "tests.embedded.queue_app", "worker"]
        self.started.append(
            subprocess.Popen(
                [*command, "--concurrency", "1", "--without-gossip", "--without-mingle"],
                env=self.environment,
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
        return self.started[-1]


def send(environment: dict[str, str], path: Path, seconds: float) -> None:
    code = f"from tests.embedded.queue_app import write_lines; write_lines.delay(path={str(path)!r}, seconds={seconds})"
    subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=True, timeout=60)


def test_a_task_whose_worker_was_killed_is_done_by_the_next(
    start_worker: WorkerStarter, environment: dict[str, str], tmp_path: Path
) -> None:
    lines = tmp_path / "lines.txt"
    worker = start_worker()
    send(environment, lines, 2)
    eventually(lambda: lines.exists() and lines.read_text() == "began\n", 30)
    os.killpg(worker.pid, signal.SIGKILL)
    start_worker()

    eventually(lambda: lines.read_text() == "began\nbegan\nended\n", 45)


def test_a_task_outlives_the_death_of_the_broker(
    broker: Redis, start_worker: WorkerStarter, environment: dict[str, str], tmp_path: Path
) -> None:
    lines = tmp_path / "lines.txt"
    send(environment, lines, 0)
    eventually(lambda: _on_disk(broker), 10)
    broker.child.kill()
    broker.child.wait()
    broker.start()
    start_worker()

    eventually(lambda: lines.exists() and lines.read_text() == "began\nended\n", 30)


def _on_disk(broker: Redis) -> bool:
    """Whether the append-only file holds the task; Redis writes it every second."""
    return any(b"tests.write_lines" in path.read_bytes() for path in (broker.data / "redis").rglob("*.aof"))
