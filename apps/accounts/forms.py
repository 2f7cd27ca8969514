"""Codes of the second factor, and what a person says about themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.exceptions import ValidationError

from apps.accounts import lockout
from apps.people import second_factor
from apps.people.models import User

LOCKED = "Too many failed attempts."


class Counted:
    """A form that takes a code: wrong ones count towards the lockout as wrong passwords do."""

    user: User
    authenticator: Authenticator

    def clean_code(self) -> str:
        if lockout.refuses(context.request, self.user.get_username()):
            raise ValidationError(LOCKED)
        try:
            return self.unused_code()
        except ValidationError:
            lockout.count_failure(context.request, self.user.get_username())
            raise

    def unused_code(self) -> str:
        """The code, where it is right and was not used before."""
        code: str = super().clean_code()  # type: ignore[misc]
        is_app = self.authenticator.type == Authenticator.Type.TOTP
        if is_app and not second_factor.spend(user=self.user, code=code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInForm(LoginForm):
    """Name and password. The way out of a forgotten one stands below the form, where no Tab key meets it in between."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""


class CodeForm(Counted, AuthenticateForm):
    """The second half of a sign-in."""


class CodeAgainForm(Counted, ReauthenticateForm):
    """The same, once more, before something that matters; or for a session that came in without."""


class SetUpForm(Counted, ActivateTOTPForm):
    """The first code of a new authenticator app. There is nothing yet to use up: see SetUp in views.py."""

    def unused_code(self) -> str:
        code: str = super(Counted, self).clean_code()
        return code


class PersonForm(forms.ModelForm):
    """What a person may say about themselves; the role, the name to sign in with and the address are not among it."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "public_name", "orcid")

    def clean_orcid(self) -> Any:
        return self.cleaned_data["orcid"] or None
