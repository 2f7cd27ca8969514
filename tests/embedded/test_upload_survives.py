"""An upload whose worker is killed, in the middle of its check and of its storing: it ends, once, and whole."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from exodb.embedded import redis
from exodb.embedded.places import DATABASE
from exodb.embedded.postgres import query
from tests.embedded.running import ROOT, Server, clean_environment, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
    pytest.mark.skipif(redis.program() is None, reason=redis.ABSENT),
]

ROWS = 500
SECONDS_UNTIL_REDELIVERED = 5


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("upload") / "var")
    server.start(seconds=300, TASK_VISIBILITY_TIMEOUT=str(SECONDS_UNTIL_REDELIVERED))
    yield server
    server.stop()


def told(server: Server, *act: str) -> None:
    command = [sys.executable, "-m", "exodb.embedded", "run", "--data", str(server.data), "--", sys.executable, "-m"]
    subprocess.run(
        [*command, "tests.embedded.upload_app", *act], env=clean_environment(), cwd=ROOT, check=True, timeout=120
    )


def asked(server: Server, sql: str) -> str:
    return query(server.data, sql, DATABASE)


def at_work(server: Server, state: str) -> bool:
    """Whether the upload is in this state, and is at the step that holds a transaction open."""
    return asked(server, f"SELECT count(*) FROM curation_upload WHERE state = '{state}' AND step = 'storing'") == "1"


def killed_in(server: Server, state: str) -> None:
    """Kill the worker and all its children, once it is in the middle of the work."""
    eventually(lambda: at_work(server, state), 120)
    pid = server.children()["worker"]
    os.killpg(os.getpgid(pid), signal.SIGKILL)
    assert asked(server, "SELECT state FROM curation_upload") == state


def test_an_upload_whose_worker_is_killed_ends_once_and_whole(server: Server) -> None:
    claims = int(asked(server, "SELECT count(*) FROM claims_claim"))
    told(server, "upload", str(ROWS))
    killed_in(server, "checking")
    eventually(lambda: asked(server, "SELECT state FROM curation_upload") == "checked", 240)
    assert int(asked(server, "SELECT count(*) FROM claims_claim")) == claims

    told(server, "confirm")
    killed_in(server, "storing")
    assert int(asked(server, "SELECT count(*) FROM claims_claim")) == claims
    eventually(lambda: asked(server, "SELECT state FROM curation_upload") == "stored", 240)

    assert int(asked(server, "SELECT count(*) FROM claims_claim")) == claims + ROWS
    assert asked(server, "SELECT count(*) FROM curation_uploadfile") == "0"
