"""What the scheduler starts can be started: Celery checks an order's limits only when it is given."""

import re
import time
from pathlib import Path

import pytest
from django.conf import settings

from exodb.celery import app
from exodb.embedded import places, redis
from exodb.embedded.postgres import query
from tests.embedded.running import Server, eventually

pytestmark = pytest.mark.django_db  # Celery checks the models, which asks the database for its version
needs_a_broker = pytest.mark.skipif(redis.program() is None, reason=redis.ABSENT)


@needs_a_broker
@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_entry_of_the_schedule_can_be_ordered(entry: str) -> None:
    app.loader.import_default_modules()
    asked = settings.CELERY_BEAT_SCHEDULE[entry]
    queue = f"tests-{entry}-{time.time_ns()}"
    order = app.tasks[asked["task"]].apply_async(
        asked.get("args", ()), asked.get("kwargs", {}), queue=queue, **asked.get("options", {})
    )

    with app.connection_for_write() as broker:
        waiting = broker.default_channel.client.llen(queue)
        broker.default_channel.client.delete(queue)
    assert (waiting, bool(order.id)) == (1, True)


@needs_a_broker
@pytest.mark.parametrize("name", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_entry_names_a_task_whose_limits_agree(name: str) -> None:
    app.loader.import_default_modules()
    task = app.tasks[settings.CELERY_BEAT_SCHEDULE[name]["task"]]
    soft = task.soft_time_limit or settings.CELERY_TASK_SOFT_TIME_LIMIT

    assert soft < (task.time_limit or settings.CELERY_TASK_TIME_LIMIT)
    assert (task.time_limit or settings.CELERY_TASK_TIME_LIMIT) < settings.CELERY_BROKER_TRANSPORT_OPTIONS[
        "visibility_timeout"
    ]


LOST = """INSERT INTO citations_refreshrun
    (feed_id, state, asked_by, started_at, wanted, found, absent, not_known, requests, message)
    VALUES ('crossref', 'running', 'schedule', now(), 0, 0, 0, 0, 0, '')"""
RUNNING = "SELECT count(*) FROM citations_refreshrun WHERE state = 'running'"


@pytest.mark.slow
@needs_a_broker
def test_the_scheduler_of_a_running_server_starts_its_task_again_and_again(tmp_path: Path) -> None:
    """Each tick closes the runs whose process was killed: two that were laid out one after the other show two ticks."""
    # No service is asked: none is enabled, and where they are is said to be here, where nobody answers.
    services = {f"CITATIONS_{name.upper()}_URL": "http://127.0.0.1:9" for name in settings.CITATION_SERVICES}
    server = Server(tmp_path / "var").start("--no-worker", seconds=240, **services)
    try:
        query(server.data, "UPDATE citations_feed SET enabled = false", places.DATABASE)
        server.stop()
        server.start(CITATIONS_TICK="3", **services)
        for _ in range(2):
            query(server.data, LOST, places.DATABASE)
            eventually(lambda: query(server.data, RUNNING, places.DATABASE) == "0", 120)
        server.stop()

        assert complaints(server) == []
    finally:
        server.stop()


def complaints(server: Server) -> list[str]:
    """The lines in which scheduler or worker complain."""
    logs = [(places.log_dir(server.data) / f"{name}.log").read_text() for name in ("beat", "worker")]
    return [line for log in logs for line in log.splitlines() if re.search("ERROR|CRITICAL|Traceback|Error:", line)]
