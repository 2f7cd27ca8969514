"""Doing once what a program asks twice: it lost the answer, and does not know whether anything was done."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple

from django.db import connection, transaction

from apps.curation.models import Answered
from apps.people.models import User

CHUNK = 1_000


class Answer(NamedTuple):
    """What a request that wrote is answered."""

    status: int
    body: Any
    headers: dict[str, str]
    again: bool = False


class UnderWay(Exception):
    """Another request with this key is being done right now."""


class AnotherRequest(Exception):
    """The key was given to a request that asked for something else."""


@transaction.atomic
def once(*, person: User, key: str, asked: bytes, act: Callable[[], Answer]) -> Answer:
    """Do the act, or give the answer of when it was done. Raises UnderWay, or AnotherRequest.

    The answer is written with what the act writes: there is both, or neither. What is refused is not remembered.
    """
    fingerprint = hashlib.sha256(asked).hexdigest()
    if not _alone(f"{person.pk} {key}"):
        raise UnderWay
    before = Answered.objects.filter(person=person, key=key).first()
    if before is None:
        answer = act()
        said = {"status": answer.status, "body": answer.body, "headers": answer.headers}
        Answered.objects.create(person=person, key=key, fingerprint=fingerprint, **said)
        return answer
    if before.fingerprint != fingerprint:
        raise AnotherRequest
    return Answer(before.status, before.body, before.headers, again=True)


def purge(moment: datetime) -> int:
    """Forget answers that nobody will ask for again. Return how many there were."""
    stale = list(Answered.objects.stale(moment).values_list("pk", flat=True))
    for chunk in batched(stale, CHUNK):
        Answered.objects.filter(pk__in=chunk).delete()
    return len(stale)


def _alone(name: str) -> bool:
    """Whether no other transaction is at this; it is ours until our own ends."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return bool(cursor.fetchone()[0])
