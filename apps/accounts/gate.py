"""Whether a session has gone all the way: the one place that says so."""

from __future__ import annotations

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from apps.people import second_factor
from apps.people.models import User

SET_UP, CONFIRM = "mfa_activate_totp", "mfa_reauthenticate"


def next_step(request: HttpRequest) -> str:
    """The name of the page where this session goes on to the desk; empty where nothing is missing.

    Who has a second factor must have shown it in this session, after it was set up; who must have one sets it up.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return "account_login"
    since = second_factor.set_up_at(user)
    if since is None:
        return SET_UP if second_factor.required_of(user) else ""
    shown = (record["at"] for record in get_authentication_records(request, user) if record["method"] == "mfa")
    return "" if any(at >= since.timestamp() for at in shown) else CONFIRM


def is_open(request: HttpRequest) -> bool:
    """Whether the desk is open to this session; asked several times a page, looked up once."""
    kept: tuple[int | None, bool] | None = getattr(request, "_gate", None)
    if kept is None or kept[0] != request.user.pk:
        kept = (request.user.pk, not next_step(request))
        request._gate = kept  # type: ignore[attr-defined] # noqa: SLF001
    return kept[1]
