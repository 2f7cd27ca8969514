"""The review queue, with its filters, and the way to the next that waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.claims.models import Aspect, ClaimQuerySet
from apps.curation import queues
from apps.desk.review.shared import address, page, paged, person
from apps.records.text import number

ANY = ("", "any")


class QueueForm(forms.Form):
    """What of the queue to show; everything is optional."""

    whose = forms.ChoiceField(
        label="Show", required=False, choices=[("", "what I may review"), ("all", "all that waits")]
    )
    aspect = forms.ChoiceField(required=False, choices=[ANY, *Aspect.choices])
    disease = forms.CharField(required=False, max_length=200, label="Disease, as written")
    author = forms.CharField(required=False, max_length=150, label="Written by")
    age = forms.IntegerField(required=False, min_value=0, max_value=36_500, label="Waiting for days, at least")
    assigned = forms.ChoiceField(
        required=False, choices=[ANY, ("me", "to me"), ("nobody", "to nobody"), ("somebody", "to somebody")]
    )
    kind = forms.ChoiceField(required=False, choices=[ANY, ("new", "new claims"), ("revision", "revisions")])


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for review, the longest first; what one was asked for before the rest."""
    form = QueueForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = paged(request, queues.for_rows(narrowed(asked, request)))
    return page(request, "desk/review_queue.html", "Review queue", form=form, rows=rows, now=timezone.now())


def narrowed(asked: dict[str, Any], request: HttpRequest) -> ClaimQuerySet:
    """The queue as the form asks for it."""
    me = person(request)
    claims = queues.submitted() if asked.get("whose") == "all" else queues.waiting_for(me)
    if aspect := asked.get("aspect"):
        claims = claims.filter(aspect=aspect)
    if disease := asked.get("disease"):
        claims = claims.filter(disease__text__icontains=disease)
    if author := asked.get("author"):
        claims = claims.filter(author__username__iexact=author)
    if (age := asked.get("age")) is not None:
        claims = claims.filter(submitted_at__lte=timezone.now() - timedelta(days=age))
    return _of_kind(_assigned(claims, asked.get("assigned"), request), asked.get("kind"))


def _assigned(claims: ClaimQuerySet, to: str | None, request: HttpRequest) -> ClaimQuerySet:
    match to:
        case "me":
            return claims.filter(assignment__reviewer=person(request))
        case "nobody":
            return claims.filter(assignment__isnull=True)
        case "somebody":
            return claims.filter(assignment__isnull=False)
    return claims


def _of_kind(claims: ClaimQuerySet, kind: str | None) -> ClaimQuerySet:
    match kind:
        case "new":
            return claims.filter(basis__isnull=True)
        case "revision":
            return claims.filter(basis__isnull=False)
    return claims


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """The next claim that waits for the person; the queue, where none does."""
    after = request.GET.get("after", "")
    claim = queues.next_for(person(request), number(after) or None)
    if claim:
        return redirect(address(claim))
    messages.info(request, "Nothing waits for your review.")
    return redirect("admin:review")
