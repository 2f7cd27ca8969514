"""Tokens for programs: made once, shown once, known again by their digest, ended by their person.

A token is `exodb_`, 40 random letters and digits, and six that are computed from them: a scanner for secrets finds it,
and one that was mistyped is told from one that nobody made. With so much chance in it, one round of SHA-256 keeps it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

import pghistory
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.people import second_factor
from apps.people.models import ApiToken, Role, Scope, User

PREFIX = "exodb_"
LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM, CHECKING = 40, 6
SHOWN_OF_IT = 4
LOOKS_LIKE = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM + CHECKING}}}", re.ASCII)
# A person forgets what more are for.
MOST_A_PERSON = 20
LIFETIMES = (7, 30, 90, 365)
# Every use would be a write; a person wants to know whether a token is used, not each time that it was.
NOTED_EVERY = timedelta(minutes=1)

# The least role that a scope is of use to.
LEAST: dict[Scope, Role] = {
    Scope.READ: Role.READER,
    Scope.DRAFT: Role.CONTRIBUTOR,
    Scope.SUBMIT: Role.CONTRIBUTOR,
    Scope.COMMENT: Role.CONTRIBUTOR,
    Scope.DECIDE: Role.CURATOR,
}


class NotAllowed(Exception):
    """What was asked for is refused; the message says why, to the person."""


def scopes_for(person: User) -> list[Scope]:
    """The scopes that a token of this person's can have."""
    return [scope for scope, least in LEAST.items() if person.at_least(least)]


@transaction.atomic
def make(*, person: User, name: str, scopes: Iterable[str], days: int) -> tuple[str, ApiToken]:
    """Make a token; what is returned first is the token itself, which nothing keeps.

    The caller has made sure that the session at hand has shown the second factor, where the person has one.
    """
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    now, wanted = timezone.now(), set(scopes)
    if not name.strip():
        raise NotAllowed("Give it a name: by that you will know which one to revoke.")
    if not wanted or not wanted <= set(scopes_for(person)):
        raise NotAllowed(f"Choose at least one of: {', '.join(scopes_for(person))}.")
    if days not in LIFETIMES:
        raise NotAllowed(f"A token lives for {', '.join(map(str, LIFETIMES))} days.")
    if ApiToken.objects.filter(person=person).alive(now).count() >= MOST_A_PERSON:
        raise NotAllowed(f"You have {MOST_A_PERSON} tokens: revoke one first.")
    secret = _secret()
    with pghistory.context(user=person.pk):
        token = ApiToken.objects.create(
            person=person,
            name=name.strip(),
            digest=_digest(secret),
            begins=secret[: len(PREFIX) + SHOWN_OF_IT],
            scopes=[scope for scope in Scope.values if scope in wanted],
            factor_since=second_factor.set_up_at(person),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    return secret, token


@transaction.atomic
def revoke(*, token_id: int, person: User) -> ApiToken:
    """End one's own token at once. Raises ApiToken.DoesNotExist for anybody else's."""
    token = ApiToken.objects.select_for_update().get(pk=token_id, person=person)
    if token.revoked_at is None:
        with pghistory.context(user=person.pk):
            token.revoked_at, token.revoked_because = timezone.now(), "its person revoked it"
            token.save(update_fields=["revoked_at", "revoked_because"])
    return token


def known(secret: str) -> ApiToken | None:
    """The token, whether or not it still opens anything; None where nobody made it."""
    if not LOOKS_LIKE.fullmatch(secret) or _checking(secret[len(PREFIX) : -CHECKING]) != secret[-CHECKING:]:
        return None
    return ApiToken.objects.filter(digest=_digest(secret)).select_related("person").first()


def dead_because(token: ApiToken, moment: datetime) -> str:
    """Why the token opens nothing any more, in a sentence; empty where it does."""
    if token.revoked_at is not None:
        return f"This token was revoked on {token.revoked_at:%Y-%m-%d %H:%M} UTC: {token.revoked_because}."
    if token.expires_at <= moment:
        return f"This token expired on {token.expires_at:%Y-%m-%d %H:%M} UTC."
    if not token.person.is_active:
        return "This token is of an account that is closed."
    return ""


def lacks_factor(token: ApiToken) -> bool:
    """Whether the desk is shut to the token: who has a second factor, or must, made it with that one."""
    since = second_factor.set_up_at(token.person)
    return second_factor.required_of(token.person) if since is None else token.factor_since != since


def note_use(token: ApiToken, moment: datetime) -> None:
    """Remember that the token was used, to the minute."""
    before = moment - NOTED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=before)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=moment)


def _secret() -> str:
    body = "".join(secrets.choice(LETTERS) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_checking(body)}"


def _checking(body: str) -> str:
    """The CRC-32 of the random part, in the same letters."""
    left, signs = crc32(body.encode()), ""
    for _ in range(CHECKING):
        left, at = divmod(left, len(LETTERS))
        signs = LETTERS[at] + signs
    return signs


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
