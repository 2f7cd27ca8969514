"""Who uses a data folder: one owner who runs its services, and guests who use them meanwhile."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Self

from exodb.embedded import places


class Lock:
    """A lock that the kernel lets go with its process, however that ends; its file tells who holds it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        # Not inherited by children: a child that outlives us must not keep our lock.
        self.file = path.open("a+")

    def take(self, *, wait: bool = False, shared: bool = False) -> bool:
        """Take the lock, or learn that somebody else has it."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(self.file, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def tell(self, **facts: Any) -> None:
        """Write down who we are, for those who find the lock taken."""
        self.file.seek(0)
        self.file.truncate()
        json.dump({"pid": os.getpid(), **facts}, self.file)
        self.file.flush()

    def told(self) -> dict[str, Any]:
        """What the holder wrote."""
        try:
            facts = json.loads(self.path.read_text())
        except ValueError:
            return {}
        return facts if isinstance(facts, dict) else {}

    def release(self) -> None:
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def owner(data: Path) -> Lock:
    """The lock of the one process that runs the services of the folder."""
    return Lock(places.run_dir(data) / "owner.lock")


def guests(data: Path) -> Lock:
    """The lock that guests share; an owner that is a mere command waits for it before it stops the services."""
    return Lock(places.run_dir(data) / "guests.lock")
