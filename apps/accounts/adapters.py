"""Where ExoDB differs from what django-allauth does by itself."""

from __future__ import annotations

import logging
import time
from base64 import urlsafe_b64encode
from smtplib import SMTPException
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac

from apps.accounts import gate
from apps.people.models import Role, User

log = logging.getLogger(__name__)
SALT = "exodb.second_factor"


class Accounts(DefaultAccountAdapter):
    """Accounts are made by an administrator, never by a visitor."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": "This name and this password do not go together.",
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        user = request.user
        works_here = isinstance(user, User) and user.is_staff and user.at_least(Role.CONTRIBUTOR)
        return reverse("admin:index" if works_here else "account")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago, all the way, is not asked for the same again."""
        return super().is_reauthentication_required(app=app, **kwargs) and not just_signed_in(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Who has a second factor confirms with it: a password alone must not take it away."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        with_code = [method for method in methods if method["id"] == "mfa_reauthenticate"]
        return with_code or methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away is noted for the operator; the page tells nobody whether an address is known."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("The mail could not be sent: see EMAIL_URL.")


def just_signed_in(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user if request.user.is_authenticated else None)
    if gate.next_step(request) == gate.CONFIRM:
        return False
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


class SecondFactors(DefaultMFAAdapter):
    """Secrets are encrypted in the database: a stolen backup opens nothing."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or was used already. Wait for the next one.",
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise ValidationError(
                "Your second factor can't be read, for the SECRET_KEY of this ExoDB has changed. "
                "Ask an administrator to reset it."
            ) from None


def _cipher() -> Any:
    from cryptography.fernet import Fernet, MultiFernet

    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [salted_hmac(SALT, "", secret=key, algorithm="sha256").digest() for key in keys]
    return MultiFernet([Fernet(urlsafe_b64encode(digest)) for digest in digests])
