"""A task that leaves traces in a file, for a worker to be killed in the middle of."""

import os
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

from exodb.celery import app


@app.task(name="tests.write_lines")
def write_lines(*, path: str, seconds: float) -> None:
    """Say "began"; say "ended" after a while, unless somebody kills us before."""
    with Path(path).open("a") as lines:
        lines.write("began\n")
    time.sleep(seconds)
    with Path(path).open("a") as lines:
        lines.write("ended\n")
