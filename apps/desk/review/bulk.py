"""Decisions on the claims that are ticked in the list, each through its act, each with its own outcome."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse

from apps.claims.acts import NotAllowed
from apps.claims.models import ClaimQuerySet
from apps.curation.deciding import WITH_REASON, Outcome, do_each, token_of, with_tokens
from apps.desk.kept import KeptAdmin
from apps.desk.review.shared import LONGEST_REASON, page, person, reason_of
from apps.people.models import Role
from apps.records.text import number

# More than a person has read before they tick; a page that decides on more would run into the time of a request.
MOST = 200
WORDS = {"accept": "Accept", "request_changes": "Request changes", "reject": "Reject"}


class ReviewActions(KeptAdmin):
    """The bulk decisions of the list of claims, for who may decide."""

    actions: Any = ("accept_selected", "request_changes_selected", "reject_selected")

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """None but these, and none for who decides on nothing. Drafts are thrown away one by one, with a reason."""
        found: dict[str, Any] = super().get_actions(request, action_location)
        may = person(request).at_least(Role.CURATOR)
        return {name: action for name, action in found.items() if name in self.actions and may}

    @admin.action(description="Accept selected")
    def accept_selected(self, request: HttpRequest, claims: ClaimQuerySet) -> HttpResponse | None:
        return decided(request, "accept", claims)

    @admin.action(description="Request changes of selected")
    def request_changes_selected(self, request: HttpRequest, claims: ClaimQuerySet) -> HttpResponse | None:
        return decided(request, "request_changes", claims)

    @admin.action(description="Reject selected")
    def reject_selected(self, request: HttpRequest, claims: ClaimQuerySet) -> HttpResponse | None:
        return decided(request, "reject", claims)


def decided(request: HttpRequest, act: str, claims: ClaimQuerySet) -> HttpResponse | None:
    """Ask for the reason first; when it is there, decide on each and say what became of it."""
    listed = with_tokens(claims.select_related("author").defer("search"))
    chosen = list(listed.order_by("submitted_at", "pk")[: MOST + 1])
    if len(chosen) > MOST:
        messages.error(request, f"At most {MOST} claims at once: narrow the list, or tick fewer.")
        return None
    reason, refused = request.POST.get("reason", ""), False
    try:
        reason = reason_of(request)
    except NotAllowed as problem:
        messages.error(request, str(problem))
        refused = True
    lacking = act in WITH_REASON and not reason
    seen = _seen(request)
    outcomes: list[Outcome] = []
    if "decide" in request.POST and not lacking and not refused:
        outcomes = do_each(act, claims=chosen, by=person(request), reason=reason, seen=seen)
    return page(
        request,
        "desk/review_bulk.html",
        f"{WORDS[act]}: {len(chosen)} selected",
        words=WORDS[act],
        action=request.POST.get("action", ""),
        checkbox=ACTION_CHECKBOX_NAME,
        # What was read before the reason was found missing stays what was read.
        claims=[(claim, seen.get(claim.pk) or token_of(claim)) for claim in chosen],
        outcomes=outcomes,
        reason=reason,
        done=sum(outcome.done for outcome in outcomes),
        lacking=lacking and "decide" in request.POST,
        needs_reason=act in WITH_REASON,
        longest_reason=LONGEST_REASON,
    )


def _seen(request: HttpRequest) -> dict[int, str]:
    """What the confirmation showed of each claim: lines of its number and its token."""
    lines = (line.partition(":") for line in request.POST.getlist("seen")[: MOST + 1])
    return {number(key): token for key, _, token in lines}
