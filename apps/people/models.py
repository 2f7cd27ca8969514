"""Users of ExoDB who sign in: contributors, curators, editors, administrators."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pghistory
import pgtrigger
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from apps.people import orcid
from apps.records import triggers
from apps.records.history import kept
from apps.records.text import not_blank


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
        triggers = [
            # Whoever knew the old password may have made tokens with it; who left does not come back to theirs.
            pgtrigger.Trigger(
                name="user_tokens_end",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    '(OLD."password" IS DISTINCT FROM NEW."password" OR (OLD."is_active" AND NOT NEW."is_active"))'
                ),
                func="""UPDATE people_apitoken SET revoked_at = now(), revoked_because =
                    CASE WHEN NEW.is_active THEN 'the password was changed' ELSE 'the account was closed' END
                    WHERE person_id = NEW.id AND revoked_at IS NULL; RETURN NULL;""",
            )
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


class Scope(models.TextChoices):
    """What a token may be used for; never more than its person may do."""

    READ = "read", "read your own drafts, and what is said about claims"
    DRAFT = "draft", "write, change and discard your own drafts"
    SUBMIT = "submit", "hand your drafts in for review, and take them back"
    COMMENT = "comment", "comment on claims"
    DECIDE = "decide", "decide on submissions of others"


LONGEST_LIFE = timedelta(days=366)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def alive(self, moment: datetime) -> ApiTokenQuerySet:
        """Those that still open something."""
        return self.filter(revoked_at=None, expires_at__gt=moment)


@kept(exclude=["digest", "last_used_at"])
class ApiToken(models.Model):
    """A key of a person's for their programs. Only a digest of it is kept: it is shown once, when it is made."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60, help_text="what it is for, in the person's words")
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token")
    begins = models.CharField(max_length=12, editable=False, help_text="how it begins, to tell it from others")
    scopes = ArrayField(models.CharField(max_length=7, choices=Scope))
    factor_since = models.DateTimeField(
        null=True, editable=False, help_text="since when the person had the second factor that it was made with"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="to the minute")
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_because = models.CharField(max_length=60, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(name="token_has_name", condition=not_blank("name")),
            models.CheckConstraint(name="token_is_digested", condition=Q(digest__regex="^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="token_scopes_known", condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gt=0)
            ),
            models.CheckConstraint(
                name="token_ends_within_a_year",
                condition=GreaterThan(F("expires_at"), F("created_at"))
                & LessThanOrEqual(F("expires_at"), F("created_at") + LONGEST_LIFE),
            ),
            models.CheckConstraint(
                name="token_revoked_with_reason",
                condition=Q(revoked_at=None, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
            ),
        ]
        triggers = [
            triggers.fixed(
                "token_not_changed",
                "A token stays what it was made as: revoke it, and make another.",
                ["person_id", "name", "digest", "begins", "scopes", "factor_since", "created_at", "expires_at"],
            ),
            triggers.fixed(
                "token_stays_revoked",
                "A revoked token stays revoked: make another.",
                ["revoked_at", "revoked_because"],
                when='OLD."revoked_at" IS NOT NULL',
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.begins}…)"
