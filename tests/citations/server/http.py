"""The HTTP side: routes, faults that need the wire, and a record of every request with its time."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from apps.citations.clients import Endpoint

from .answers import ANSWERS, ASKED, Reply, Request
from .faults import INSTEAD, Fault, Faults
from .spoiling import bomb, instead, spoil
from .store import Store

WIRE = {"hang-up", "cut", "slow"}
WORTH_ZIPPING = 1400
CONTROL = "/_control"


@dataclass(frozen=True)
class Seen:
    """One request as it came in."""

    service: str
    at: float  # seconds since the epoch
    method: str
    ids: int
    fault: str
    agent: str
    path: str


class Server(ThreadingHTTPServer):
    """All six services on one port, each under its name: `/europepmc`, `/crossref`, …"""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, store: Store | None = None, faults: Iterable[Fault] = (), *, port: int = 0, seed: int = 1
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.store = store or Store()
        self.faults = Faults(list(faults), seed)
        self.seen: list[Seen] = []
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_failure: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_request: object) -> None:
        """A client that went away is no news."""

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{service}"

    def endpoint(self, service: str, **more: Any) -> Endpoint:
        settings = {"contact_mail": "alice@example.org", "requests_per_second": 1000.0, "timeout": 2.0, **more}
        return Endpoint(self.url(service), **settings)

    def misbehave(self, *faults: Fault, seed: int = 1) -> None:
        if any(fault.kind == "bomb" for fault in faults):
            bomb()  # made before the clock ticks
        self.faults.set(faults, seed)

    def requests(self, service: str) -> list[Seen]:
        with self.lock:
            return [seen for seen in self.seen if seen.service == service]

    def statistics(self) -> dict[str, Any]:
        """For each service: how many requests, for how many ids, which faults, and the most in any one second."""
        found = {}
        for service in ANSWERS:
            seen = self.requests(service)
            times = sorted(one.at for one in seen)
            found[service] = {
                "requests": len(seen),
                "ids": sum(one.ids for one in seen),
                "faults": dict(Counter(one.fault for one in seen if one.fault)),
                "most_in_a_second": most_in_a_second(times),
                "times": times,
            }
        return found

    def forget(self) -> None:
        with self.lock:
            self.seen.clear()


def most_in_a_second(times: list[float]) -> int:
    """The largest number of requests within any one second; `times` in order."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def log_message(self, *_what: object) -> None:
        """Silent: the server keeps its own record."""

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == CONTROL:
            self._send(Reply(self.server.statistics()))
        else:
            self._serve(address.path, dict(parse_qsl(address.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.path == CONTROL:
            self._control(body)
        else:
            self._serve(urlsplit(self.path).path, dict(parse_qsl(body)))

    def _control(self, body: str) -> None:
        """Set the faults (`{"faults": [...], "seed": 1}`), forget what was seen (`{"reset": true}`)."""
        try:
            orders = json.loads(body)
            if "faults" in orders:
                self.server.misbehave(*map(Fault.read, orders["faults"]), seed=orders.get("seed", 1))
        except (ValueError, TypeError, AttributeError) as error:
            self._send(Reply({"error": str(error)}, status=400))
            return
        if orders.get("reset"):
            self.server.forget()
        self._send(Reply({"faults": [asdict(rule) for rule in self.server.faults.rules]}))

    # --- serving --------------------------------------------------------------------------------------------------

    def _serve(self, path: str, params: dict[str, str]) -> None:
        at = time.time()
        service, _, rest = path.removeprefix("/").partition("/")
        if service not in ANSWERS:
            self._send(Reply({"error": f"no service {service}"}, status=404))
            return
        request = Request(service, f"/{rest}", params)
        try:
            asked = ASKED[service](request)
        except (KeyError, ValueError):
            self._send(Reply({"error": "a parameter is missing"}, status=400))
            return
        fault = self.server.faults.strike(service, asked)
        agent = self.headers.get("User-Agent", "")
        kind = fault.kind if fault else ""
        with self.server.lock:
            self.server.seen.append(Seen(service, at, self.command, len(asked), kind, agent, self.path))
        self._reply(request, fault)

    def _reply(self, request: Request, fault: Fault | None) -> None:
        if fault and fault.kind == "hang-up":
            self._hang_up()
            return
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        if fault and fault.kind in INSTEAD and fault.kind not in WIRE:
            reply = instead(fault)
            if fault.kind == "loop":
                reply.headers["Location"] = self.path
            self._send(reply)
            return
        reply = ANSWERS[request.service](self.server.store, request)
        if fault:
            spoil(reply, fault, request.service)
        self._send(reply, fault)

    def _send(self, reply: Reply, fault: Fault | None = None) -> None:
        kind = fault.kind if fault else ""
        body = reply.body
        if kind in {"truncated", "half-table"}:
            body = body[: len(body) * 2 // 3]
        headers = {"Content-Type": reply.type, **reply.headers}
        if kind == "broken-gzip":
            body = gzip.compress(body)[:-20] + b"not gzip at all!!!!!"
            headers["Content-Encoding"] = "gzip"
        elif (
            "Content-Encoding" not in headers
            and len(body) > WORTH_ZIPPING
            and "gzip" in self.headers.get("Accept-Encoding", "")
        ):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self._hang_up()
            return
        self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)
