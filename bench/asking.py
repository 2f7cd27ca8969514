"""Asks a server over HTTP as readers do, and takes the time; what is asked is drawn from the synthetic claims."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from bench.made_up import MADE_UP
from exodb.embedded import places, processes
from exodb.embedded.postgres import query

OK, FEW_TIMES = 200, 3
SECONDS_OF_LOAD = 12
# Pages that are kept for strangers (`apps/web/keeping.py`), and asked for a second time as such.
KEPT = (
    *("broad, all facets", "narrow", "three facets chosen", "heat map"),
    *(f"page of a {kind}, the most frequent" for kind in ("cargo", "source", "disease")),
)
FOUND = re.compile(rb"<strong>([0-9,\s\xa0\xe2\x80\xaf]+)</strong> claims?")
# What a reader may have typed when suggestions are asked for.
SUGGESTED = ("mir-100", "synth", "carc", "disease%201", "SYN10", "drug")
TICKS = os.sysconf("SC_CLK_TCK")


class NotThere(Exception):
    """The server does not know this page."""


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    median: float
    p95: float
    work: float | None = None

    def __str__(self) -> str:
        work = "" if self.work is None else f" ({self.work:.0f})"
        return f"{self.median:.0f} / {self.p95:.0f}{work}"


def times(seconds: list[float], work: float | None = None) -> Times:
    return Times(1000 * median(seconds), 1000 * quantiles(seconds, n=20)[-1], work)


def addresses(data: Path) -> dict[str, list[str]]:
    """What to ask, by name: several addresses of a kind, so that none is answered from memory of the last."""
    broad, narrow = words(data, 0.2), words(data, 0.0005)
    claims = column(data, "SELECT accession FROM claims_claim WHERE state = 'accepted' AND id % 997 = 1 LIMIT 8")
    top = "SELECT {0} FROM claims_claim c {1} GROUP BY 1 ORDER BY count(*) DESC LIMIT 3"
    cargos = column(data, top.format("cargo.accession", "JOIN vesicles_cargo cargo ON cargo.id = c.cargo_id"))
    made = "JOIN vesicles_preparation made ON made.id = c.preparation_id"
    sources = column(data, top.format("s.accession", f"{made} JOIN vesicles_vesiclesource s ON s.id = made.source_id"))
    studies = column(data, top.format("s.accession", f"{made} JOIN studies_study s ON s.id = made.study_id"))
    meant = "JOIN terms_name_terms m ON m.name_id = c.disease_id JOIN terms_term t ON t.id = m.term_id"
    diseases = column(data, top.format("t.curie", meant))
    return {
        "first page": ["/"],
        "all claims, all facets": ["/search/", "/search/?sort=level", "/search/?sort=year", "/search/?sort=citations"],
        "broad, all facets": [f"/search/?q={word}" for word in broad],
        "broad, by citations, second page": [f"/search/?q={word}&sort=citations" for word in broad],
        "narrow": [f"/search/?q={word}" for word in narrow],
        "three facets chosen": [
            f"/search/?q={word}&edge={edge}&level=D&model=animal" for word in broad[:4] for edge in ("harm", "benefit")
        ],
        "suggestion": [f"/api/v1/suggest/?q={typed}" for typed in SUGGESTED],
        "page of a claim": [f"/claims/{each}/" for each in claims],
        "page of a study": [f"/studies/{each}/" for each in studies],
        "page of a cargo, the most frequent": [f"/cargos/{each}/" for each in cargos],
        "page of a source, the most frequent": [f"/sources/{each}/" for each in sources],
        "page of a disease, the most frequent": [f"/terms/{each}/" for each in diseases],
        "heat map": [f"/explore/map/?q={word}" for word in narrow],
        "lists of studies, cargos, sources, terms": ["/studies/", "/cargos/", "/sources/", "/terms/"],
        "API: a page of claims": [
            f"/api/v1/claims/{narrowed}" for narrowed in ("", "?edge=benefit", "?aspect=vaccine")
        ],
        "API: numbers": ["/api/v1/stats/"],
    }


def column(data: Path, sql: str) -> list[str]:
    return query(data, sql, places.DATABASE).splitlines()


def words(data: Path, share: float) -> list[str]:
    """Made-up words that are found in about that share of the claims, by a sample of them."""
    sql = (
        "SELECT word || ' ' || ndoc FROM ts_stat($$SELECT search FROM claims_claim "
        "WHERE state = 'accepted' AND id % greatest(1, (SELECT max(id) FROM claims_claim) / 10000) = 0$$)"
    )
    counts = dict(line.split(" ") for line in column(data, sql))
    total = 10_000
    known = [(abs(int(counts[word]) / total - share), word) for word in MADE_UP if word in counts]
    return [word for _, word in sorted(known)[:8]]


# --- one by one -------------------------------------------------------------------------------------------------------


def timed(port: int, data: Path, addresses: list[str], repeat: int, *, kept: bool = False) -> tuple[Times, int]:
    """How long the answers take, read whole, after all were asked once; and how many claims the last one found.

    Each page is made for the one who asks, unless it may be one that was kept.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    body = b""
    for address in addresses * FEW_TIMES:
        body = asked(connection, address, kept=kept)
    seconds = []
    before = worked(data)
    for turn in range(max(repeat, len(addresses))):
        began = time.perf_counter()
        body = asked(connection, addresses[turn % len(addresses)], kept=kept)
        seconds.append(time.perf_counter() - began)
    work = worked_since(before, data) / len(seconds)
    connection.close()
    found = FOUND.search(body)
    return times(seconds, 1000 * work), int(re.sub(rb"[^0-9]", b"", found[1])) if found else 0


def asked(connection: http.client.HTTPConnection, address: str, *, kept: bool = False) -> bytes:
    # Who has a cookie may be somebody, and is shown no page that was made for others.
    connection.request("GET", address, headers={} if kept else {"Cookie": "benchmark=1"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != OK:
        raise NotThere(f"{address} answers {answer.status}")
    return body


def answers(port: int) -> bool:
    try:
        asked(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/healthz")
    except (OSError, NotThere, http.client.HTTPException):
        return False
    return True


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


# --- many at once -----------------------------------------------------------------------------------------------------


def throughput(port: int, wanted: dict[str, list[str]], clients: int) -> str:
    """So many readers at once, each asking the next thing as soon as it has its answer."""
    kinds = ("broad, all facets", "narrow", "three facets chosen", "page of a claim")
    mixed = [address for name in kinds for address in wanted[name]]
    end = time.monotonic() + SECONDS_OF_LOAD
    seconds: list[float] = []

    def read(turn: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        while time.monotonic() < end:
            began = time.perf_counter()
            asked(connection, mixed[turn % len(mixed)])
            seconds.append(time.perf_counter() - began)
            turn += 7

    threads = [threading.Thread(target=read, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return f"{len(seconds) / SECONDS_OF_LOAD:.0f} answers/s, {times(seconds)}"


# --- what the processes need ------------------------------------------------------------------------------------------


def groups(data: Path) -> dict[str, list[int]]:
    """The processes of each part of the server."""
    notes = json.loads((places.run_dir(data) / "children.json").read_text())
    found = {name: processes.group_members(note["pid"]) for name, note in notes.items()}
    # A session of PostgreSQL is a group of its own.
    found["postgres"] = processes.working_in(places.postgres_dir(data), "postgres")
    return found


def worked(data: Path) -> dict[int, float]:
    """Seconds that each process of the server has computed, by its number."""
    found = {}
    for pids in groups(data).values():
        for pid in pids:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            found[pid] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def worked_since(before: dict[int, float], data: Path) -> float:
    """Seconds since; what a process computed that has ended meanwhile is not known."""
    return sum(seconds - before.get(pid, 0.0) for pid, seconds in worked(data).items())


def memory(data: Path) -> dict[str, int]:
    """MB of each part, what is shared counted once."""
    found = {}
    for name, pids in groups(data).items():
        shares = [re.search(r"Pss:\s+(\d+)", _rollup(pid)) for pid in pids]
        found[f"{name}, {len(pids)} processes"] = sum(int(share[1]) for share in shares if share) // 1024
    return found


def _rollup(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return ""
