"""How the tests write by the API: a token, a request, and the problem that a refusal is."""

from __future__ import annotations

import json
from typing import Any

import yaml
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from apps.people import second_factor, tokens
from apps.people.models import User
from tests.api.asking import PROBLEM
from tests.api.test_schema import fits
from tests.documents.synthetic import text
from tests.makers import SECRET

ALL = ("read", "draft", "submit", "comment")


def a_document(pmid: int = 900_000_001, **changed: Any) -> dict[str, Any]:
    """The synthetic document as JSON holds it."""
    return {**yaml.safe_load(text(pmid)), **changed}


def a_token(person: User, *scopes: str, days: int = 7) -> str:
    """A token of the person's, made with their second factor where they must have one."""
    apps = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP)
    if second_factor.required_of(person) and not apps.exists():
        TOTP.activate(person, SECRET)
    return tokens.make(person=person, name="synthetic notebook", scopes=scopes or ALL, days=days)[0]


class Program:
    """A program that holds a token."""

    def __init__(self, token: str) -> None:
        self.token, self.client = token, Client()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Ask, and have the answer, whatever it is."""
        said = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.generic(method, address, said, "application/json", headers=sent)

    def drafts(self, *documents: dict[str, Any], **headers: str) -> list[dict[str, Any]]:
        answer = self("POST", "drafts/", {"documents": documents or [a_document()]}, **headers)
        assert answer.status_code == 201, answer.content
        fits(answer.json(), "Drafted")
        drafted: list[dict[str, Any]] = answer.json()["drafts"]
        return drafted


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The problem that an answer is."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == PROBLEM
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert "no-store" in answer.headers["Cache-Control"]
    fits({key: body[key] for key in ("type", "title", "status", "detail", "request_id", "errors")}, "Problem")
    return body
