"""To ask one person for the review of all the claims that are ticked in the list."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from apps.claims.models import Claim
from apps.curation.assigning import assign_each
from apps.curation.deciding import Outcome
from apps.desk.review.bulk import MOST, ReviewActions
from apps.desk.review.shared import is_editor, page, person
from apps.people.models import Role, User

MOST_REVIEWERS = 200


class Assigning(ReviewActions):
    """Adds the act to those of review, for editors."""

    actions: Any = (*ReviewActions.actions, "assign_selected")

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request, action_location)
        return {name: action for name, action in found.items() if name != "assign_selected" or is_editor(request)}

    @admin.action(description="Ask somebody to review selected")
    def assign_selected(self, request: HttpRequest, claims: QuerySet[Claim]) -> HttpResponse | None:
        """Ask whom first; when that is said, ask them, and say of each claim what became of it."""
        chosen = list(claims.select_related("author").defer("search").order_by("submitted_at", "pk")[: MOST + 1])
        if len(chosen) > MOST:
            messages.error(request, f"At most {MOST} claims at once: narrow the list, or tick fewer.")
            return None
        wanted = request.POST.get("reviewer", "").replace("\0", "")
        reviewer = reviewers().filter(username=wanted).first() if wanted else None
        outcomes: list[Outcome] = assign_each(chosen, reviewer=reviewer, by=person(request)) if reviewer else []
        return page(
            request,
            "desk/review_assign.html",
            f"Ask for the review of {len(chosen)} selected",
            action=request.POST.get("action", ""),
            checkbox=ACTION_CHECKBOX_NAME,
            claims=chosen,
            reviewers=reviewers()[:MOST_REVIEWERS],
            outcomes=outcomes,
            done=sum(outcome.done for outcome in outcomes),
            lacking="assign" in request.POST and reviewer is None,
        )


def reviewers() -> QuerySet[User]:
    """Who may decide on a claim at all; whose it is, is asked of each claim."""
    able = [Role.CURATOR, Role.EDITOR, Role.ADMINISTRATOR]
    return User.objects.filter(is_active=True, role__in=able).order_by("username")
