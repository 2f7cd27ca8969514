"""What search is measured by: the cheapest SQL for the same rows, and Datasette with the same claims in SQLite."""

from __future__ import annotations

import http.client
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from bench import asking
from bench.asking import Times
from exodb.embedded import places

DATASETTE = "datasette==0.65.5"
FACETS = ("aspect", "edge", "effect", "level", "cargo_kind", "source_category", "year", "status")
LIMITS = {"sql_time_limit_ms": 300_000, "facet_time_limit_ms": 300_000}
CLAIMS = """
SELECT c.id, c.accession, c.aspect, c.edge, c.effect, c.level, cargo.kind, source.category, study.year, study.status,
    concat_ws(' ', c.statement, c.outcome, cargo.name, disease.text, source.name, study.title, study.journal)
FROM claims_claim c LEFT JOIN vesicles_cargo cargo ON cargo.id = c.cargo_id
JOIN terms_name disease ON disease.id = c.disease_id JOIN vesicles_preparation made ON made.id = c.preparation_id
JOIN vesicles_vesiclesource source ON source.id = made.source_id JOIN studies_study study ON study.id = made.study_id
WHERE c.state = 'accepted' ORDER BY c.id
"""
JOINED = """
FROM claims_claim c LEFT JOIN vesicles_cargo cargo ON cargo.id = c.cargo_id
JOIN vesicles_preparation made ON made.id = c.preparation_id
JOIN vesicles_vesiclesource source ON source.id = made.source_id JOIN studies_study study ON study.id = made.study_id
WHERE c.state = 'accepted' AND c.search @@ to_tsquery('english', %(word)s)
"""
ROWS = f"SELECT c.* {JOINED} ORDER BY c.accepted_at DESC, c.id DESC LIMIT 25"
COUNT = "SELECT count(*) FROM claims_claim WHERE state = 'accepted' AND search @@ to_tsquery('english', %(word)s)"
COLUMNS = ("c.aspect", "c.edge", "c.effect", "c.level", "cargo.kind", "source.category", "study.year", "study.status")
COUNTED = f"SELECT {', '.join(COLUMNS)}, count(*) {JOINED} GROUP BY GROUPING SETS ({', '.join(COLUMNS)})"


def measured(data: Path, folder: Path, repeat: int) -> dict[str, Times]:
    broad, narrow = asking.words(data, 0.2)[:4], asking.words(data, 0.0005)[:4]
    few = max(8, repeat // 5)
    found = {
        "SQL alone, 25 rows and count, broad": sql(data, [ROWS, COUNT], broad, few),
        "SQL alone, eight facets, broad": sql(data, [COUNTED], broad, few),
        "SQL alone, rows, count, eight facets, narrow": sql(data, [ROWS, COUNT, COUNTED], narrow, few),
    }
    with datasette(data, folder) as port:
        facets = "&".join(f"_facet={name}" for name in FACETS)
        for name, words in (("broad", broad), ("narrow", narrow)):
            pages = [f"/claims/claims?_search={quote(word)}&_size=25&{facets}" for word in words]
            found[f"Datasette, eight facets, {name}"] = read(port, pages, few)
    return found


def sql(data: Path, statements: list[str], words: list[str], repeat: int) -> Times:
    """The statements as PostgreSQL answers them, over its socket, with nothing around."""
    address = f"host={places.socket_dir(data)} dbname={places.DATABASE} user={places.APPLICATION}"
    options = "-c max_parallel_workers_per_gather=0 -c jit=off"
    seconds = []
    with psycopg.connect(address, options=options, autocommit=True) as connection:
        for turn in range(repeat + len(words)):
            began = time.perf_counter()
            for statement in statements:
                connection.execute(statement, {"word": words[turn % len(words)]}).fetchall()
            seconds.append(time.perf_counter() - began)
    return asking.times(seconds[len(words) :])


@contextmanager
def datasette(data: Path, folder: Path) -> Iterator[int]:
    """Datasette on a port of its own, with the claims, a full-text index, and an index for each facet."""
    database = data / "claims.db"
    if not database.exists():
        export(data, database.with_suffix(".partial"))
        database.with_suffix(".partial").rename(database)
    port = asking.free_port()
    options = [part for name, value in LIMITS.items() for part in ("--setting", name, str(value))]
    command = [program(folder), "serve", str(database), "--port", str(port), *options]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while not _answers(port) and time.monotonic() < end:
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def program(folder: Path) -> Path:
    """Datasette, in an environment of its own: nothing of ExoDB needs it."""
    environment = folder / "datasette"
    uv = Path(sys.executable).with_name("uv")
    if not (environment / "bin" / "datasette").exists():
        subprocess.run([uv, "venv", "--quiet", str(environment)], check=True)
        python = environment / "bin" / "python"
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), DATASETTE], check=True)
    return environment / "bin" / "datasette"


def export(data: Path, database: Path) -> None:
    database.unlink(missing_ok=True)
    address = f"host={places.socket_dir(data)} dbname={places.DATABASE} user={places.APPLICATION}"
    lite = sqlite3.connect(database)
    names = ", ".join(FACETS)
    lite.execute(f"CREATE TABLE claims (id INTEGER PRIMARY KEY, accession TEXT, {names}, text TEXT)")
    with psycopg.connect(address) as connection, connection.cursor(name="claims") as cursor:
        cursor.itersize = 10_000
        cursor.execute(CLAIMS)
        marks = ", ".join("?" * (len(FACETS) + 3))
        lite.executemany(f"INSERT INTO claims VALUES ({marks})", cursor)
    for name in FACETS:
        lite.execute(f"CREATE INDEX claims_{name} ON claims ({name})")
    lite.execute(
        "CREATE VIRTUAL TABLE claims_fts USING fts5 (text, content='claims', content_rowid='id', tokenize='porter')"
    )
    lite.execute("INSERT INTO claims_fts (claims_fts) VALUES ('rebuild')")
    lite.execute("ANALYZE")
    lite.commit()
    lite.close()


def read(port: int, pages: list[str], repeat: int) -> Times:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    asking.asked(connection, pages[0])
    seconds = []
    for turn in range(repeat):
        began = time.perf_counter()
        asking.asked(connection, pages[turn % len(pages)])
        seconds.append(time.perf_counter() - began)
    return asking.times(seconds)


def _answers(port: int) -> bool:
    try:
        asking.asked(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/-/versions.json")
    except (OSError, asking.NotThere):
        return False
    return True
