"""The whole of ExoDB under its supervisor: killed in every way, it comes back; stopped, it leaves nothing."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from exodb.embedded import places, processes, services
from exodb.embedded.postgres import PostgresError, query
from tests.embedded.running import ROOT, Server, clean_environment, eventually, parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all, for its first start costs the most. Its name has spaces, as a person's may."""
    return tmp_path_factory.mktemp("data of alice") / "var"


@pytest.fixture(scope="module")
def first(data: Path) -> Iterator[Server]:
    """The first start of all, on an empty folder."""
    server = Server(data).start(seconds=240)
    yield server
    server.stop()


@pytest.fixture
def server(first: Server) -> Server:
    """The server, up and answering."""
    if first.process is None or first.process.poll() is not None:
        first.start()
    return first


def test_a_first_start_says_where_to_look(server: Server) -> None:
    said = server.stop(signal.SIGINT)

    assert f"http://localhost:{server.port}/" in said
    assert f"http://localhost:{server.port}/admin/" in said
    assert server.process.returncode == 0


def test_the_command_that_a_start_prints_makes_a_curator(server: Server) -> None:
    if not (ROOT / ".venv" / "exodb-run").exists():
        pytest.skip("the environment was not made by script/_setup")
    said = server.stop()
    command = next(line for line in said.splitlines() if line.startswith("A curator")).removeprefix("A curator").strip()
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=ROOT,
        env=clean_environment(EXODB_PASSWORD="a synthetic passphrase"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    server.start()
    made = query(server.data, "SELECT username FROM people_user WHERE username = 'alice' AND is_staff", places.DATABASE)
    assert made == "alice"


def test_what_serves_and_works_knows_the_application_role_only(server: Server) -> None:
    eventually(server.answers)
    for name in ("web", "search", "worker", "beat"):
        environment = Path(f"/proc/{server.children()[name]}/environ").read_bytes().split(b"\0")
        addresses = [value for value in environment if re.match(rb"DATABASE\w*_URL=", value)]
        assert addresses == [f"DATABASE_URL={places.database_url(server.data)}".encode()]
    others = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
    asked = f"SELECT DISTINCT usename FROM pg_stat_activity WHERE {others}"
    read(server, "/readyz")

    assert query(server.data, asked, places.DATABASE) == places.APPLICATION


def test_requests_to_every_process_of_the_web_server_are_counted_together(server: Server) -> None:
    eventually(server.answers)
    counted, asked = _requests(server, "about"), 0
    folder = places.run_dir(server.data) / "metrics"

    def both_have_answered() -> bool:
        nonlocal asked
        read(server, "/about/")
        asked += 1
        return asked >= 20 and len({path.name.rpartition("_")[2] for path in folder.glob("counter_*.db")}) == 2

    eventually(both_have_answered)
    assert _requests(server, "about") - counted == asked


def _requests(server: Server, view: str) -> float:
    found = re.findall(rf'exodb_requests_total{{.*view="{view}".*}} (\S+)', read(server, "/metrics"))
    return sum(map(float, found))


def read(server: Server, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def test_a_second_start_takes_seconds(server: Server) -> None:
    server.stop()
    began = time.monotonic()
    server.start()

    assert time.monotonic() - began < 30  # beside other tests; under 5 s on a machine of its own


@pytest.mark.parametrize("name", ["web", "postgres", "redis", "search", "worker", "beat"])
def test_what_is_killed_comes_back(server: Server, name: str) -> None:
    server.kill(name)

    eventually(server.answers)
    assert server.process.poll() is None


def test_a_killed_process_of_the_web_server_comes_back(server: Server) -> None:
    web = server.children()["web"]
    workers = [pid for pid in processes.group_members(web) if parent(pid) == web]
    for worker in workers:
        os.kill(worker, signal.SIGKILL)

    eventually(server.answers)


def test_committed_rows_survive_the_death_of_the_database(server: Server) -> None:
    query(server.data, "CREATE TABLE kept AS SELECT generate_series(1, 50000) AS number", places.DATABASE)
    server.kill("postgres")

    rows = eventually(lambda: _count(server.data, "kept"))
    query(server.data, "DROP TABLE kept", places.DATABASE)
    assert rows == "50000"


def test_a_busy_session_does_not_keep_a_killed_database_from_coming_back(server: Server) -> None:
    command = [sys.executable, "-c", "import psycopg, sys; psycopg.connect(sys.argv[1]).execute(sys.argv[2])"]
    address = f"host={places.socket_dir(server.data)} user=postgres dbname=exodb"
    busy = subprocess.Popen([*command, address, "SELECT count(*) FROM generate_series(1, 10000000000)"])
    time.sleep(0.5)
    server.kill("postgres")

    eventually(server.answers)
    assert busy.wait(10) != 0


def test_a_second_server_on_the_same_folder_says_so_and_ends(server: Server) -> None:
    command = [sys.executable, "-P", "-m", "exodb.embedded", "serve", "--data", str(server.data), "--port", "0"]
    second = subprocess.run(
        command, env=clean_environment(), capture_output=True, text=True, timeout=30, check=False, cwd=ROOT
    )

    assert second.returncode == 2
    assert f"http://localhost:{server.port}/" in second.stdout
    assert str(server.process.pid) in second.stdout
    assert server.answers()


def test_a_taken_port_is_told_before_anything_starts(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "exodb.embedded", "serve", "--data", str(tmp_path)]
    second = subprocess.run(
        [*command, "--port", str(server.port)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=ROOT,
    )

    assert second.returncode == 1
    assert f"Port {server.port}" in second.stderr
    assert not places.postgres_dir(tmp_path).exists()


def test_a_command_uses_the_services_of_a_running_server(server: Server) -> None:
    database = server.children()["postgres"]
    asked = _run_command(server.data, "import os, psycopg; print(os.environ['DATABASE_URL'])")

    assert str(places.socket_dir(server.data)) in asked
    assert server.children()["postgres"] == database
    assert server.answers()


def test_a_stopped_server_leaves_nothing_and_a_start_after_it_is_clean(server: Server) -> None:
    began = time.monotonic()
    server.stop(signal.SIGTERM)

    assert time.monotonic() - began < 15
    assert server.process.returncode == 0
    assert server.remains() == []
    assert not places.socket_dir(server.data).exists()


def test_a_start_after_the_supervisor_was_killed_is_clean(server: Server) -> None:
    server.process.kill()
    server.process.communicate()
    server.start()

    assert server.answers()
    assert len([line for line in server.remains() if "granian" in line]) == 3
    server.stop()
    assert server.remains() == []


def test_a_given_database_replaces_the_embedded_one(server: Server, tmp_path: Path) -> None:
    server.stop()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("REDIS_URL", raising=False)
        with services.running(server.data) as environment:
            given = {name: environment[name] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
            other = Server(tmp_path / "var").start("--no-worker", **given)

            assert "postgres" not in other.children()
            assert not places.postgres_dir(other.data).exists()
            other.stop()


def test_pages_answer_without_a_broker(server: Server) -> None:
    server.stop()
    server.start("--no-worker", REDIS_URL="redis://127.0.0.1:1/0")

    assert server.answers()
    assert "redis" not in server.children()
    assert "background work" in server.stop()


def _count(data: Path, table: str) -> str:
    try:
        return query(data, f"SELECT count(*) FROM {table}", places.DATABASE)
    except PostgresError:
        return ""


def _run_command(data: Path, code: str) -> str:
    command = [sys.executable, "-P", "-m", "exodb.embedded", "run", "--data", str(data)]
    done = subprocess.run(
        [*command, "--", sys.executable, "-c", code],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        cwd=ROOT,
    )
    return done.stdout
