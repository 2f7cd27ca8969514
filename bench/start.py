#!/usr/bin/env python3
"""How long a newcomer waits: a fresh clone's first start, its second start, and its stop, as whole processes.

    python3 bench/start.py [--keep]

Standard library alone. Clones this checkout's HEAD into a temporary folder, so commit first. Prints seconds.
"""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def start(clone: Path, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start the server of the clone. Return it and the seconds until its first page was read whole."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
    began = time.monotonic()
    process = subprocess.Popen(["script/server", "--port", str(port)], cwd=clone, env=environment)
    while "miR-21" not in page(port, "/search/?q=miR-21"):
        if process.poll() is not None or time.monotonic() - began > 600:
            raise SystemExit(f"the server did not come up (exit code {process.poll()})")
        time.sleep(0.05)
    return process, time.monotonic() - began


def stop(process: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="keep the clone")
    keep = parser.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="exodb-bench-"))
    clone = folder / "exodb"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    figures = {}
    for name in ("first start", "second start"):
        process, figures[name] = start(clone, free_port())
        figures[f"stop after {name}"] = stop(process)
    print("\n".join(f"{name:<24}{seconds:8.2f} s" for name, seconds in figures.items()))
    if keep:
        print(clone)
    else:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
