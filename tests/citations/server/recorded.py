"""Recorded answers of the real services, where they lie beside the project, and a server that repeats one."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from apps.citations.clients import Endpoint

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("EXODB_SHARED", ROOT.parent / "shared")) / "data"
RECORDED = SHARED / "recorded_responses"
RETRACTIONS = SHARED / "retractions"
WHY_NOT = "the recorded answers are not here; EXODB_SHARED names the folder that holds data/recorded_responses"


@dataclass(frozen=True)
class Exchange:
    path: str
    url: str
    status: int
    body: str
    content_type: str

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def exchange(path: Path) -> Exchange:
    recorded = json.loads(path.read_text())
    response = recorded["response"]
    headers = {name.lower(): value for name, value in (response["headers"] or {}).items()}
    kind = headers.get("content-type") or ["application/json"]
    name = str(path.relative_to(RECORDED))
    return Exchange(name, recorded["request"]["url"], response["status"] or 200, response["body"], kind[0])


def recorded(service: str) -> list[Path]:
    return sorted((RECORDED / service).glob("*.json"))


class Replay(ThreadingHTTPServer):
    """Answers everything with one recorded answer."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes, content_type: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.body, self.content_type = status, body, content_type

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.shutdown()
        self.server_close()

    @property
    def endpoint(self) -> Endpoint:
        url = f"http://127.0.0.1:{self.server_port}"
        return Endpoint(url, "alice@example.org", requests_per_second=1000, timeout=5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Replay

    def log_message(self, *_what: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.content_type)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_POST = do_GET  # noqa: N815 -- http.server's own name
