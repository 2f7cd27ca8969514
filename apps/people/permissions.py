"""What each role may do in the admin, as one table."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from apps.people.models import Role, User

# The least role that may add and change the models of an app; what is not named here is the administrator's.
WRITERS = {
    "studies": Role.CONTRIBUTOR,
    "vesicles": Role.CONTRIBUTOR,
    "claims": Role.CONTRIBUTOR,
    "terms": Role.EDITOR,
    "citations": Role.EDITOR,
}
PRIVATE = ("people", "auth")


def least_role(app_label: str, action: str) -> Role:
    """The least role that may `view`, `add`, `change` or `delete` the models of an app."""
    if action == "view":
        return Role.ADMINISTRATOR if app_label in PRIVATE else Role.CONTRIBUTOR
    if action in ("add", "change"):
        return WRITERS.get(app_label, Role.ADMINISTRATOR)
    # A draft may be thrown away by who wrote it; the database keeps everything else.
    return Role.CONTRIBUTOR if app_label == "claims" else Role.ADMINISTRATOR


class RoleBackend(ModelBackend):
    """Password login; permissions follow the role alone."""

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Model | Any | None = None) -> bool:  # noqa: ARG002
        app_label, _, codename = perm.partition(".")
        return may(user_obj, app_label, codename.partition("_")[0])

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return may(user_obj, app_label, "view")


def may(user: User | AnonymousUser, app_label: str, action: str) -> bool:
    return isinstance(user, User) and user.is_active and user.at_least(least_role(app_label, action))
