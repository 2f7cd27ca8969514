"""The account page, and those pages of the library that need more than a template."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account_views
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.usersessions.internal.flows.sessions import end_other_sessions, end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from apps.accounts.forms import PersonForm
from apps.people import second_factor
from apps.people.models import Role, User


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Everything about one's own account."""
    # Not the person of the request: what a form refuses must not stand in the head of the page.
    person = get_object_or_404(User, pk=request.user.pk)
    form = PersonForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    return render(request, "accounts/account.html", {"form": form, **standing(request.user)})


def standing(user: Any) -> dict[str, Any]:
    """What the account page shows beside the form."""
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return {
        "role": Role(user.role).label,
        "works_here": user.is_staff and user.at_least(Role.CONTRIBUTOR),
        "second_factor_since": second_factor.set_up_at(user),
        "second_factor_required": second_factor.required_of(user),
        "codes_left": len(RecoveryCodes(codes).get_unused_codes()) if codes else 0,
        "sessions": UserSession.objects.filter(user=user).count(),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in; each, or all others, can be ended."""
    open_ones = UserSession.objects.purge_and_list(request.user)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        ending = [one for one in open_ones if str(one.pk) == wanted or (wanted == "others" and not one.is_current())]
        end_sessions(request, ending)
        messages.success(request, "Nothing was to be ended." if not ending else f"Ended: {len(ending)}.")
        return redirect("usersessions_list")
    open_ones.sort(key=lambda one: (not one.is_current(), one.created_at))
    return render(request, "accounts/sessions.html", {"sessions": open_ones})


class SetUp(ActivateTOTPView):
    """Setting up an authenticator app: its first code proves that the person has it, so the session has shown it."""

    def form_valid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        user = self.request.user
        second_factor.spend(user=user, code=form.cleaned_data["code"])
        app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        record_authentication(self.request, user, "mfa", id=app.pk, type=app.type)
        # They came in without it; one of them may be somebody else's.
        end_other_sessions(self.request, user)
        return answer


def password_reset(request: HttpRequest) -> HttpResponseBase:
    """By mail, where there is mail; else the page says whom to ask."""
    if settings.MAILERS:
        return account_views.password_reset(request)
    return render(request, "accounts/no_mail.html", {"contact": settings.ACCOUNTS_CONTACT})
