#!/usr/bin/env python3
"""What becomes of the API when it is badly treated: the real server, on this machine alone.

    .venv/bin/python bench/abuse.py [--folder FOLDER] [--seconds 10]

Starts the server on a folder of its own, and treats it badly in one way after another. After each it asks as a reader
does: the answer must be right. Says for each what came back; ends with 1 where anything was answered by 5xx, where a
refusal was no problem document, or where a reader was not answered.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import asking, search

HOST = "127.0.0.1"
PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}
POSTED = ("/api/v1/lookup/", "/api/v1/drafts/", "/mcp")
PATHS = (
    "/api/v1/../../etc/passwd",
    "/api/v1/claims/..%2f..%2fetc%2fpasswd/",
    "/api/v1/claims/%2e%2e/",
    "/api/v1/claims/%00/",
    "/api/v1/claims/%ff%fe/",
    "/api/v1//claims//",
    "/api/v1/claims/EXCL0000001;a=b/",
    "/api/v1/claims/?page=-1",
    "/api/v1/claims/?cursor=%00",
    "/api/v1/claims/?q=%28%28%28%28",
    "/api/v1/claims/" + "a" * 6_000 + "/",
    "/api/v1/claims/?" + "&".join(f"edge={number}" for number in range(900)),
    "/api/v1/terms/DOID:1%20OR%201=1/",
    "/api/v1/drafts/EXCL0000001/1/",
    "/api/v1/drafts/EXCL0000001/99999999999999999999/",
)
TOKENS = 10_000
SLOW = 200


class Run:
    """What came back, way by way."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.faults: list[str] = []

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> str:
        """Ask once, and say how it ended; what must not be becomes a fault."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): each for name, each in headers.items()})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as ended:
            return type(ended).__name__
        finally:
            connection.close()
        return self.judged(answer, path)

    def judged(self, answer: http.client.HTTPResponse, path: str) -> str:
        kind = answer.headers.get("Content-Type", "")
        # What the web server itself can't read never reaches ExoDB.
        of_ours = "X-Request-ID" in answer.headers
        if answer.status >= 500:
            self.faults.append(f"{path[:60]} answers {answer.status}")
        elif answer.status >= 400 and of_ours and path.startswith("/api/") and kind != PROBLEM:
            self.faults.append(f"{path[:60]} answers {answer.status} as {kind}")
        return str(answer.status)

    def reader(self) -> str:
        """Ask as a reader does."""
        began = time.perf_counter()
        ended = self.ask("/api/v1/claims/")
        took = time.perf_counter() - began
        if ended != "200":
            self.faults.append(f"A reader is answered by {ended}")
        return f"reader {ended} in {1000 * took:.0f} ms"


def paths(run: Run, _: float) -> Counter[str]:
    return Counter(run.ask(path) for path in PATHS)


def bad_tokens(run: Run, _: float) -> Counter[str]:
    """Very many keys that nobody was given, by four connections that stay."""
    ended: Counter[str] = Counter()

    def knock() -> None:
        connection = http.client.HTTPConnection(HOST, run.port, timeout=60)
        for _ in range(TOKENS // 4):
            token = f"exodb_{secrets.token_urlsafe(32)}"
            connection.request("GET", "/api/v1/drafts/", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            ended[run.judged(answer, "/api/v1/drafts/")] += 1

    _together([knock] * 4)
    return ended


def odd_tokens(run: Run, _: float) -> Counter[str]:
    said = (
        "",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Basic YTpi",
        "Bearer " + "x" * 5_000,
        "bearer \u00fc",
        "Bearer exodb_\t",
    )
    return Counter(run.ask("/api/v1/drafts/", Authorization=each.encode().decode("latin-1")) for each in said)


def bodies(run: Run, _: float) -> Counter[str]:
    keys = json.dumps({str(number): number for number in range(10_000)}).encode()
    made = (
        b"[" * 100_000,
        b'{"ids":' * 5_000,
        b" " * 50_000_000,
        keys,
        b"\xff" * 1_000,
        b'{"ids": [NaN, Infinity, 1e999]}',
        b'{"ids": ["' + b"a" * 2_000_000 + b'"]}',
        b'{"ids": ["\\ud800", "\\u0000"]}',
    )
    return Counter(run.ask(path, "POST", body, **JSON) for path in POSTED for body in made)


def headers(run: Run, _: float) -> Counter[str]:
    many = {f"X_Made_Up_{number}": "x" for number in range(95)}
    ended = Counter([run.ask("/api/v1/claims/", **many), run.ask("/api/v1/claims/", X_Long="x" * 500_000)])
    ended[_raw(run, b"GET /api/v1/claims/ HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\n")] += 1
    ended[_raw(run, b"GET /api/v1/claims/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")] += 1
    ended[_raw(run, b"POST /mcp HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}")] += 1
    ended[_raw(run, b"\x00\x01\x02\x03" * 1_000)] += 1
    return ended


HEAD = b"POST /api/v1/lookup/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def slow_heads(run: Run, seconds: float) -> Counter[str]:
    return _slowly(run, seconds, HEAD)


def slow_bodies(run: Run, seconds: float) -> Counter[str]:
    return _slowly(run, seconds, HEAD + b"Content-Length: 1000\r\n\r\n")


def _slowly(run: Run, seconds: float, begun: bytes) -> Counter[str]:
    """Connections that say a letter now and then, while readers ask."""
    held = []
    for _ in range(SLOW):
        connection = socket.create_connection((HOST, run.port), timeout=5)
        connection.sendall(begun)
        held.append(connection)
    ended: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for connection in held:
            with suppress(OSError):
                connection.sendall(b"X")
        ended[run.ask("/api/v1/claims/")] += 1
    for connection in held:
        connection.close()
    if set(ended) != {"200"}:
        run.faults.append(f"Beside {SLOW} slow clients ({begun[-20:]!r}) readers are answered by {dict(ended)}")
    return ended


WAYS: dict[str, Callable[[Run, float], Counter[str]]] = {
    "path tricks": paths,
    "odd tokens": odd_tokens,
    f"{TOKENS:,} unknown tokens": bad_tokens,
    "huge, deep and broken bodies": bodies,
    "floods of headers, broken requests": headers,
    f"{SLOW} slow heads": slow_heads,
    f"{SLOW} slow bodies": slow_bodies,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "exodb-abuse")
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what we started must not outlive us
    with serving(given.folder) as port:
        run = Run(port)
        before = _memory(given.folder)
        for name, way in WAYS.items():
            ended = way(run, given.seconds)
            said = ", ".join(f"{how} {count:,} times" for how, count in sorted(ended.items()))
            print(f"{name:<36}{said}; {run.reader()}", flush=True)
        print(f"web server: {before} MB before, {_memory(given.folder)} MB after")
    for fault in dict.fromkeys(run.faults):
        print(f"FAULT  {fault}")
    sys.exit(bool(run.faults))


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """The whole server with the starter collection, as `script/server` runs it."""
    port = asking.free_port()
    # Who knocks so often would be told to wait: here we look behind that.
    environment = {**search.clean(), "API_RATE": "1000000000/minute"}
    command = [
        sys.executable,
        "-m",
        "exodb.embedded",
        "serve",
        "--data",
        str(folder),
        "--port",
        str(port),
        "--no-worker",
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        search.wait(lambda: asking.answers(port) or server.poll() is not None, 300, "the server answers")
        yield port
    finally:
        server.terminate()
        server.wait(60)


def _memory(folder: Path) -> int:
    return sum(size for name, size in asking.memory(folder).items() if name.startswith("web"))


def _raw(run: Run, request: bytes) -> str:
    """Send bytes as they are; the status that comes back, if any."""
    try:
        with socket.create_connection((HOST, run.port), timeout=10) as connection:
            connection.sendall(request)
            said = connection.recv(64)
    except OSError as ended:
        return type(ended).__name__
    return said.split(b" ")[1].decode() if said.startswith(b"HTTP/") else "closed"


def _together(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
