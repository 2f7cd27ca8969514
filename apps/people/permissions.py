"""What each role may do in the admin, as one table."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from apps.people.models import Role, User

# The least role that may take an action on a model of an app; what is not named here is the administrator's.
EVIDENCE = ("studies", "vesicles", "claims")
VOCABULARY = ("terms",)


def least_role(app_label: str, action: str) -> Role:
    """The least role that may `view`, `add`, `change` or `delete` the models of an app."""
    if action == "view":
        return Role.ADMINISTRATOR if app_label in ("people", "auth") else Role.CONTRIBUTOR
    if app_label in EVIDENCE and action in ("add", "change"):
        return Role.CONTRIBUTOR
    if app_label in VOCABULARY and action in ("add", "change"):
        return Role.EDITOR
    return Role.ADMINISTRATOR


class RoleBackend(ModelBackend):
    """Password login; permissions follow the role alone."""

    def has_perm(self, user_obj: User, perm: str, obj: Model | None = None) -> bool:
        app_label, _, codename = perm.partition(".")
        return bool(user_obj.is_active) and user_obj.at_least(least_role(app_label, codename.partition("_")[0]))

    def has_module_perms(self, user_obj: User, app_label: str) -> bool:
        return bool(user_obj.is_active) and user_obj.at_least(least_role(app_label, "view"))
