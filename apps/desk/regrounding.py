"""To look the ticked names of the work list up again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.claims.acts import NotAllowed
from apps.curation.regrounding import MOST, reground_names
from apps.desk.kept import KeptAdmin
from apps.people.models import Role
from apps.terms.models import Name


class Regrounding(KeptAdmin):
    """The list of names, with the one act that editors do on many."""

    actions: Any = ("reground_selected",)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """None but this: names are not deleted by the dozen."""
        found: dict[str, Any] = super().get_actions(request, action_location)
        may = request.user.at_least(Role.EDITOR)  # type: ignore[union-attr]
        return {name: action for name, action in found.items() if name in self.actions and may}

    @admin.action(description="Look selected up in the vocabularies again")
    def reground_selected(self, request: HttpRequest, names: QuerySet[Name]) -> None:
        chosen = list(names.order_by().values_list("pk", flat=True)[: MOST + 1])
        try:
            outcome = reground_names(name_ids=chosen, by=request.user)  # type: ignore[arg-type]
        except NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, str(outcome), messages.SUCCESS)
