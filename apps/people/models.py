"""Users of ExoDB who sign in: contributors, curators, editors, administrators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import pghistory
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from apps.people import orcid
from apps.records.history import kept


class Role(models.TextChoices):
    """What a person may do; each role may do all that the one before it may."""

    READER = "reader", "reader"
    CONTRIBUTOR = "contributor", "contributor: writes drafts"
    CURATOR = "curator", "curator: also reviews the work of others"
    EDITOR = "editor", "editor: also vocabularies, merges, retraction verdicts, withdrawals"
    ADMINISTRATOR = "administrator", "administrator: also people"


class PersonManager(UserManager["User"]):
    def create_superuser(self, username: str, *args: Any, **fields: Any) -> User:
        """What Django calls a superuser is an administrator here."""
        return super().create_superuser(username, *args, **{"role": Role.ADMINISTRATOR, **fields})


@kept(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person (or the document import) that evidence is attributed to."""

    role = models.CharField(max_length=13, choices=Role, default=Role.READER, db_default=Role.READER)
    orcid = models.CharField(
        "ORCID",
        max_length=19,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(orcid.PATTERN, orcid.LOOKS_LIKE), orcid.checked],
    )
    public_name = models.CharField(max_length=120, blank=True, help_text="as shown beside accepted evidence")

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(name="user_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="user_orcid_well_formed", condition=Q(orcid__isnull=True) | Q(orcid__regex=orcid.PATTERN)
            ),
            models.CheckConstraint(
                name="user_orcid_check_digit",
                condition=Q(orcid.CheckDigitFits("orcid")),
                violation_error_message=orcid.MISTYPED,
            ),
            # Django asks these two before it asks for a role: whoever loses the role loses them.
            models.CheckConstraint(
                name="user_superuser_by_role",
                condition=Q(role="administrator", is_superuser=True)
                | (~Q(role="administrator") & Q(is_superuser=False)),
            ),
            models.CheckConstraint(
                name="user_staff_by_role",
                condition=Q(role="reader", is_staff=False) | (~Q(role="reader") & Q(is_staff=True)),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        self._follow_role()

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Whether somebody may enter the desk, and all of it, follows from the role."""
        self._follow_role()
        if update_fields is not None and "role" in update_fields:
            update_fields = {*update_fields, "is_superuser", "is_staff"}
        super().save(update_fields=update_fields, **options)

    def _follow_role(self) -> None:
        self.is_superuser = self.role == Role.ADMINISTRATOR
        self.is_staff = self.role != Role.READER

    def at_least(self, role: Role) -> bool:
        """Whether this person's role includes that role."""
        order = list(Role)
        return order.index(Role(self.role)) >= order.index(role)

    @property
    def credit(self) -> str:
        """What the public reads of a person beside evidence: the name that they chose to show, or none."""
        return self.public_name or "a curator"


@kept(
    fields=["id", "user", "type", "created_at"],
    model_name="SecondFactorEvent",
    obj_field=pghistory.ObjForeignKey(related_name="events"),
)
class SecondFactor(Authenticator):
    """An authenticator app or a set of recovery codes of a person: when it came and went, no secret of it."""

    class Meta:
        proxy = True
        verbose_name = "second factor"
        verbose_name_plural = "second factors"
