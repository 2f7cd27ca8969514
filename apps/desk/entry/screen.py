"""The screen of a study: its facts, its preparations and its claims, with one form open in its place or none."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.template.response import TemplateResponse

from apps.claims.acts import ACTS, why_not_each
from apps.claims.levels import assess
from apps.claims.models import Claim, Level, PRelation, State
from apps.curation import entering
from apps.curation.missing import Gap, gaps
from apps.desk.entry.access import Person
from apps.desk.entry.forming import Editing, Filled
from apps.people.models import User
from apps.people.permissions import PUBLIC_RECORDS
from apps.studies.models import Study
from apps.vesicles.models import Preparation

OFFERED = ("edit", "submit", "discard", "give_up", "take_back", "revise")
CLAIMS_A_PAGE = 25
MOST_PREPARATIONS = 100
STANDING = (State.DRAFT, State.SUBMITTED, State.ACCEPTED)
MEASURED = ("AUC", "sensitivity", "specificity", "HR", "OR", "RR", "fold_change", "comparator_AUC", "correlation")


class Card(NamedTuple):
    """A claim on the screen: what it says, what one may do with it, and what a reviewer would ask."""

    claim: Claim
    acts: list[str]
    gaps: list[Gap]


def preparations_of(study: Study) -> list[Preparation]:
    found = study.preparations.select_related("source__species").annotate(
        standing=Count("claims", filter=Q(claims__state__in=STANDING)),
        public=Count("claims", filter=Q(claims__state=State.ACCEPTED)),
    )
    return list(found.order_by("pk")[:MOST_PREPARATIONS])


def claims_of(study: Study, person: User, asked: str, open_claim: Claim | None) -> Page[Claim]:
    """The versions that stand, in the order of entry: the page that was asked for, or that of the open claim."""
    claims = Claim.objects.readable_by(person).filter(preparation__study=study, state__in=STANDING)
    number: Any = asked or 1
    if open_claim is not None and not asked:
        number = 1 + claims.filter(pk__lt=open_claim.pk).count() // CLAIMS_A_PAGE
    shown = claims.for_record().select_related("author", "disease", "recipient").order_by("pk")
    shown = shown.prefetch_related("decisions__by")
    return Paginator(shown, CLAIMS_A_PAGE).get_page(number)


def card(claim: Claim, person: Any) -> Card:
    # To say why an act is refused from another state takes a look at the decisions; for a button the state is enough.
    refusals = why_not_each((act for act in OFFERED if ACTS[act].begins == claim.state), claim, person)
    acts = [act for act, said in refusals.items() if not said]
    return Card(claim, acts, gaps(claim) if "submit" in acts else [])


def level_of(values: dict[str, Any], study: Study) -> dict[str, str]:
    """The level that the models and the validation come to, with the reason; empty before anything is ticked."""
    if not values.get("models_used"):
        return {"level": "", "reason": "The level is computed from what it was shown in."}
    found = assess(
        models=values["models_used"], study_kind=study.kind, validation=values.get("validation") or "not_curated"
    )
    return {"level": found.level, "reason": found.reason, "meaning": str(Level(found.level).label)}


def render(
    request: Person, study: Study, editing: Editing | None = None, page: Filled | None = None, **more: Any
) -> HttpResponse:
    """The screen; with a form, that stands where what it edits would."""
    editing_claim = editing.record if editing and editing.part == "claim" else None
    claims = claims_of(study, request.user, request.GET.get("p", ""), editing_claim)
    cards = [card(claim, request.user) for claim in claims]
    context = {
        **admin.site.each_context(request),
        "title": f"{study}: {study.title}",
        "is_nav_sidebar_enabled": False,
        "study": study,
        "study_open": not entering.why_closed(study, request.user),
        "all_open": request.user.at_least(PUBLIC_RECORDS),
        "preparations": preparations_of(study),
        "cards": cards,
        "claims": claims,
        "editing": editing,
        "page": page,
        "form": page.form if page else None,
        "measured": MEASURED,
        "relations": PRelation.choices,
        **more,
    }
    if editing and page and editing.part == "claim":
        form = page.form
        said = {name: form[name].value() for name in ("models_used", "validation")}
        context["level"] = level_of(said, study)
    conflict = bool(page and page.differences)
    return TemplateResponse(request, "desk/entry/screen.html", context, status=409 if conflict else 200)
