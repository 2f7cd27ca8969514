"""The body of a request: JSON of sane size and depth, in which nothing is dropped in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Never, TypeVar

from pydantic import BaseModel, ValidationError
from rest_framework.request import Request

from apps.api.problems import Fault, Problem, shown
from apps.documents import reading
from apps.documents.editing import pointer
from apps.documents.reading import DEEPEST, LARGEST, MOST_PARTS
from apps.records.text import number

MEDIA_TYPES = ("application/json", "application/merge-patch+json")
MOST_FAULTS = 100

Shape = TypeVar("Shape", bound=BaseModel)


def raw(request: Request) -> bytes:
    """The bytes of the body. Raises a Problem for what is not said to be JSON, or too much of it."""
    asked = request._request  # noqa: SLF001 - Django's own request
    if asked.content_type not in MEDIA_TYPES:
        given = shown(asked.content_type or "nothing")
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body is {MEDIA_TYPES[0]}; Content-Type says {given}.")
    size = number(asked.META.get("CONTENT_LENGTH"))
    if size > LARGEST:
        raise Problem(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body has {size:,} bytes; at most {LARGEST:,} are taken. Send it in parts.",
        )
    return bytes(asked.body)


def parsed(request: Request) -> Any:
    """What the body says, whatever it is. Raises a Problem where it can't be read or is too much."""
    try:
        data = json.loads(raw(request), object_pairs_hook=_each_once, parse_constant=_no_number)
        # What can't be written as UTF-8 can't be kept, nor repeated in an answer.
        json.dumps(data, ensure_ascii=False).encode()
    except RecursionError:
        raise _unreadable("it is nested too deep") from None
    except UnicodeError:
        raise _unreadable("it is not UTF-8, or has half a character") from None
    except json.JSONDecodeError as broken:
        raise _unreadable(f"{broken.msg}, at line {broken.lineno}, column {broken.colno}") from None
    except ValueError as broken:
        raise _unreadable(str(broken)) from None
    _must_be_sane(data)
    return data


def body(request: Request) -> dict[str, Any]:
    """The body as an object. Raises a Problem."""
    data = parsed(request)
    if not isinstance(data, dict):
        raise _unreadable("it must be an object")
    return data


def shaped[Shape: BaseModel](shape: type[Shape], data: dict[str, Any]) -> Shape:
    """The body as what the address takes. Raises a Problem with every fault."""
    try:
        return shape.model_validate(data)
    except ValidationError as problem:
        explained = map(reading.explained, problem.errors(include_url=False))
        raise faulty((pointer(where), message) for where, message in explained) from None


def faulty(faults: Iterable[tuple[str, str]]) -> Problem:
    """A 422 that points at each field at fault."""
    listed = [_fault(place, message) for place, message in faults]
    first = f"{listed[0]['field']}: {listed[0]['message']}" if listed[0]["field"] else listed[0]["message"]
    detail = first if len(listed) == 1 else f"{len(listed)} faults; the first: {first}"
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{detail}. Nothing was written.", errors=listed[:MOST_FAULTS])


def _fault(place: str, message: str) -> Fault:
    field = shown(place.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~"))
    return {"field": field, "pointer": shown(place), "message": message}


def _unreadable(why: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, f"The body can't be read as JSON: {why}.")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f"the key {shown(name)!r} stands twice")
        made[name] = value
    return made


def _no_number(word: str) -> Never:
    raise ValueError(f"{word} is no number of JSON's")


def _must_be_sane(data: Any) -> None:
    """Refuse too many parts, and depth that no document has."""
    level, depth, parts = [data], 0, 0
    while level:
        depth, parts = depth + 1, parts + len(level)
        if depth > DEEPEST or parts > MOST_PARTS:
            raise Problem(
                HTTPStatus.BAD_REQUEST,
                f"The body is nested deeper than {DEEPEST}, or has more than {MOST_PARTS:,} parts: send it in parts.",
            )
        level = [
            inner
            for part in level
            if isinstance(part, dict | list)
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
