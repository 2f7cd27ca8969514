"""Child processes that never outlive us, and what can be known of processes that are not ours."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
# Found before any fork: a child between fork and exec should do as little as possible.
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def die_with_parent(sign: int) -> Callable[[], None]:
    """What a child does between fork and exec so that the kernel sends it `sign` when we die, even by kill -9."""
    parent = os.getpid()

    def arrange() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, sign)
            if os.getppid() != parent:  # we died before the arrangement was made
                os._exit(1)

    return arrange


def alive(pid: int) -> bool:
    """Whether a process of this number runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not (LINUX and _stat(pid)[:1] == ["Z"])


def birth(pid: int) -> str:
    """When the process was born, as its system tells it: with the number it names one process for ever."""
    if LINUX:
        fields = _stat(pid)
        return fields[19] if len(fields) > 19 else ""  # noqa: PLR2004 -- field 22 of proc(5), counted after the name
    answer = subprocess.run(["ps", "-p", str(pid), "-o", "lstart="], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


def group_members(group: int) -> list[int]:
    """The processes of a group, whether or not the one that gave it its number still lives."""
    if LINUX:
        pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
        return [pid for pid in pids if _stat(pid)[2:3] == [str(group)] and alive(pid)]
    listing = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    pairs = (line.split() for line in listing.splitlines())
    return [int(pid) for pid, of in pairs if int(of) == group]


def working_in(folder: Path, name: str) -> list[int]:
    """The processes called `name` whose working directory is `folder` (Linux only, else none)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*") if LINUX else ():
        with contextlib.suppress(OSError):
            if (entry / "comm").read_text().strip() == name and (entry / "cwd").samefile(folder):
                found.append(int(entry.name))
    return found


class Stopping(BaseException):
    """Somebody asked us to stop; raised only where we wait, so that nothing half-started is forgotten."""


class StopSignal:
    """Remembers the wish to stop until we next wait."""

    wished = False

    @classmethod
    def heed(cls, *signals: signal.Signals) -> None:
        """From now on these signals only note the wish."""
        for number in signals:
            signal.signal(number, cls._note)

    @classmethod
    def forget(cls) -> None:
        cls.wished = False

    @classmethod
    def _note(cls, *_: object) -> None:
        cls.wished = True


def pause(seconds: float) -> None:
    """Sleep a moment; raise if somebody asked us to stop."""
    time.sleep(seconds)
    if StopSignal.wished:
        raise Stopping


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Wait for a condition; return whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        pause(step)
    return True


def stop(child: subprocess.Popen[bytes], sign: signal.Signals, seconds: float) -> None:
    """Ask a child to end, wait, then end its whole group by force."""
    if child.poll() is None:
        child.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
    end_group(child)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of a child and of its own children, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
