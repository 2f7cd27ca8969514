"""`/mcp`: each message is a request of its own, answered where every other is."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView


class Mcp(APIView):
    """The Model Context Protocol by streamable HTTP: no sessions, no streams, JSON for JSON."""

    schema = None
    http_method_names = ["post", "options"]

    def post(self, request: Request) -> HttpResponse:
        asked = request._request  # noqa: SLF001 - the SDK reads the body by itself
        return async_to_sync(_answered)(asked, asked.body)


async def _answered(asked: HttpRequest, body: bytes) -> HttpResponse:
    # To load the SDK takes half a second: commands, and who never asks so, do without.
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from apps.api.tools import server

    server.outer.set(asked)
    answer = HttpResponse()
    del answer["Content-Type"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            for name, value in message["headers"]:
                answer[name.decode("latin-1")] = value.decode("latin-1")
        else:
            answer.write(message.get("body", b""))

    # Of one request: nothing is kept between two, so that any process may answer the next.
    manager = StreamableHTTPSessionManager(server.server(), json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(_scope(asked), receive, send)
    return answer


def _scope(asked: HttpRequest) -> dict[str, Any]:
    """The request as ASGI has it."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": asked.scheme,
        "path": asked.path,
        "raw_path": asked.path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
        "state": {},
    }
