"""One trial: start everything, let it blow, kill what is to be killed, wait for calm, and look at what is there."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg

from apps.citations.clients import SERVICES, Ids
from exodb.embedded import places, processes
from exodb.embedded.postgres import Postgres
from exodb.embedded.redis import Redis
from exodb.embedded.supervisor import Kept, Supervisor
from tests.citations.server import Fault
from tests.embedded.running import ROOT, clean_environment

from .expected import Population

# Each of a worker's ways to die by force: with all its children, leaving them behind, or only the child at work.
WAYS_TO_DIE = ("group", "parent", "child")


@dataclass(frozen=True)
class Weather:
    """What befalls the refresh."""

    faults: Sequence[Fault] = ()
    kills: int = 0
    broker_deaths: int = 0
    rate: float = 5.0  # requests a second, at each service
    timeout: float = 1.0
    most_seconds: float = 1200.0
    seed: int = 1


@dataclass
class Figures:
    """What was measured."""

    seconds: float = 0.0
    rate: float = 0.0
    requests: dict[str, int] = field(default_factory=dict)  # as the services saw them
    counted: dict[str, int] = field(default_factory=dict)  # as we counted them
    fewest: dict[str, int] = field(default_factory=dict)
    most_in_a_second: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)  # answers stored, as the runs say
    deaths: list[str] = field(default_factory=list)
    log_lines: int = 0
    rows: dict[str, int] = field(default_factory=dict)


class Trial:
    """PostgreSQL, Redis, worker and scheduler on a data folder of their own, and the services beside them."""

    def __init__(self, folder: Path, population: Population, weather: Weather, **environment: str) -> None:
        self.folder, self.population, self.weather = folder, population, weather
        self.stack = ExitStack()
        self.chance = random.Random(weather.seed)
        self.deaths: list[str] = []
        self.more = environment

    def __enter__(self) -> Self:
        with self.stack:
            self._start()
            self.stack = self.stack.pop_all()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.stack.close()

    # --- starting -----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self.services = self._start_services()
        self.postgres = Postgres(self.folder, places.log_dir(self.folder) / "postgres.log")
        self.stack.callback(self.postgres.stop)
        self.postgres.start()
        self.redis = Redis(self.folder, places.log_dir(self.folder) / "redis.log")
        self.stack.callback(self.redis.stop)
        self.redis.start()
        self.environment = self._environment()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=self.environment, cwd=ROOT, check=True)
        self.connection = self.stack.enter_context(
            psycopg.connect(
                host=str(places.socket_dir(self.folder)), user="postgres", dbname=places.DATABASE, autocommit=True
            )
        )
        self._seed()
        self.worker, self.beat = self._programs()
        self.stack.callback(self._stop_programs)

    def _start_services(self) -> str:
        """The misbehaving services; their address."""
        rules = self.folder / "faults.json"
        faults = [*self.population.faults(), *self.weather.faults]
        rules.write_text(json.dumps([asdict(fault) for fault in faults]))
        command = [sys.executable, "-m", "tests.citations.server", "--studies", str(self.population.studies)]
        child = subprocess.Popen(
            [*command, "--faults", str(rules)], env=clean_environment(), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self.stack.callback(child.wait)
        self.stack.callback(child.kill)
        assert child.stdout is not None
        self.stack.callback(child.stdout.close)
        return child.stdout.readline().strip()

    def _environment(self) -> dict[str, str]:
        by_service = {f"CITATIONS_{name.upper()}_URL": f"{self.services}/{name}" for name in SERVICES}
        by_service |= {f"CITATIONS_{name.upper()}_RATE": str(self.weather.rate) for name in SERVICES}
        ours = {
            "EXODB_DATA": str(self.folder),
            "DATABASE_URL": places.database_url(self.folder),
            "DATABASE_OWNER_URL": places.database_url(self.folder, places.OWNER),
            "REDIS_URL": places.redis_url(self.folder),
            "PYTHONUNBUFFERED": "1",
            "CITATIONS_TICK": "2",
            "CITATIONS_PAUSE": "2",
            "CITATIONS_FIRST_PAUSE": "0.1",
            "CITATIONS_TIMEOUT": str(self.weather.timeout),
        }
        return clean_environment(**{**ours, **by_service, **self.more})

    def _seed(self) -> None:
        rows = [self.population.seeded(number) for number in self.population.numbers]
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO studies_study (id, title, pmid, pmcid, doi, kind, journal, year, authors, depth,"
                " curated_on, pages_read) VALUES (%s, %s, %s, %s, %s, 'primary', 'Journal of Synthetic Results', 2020,"
                " '{Doe J}', 'abstract', '2026-11-01', '{https://example.org/synthetic}')",
                [(ids.ref, f"Synthetic study {ids.ref}", ids.pmid, ids.pmcid, ids.doi) for ids in rows],
            )
            cursor.execute("UPDATE citations_feed SET enabled = true")
            cursor.execute("ANALYZE")

    def _programs(self) -> list[Kept]:
        """Worker and scheduler, by the very commands of the supervisor."""
        supervisor = Supervisor(self.folder, 0, worker=True)
        supervisor.environment = self.environment
        *_others, worker, beat = supervisor._our_programs()
        places.run_dir(self.folder).mkdir(exist_ok=True)
        return [Kept(worker), Kept(beat)]

    def _stop_programs(self) -> None:
        for kept in (self.worker, self.beat):
            if kept.service.child is not None:
                kept.service.child.terminate()
                with suppress(subprocess.TimeoutExpired):
                    kept.service.child.wait(15)
            kept.service.stop()

    # --- running ------------------------------------------------------------------------------------------------------

    def run(self) -> Figures:
        """Let everything run until nothing is due any more, killing what is to be killed on the way."""
        began = time.monotonic()
        deaths = self._deaths()

        def over() -> bool:
            if deaths and self.progress() >= deaths[0][0] and self.at_work():
                deaths.pop(0)[1]()
            return self.progress() == 1 and self.calm()

        self.run_until(over)
        if deaths:
            raise AssertionError(f"the work was done before {len(deaths)} deaths had come")
        return self.figures(time.monotonic() - began)

    def run_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.run_until(lambda: time.monotonic() > end)

    def run_until(self, over: Callable[[], bool]) -> None:
        """Keep worker and scheduler alive, as the supervisor does, until it is over."""
        began = time.monotonic()
        while not over():
            self.revive()
            if time.monotonic() - began > self.weather.most_seconds:
                raise AssertionError(f"no end after {self.weather.most_seconds} s: {self.state()}")
            time.sleep(0.1)

    def _deaths(self) -> list[tuple[float, Callable[[], None]]]:
        """When (as a share of the work done), and who."""
        kills, broker = self.weather.kills, self.weather.broker_deaths
        when = [(0.9 * place / kills, WAYS_TO_DIE[place % len(WAYS_TO_DIE)]) for place in range(kills)]
        deaths: list[tuple[float, Callable[[], None]]] = [
            (share, lambda way=way: self.kill_worker(way)) for share, way in when
        ]
        deaths += [((place + 0.5) / broker * 0.8, self.kill_broker) for place in range(broker)]
        return sorted(deaths, key=lambda death: death[0])

    def progress(self) -> float:
        """The share of checks that were asked for and stored."""
        asked = self.value("SELECT count(*) FROM citations_check WHERE asked_at IS NOT NULL")
        return asked / (self.population.studies * len(SERVICES))

    def calm(self) -> bool:
        waiting = "SELECT EXISTS (SELECT FROM citations_check WHERE due_at <= now())"
        return not self.value(waiting) and not self.at_work()

    def at_work(self) -> bool:
        """Whether a run is going on whose process lives."""
        return bool(
            self.value(
                "SELECT EXISTS (SELECT FROM citations_refreshrun WHERE state = 'running' AND requests > 0) "
                "AND EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')"
            )
        )

    def revive(self) -> None:
        """What the supervisor does at the start, and when a child has died."""
        for kept in (self.worker, self.beat):
            if kept.service.child is None:
                kept.service.start()
            kept.revive()

    def kill_worker(self, way: str) -> None:
        """Kill by force."""
        child = self.worker.service.child
        if child is None or child.poll() is not None:
            return
        children = [pid for pid in processes.group_members(child.pid) if pid != child.pid]
        if way == "child" and children:
            os.kill(self.chance.choice(children), signal.SIGKILL)
        elif way == "parent":
            os.kill(child.pid, signal.SIGKILL)
            child.wait()
        else:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.deaths.append(f"worker ({way})")
        if way != "child":
            self.worker.pause = 0.0
            self.worker.born = time.monotonic() - 60  # a supervisor would wait ever longer; the trial has no time

    def kill_broker(self) -> None:
        assert self.redis.child is not None
        self.redis.child.kill()
        self.redis.child.wait()
        time.sleep(1)
        self.redis.start()
        self.deaths.append("broker")

    # --- looking ------------------------------------------------------------------------------------------------------

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql.encode()).fetchall()

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def state(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "SELECT service, failures, paused_until, last_message, (SELECT count(*) FROM citations_check"
            " WHERE feed_id = service AND due_at <= now()) FROM citations_feed"
        )

    def figures(self, seconds: float) -> Figures:
        with urllib.request.urlopen(f"{self.services}/_control", timeout=30) as answer:
            seen = json.load(answer)
        faults: dict[str, int] = {}
        for service in seen.values():
            for kind, number in service["faults"].items():
                faults[kind] = faults.get(kind, 0) + number
        outcomes: dict[str, dict[str, int]] = {name: {} for name in SERVICES}
        for service, outcome, number in self.rows(
            "SELECT feed_id, outcome, count(*) FROM citations_check GROUP BY 1, 2 ORDER BY 1, 2"
        ):
            outcomes[service][outcome] = number
        tables = ("studies_citationcount", "studies_notice", "citations_alert", "citations_check")
        return Figures(
            seconds=round(seconds, 1),
            rate=self.weather.rate,
            requests={name: each["requests"] for name, each in seen.items()},
            counted=dict(self.rows("SELECT feed_id, sum(requests)::int FROM citations_requestcount GROUP BY 1")),
            fewest=self.population.fewest(),
            most_in_a_second={name: each["most_in_a_second"] for name, each in seen.items()},
            faults=faults,
            outcomes=outcomes,
            runs=dict(self.rows("SELECT state, count(*) FROM citations_refreshrun GROUP BY 1")),
            kept=dict(
                self.rows("SELECT feed_id, sum(found + absent + not_known)::int FROM citations_refreshrun GROUP BY 1")
            ),
            deaths=self.deaths,
            log_lines=len(self.log("worker")),
            rows={table: self.value(f"SELECT count(*) FROM {table}") for table in tables},
        )

    def log(self, name: str) -> list[str]:
        return (places.log_dir(self.folder) / f"{name}.log").read_text(errors="replace").splitlines()

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def broken_invariants(trial: Trial, figures: Figures) -> list[str]:
    """What is not as it must be; empty when all is well."""
    return [*_wrong_rows(trial), *_wrong_runs(trial, figures), *_wrong_requests(figures)]


def _wrong_rows(trial: Trial) -> Iterator[str]:
    """What is lost, doubled or wrong of what should be stored."""
    population, rows = trial.population, trial.rows
    checks = {row[:2]: row[2] for row in rows("SELECT study_id, feed_id, outcome FROM citations_check")}
    yield from _compare("checks", population.checks(), checks)
    counts = {row[:2]: row[2:] for row in rows("SELECT study_id, service, count, ratio FROM studies_citationcount")}
    yield from _compare("counts", population.counts(), counts)
    yield from _compare("statuses", population.statuses(), dict(rows("SELECT id, status FROM studies_study")))
    identifiers = {row[0]: Ids(*row) for row in rows("SELECT id, pmid, pmcid, doi FROM studies_study")}
    yield from _compare("identifiers", {each: population.final(each) for each in population.numbers}, identifiers)
    notices = rows("SELECT study_id, service, nature, identifier FROM studies_notice")
    yield from _compare_sets("notices", population.notices(), notices)
    alerts = "SELECT study_id, nature FROM citations_alert JOIN studies_notice notice ON notice.id = notice_id"
    yield from _compare_sets("alerts", population.alerts(), rows(alerts))


def _wrong_runs(trial: Trial, figures: Figures) -> Iterator[str]:
    unexplained = trial.value("SELECT count(*) FROM citations_check WHERE outcome = 'not_known' AND message = ''")
    if unexplained:
        yield f"{unexplained} checks are not known, and nothing says why"
    if running := figures.runs.get("running"):
        yield f"{running} runs are still called running"
    population = trial.population
    # Who could not be asked before an identifier was filled is asked a second time.
    again = sum(population.seeded(number) != population.final(number) for number in population.numbers)
    for name, kept in figures.kept.items():
        if not population.studies <= kept <= population.studies + again * (name != "idconv"):
            yield f"{name}: {kept} answers stored for {population.studies} studies: some lost, or some twice"


def _wrong_requests(figures: Figures) -> Iterator[str]:
    for name, requests in figures.requests.items():
        if figures.most_in_a_second[name] > figures.rate:
            yield f"{name}: {figures.most_in_a_second[name]} requests in one second, at a rate of {figures.rate}"
        if figures.counted.get(name, 0) < requests:
            yield f"{name}: {requests} requests came, and only {figures.counted.get(name, 0)} were counted"


def _compare(what: str, expected: dict[Any, Any], found: dict[Any, Any]) -> list[str]:
    wrong = [key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)]
    examples = "; ".join(f"{key}: {expected.get(key)} became {found.get(key)}" for key in wrong[:5])
    return [f"{len(wrong)} {what} are wrong: {examples}"] if wrong else []


def _compare_sets(what: str, expected: set[Any], found: list[tuple[Any, ...]]) -> list[str]:
    broken = [f"{len(found) - len(set(found))} {what} are there twice"] if len(found) != len(set(found)) else []
    if wrong := expected ^ set(found):
        lost, more = sorted(expected - set(found))[:5], sorted(set(found) - expected)[:5]
        broken.append(f"{len(wrong)} {what} are wrong: lost {lost}, too many {more}")
    return broken
