"""The second factor of a person: who needs one, a code that counts once, and taking it away when a device is lost."""

from __future__ import annotations

from datetime import datetime

import pghistory
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.db import transaction

from apps.people.models import Role, SecondFactor, User

LAST_COUNTER = "last_counter"


class NotAllowed(Exception):
    """What was asked for is refused; the message says why, to the person."""


def required_of(user: User) -> bool:
    """Whether this person's role opens the desk only with a second factor."""
    return user.at_least(Role.CURATOR)


def set_up_at(user: User) -> datetime | None:
    """When this person set up the authenticator app that they have now; None where there is none."""
    apps = SecondFactor.objects.filter(user=user, type=Authenticator.Type.TOTP)
    return apps.values_list("created_at", flat=True).first()


@transaction.atomic
def spend(*, user: User, code: str) -> bool:
    """Use up a code of the authenticator app, and all older ones. Say whether it was still to be had.

    The library remembers used codes in the cache of one process for one period; ours count for three, in every process.
    """
    app = Authenticator.objects.select_for_update().get(user=user, type=Authenticator.Type.TOTP)
    secret = decrypt(app.data["secret"])
    shown = {counter: format_hotp_value(hotp_value(secret, counter)) for counter in yield_hotp_counters_from_time()}
    matching = [counter for counter, value in shown.items() if compare_user_code(actual=code, expected=value)]
    unused = [counter for counter in matching if counter > app.data.get(LAST_COUNTER, -1)]
    if not unused:
        return False
    app.data[LAST_COUNTER] = max(unused)
    app.save(update_fields=["data"])
    return True


@transaction.atomic
def reset(*, username: str, reason: str, by: User | None = None) -> User:
    """Take away somebody's second factor and end their sessions, so that they set up a new one at the next sign-in."""
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        raise NotAllowed(f"There is no account {username}.")
    if not reason.strip():
        raise NotAllowed("Say why: the reason stands in the history.")
    if by == user:
        raise NotAllowed("Your own second factor is changed on your account page, where it is asked for.")
    factors = SecondFactor.objects.filter(user=user)
    if not factors.exists():
        raise NotAllowed(f"{username} has no second factor.")
    who = {"user": by.pk} if by else {}
    with pghistory.context(**who, reason=f"second factor reset: {reason.strip()}"):
        factors.delete()
    for session in UserSession.objects.filter(user=user):
        session.end()
    return user
