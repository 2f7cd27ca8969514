"""Bodies of requests: JSON of a bounded size, or a refusal that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, NoReturn, override

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser


class TooLarge(APIException):
    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Json(JSONParser):
    """JSON as RFC 8259 has it, in UTF-8, no larger than Django takes a form."""

    @override
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw: bytes = stream.read(most + 1)
        if len(raw) > most:
            raise TooLarge(f"The body is larger than {most:,} bytes: send it in parts.")
        try:
            said = json.loads(raw.decode(), parse_constant=_refuse)
            if b"\\u" in raw:
                # Half of a pair of UTF-16 can be escaped in JSON, and written nowhere.
                json.dumps(said, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError("The body is nested too deep.") from None
        except json.JSONDecodeError as fault:
            where = f"line {fault.lineno}, character {fault.colno}"
            raise ParseError(f"The body is no JSON that can be read: {fault.msg}, {where}.") from None
        except ValueError as fault:
            raise ParseError(f"The body is no JSON that can be read: {fault}.") from None
        return said


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
