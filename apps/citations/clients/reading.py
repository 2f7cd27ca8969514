"""Reading answers by their models: what can't be read is Nonsense, never a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, ValidationError

from .errors import Nonsense
from .transport import Page

# What a PostgreSQL integer holds; strict, for `true` and "12" are no counts.
Count = Annotated[int, Field(strict=True, ge=0, le=2_147_483_647)]
Ratio = Annotated[FiniteFloat, Field(ge=0)]


def _words(value: Any) -> Any:
    """An identifier that one version of a service gives as a number and another as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Label = Annotated[str, Field(strict=True), BeforeValidator(_words)]


class Shape(BaseModel):
    """A part of an answer. What we don't need may be anything."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def read[S: Shape](page: Page, shape: type[S], service: str) -> S:
    """The whole answer in its outer shape."""
    body = page.body.strip()
    if not body:
        raise Nonsense(f"{service}: an empty answer")
    if body.startswith(b"<"):
        raise Nonsense(f"{service}: HTML instead of JSON")
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise Nonsense(f"{service}: {told(error)}") from error


@dataclass
class Records[S: Shape]:
    """The records of an answer: those that could be read, and whom the others were about."""

    good: list[S] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)
    lost: bool = False  # a record could not be read, nor told whom it was about


def read_each[S: Shape](raw: Iterable[Any], shape: type[S], labels: Callable[[dict[str, Any]], set[str]]) -> Records[S]:
    """Read record by record, so that one broken record spoils no other."""
    records: Records[S] = Records()
    for one in raw:
        try:
            records.good.append(shape.model_validate(one))
        except ValidationError:
            about = labels(one) if isinstance(one, dict) else set()
            records.spoiled |= about
            records.lost = records.lost or not about
    return records


def told(error: ValidationError) -> str:
    """The first thing wrong, without the value, which may be anything."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}"[:200] if place else first["msg"][:200]


def text_of(raw: dict[str, Any], name: str) -> str | None:
    """A text or number out of a record that could not be read as a whole."""
    value = raw.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
