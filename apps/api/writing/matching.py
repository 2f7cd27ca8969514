"""Entity tags of drafts: an edit is made against what its author read, and never over what they did not."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request

from apps.api.problems import Problem
from apps.claims.content import content_of
from apps.claims.models import Claim
from apps.documents.editing import part_of


def tag_of(claim: Claim) -> str:
    """The same as long as the version says the same and stands where it stands."""
    return f'"{claim.state}-{content_of(claim).digest}"'


def must_match(request: Request, claim: Claim, *, required: bool = True, sent: dict[str, Any] | None = None) -> None:
    """Refuse where the request was made against something that is no longer there.

    A proxy that compresses answers marks their tags as weak; for us they are the same.
    """
    given = request.META.get("HTTP_IF_MATCH", "")
    if not given:
        if required:
            detail = "Send If-Match with the ETag of what you read: else a change could be written over unread."
            raise Problem(HTTPStatus.PRECONDITION_REQUIRED, detail, etag=tag_of(claim))
        return
    tags = [tag.removeprefix("W/") for tag in parse_etags(given)]
    if tags != ["*"] and tag_of(claim) not in tags:
        raise stale(claim, sent or {})


def stale(claim: Claim, sent: dict[str, Any]) -> Problem:
    """A 412 that says what is there now, and which of the fields that were sent say something else."""
    now = part_of(claim)
    differ = sorted(name for name, value in sent.items() if name in now and now[name] != value)
    told = f" It differs from what you send in: {', '.join(differ)}." if differ else ""
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        f"{claim.accession} version {claim.version} was changed since you read it.{told} Read `current`, and send your "
        "change again with its ETag.",
        etag=tag_of(claim),
        state=claim.state,
        current=now,
        differs=differ,
    )
