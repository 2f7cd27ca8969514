"""How a person comes in, step by step, as their browser would."""

from __future__ import annotations

from functools import cache
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP
from django.contrib.auth.hashers import make_password
from django.test import Client

from apps.people.models import User
from tests.makers import SECRET, a_code, a_user

PASSWORD = "correct horse battery"


@cache
def _hashed() -> str:
    """The hash of the password, made once: it is slow on purpose."""
    return make_password(PASSWORD)


def a_person(username: str = "alice", role: str = "curator", *, app: bool = False, **fields: Any) -> User:
    """Somebody with a password, and an authenticator app if wanted."""
    person = a_user(username, role=role, **fields)
    person.password = _hashed()
    person.save()
    if app:
        TOTP.activate(person, SECRET)
    return person


def types_password(
    client: Client, username: str = "alice", password: str = PASSWORD, onward: str = "", **headers: str
) -> Any:
    return client.post("/account/login/", {"login": username, "password": password, "next": onward}, **headers)


def types_code(client: Client, code: str, **headers: str) -> Any:
    return client.post("/account/code/", {"code": code}, **headers)


def comes_in(client: Client, username: str = "alice", later: int = 0) -> Any:
    """Password and code; the code of a later period where an earlier one was used already."""
    types_password(client, username)
    return types_code(client, a_code(later=later))


def sets_up(client: Client) -> Any:
    """Set up an authenticator app in a session that came in by password."""
    client.get("/account/second-factor/set-up/")
    return client.post("/account/second-factor/set-up/", {"code": a_code(client.session[SECRET_SESSION_KEY])})


def recovery_codes(person: User) -> list[str]:
    codes: list[str] = Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()
    return codes


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")
