"""Users of ExoDB who sign in: contributors, curators, editors, administrators."""

from __future__ import annotations

import pghistory
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractUser
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
        ]

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
