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
# Where a model differs from its app, by action.
EXCEPTIONS = {
    # A notice takes all claims of its study out of every balance, and overruling it brings them back.
    ("studies.notice", "add"): Role.CURATOR,
    ("studies.notice", "change"): Role.EDITOR,
    # To write a claim one writes names; what they mean is decided by an editor.
    ("terms.name", "add"): Role.CONTRIBUTOR,
    ("claims.release", "add"): Role.ADMINISTRATOR,
    ("claims.release", "change"): Role.ADMINISTRATOR,
    ("claims.release", "delete"): Role.ADMINISTRATOR,
    ("vesicles.cargosynonym", "delete"): Role.CONTRIBUTOR,
    ("vesicles.cargoxref", "delete"): Role.CONTRIBUTOR,
    ("vesicles.cargomember", "delete"): Role.CONTRIBUTOR,
}
PRIVATE = ("people", "auth", "admin", "sessions", "account", "mfa", "usersessions", "axes")


def least_role(app_label: str, action: str, model: str = "") -> Role:
    """The least role that may `view`, `add`, `change` or `delete` the models of an app, or the one model."""
    if exception := EXCEPTIONS.get((f"{app_label}.{model}", action)):
        return exception
    if action == "view":
        return Role.ADMINISTRATOR if app_label in PRIVATE else Role.CONTRIBUTOR
    if action in ("add", "change"):
        return WRITERS.get(app_label, Role.ADMINISTRATOR)
    # A draft may be thrown away by who wrote it; the database keeps everything else.
    return Role.CONTRIBUTOR if app_label == "claims" else Role.ADMINISTRATOR


# Who may touch what the public reads: a record, or a part of it, that an accepted claim rests on.
PUBLIC_RECORDS = Role.EDITOR


def is_public(record: Any) -> bool:
    """Whether the public reads the record, by its own account (`objects.public()`)."""
    public = getattr(getattr(type(record), "objects", None), "public", None)
    return public is not None and record.pk is not None and public().filter(pk=record.pk).exists()


class RoleBackend(ModelBackend):
    """Password login; permissions follow the role, and whether the record at hand is public."""

    def has_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Model | Any | None = None) -> bool:
        """Whether the person may do this at all and, where `obj` is given, to this record or to its parts."""
        app_label, _, codename = perm.partition(".")
        action, _, model = codename.partition("_")
        if not may(user_obj, app_label, action, model):
            return False
        return obj is None or action == "view" or may_touch(user_obj, obj)

    async def ahas_perm(self, user_obj: User | AnonymousUser, perm: str, obj: Model | Any | None = None) -> bool:
        return self.has_perm(user_obj, perm, obj)

    def has_module_perms(self, user_obj: User | AnonymousUser, app_label: str) -> bool:
        return may(user_obj, app_label, "view")

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:  # noqa: ARG002
        """None of the rows of `auth_permission` count: asked for a list, there is none to contradict the table."""
        return set()


def may_touch(user: User | AnonymousUser, record: Any) -> bool:
    """Whether the person's role reaches the record: what a public claim rests on is an editor's to change."""
    return isinstance(user, User) and (user.at_least(PUBLIC_RECORDS) or not is_public(record))


def may(user: User | AnonymousUser, app_label: str, action: str, model: str = "") -> bool:
    return isinstance(user, User) and user.is_active and user.at_least(least_role(app_label, action, model))
