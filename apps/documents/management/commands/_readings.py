"""What the commands on documents share: the documents under some paths, or all their faults and exit code 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from django.core.management.base import CommandError, OutputWrapper
from tqdm import tqdm

from apps.documents import reading
from apps.documents.reading import Fault, Reading

MOST_SHOWN = 200


def readings_under(paths: Sequence[str], out: OutputWrapper, *, quiet: bool) -> list[Reading]:
    """Read and check every document. Raises CommandError (2) for a path that is not there, (1) for faults."""
    try:
        files = reading.documents_under(Path(path) for path in paths)
    except FileNotFoundError as problem:
        raise CommandError(str(problem), returncode=2) from None
    if not files:
        raise CommandError(f"no *.yaml documents under {', '.join(paths)}", returncode=2)
    readings: list[Reading] = []
    faults: list[Fault] = []
    for path in tqdm(files, desc="checking", unit="doc", disable=quiet or None):
        found, problems = reading.read(path)
        faults += problems
        readings += [found] if found else []
    faults += reading.set_faults(readings)
    if faults:
        refuse(faults, out)
    return readings


def refuse(faults: Iterable[Fault], out: OutputWrapper) -> None:
    """Print the faults and end with exit code 1."""
    faults = sorted(faults)
    for fault in faults[:MOST_SHOWN]:
        out.write(str(fault))
    if len(faults) > MOST_SHOWN:
        out.write(f"… and {len(faults) - MOST_SHOWN} more")
    files = len({fault.path for fault in faults})
    raise CommandError(f"{len(faults)} faults in {files} documents; nothing was written.", returncode=1)
