"""A program of ours as a child: the web server, the worker, the scheduler."""

import signal
import subprocess
from pathlib import Path

from exodb.embedded import processes


class Program:
    """A command that runs until it is told to stop, its output in a file."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        folder: Path,
        environment: dict[str, str],
        when_orphaned: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.folder = folder
        self.environment = environment
        self.when_orphaned = when_orphaned
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes.die_with_parent(self.when_orphaned),
            )

    def running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ask_to_stop(self) -> None:
        if self.child is not None and self.running():
            self.child.terminate()

    def stop(self) -> None:
        """End it and all of its own children, now."""
        if self.child is not None:
            processes.end_group(self.child)
            self.child = None

    def clear_after_death(self) -> None:
        """End what it left behind: a killed web server's workers would keep the port."""
        if self.child is not None:
            processes.end_group(self.child)
