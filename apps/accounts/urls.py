"""The addresses of accounts. The names are the library's own; what is not here, such as signing up, does not exist."""

from collections.abc import Callable
from typing import Any

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as totp_views
from django.urls import URLPattern, path, re_path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from apps.accounts import tokens, views


def page(address: str, view: Callable[..., Any], name: str) -> URLPattern:
    """A page of one person, so in no cache."""
    return path(address, never_cache(view), name=name)


urlpatterns = [
    page("", views.account, "account"),
    page("login/", account_views.login, "account_login"),
    page("logout/", account_views.logout, "account_logout"),
    page("inactive/", account_views.account_inactive, "account_inactive"),
    page("confirm/", account_views.reauthenticate, "account_reauthenticate"),
    page("password/", account_views.password_change, "account_change_password"),
    # Without a password nobody is signed in; who loses theirs on the way is told whom to ask.
    page("password/set/", views.password_reset, "account_set_password"),
    page("password/reset/", views.password_reset, "account_reset_password"),
    page("password/reset/sent/", account_views.password_reset_done, "account_reset_password_done"),
    page("password/reset/done/", account_views.password_reset_from_key_done, "account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        never_cache(account_views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    page("code/", mfa_views.authenticate, "mfa_authenticate"),
    page("confirm/code/", mfa_views.reauthenticate, "mfa_reauthenticate"),
    page("second-factor/", RedirectView.as_view(pattern_name="account"), "mfa_index"),
    page("second-factor/set-up/", views.SetUp.as_view(), "mfa_activate_totp"),
    page("second-factor/remove/", totp_views.deactivate_totp, "mfa_deactivate_totp"),
    page("second-factor/recovery-codes/", code_views.view_recovery_codes, "mfa_view_recovery_codes"),
    page("second-factor/recovery-codes/new/", code_views.generate_recovery_codes, "mfa_generate_recovery_codes"),
    page("sessions/", views.sessions, "usersessions_list"),
    page("tokens/", tokens.listed, "account_tokens"),
    page("tokens/new/", tokens.new, "account_new_token"),
]
