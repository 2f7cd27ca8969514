"""An import whose database, web server, worker or own process is killed: all of it is there afterwards, or nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from exodb.embedded.places import DATABASE
from exodb.embedded.postgres import PostgresError, query
from tests.documents.synthetic import a_file
from tests.embedded.running import ROOT, Server, clean_environment, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

DOCUMENTS = 400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("import") / "var").start(seconds=120)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for number in range(DOCUMENTS):
        a_file(folder, name=f"{number}.yaml", pmid=900_100_000 + number)
    return folder


def an_import(server: Server, documents: Path) -> subprocess.Popen[str]:
    """An import that has begun to write."""
    command = [sys.executable, "-m", "exodb.embedded", "run", "--data", str(server.data), "--", sys.executable]
    process = subprocess.Popen(
        [*command, "manage.py", "import_evidence", str(documents), "--verbosity", "0"],
        env=clean_environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    writing = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    eventually(lambda: process.poll() is None and query(server.data, writing, DATABASE) != "0", 30)
    return process


def stored(server: Server) -> int:
    """How many of the synthetic studies are there, once the database answers again."""

    def asked() -> str | None:
        try:
            return query(server.data, "SELECT count(*) FROM studies_study WHERE pmid LIKE '9001%'", DATABASE)
        except PostgresError:
            return None

    return int(eventually(asked, 30))


def test_an_import_whose_database_is_killed_leaves_nothing(server: Server, documents: Path) -> None:
    process = an_import(server, documents)

    server.kill("postgres")
    process.communicate(timeout=60)

    assert process.returncode != 0
    assert stored(server) == 0
    eventually(server.answers)


def test_an_import_that_is_killed_itself_leaves_nothing(server: Server, documents: Path) -> None:
    process = an_import(server, documents)

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)

    assert stored(server) == 0


def test_an_import_goes_on_when_web_and_worker_are_killed(server: Server, documents: Path) -> None:
    process = an_import(server, documents)

    server.kill("web")
    server.kill("worker")
    said, _ = process.communicate(timeout=120)

    assert process.returncode == 0, said
    assert stored(server) == DOCUMENTS
    eventually(server.answers)
