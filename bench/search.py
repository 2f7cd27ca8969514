#!/usr/bin/env python3
"""How fast searches and pages are with 10,000, 100,000 and a million claims: the real server, whole answers.

    .venv/bin/python bench/search.py [--sizes 10000,100000,1000000] [--folder FOLDER] [--repeat 40] [--write]

Makes the synthetic claims of each size (`bench/synthetic.py`) in FOLDER where they are not there yet, starts
PostgreSQL, web server and search index by ExoDB's own supervisor, and asks over HTTP. In the same run it asks two
yardsticks: the cheapest SQL for the same rows, and Datasette (installed into FOLDER, with its own environment) with the
same claims in SQLite. What a reader waits is lengthened by other work on the machine; `work`, what all processes of the
server computed for one answer, is not. `--write` puts the table into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import asking, yardsticks
from exodb.embedded import places
from exodb.embedded.postgres import query

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench/search.py begins -->", "<!-- bench/search.py ends -->"
SECONDS_TO_INDEX = 3_600
CLIENTS = 16
# The real supervisor, but the database keeps to what is synthetic: no starter evidence.
SERVE = """
import subprocess, sys
from pathlib import Path
from exodb.embedded.supervisor import ROOT, Supervisor

class Bare(Supervisor):
    def _prepare(self):
        code = "import django; django.setup(); from django.core.management import call_command as call; " \\
            "call('migrate', verbosity=0); call('collectstatic', interactive=False, verbosity=0)"
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "exodb.settings"}
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)

sys.exit(Bare(Path(sys.argv[1]), int(sys.argv[2]), worker=False).serve())
"""


@dataclass
class Figures:
    """What was measured at one size, by name: (median waited, p95 waited, work), in milliseconds."""

    size: int
    pages: dict[str, asking.Times] = field(default_factory=dict)
    hits: dict[str, int] = field(default_factory=dict)
    yardsticks: dict[str, asking.Times] = field(default_factory=dict)
    throughput: str = ""
    memory: dict[str, int] = field(default_factory=dict)
    index: str = ""
    day: str = field(default_factory=lambda: time.strftime("%Y-%m-%d"))
    load: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "exodb-bench-search")
    parser.add_argument("--repeat", type=int, default=40)
    parser.add_argument("--only", default="", help="measure only what is called so, by a part of the name; / between")
    parser.add_argument("--without-yardsticks", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what we started must not outlive us
    for size in map(int, given.sizes.split(",")):
        store(given.folder, measure(size, given))
    table = "\n".join(lines(stored(given.folder)))
    print(table)
    if given.write:
        text = DOCUMENT.read_text()
        before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
        DOCUMENT.write_text(f"{before}\n{table}\n{after}")


def store(folder: Path, figures: Figures) -> None:
    """Keep the figures, so that sizes can be measured one at a time and still stand in one table."""
    (folder / str(figures.size) / "figures.json").write_text(json.dumps(asdict(figures)))


def stored(folder: Path) -> list[Figures]:
    """The figures of all sizes that were measured in the folder, the smallest first."""
    found = []
    for file in folder.glob("*/figures.json"):
        figures = Figures(**json.loads(file.read_text()))
        figures.pages = {name: asking.Times(**times) for name, times in figures.pages.items()}
        figures.yardsticks = {name: asking.Times(**times) for name, times in figures.yardsticks.items()}
        found.append(figures)
    return sorted(found, key=lambda each: each.size)


def measure(size: int, given: argparse.Namespace) -> Figures:
    data = (given.folder / str(size)).resolve()
    made_with = [sys.executable, "-m", "exodb.embedded", "run", "--data", str(data), "--"]
    subprocess.run([*made_with, sys.executable, "bench/synthetic.py", str(size)], cwd=ROOT, env=clean(), check=True)
    figures = Figures(size)
    with serving(data) as port:
        figures.index = indexed(data, size)
        wanted = asking.addresses(data)
        for name, addresses in wanted.items():
            if not any(part in name for part in given.only.split("/")):
                continue
            for kept in (False, True) if name in asking.KEPT else (False,):
                title = f"{name}; kept" if kept else name
                try:
                    found = asking.timed(port, data, addresses, given.repeat, kept=kept)
                except asking.NotThere as why:
                    print(f"{title}: {why}")
                    continue
                figures.pages[title], figures.hits[title] = found
                print(f"{size:>9,}  {title:<44}{figures.pages[title]}", flush=True)
        figures.throughput = asking.throughput(port, wanted, CLIENTS)
        figures.memory = asking.memory(data)
        if not given.without_yardsticks:
            figures.yardsticks = yardsticks.measured(data, given.folder, given.repeat)
    figures.load = f"{os.getloadavg()[1]:.1f}"
    return figures


@contextmanager
def serving(data: Path) -> Iterator[int]:
    """The server on the data folder; its port."""
    port = asking.free_port()
    command = [sys.executable, "-c", SERVE, str(data), str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=clean(), stdout=subprocess.DEVNULL)
    try:
        wait(lambda: asking.answers(port) or server.poll() is not None, 300, "the server answers")
        if server.poll() is not None:
            raise SystemExit(f"The server ended with exit code {server.returncode}; see {data / 'log'}.")
        yield port
    finally:
        server.terminate()
        server.wait(60)


def clean() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_", "EXODB_"))}
    return {**kept, "PYTHONPATH": str(ROOT)}


def indexed(data: Path, size: int) -> str:
    """Wait until the search index has seen everything; its size."""
    current = data / "search" / "current.json"
    began = time.monotonic()
    unseen = (
        "SELECT count(*) FROM records_change WHERE kind <> 'citations' "
        "AND NOT pg_visible_in_snapshot(xid, '{}'::pg_snapshot)"
    )

    def current_now() -> bool:
        if not current.exists():
            return False
        snapshot = json.loads(current.read_text())["snapshot"]
        return query(data, unseen.format(snapshot), places.DATABASE) == "0"

    wait(current_now, SECONDS_TO_INDEX, "the search index is made")
    took = time.monotonic() - began
    generation = json.loads(current.read_text())["generation"]
    stored = sum(file.stat().st_size for file in (data / "search" / generation).glob("*"))
    print(f"{size:>9,}  index of {stored / 1e6:.0f} MB, waited for {took:.0f} s", flush=True)
    return f"{stored / 1e6:,.0f} MB"


def wait(condition: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {seconds:.0f} s in vain until {what}.")
        time.sleep(0.3)


def lines(measured: list[Figures]) -> Iterator[str]:
    """The tables, in Markdown."""
    yield ""
    yield f"{measured[-1].day}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}."
    yield "Milliseconds: median / 95th percentile; in brackets what all processes of the server computed for an answer."
    yield ""
    yield "| | " + " | ".join(f"{each.size:,} claims" for each in measured) + " |"
    yield "|---|" + "---|" * len(measured)
    for name in dict.fromkeys(name for each in measured for name in each.pages):
        yield f"| {name} | " + " | ".join(_cell(each, name) for each in measured) + " |"
    yield f"| {CLIENTS} clients at once | " + " | ".join(each.throughput for each in measured) + " |"
    yield "| processes waiting for a processor meanwhile | " + " | ".join(each.load for each in measured) + " |"
    yield "| index on disk | " + " | ".join(each.index for each in measured) + " |"
    for name in measured[-1].memory:
        cells = (f"{each.memory.get(name, 0)} MB" for each in measured)
        yield f"| memory: {name} | " + " | ".join(cells) + " |"
    for name in measured[-1].yardsticks:
        cells = (str(each.yardsticks.get(name, "")) for each in measured)
        yield f"| yardstick: {name} | " + " | ".join(cells) + " |"
    yield ""


def _cell(figures: Figures, name: str) -> str:
    hits = f", {figures.hits[name]:,} found" if figures.hits.get(name) else ""
    return f"{figures.pages[name]}{hits}" if name in figures.pages else "not measured"


if __name__ == "__main__":
    main()
