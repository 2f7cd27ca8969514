"""The pages of a person's tokens: which there are, one more, and one less."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from apps.accounts import gate
from apps.people import tokens
from apps.people.models import ApiToken, Scope, User
from apps.records.text import number

# Those that ended are shown for a while, so that a program that fails can be explained.
MOST_ENDED = 20
USUAL_DAYS = 90
IN_WORDS = {7: "a week", 30: "30 days", 90: "90 days", 365: "a year"}


class TokenForm(forms.Form):
    """What a token is for, what it may do, and for how long."""

    name = forms.CharField(label="Name", max_length=60, help_text="what it is for, such as “lab notebook”")
    scopes = forms.MultipleChoiceField(label="It may", widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label="It ends after",
        coerce=int,
        initial=USUAL_DAYS,
        choices=[(days, IN_WORDS[days]) for days in tokens.LIFETIMES],
        help_text="a year is the longest; it can be revoked at any time",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scopes: Any = self.fields["scopes"]
        scopes.choices = [(scope.value, f"{scope.value}: {scope.label}") for scope in tokens.scopes_for(person)]
        scopes.initial = [Scope.READ.value]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """One's own tokens; each can be revoked."""
    person, now = request.user, timezone.now()
    assert isinstance(person, User)  # noqa: S101 - nobody else is signed in
    if request.method == "POST":
        _revoke(request, person)
        return redirect("account_tokens")
    own = ApiToken.objects.filter(person=person)
    alive = own.alive(now)
    ended = own.exclude(pk__in=alive.values("pk"))[:MOST_ENDED]
    context = {"alive": alive, "ended": [(each, tokens.dead_because(each, now)) for each in ended]}
    return render(request, "accounts/tokens.html", context)


def _revoke(request: HttpRequest, person: User) -> None:
    try:
        gone = tokens.revoke(token_id=number(request.POST.get("token", "")), person=person)
    except ApiToken.DoesNotExist:
        messages.error(request, "You have no such token.")
    else:
        messages.success(request, f"Revoked: {gone.name}.")


@login_required
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def new(request: HttpRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    person = request.user
    assert isinstance(person, User)  # noqa: S101 - nobody else is signed in
    if missing := gate.next_step(request):
        return redirect(missing)
    form = TokenForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        try:
            secret, made = tokens.make(person=person, **form.cleaned_data)
        except tokens.NotAllowed as refusal:
            form.add_error(None, str(refusal))
        else:
            return render(request, "accounts/token_made.html", {"secret": secret, "made": made})
    return render(request, "accounts/token_new.html", {"form": form})
