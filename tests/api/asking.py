"""How the tests ask the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.test import Client

PROBLEM = "application/problem+json"


def get(path: str, **parameters: Any) -> dict[str, Any]:
    """The document at a path below /api/v1/, which must be there."""
    answer = Client().get(f"/api/v1/{path}", parameters)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    return answer.json()


def found(path: str, **parameters: Any) -> list[str]:
    """What a list names, in its order."""
    return [row.get("accession") or row.get("curie") or row["number"] for row in get(path, **parameters)["results"]]


def problem(path: str, status: int, **parameters: Any) -> dict[str, Any]:
    """The problem document that a request meets."""
    answer = Client().get(f"/api/v1/{path}", parameters)
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    body = answer.json()
    assert body["status"] == status
    assert set(body) >= {"type", "title", "status", "detail", "errors"}
    return body


def pages(path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Every page of a list, as `next` leads."""
    page = get(path, **parameters)
    yield page
    while page["next"]:
        answer = Client().get(page["next"])
        assert answer.status_code == 200
        page = answer.json()
        yield page
