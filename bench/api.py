#!/usr/bin/env python3
"""How fast the API is: lists, records, far pages, files and look-ups, beside the raw limit of the same machine.

    .venv/bin/python bench/api.py [--sizes 10000,100000,1000000] [--folder FOLDER] [--seconds 5] [--write]

Makes the synthetic claims of each size (`bench/synthetic.py`) in FOLDER where they are not there yet, and starts the
real server on them. The raw limit is `bench/raw.py` under the same web server with as many processes: a page of 50
claims by one statement, with no address read, nothing checked, counted, tagged or limited. `--write` puts the table
into docs/performance.md.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import asking, search
from exodb.embedded import places

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench/api.py begins -->", "<!-- bench/api.py ends -->"
CLAIMS = "/api/v1/claims/"
CLIENTS = 16
FAR = 10_000
LOOKED_UP = 10_000
READ = 1 << 20
OK = 200
# The limit is counted, but nobody meets it.
os.environ["API_RATE"] = "1000000000/minute"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "exodb-bench-search")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what we started must not outlive us
    found = {size: measure(size, given) for size in map(int, given.sizes.split(","))}
    table = "\n".join(lines(found))
    print(table)
    if given.write:
        text = DOCUMENT.read_text()
        before, after = text[: text.index(BEGIN) + len(BEGIN)], text[text.index(END) :]
        DOCUMENT.write_text(f"{before}\n{table}\n{after}")


def measure(size: int, given: argparse.Namespace) -> dict[str, str]:
    data = (given.folder / str(size)).resolve()
    made_with = [sys.executable, "-m", "exodb.embedded", "run", "--data", str(data), "--"]
    command = [*made_with, sys.executable, "bench/synthetic.py", str(size)]
    subprocess.run(command, cwd=ROOT, env=search.clean(), check=True)
    found: dict[str, str] = {}
    with search.serving(data) as port:
        for name, figure in figures(port, data, given.seconds):
            found[name] = figure
            print(f"{size:>9,}  {name:<44}{figure}", flush=True)
    return found


def figures(port: int, data: Path, seconds: float) -> Iterator[tuple[str, str]]:
    with bare(port, data) as bare_port:
        raw, ours = [], []
        # By turns, for other work on the machine comes and goes.
        for _ in range(3):
            raw.append(load(bare_port, ["/"], CLIENTS, seconds))
            ours.append(load(port, [CLAIMS], CLIENTS, seconds))
        raw_rate, rate = (
            max(each) for each in zip(*((a[0], b[0]) for a, b in zip(raw, ours, strict=True)), strict=True)
        )
        yield "raw limit, 50 claims, 16 clients", f"{raw_rate:.0f} answers/s, {raw[-1][1]}"
        yield "list of 50 claims, 16 clients", f"{rate:.0f} answers/s, {ours[-1][1]}"
        yield "share of the raw limit", f"{rate / raw_rate:.0%}"
        yield "raw limit, one client", alone(bare_port, data, ["/"])
    yield "list of 50 claims", alone(port, data, [CLAIMS])
    accession = page(port, CLAIMS)["results"][0]["accession"]
    yield "one claim", alone(port, data, [f"{CLAIMS}{accession}/"])
    for title, asked in (("all", ""), ("edge=harm", "edge=harm&"), ("ordering=-year", "ordering=-year&")):
        first = f"{CLAIMS}?{asked}"
        yield f"page 1, {title}", alone(port, data, [first.rstrip("&?")])
        number, far = behind(port, first)
        yield f"page {number:,} by cursor, {title}", alone(port, data, [far])
    for form in ("jsonl", "csv"):
        yield f"export, {form}", export(port, data, f"{CLAIMS}?format={form}")
    yield f"look-up of {LOOKED_UP:,} ids", looked_up(port, data)


@contextmanager
def bare(port: int, data: Path) -> Iterator[int]:
    """The raw limit, served as the API is."""
    own = asking.free_port()
    command = [sys.executable, "-P", "-m", "granian", "--interface", "wsgi", "--port", str(own), "--no-ws"]
    command += ["--workers", "2", "--blocking-threads", "2", "bench.raw:application"]
    address = f"host={places.socket_dir(data)} dbname={places.DATABASE} user={places.APPLICATION}"
    environment = {**search.clean(), "RAW_HOST": f"http://127.0.0.1:{port}", "RAW_DATABASE": address}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        search.wait(lambda: _there(own), 60, "the raw limit answers")
        yield own
    finally:
        server.terminate()
        server.wait(30)


def _there(port: int) -> bool:
    try:
        asking.asked(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/")
    except (OSError, asking.NotThere, http.client.HTTPException):
        return False
    return True


def load(port: int, addresses: list[str], clients: int, seconds: float) -> tuple[float, asking.Times]:
    """Answers a second for so many readers, each asking again as soon as it has its answer."""
    end = time.monotonic() + seconds
    took: list[float] = []

    def read(turn: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            began = time.perf_counter()
            asking.asked(connection, addresses[turn % len(addresses)])
            took.append(time.perf_counter() - began)
            turn += 1

    threads = [threading.Thread(target=read, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(took) / seconds, asking.times(took)


def alone(port: int, data: Path, addresses: list[str]) -> str:
    times, _ = asking.timed(port, data, addresses, 60)
    return str(times)


def page(port: int, address: str) -> dict[str, object]:
    return json.loads(asking.asked(http.client.HTTPConnection("127.0.0.1", port, timeout=300), address))


def behind(port: int, first: str) -> tuple[int, str]:
    """The number and the address of a page far behind, or of the last but one."""
    last = max(1, page(port, f"{first}page_size=1")["count"] // 50 - 1)
    number = min(FAR, last)
    found = page(port, f"{first}page={number - 1}") if number > 1 else page(port, first)
    address = str(found["next"])
    return number, address[address.index("/api/") :]


def export(port: int, data: Path, address: str) -> str:
    """How many claims a second leave in a file, and by how much the web server grows meanwhile."""
    before = asking.memory(data)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3_600)
    began = time.perf_counter()
    connection.request("GET", address)
    answer = connection.getresponse()
    count = size = 0
    turn, grown = 0, [0]
    while chunk := answer.read(READ):
        count += chunk.count(b"\n")
        size += len(chunk)
        turn += 1
        if turn % 16 == 0:
            grown.append(_web(asking.memory(data)) - _web(before))
    took = time.perf_counter() - began
    return f"{count / took:,.0f} claims/s, {size / 1e6:,.0f} MB in {took:.1f} s, web +{max(grown)} MB"


def _web(memory: dict[str, int]) -> int:
    return sum(size for name, size in memory.items() if name.startswith("web"))


def looked_up(port: int, data: Path) -> str:
    half = LOOKED_UP // 2
    ids = asking.column(data, f"SELECT pmid FROM studies_study WHERE pmid IS NOT NULL ORDER BY id LIMIT {half}")
    ids += asking.column(data, f"SELECT DISTINCT name FROM vesicles_cargo LIMIT {LOOKED_UP - len(ids)}")
    body = json.dumps({"ids": ids})
    took = []
    for _ in range(5):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        began = time.perf_counter()
        connection.request("POST", "/api/v1/lookup/", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != OK:
            raise asking.NotThere(f"/lookup/ answers {answer.status}")
        took.append(time.perf_counter() - began)
    return f"{asking.times(took)}, {len(ids):,} ids"


def lines(found: dict[int, dict[str, str]]) -> Iterator[str]:
    yield ""
    day = time.strftime("%Y-%m-%d")
    yield f"{day}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}."
    yield "Milliseconds: median / 95th percentile; in brackets what all processes of the server computed for an answer."
    yield ""
    yield "| | " + " | ".join(f"{size:,} claims" for size in found) + " |"
    yield "|---" * (len(found) + 1) + "|"
    names = dict.fromkeys(name for each in found.values() for name in each)
    yield from (f"| {name} | " + " | ".join(each.get(name, "") for each in found.values()) + " |" for name in names)
    yield ""
    yield f"Meanwhile {os.getloadavg()[1]:.1f} processes wanted a processor."


if __name__ == "__main__":
    main()
