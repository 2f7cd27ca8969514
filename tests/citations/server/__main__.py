"""`python -m tests.citations.server --port 8900 --studies 10000 --faults faults.json`: the services as a process.

The faults file holds a list of rules (`faults.Fault`). GET `/_control` gives statistics; POST `/_control` takes
`{"faults": [...], "seed": 1, "reset": true}`.
"""

import argparse
import json
import sys
from pathlib import Path

from .faults import Fault
from .http import Server
from .store import Store


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.citations.server", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--faults", type=Path, help="a JSON list of rules")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rules = [Fault.read(rule) for rule in json.loads(given.faults.read_text())] if given.faults else []
    server = Server(Store(given.studies), rules, port=given.port, seed=given.seed)
    sys.stdout.write(f"{server.url('').rstrip('/')}\n")
    sys.stdout.flush()
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
