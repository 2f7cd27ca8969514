"""Tokens at the door of the API: who asks, and what the token may be used for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, override

import pghistory
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from apps.api.problems import Problem
from apps.people import tokens
from apps.people.models import ApiToken, Scope, User

REALM = 'Bearer realm="ExoDB"'
SCHEME = "bearer"
WHERE = "Make one at /account/tokens/ and send it as 'Authorization: Bearer exodb_…'."


class Bearer(BaseAuthentication):
    """A token of a person's, in the header Authorization."""

    @override
    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
        if scheme.lower() != SCHEME:
            return None
        now = timezone.now()
        token = tokens.known(secret.strip())
        if token is None:
            raise stranger(f"This is no token of ExoDB's, or not the whole of it. {WHERE}", "invalid_token")
        if why := tokens.dead_because(token, now):
            raise stranger(f"{why} {WHERE}", "invalid_token")
        if tokens.lacks_factor(token):
            raise stranger(
                "This token was made without the second factor that its account has now, or must have. "
                "Sign in with it, and make another at /account/tokens/.",
                "invalid_token",
            )
        tokens.note_use(token, now)
        return token.person, token

    @override
    def authenticate_header(self, request: Request) -> str:
        """Makes the answer to a stranger a 401."""
        return REALM


class BearerScheme(OpenApiAuthenticationExtension):
    """How tokens stand in the OpenAPI document."""

    target_class = Bearer
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        scopes = "; ".join(f"`{scope.value}`: {scope.label}" for scope in Scope)
        return {"type": "http", "scheme": SCHEME, "description": f"A token of /account/tokens/. Scopes: {scopes}."}


def stranger(detail: str, error: str = "") -> Problem:
    """A 401 that says how to come in (RFC 6750)."""
    challenge = f'{REALM}, error="{error}"' if error else REALM
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": challenge})


def must_be_for(request: Request, scope: Scope) -> None:
    """Refuse a token that was not made for this."""
    token = request.auth
    if isinstance(token, ApiToken) and scope not in token.scopes:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"This takes a token with the scope {scope}; this one has {', '.join(token.scopes)}. {WHERE}",
            headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
        )


@contextmanager
def on_record(request: Request) -> Iterator[None]:
    """Put the token, where there is one, into each row of history that is written inside."""
    if isinstance(request.auth, ApiToken):
        with pghistory.context(token=request.auth.pk):
            yield
    else:
        yield
