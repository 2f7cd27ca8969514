"""A whole server in a process of its own, as a newcomer starts it, for tests to kill."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exodb.embedded import places, processes

ROOT = Path(__file__).resolve().parents[2]
NOT_THE_TESTS = ("DATABASE_", "REDIS_", "EXODB_", "DJANGO_", "PYTEST_", "COV_")


def clean_environment(**more: str) -> dict[str, str]:
    """The environment without what a test run put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_THE_TESTS)}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def eventually(condition: Callable[[], Any], seconds: float = 45) -> Any:
    """Wait for a true answer and return it; fail when it does not come."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


@dataclass
class Server:
    """`script/server` on one data folder."""

    data: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    def start(self, *options: str, seconds: float = 90, **environment: str) -> "Server":
        command = [sys.executable, "-P", "-m", "exodb.embedded", "serve", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), *options],
            env=clean_environment(**environment),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wanted = {"web", "search"} if "--no-worker" in options else {"web", "search", "worker", "beat"}
        eventually(lambda: wanted <= self.own_children() or self.process.poll() is not None, seconds)
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended: {self.process.stdout.read()}")
        eventually(self.answers)
        return self

    def own_children(self) -> set[str]:
        """The names of those children that this very process started, not one before it."""
        return {name for name, pid in self.children().items() if parent(pid) == self.process.pid}

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/admin/login/", timeout=5) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def children(self) -> dict[str, int]:
        """The children by name, as the supervisor notes them."""
        try:
            notes = json.loads((places.run_dir(self.data) / "children.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return {name: note["pid"] for name, note in notes.items()}

    def kill(self, name: str) -> int:
        """Kill a child by force, and wait until another one has taken its place."""
        pid = self.children()[name]
        os.kill(pid, signal.SIGKILL)
        return eventually(lambda: (now := self.children().get(name, pid)) != pid and processes.alive(now) and now)

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> str:
        """Stop it as a person does, and return what it printed."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(sign)
        said, _ = self.process.communicate(timeout=40)
        return said

    def remains(self) -> list[str]:
        """The command lines of all processes that belong to this data folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment = (entry / "environ").read_bytes().split(b"\0")
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                folder = (entry / "cwd").resolve()
            except OSError:
                continue
            ours = f"EXODB_DATA={self.data}".encode() in environment or folder.is_relative_to(self.data)
            if (ours or f"{self.data}/" in command) and processes.alive(int(entry.name)):
                found.append(command)
        return found
