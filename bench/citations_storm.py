#!/usr/bin/env python3
"""The refresh of citations under a storm: worker, scheduler, broker and database for real, over loopback.

    .venv/bin/python bench/citations_storm.py [--studies 10000] [--kills 10] [--broker-deaths 2] [--rate 5] [--keep]

First a calm trial (the requests against the least possible, and the most in any one second), then the storm. Prints its
figures; the exit code is 1 if anything is lost, doubled, wrong or too fast.
"""

import argparse
import json
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.citations.server import Fault
from tests.citations.storm import Figures, Population, Trial, Weather, broken_invariants

MOST_EXTRA = 0.05
# Each befalls every so many-th request, whatever it asks: about three in ten fail.
PRIMES = (29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97)
KINDS = (
    *("500", "429", "503", "cut", "hang-up", "html", "empty", "slow", "no-results", "endless", "wrong-types"),
    *("one-wrong", "truncated", "broken-gzip", "400", "404"),
)
FAULTS = (
    Fault("429", "icite", retry_after="35", times=1),
    Fault("half-table", "retraction_watch", times=1),
    Fault("429", nth=23, retry_after="2"),
    *(Fault(kind, nth=prime, seconds=3) for kind, prime in zip(KINDS, PRIMES, strict=True)),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--broker-deaths", type=int, default=2)
    parser.add_argument("--rate", type=float, default=5.0, help="requests a second, at each service")
    parser.add_argument("--poisonous", type=int, default=8, help="studies that each service stumbles over each time")
    parser.add_argument("--only", choices=("calm", "storm"))
    parser.add_argument("--keep", action="store_true", help="keep the data folders, with the logs")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what we started must not outlive us
    broken = []
    if given.only != "storm":
        broken += trial("calm", Population(given.studies), Weather(rate=given.rate), keep=given.keep)
    if given.only != "calm":
        weather = Weather(FAULTS, kills=given.kills, broker_deaths=given.broker_deaths, rate=given.rate)
        population = Population(given.studies, lacking=True, poisonous=given.poisonous)
        broken += trial("storm", population, weather, keep=given.keep)
    print("\n".join(broken) or "Nothing lost, nothing doubled, nothing wrong, nothing too fast.")
    return 1 if broken else 0


def trial(name: str, population: Population, weather: Weather, *, keep: bool) -> list[str]:
    folder = Path(tempfile.mkdtemp(prefix=f"exodb-{name}-"))
    running = Trial(folder, population, weather)
    with running:
        figures = running.run()
        broken = broken_invariants(running, figures)
    report(name, figures)
    requests, fewest = sum(figures.requests.values()), sum(figures.fewest.values())
    if not weather.faults and requests > fewest * (1 + MOST_EXTRA):
        broken.append(f"{requests} requests where {fewest} would do")
    if keep:
        print(folder)
    else:
        running.remove()
    return [f"{name}: {wrong}" for wrong in broken]


def report(name: str, figures: Figures) -> None:
    requests, fewest = sum(figures.requests.values()), sum(figures.fewest.values())
    print(f"--- {name}: {figures.seconds} s, {requests} requests where {fewest} are the least possible")
    for key, value in asdict(figures).items():
        print(f"{key:<18}{json.dumps(value)}")


if __name__ == "__main__":
    sys.exit(main())
