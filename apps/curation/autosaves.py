"""Keeping input that nobody has saved, and giving it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.utils import timezone

from apps.curation.models import Autosave
from apps.people.models import User

# A person does not leave more forms than that open; the oldest goes first.
MOST_A_PERSON = 100
CHUNK = 1_000

Pairs = Sequence[Sequence[str]]


class NotInput(ValueError):
    """What was sent is not the input of a form, in a sentence."""


def checked(pairs: object) -> list[list[str]]:
    """The input as pairs of name and value; PostgreSQL takes no NUL."""
    if not isinstance(pairs, list):
        raise NotInput("The input of a form is a list of names and values.")
    for pair in pairs:
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):  # noqa: PLR2004 - a pair
            raise NotInput("The input of a form is a list of names and values.")
    return [[part.replace("\0", "") for part in pair] for pair in pairs]


@transaction.atomic
def keep(*, person: User, form: str, pairs: object) -> Autosave:
    """Keep the input of a form, in place of what was kept of it before."""
    kept, _ = Autosave.objects.update_or_create(
        person=person, form=form, defaults={"payload": checked(pairs), "saved_at": timezone.now()}
    )
    beyond = Autosave.objects.filter(person=person).order_by("-saved_at", "-pk").values("pk")[MOST_A_PERSON:]
    Autosave.objects.filter(pk__in=list(beyond.values_list("pk", flat=True))).delete()
    return kept


def kept_of(person: User, form: str) -> Autosave | None:
    """The input that the person left in the form, if any."""
    return Autosave.objects.filter(person=person, form=form).first()


def forget(*, person: User, form: str) -> None:
    """The form was saved, or its input discarded."""
    Autosave.objects.filter(person=person, form=form).delete()


def purge(moment: datetime) -> int:
    """Remove what nobody came back for. Return how many there were."""
    stale = list(Autosave.objects.stale(moment).values_list("pk", flat=True))
    for chunk in batched(stale, CHUNK):
        Autosave.objects.filter(pk__in=chunk).delete()
    return len(stale)
