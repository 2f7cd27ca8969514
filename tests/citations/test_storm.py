"""Worker, scheduler, broker and database for real, small: `bench/citations_storm.py` runs the same at full size."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.citations.clients import SERVICES
from exodb.embedded import redis
from tests.citations.server import Fault
from tests.citations.storm import Population, Trial, Weather, broken_invariants

pytestmark = [pytest.mark.slow, pytest.mark.skipif(redis.program() is None, reason=redis.ABSENT)]
KINDS = ("429", "500", "cut", "html", "empty", "no-results", "wrong-types", "one-wrong", "hang-up", "503", "slow")
FAULTS = (
    Fault("429", "crossref", times=1, retry_after="2"),
    Fault("half-table", "retraction_watch", times=1),
    *(Fault(kind, nth=4 * place, times=1, seconds=2) for place, kind in enumerate(KINDS, 1)),
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Short, for the sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="exodb-storm-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_storm_changes_nothing_in_the_result(folder: Path) -> None:
    weather = Weather(FAULTS, kills=2, broker_deaths=1, rate=10, most_seconds=240)
    with Trial(folder, Population(300, lacking=True, poisonous=1), weather) as trial:
        figures = trial.run()

        assert broken_invariants(trial, figures) == []
    assert len(figures.deaths) == 3
    assert set(figures.faults) >= {*KINDS[:6], "half-table"}


def test_without_a_network_each_run_is_one_line_of_the_log(folder: Path) -> None:
    nowhere = {f"CITATIONS_{name.upper()}_URL": "http://127.0.0.1:9" for name in SERVICES}
    with Trial(folder, Population(3), Weather(most_seconds=240), CITATIONS_PAUSE="600", **nowhere) as trial:
        trial.run_until(
            lambda: trial.value("SELECT count(*) FROM citations_refreshrun WHERE ended_at > '-infinity'") == 6
        )
        runs = dict(trial.rows("SELECT state, count(*) FROM citations_refreshrun GROUP BY 1"))
        trial.run_for(5)
    log = trial.log("worker")
    begin = next(place for place, line in enumerate(log) if line.endswith("ready."))
    lines = [line for line in log[begin + 1 :] if line.strip() and "Warm shutdown" not in line]

    assert runs == {"paused": 6}
    told = [line for line in lines if "apps.citations.runner" in line]
    assert sorted(line.split()[4] for line in told) == sorted(f"{name}:" for name in SERVICES)
    # On a slow machine a second tick asks before the first is answered, and is told that it is not the time. One that
    # comes while the worker ends goes back into its queue.
    known = ("is left in peace until", "just now", "kombu.transport")
    assert [line for line in lines if line not in told and not any(words in line for words in known)] == []
    assert len([line for line in lines if "kombu.transport" not in line]) <= 2 * len(told)
    assert not [line for line in trial.log("beat") if "citations" in line]
