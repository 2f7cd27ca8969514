"""All of ExoDB on one machine: starts everything in order, keeps it alive, and stops it in the other order."""

import contextlib
import http.client
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from exodb.embedded import lock, places, processes, redis, services
from exodb.embedded.postgres import Postgres, PostgresError
from exodb.embedded.program import Program
from exodb.embedded.redis import Redis, RedisError

ROOT = Path(__file__).resolve().parent.parent.parent
ALREADY_RUNS = 2  # exit code
SECONDS_TO_STOP = 10
SECONDS_TO_ANSWER = 60
# A question of a page that takes PostgreSQL longer is a mistake of ours, and must not hold a process for good.
STATEMENT_SECONDS = "30"
LONG_ENOUGH = 10  # a child that lived so many seconds is restarted at once, others after a growing pause
LONGEST_PAUSE = 30
LOGS_KEPT = 3
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotServe(Exception):
    """The server can't start or go on; the text says why."""


class Service(Protocol):
    """What the supervisor needs to know of a child."""

    name: str
    child: subprocess.Popen[bytes] | None

    def start(self) -> None: ...
    def running(self) -> bool: ...
    def stop(self) -> None: ...
    def clear_after_death(self) -> None: ...


@dataclass
class Kept:
    """A child that is started again whenever it dies, the later the oftener it died."""

    service: Service
    pause: float = 0.0
    born: float = field(default_factory=time.monotonic)
    next_try: float | None = None

    def notice_death(self) -> None:
        """Say that it died, clean up behind it, and set the time of the next try."""
        child = self.service.child
        how = f" ({_how_it_ended(child.returncode)})" if child is not None else ""
        lived = time.monotonic() - self.born
        self.pause = 0.0 if lived > LONG_ENOUGH else min(LONGEST_PAUSE, max(0.5, self.pause * 2))
        say(f"{self.service.name} ended{how}; starting it again" + (f" in {self.pause:g} s" if self.pause else ""))
        self.service.clear_after_death()
        self.next_try = time.monotonic() + self.pause

    def revive(self) -> bool:
        """Start it again if it is time; return whether it runs."""
        if self.service.running():
            return True
        if self.next_try is None:
            self.notice_death()
        if self.next_try is not None and time.monotonic() < self.next_try:
            return False
        self.next_try, self.born = None, time.monotonic()
        try:
            self.service.start()
        except (PostgresError, RedisError, OSError) as problem:
            say(str(problem))
            return False
        return True


class Supervisor:
    """One run of `script/server`."""

    def __init__(self, data: Path, port: int, *, worker: bool) -> None:
        self.data = data
        self.port = port
        self.worker = worker
        self.url = f"http://localhost:{port}/"
        self.environment = {**os.environ, **services.environment(data), "PYTHONUNBUFFERED": "1"}
        self.infrastructure: list[Kept] = []
        self.programs: list[Program] = []
        self.kept: list[Kept] = []

    def serve(self) -> int:
        """Run until told to stop; return the exit code."""
        self.data.mkdir(parents=True, exist_ok=True)
        processes.StopSignal.heed(*STOP_SIGNALS)
        with lock.owner(self.data) as ours:
            if not self._own(ours):
                return ALREADY_RUNS
            try:
                self._start()
                self._keep()
            except processes.Stopping:
                say("Stopping ...")
                return 0
            finally:
                processes.StopSignal.forget()
                self._stop()
        return 0

    def _own(self, ours: lock.Lock) -> bool:
        """Take the data folder, waiting for a mere command to end; False if a server has it."""
        waiting = False
        while not ours.take():
            holder = ours.told()
            if holder.get("url"):
                say(
                    f"ExoDB already runs on {self.data}: {holder['url']} (process {holder['pid']}). "
                    "For a second one: script/server --data DIR --port N"
                )
                return False
            if not waiting:
                say(f"A command (process {holder.get('pid')}) uses {self.data}; waiting for it to end ...")
            waiting = True
            processes.pause(0.2)
        ours.tell(what="the server", url=self.url)
        return True

    # --- start --------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        _end_leftovers(self.data)
        _check_port(self.port)
        places.log_dir(self.data).mkdir(exist_ok=True)
        for name in ("postgres", "redis", "web", "search", "worker", "beat"):
            _rotate(self._log(name))
        self._start_infrastructure()
        self._prepare()
        web, *background = self._our_programs()
        self._run_program(web)
        # The page first: on a small machine the worker's start would double the wait for it.
        if not processes.wait_until(lambda: _answers(self.port) or not web.running(), SECONDS_TO_ANSWER):
            say(f"The web server does not answer yet; see {web.log}.")
        self._announce()
        for program in background:
            self._run_program(program)

    def _start_infrastructure(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgres = Postgres(self.data, self._log("postgres"))
            self.infrastructure.append(Kept(postgres))
            postgres.start()
        if not os.environ.get("REDIS_URL") and redis.program():
            broker = Redis(self.data, self._log("redis"))
            self.infrastructure.append(Kept(broker))
            try:
                broker.start()
            except RedisError as problem:
                say(str(problem))  # everything but background work goes on; _keep tries again
        self.kept.extend(self.infrastructure)

    def _prepare(self) -> None:
        """Bring schema, starter evidence and static files up to date, in one process, for Django starts slowly."""
        command = [sys.executable, "-P", "-m", "exodb.embedded.prepare"]
        for attempt in (1, 2, 3):
            child = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),
            )
            try:
                while child.poll() is None:
                    processes.pause(0.02)
            finally:
                processes.stop(child, signal.SIGTERM, 5)
            if child.returncode == 0:
                return
            # A database that was killed meanwhile is no reason to give up: all or nothing was written.
            if all(kept.service.running() for kept in self.infrastructure[:1]) or attempt == 3:  # noqa: PLR2004
                raise CannotServe("Preparing the database failed; the lines above say why.")
            self.infrastructure[0].revive()

    def _run_program(self, program: Program) -> None:
        program.start()
        self.programs.append(program)
        self.kept.append(Kept(program))
        self._note_children()

    def _our_programs(self) -> list[Program]:
        web = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--no-ws"]
        web += ["--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers", "--respawn-interval", "0.2"]
        web += ["--workers-kill-timeout", "5", "exodb.wsgi:application"]
        counts = places.run_dir(self.data) / "metrics"
        shutil.rmtree(counts, ignore_errors=True)
        seconds = os.environ.get("DATABASE_STATEMENT_SECONDS", STATEMENT_SECONDS)
        programs = [self._program("web", web, PROMETHEUS_MULTIPROC_DIR=str(counts), DATABASE_STATEMENT_SECONDS=seconds)]
        # Searches are answered by the database while it is away, only later.
        programs.append(self._program("search", ["django", "follow_search_index", "--settings", "exodb.settings"]))
        if self.worker and self._has_broker():
            worker = ["celery", "-A", "exodb", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
            schedule = places.run_dir(self.data) / "beat-schedule"
            beat = ["celery", "-A", "exodb", "beat", "--schedule", str(schedule), "--pidfile="]
            # Orphaned, a worker must not finish its task at leisure beside its successor: the task is redelivered.
            programs.append(self._program("worker", [*worker, "--loglevel", "INFO"], signal.SIGQUIT))
            programs.append(self._program("beat", [*beat, "--loglevel", "INFO"]))
        return programs

    @staticmethod
    def _has_broker() -> bool:
        return bool(os.environ.get("REDIS_URL") or redis.program())

    def _program(
        self, name: str, command: list[str], when_orphaned: signal.Signals = signal.SIGTERM, **more: str
    ) -> Program:
        # What serves and works has no business with the schema, nor with who owns it.
        inherited = {name: value for name, value in self.environment.items() if name != "DATABASE_OWNER_URL"}
        return Program(
            name,
            [sys.executable, "-P", "-m", *command],
            log=self._log(name),
            folder=ROOT,
            environment={**inherited, **more},
            when_orphaned=when_orphaned,
        )

    def _announce(self) -> None:
        say(f"ExoDB       {self.url}")
        say(f"Admin       {self.url}admin/")
        say(f"A curator   {a_curator(self.data)}")
        say(f"Logs        {places.log_dir(self.data)}")
        if not self.worker:
            say("No worker   background work waits until a server without --no-worker runs")
        elif not self._has_broker():
            say(redis.ABSENT)
        say("Stop        Ctrl-C")

    # --- run ----------------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Start again what dies, until told to stop."""
        while True:
            processes.pause(0.2)
            before = [kept.service.child for kept in self.kept]
            for kept in self.kept:
                # Without its database nothing else need be started; without its broker all but the worker works.
                if not kept.revive() and kept.service.name == Postgres.name:
                    break
            if before != [kept.service.child for kept in self.kept]:
                self._note_children()

    def _note_children(self) -> None:
        """Write down our children, for the next start to find what a killed supervisor left."""
        living = [kept.service for kept in self.kept]
        children = {service.name: service.child.pid for service in living if service.child is not None}
        notes = {name: {"pid": pid, "born": processes.birth(pid)} for name, pid in children.items()}
        _children_file(self.data).write_text(json.dumps(notes))

    # --- stop ---------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        """Programs first, then the broker, then the database; a second Ctrl-C does not wait for the programs."""
        for program in self.programs:
            program.ask_to_stop()
        with contextlib.suppress(processes.Stopping):
            processes.wait_until(lambda: not any(program.running() for program in self.programs), SECONDS_TO_STOP)
        processes.StopSignal.forget()
        for program in self.programs:
            program.stop()
        for kept in reversed(self.infrastructure):
            kept.service.stop()
        _children_file(self.data).unlink(missing_ok=True)

    def _log(self, name: str) -> Path:
        return places.log_dir(self.data) / f"{name}.log"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def a_curator(data: Path) -> str:
    """The command that makes a curator in this data folder, to be typed where the server was started."""
    script = "script/manage" if Path.cwd() == ROOT else shlex.quote(str(ROOT / "script" / "manage"))
    usual = data == places.data_dir() and "EXODB_DATA" not in os.environ
    where = "" if usual else f"EXODB_DATA={shlex.quote(str(data))} "
    return f"{where}{script} create_curator alice"


def _how_it_ended(code: int | None) -> str:
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _children_file(data: Path) -> Path:
    return places.run_dir(data) / "children.json"


def _end_leftovers(data: Path) -> None:
    """End what a killed supervisor left; the kernel did that already where it knows how (Linux)."""
    try:
        notes = json.loads(_children_file(data).read_text())
    except (FileNotFoundError, ValueError):
        return
    for note in notes.values():
        group = int(note["pid"])
        members = processes.group_members(group)
        recycled = group in members and processes.birth(group) != note["born"]
        if members and not recycled:
            _end_group(group)
    _children_file(data).unlink()


def _end_group(group: int) -> None:
    for sign, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, sign)
        if processes.wait_until(lambda: not processes.group_members(group), seconds):
            return


def _check_port(port: int) -> None:
    with socket.socket() as attempt:
        # As the server will: a port whose last connections are still closing is free.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError as problem:
            raise CannotServe(
                f"Port {port} can't be used ({problem.strerror}). Choose another: script/server --port {port + 1}"
            ) from problem


def _rotate(log: Path) -> None:
    """Begin a new log file, keeping the last few."""
    for number in range(LOGS_KEPT - 1, -1, -1):
        older = log.with_name(f"{log.name}.{number}") if number else log
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
