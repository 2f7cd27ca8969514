"""`python -m exodb.embedded serve` runs all of ExoDB; `… run -- COMMAND` runs one command with its services up."""

import argparse
import contextlib
import os
import signal
import subprocess
import sys

from exodb.embedded import places, services
from exodb.embedded.postgres import PostgresError, folder_of_programs
from exodb.embedded.redis import RedisError
from exodb.embedded.supervisor import CannotServe, Supervisor

DEFAULT_PORT = 8000


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.action(options))
    except (PostgresError, RedisError, services.InUse, CannotServe, PermissionError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m exodb.embedded", description=__doc__)
    actions = parser.add_subparsers(required=True)
    serve = actions.add_parser("serve", prog="script/server", help="run all of ExoDB until told to stop")
    serve.add_argument("--port", type=int, default=DEFAULT_PORT, help="port of the pages (default: %(default)s)")
    serve.add_argument("--data", help="data folder (default: EXODB_DATA, else var/ in the checkout)")
    serve.add_argument("--no-worker", action="store_true", help="without background work")
    serve.set_defaults(action=_serve)
    run = actions.add_parser("run", help="run a command with the database and the broker up")
    run.add_argument("--data", help="the data folder (default: EXODB_DATA, else var/)")
    run.add_argument("command", nargs="+", help="the command and its arguments, after --")
    run.set_defaults(action=_run)
    return parser


def _serve(options: argparse.Namespace) -> int:
    return Supervisor(places.data_dir(options.data), options.port, worker=not options.no_worker).serve()


def _run(options: argparse.Namespace) -> int:
    """Run one command and answer with its exit code."""
    # Ctrl-C reaches the command from the terminal itself; we stay to stop the services after it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with services.running(places.data_dir(options.data)) as environment:
        command = subprocess.Popen(
            options.command,
            env={**os.environ, **environment, "PATH": _path()},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        for forwarded in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(forwarded, lambda number, _: command.send_signal(number))
        code = command.wait()
    return code if code >= 0 else 128 - code


def _path() -> str:
    """PATH with the database's own tools first: a psql or pg_dump of another version may not understand it."""
    with contextlib.suppress(PostgresError):
        return f"{folder_of_programs()}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return os.environ.get("PATH", os.defpath)


if __name__ == "__main__":
    sys.exit(main())
