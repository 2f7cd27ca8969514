"""What the scripts of entry ask: suggestions, the level, and to keep input that is not saved."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from apps.claims.models import Model, Shown
from apps.curation import autosaves
from apps.curation.autosaves import NotInput
from apps.curation.models.autosave import MOST_BYTES
from apps.curation.suggesting import suggest
from apps.desk.door import read_json
from apps.desk.entry.access import Person, at_the_desk, for_scripts
from apps.desk.entry.screen import level_of
from apps.studies.models import Study, StudyKind


@for_scripts
@require_safe
def suggestions(request: Person) -> JsonResponse:
    """What a menu offers: `what` is a kind of name, `cargo` or `source`; `q` is what was typed."""
    asked = request.GET
    found = suggest(asked.get("what", ""), asked.get("q", ""), asked.get("study", ""))
    return JsonResponse({"results": [each._asdict() for each in found]})


@for_scripts
@require_safe
def level(request: Person) -> JsonResponse:
    """The level that models and validation come to, by the one rule that there is."""
    models = [model for model in request.GET.getlist("models_used") if model in Model.values]
    validation = request.GET.get("validation", "")
    kind = request.GET.get("kind", "")
    study = Study(kind=kind if kind in StudyKind.values else StudyKind.PRIMARY)
    known = validation if validation in Shown.values else Shown.NOT_CURATED
    return JsonResponse(level_of({"models_used": models, "validation": known}, study))


@for_scripts
@require_safe
def alive(request: Person) -> JsonResponse:
    """That the session lives, and the token of its forms."""
    return JsonResponse({"token": get_token(request)})


@for_scripts
@require_POST
def autosave(request: Person) -> JsonResponse:
    """Keep the input of a form that is not saved yet."""
    try:
        sent = read_json(request.body)
        form, pairs = sent["form"], sent["pairs"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"said": "This is no input of a form."}, status=400)
    if not isinstance(form, str) or not form.startswith("/") or len(form) > 200 or "\0" in form:  # noqa: PLR2004 - the column
        return JsonResponse({"said": "This is no form of the desk."}, status=400)
    if len(request.body) > MOST_BYTES:
        return JsonResponse({"said": "That is more input than a form of the desk holds."}, status=413)
    try:
        kept = autosaves.keep(person=request.user, form=form, pairs=pairs)
    except (NotInput, IntegrityError) as problem:
        return JsonResponse({"said": str(problem)}, status=400)
    return JsonResponse({"saved_at": f"{kept.saved_at:%H:%M:%S} UTC"})


@at_the_desk
def discard(request: Person) -> HttpResponse:
    """Throw the input away that was kept of a form, and open the form anew."""
    form = request.POST.get("form", "")
    if request.method == "POST" and request.trusted and form.startswith("/admin/"):
        autosaves.forget(person=request.user, form=form)
        return redirect(f"{form}?{urlencode({'saved': form})}#form")
    return redirect("admin:index")
