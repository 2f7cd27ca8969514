"""The embedded PostgreSQL by itself: what it finds in its folder, and as whom it runs."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from exodb.embedded import lock, places, postgres, services
from exodb.embedded.postgres import Postgres, PostgresError, query

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a folder of alice"


@pytest.fixture
def server(data: Path) -> Iterator[Postgres]:
    server = Postgres(data, data / "log" / "postgres.log")
    server.start()
    yield server
    server.stop()


def test_it_is_the_version_that_production_runs_and_sorts_alike_everywhere(server: Postgres) -> None:
    assert postgres.major_version() == "18"
    assert (
        query(server.data, "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'exodb'") == "b|C.UTF-8"
    )


def test_it_can_search_by_trigram(server: Postgres) -> None:
    query(server.data, "CREATE EXTENSION pg_trgm", places.DATABASE)

    assert query(server.data, "SELECT similarity('miR-21', 'miR-21') = 1", places.DATABASE) == "t"


def test_it_listens_on_no_network_port(server: Postgres) -> None:
    assert query(server.data, "SHOW listen_addresses") == ""
    assert places.socket_dir(server.data).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("pid", [os.getpid(), 4_000_000], ids=["of another program", "of nobody"])
def test_a_stale_pid_file_does_not_keep_it_from_starting(server: Postgres, pid: int) -> None:
    pid_file = server.folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(pid), *lines[1:]]) + "\n")

    assert not server.ready()
    server.start()
    assert query(server.data, "SELECT 1") == "1"


def test_a_folder_of_another_version_is_refused_with_a_way_out(server: Postgres) -> None:
    server.stop()
    (server.folder / "PG_VERSION").write_text("17\n")

    with pytest.raises(PostgresError, match=r"made by PostgreSQL 17.*operations"):
        server.start()


def test_an_interrupted_creation_is_begun_again(data: Path) -> None:
    (data / "postgres.partial" / "base").mkdir(parents=True)
    server = Postgres(data)
    server.start()
    server.stop()

    assert not (data / "postgres.partial").exists()


def test_a_server_of_somebody_else_is_not_taken_over(server: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "SECONDS_FOR_ANOTHER_TO_STOP", 0.2)

    with pytest.raises(PostgresError, match="Another PostgreSQL"):
        Postgres(server.data).start()
    assert query(server.data, "SELECT 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_where_user_namespaces_are_forbidden_root_becomes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "user_namespaces", lambda: False)
    data = Path(tempfile.mkdtemp(prefix="exodb-nobody-"))
    data.chmod(0o755)
    server = Postgres(data, data / "log" / "postgres.log")
    try:
        server.start()
        assert server.folder.stat().st_uid == places.NOBODY
        assert query(data, "SELECT 1") == "1"
    finally:
        server.stop()
        shutil.rmtree(data)


def test_a_socket_folder_that_others_can_open_is_refused(data: Path) -> None:
    folder = places.socket_dir(data)
    folder.mkdir(mode=0o755)
    try:
        with pytest.raises(PermissionError, match="open to others"):
            Postgres(data).start()
    finally:
        folder.rmdir()


def test_sockets_stay_short_enough_for_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 30)))

    assert len(str(places.socket_dir(tmp_path) / ".s.PGSQL.5432")) < 104


def test_a_command_stops_what_it_started(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with services.running(data) as environment:
        assert environment["DATABASE_URL"] == places.database_url(data)
        assert query(data, "SELECT 1") == "1"

    assert not places.socket_dir(data).exists()
    with lock.owner(data) as ours:
        assert ours.take()


def test_a_second_command_uses_the_services_of_the_first(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    with services.running(data):
        with services.running(data):
            assert query(data, "SELECT 1") == "1"
        assert query(data, "SELECT 1") == "1"
