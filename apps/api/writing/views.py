"""What the addresses that write have in common: a token with the right scope, one answer however often it is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar, override

from django.db import transaction
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api.bearer import WHERE, Bearer, must_be_for, on_record, stranger
from apps.api.parameters import KnownParameters
from apps.api.problems import Problem
from apps.api.writing import bodies
from apps.claims.acts import NotAllowed, OutOfStep
from apps.curation import answering
from apps.curation.answering import Answer
from apps.curation.models import LONGEST_KEY
from apps.documents.editing import NotTaken
from apps.people.models import Scope, User

KEY = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}", re.ASCII)


class Tokened(BasePermission):
    """Writing is done in the name of a person, by a token that was made for it."""

    @override
    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.user, User):
            raise stranger(f"This address takes a token. {WHERE}")
        scopes: Mapping[str, Scope] = getattr(view, "scopes", {})
        if scope := scopes.get(request.method or ""):
            must_be_for(request, scope)
        return True


class Writing(KnownParameters):
    """An address that takes a token, and that nobody else may keep the answers of."""

    authentication_classes = (Bearer,)
    permission_classes = (Tokened,)
    scopes: ClassVar[Mapping[str, Scope]] = {}

    @property
    def person(self) -> User:
        person = self.request.user
        assert isinstance(person, User)  # noqa: S101 - nobody else was let in
        return person

    @override
    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "private, no-store"
        answer.headers["Vary"] = ", ".join(filter(None, [answer.headers.get("Vary", ""), "Authorization"]))
        return answer

    def write(self, request: Request, act: Callable[[], Answer]) -> Response:
        """Do the act whole or not at all, and once for each Idempotency-Key; refusals become problems."""
        key = _key(request)
        with transaction.atomic(), on_record(request), refusals():
            answer = _plain(act()) if key is None else self._once(request, key, act)
        headers = {**answer.headers, **({"Idempotency-Replayed": "true"} if answer.again else {})}
        return Response(answer.body, answer.status, headers=headers)

    def _once(self, request: Request, key: str, act: Callable[[], Answer]) -> Answer:
        said = [request.method or "", request.path, request.META.get("HTTP_IF_MATCH", "")]
        asked = "\n".join(said).encode() + b"\n" + request._request.body  # noqa: SLF001 - Django's own request
        try:
            return answering.once(person=self.person, key=key, asked=asked, act=lambda: _plain(act()))
        except answering.UnderWay:
            detail = "A request with this Idempotency-Key is being done right now: ask again in a moment."
            raise Problem(HTTPStatus.CONFLICT, detail, headers={"Retry-After": "1"}) from None
        except answering.AnotherRequest:
            detail = "This Idempotency-Key was given to another request within the week: each takes its own."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from None


@contextmanager
def refusals() -> Iterator[None]:
    """What the verbs refuse, as problems."""
    try:
        yield
    except NotTaken as faults:
        raise bodies.faulty((fault.field, fault.message) for fault in faults.faults) from faults
    except OutOfStep as late:
        raise Problem(HTTPStatus.CONFLICT, str(late)) from late
    except NotAllowed as refusal:
        raise Problem(HTTPStatus.FORBIDDEN, str(refusal)) from refusal


def _key(request: Request) -> str | None:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not KEY.fullmatch(key):
        said = f"Idempotency-Key takes 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID."
        raise Problem(HTTPStatus.BAD_REQUEST, said)
    return key


def _plain(answer: Answer) -> Answer:
    """The answer as plain JSON, so that it is the same when it is given again."""
    return answer._replace(body=json.loads(JSONRenderer().render(answer.body)) if answer.body is not None else None)
