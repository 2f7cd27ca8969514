"""Curator agreement at the desk: the figures, drawing a sample, and grading a claim blind."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.claims.acts import NotAllowed
from apps.claims.models import Aspect, Edge, Effect, Level
from apps.curation import agreement
from apps.curation.models import LARGEST_SAMPLE, Sample, SampledClaim
from apps.desk.admin.shared import ReadOnly
from apps.people.models import User

# How many samples the page lists: the latest.
LISTED = 20


class Draw(forms.Form):
    """How large a sample, and by which seed; one is made up where none is given."""

    size = forms.IntegerField(min_value=1, max_value=LARGEST_SAMPLE, initial=50, label="How many claims")
    seed = forms.IntegerField(
        required=False, min_value=0, max_value=2**62, label="Seed", help_text="empty: one is made up, and kept"
    )


class Grades(forms.Form):
    """What the grader holds the claim to be."""

    drawn = forms.IntegerField(widget=forms.HiddenInput)
    edge = forms.ChoiceField(choices=Edge, widget=forms.RadioSelect, label="What it means for the patient")
    aspect = forms.ChoiceField(choices=[("", "choose"), *Aspect.choices], label="What it is about")
    effect = forms.ChoiceField(choices=Effect, widget=forms.RadioSelect, label="Effect on the outcome")
    level = forms.ChoiceField(choices=Level, widget=forms.RadioSelect, label="Level of the evidence")


@admin.register(Sample)
class SampleAdmin(ReadOnly, admin.ModelAdmin):
    """The page of agreement takes the place of a list of samples."""

    def get_urls(self) -> list[URLPattern]:
        inside = self.admin_site.admin_view
        grade = require_http_methods(["GET", "HEAD", "POST"])(self.grade)
        return [
            path("draw/", inside(require_POST(self.draw)), name="curation_sample_draw"),
            path("grade/", inside(grade), name="curation_grade"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        return self._overview(request, Draw())

    def draw(self, request: HttpRequest) -> HttpResponse:
        form = Draw(request.POST)
        if form.is_valid():
            seed = form.cleaned_data["seed"]
            try:
                sample = agreement.draw(
                    size=form.cleaned_data["size"],
                    seed=secrets.randbelow(2**31) if seed is None else seed,
                    by=_who(request),
                )
            except NotAllowed as problem:
                form.add_error(None, str(problem))
            else:
                self.message_user(request, f"Drawn: {sample}.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:curation_sample_changelist"))
        return self._overview(request, form)

    def grade(self, request: HttpRequest) -> HttpResponse:
        """One claim at a time, the next that is open to the person."""
        form = Grades(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            try:
                agreement.grade(drawn_id=given.pop("drawn"), by=_who(request), **given)
            except (NotAllowed, SampledClaim.DoesNotExist) as problem:
                self.message_user(request, f"Not noted: {problem}", messages.ERROR)
            else:
                self.message_user(request, "Noted.", messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:curation_grade"))
        person = _who(request)
        able = person.at_least(agreement.LEAST["grade"])
        drawn = agreement.next_for(person, form["drawn"].value()) if able else None
        if drawn and not form.is_bound:
            form = Grades(initial={"drawn": drawn.pk})
        context = {
            "form": form,
            "drawn": drawn,
            "claim": drawn.claim if drawn else None,
            "left": agreement.open_to(person).count() if able else 0,
            "able": able,
        }
        return self._page(request, "desk/agreement/grade.html", "Grade a claim blind", context)

    def _overview(self, request: HttpRequest, form: Draw) -> HttpResponse:
        person = _who(request)
        samples = Sample.objects.select_related("by").annotate(graded=Count("drawn__grading"))[:LISTED]
        context = {
            "form": form,
            "samples": samples,
            "figures": agreement.figures(),
            "enough": agreement.ENOUGH,
            "may_draw": person.at_least(agreement.LEAST["draw"]),
            "open": agreement.open_to(person).count() if person.at_least(agreement.LEAST["grade"]) else 0,
        }
        return self._page(request, "desk/agreement/overview.html", "Curator agreement", context)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(request, template, shared | context)


def _who(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the desk lets nobody else in
    return user
