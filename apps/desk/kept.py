"""What every admin page of a record has: refusals of the database in plain words, and the history that it keeps."""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from apps.people.models import User

MOST_EVENTS = 100


def plainly(problem: IntegrityError) -> str:
    """What the database refused, and the name of the rule."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    rule = getattr(diagnosis, "constraint_name", None)
    words = getattr(diagnosis, "message_primary", None) or str(problem).partition("\n")[0]
    return f"{words} (rule {rule})" if rule else words


class RuledForm(forms.ModelForm):
    """A form that asks the database beforehand, so that a refusal stands at the form and no input is lost."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                with transaction.atomic():
                    self.tried().save()
                    transaction.set_rollback(True)
            except IntegrityError as problem:
                self.add_error(None, plainly(problem))

    def tried(self) -> Model:
        """What would be saved. A claim's page fills in author and level itself."""
        return copy.copy(self.instance)


class KeptAdmin(admin.ModelAdmin):
    """A record whose history the database keeps."""

    form = RuledForm
    show_full_result_count = False
    list_per_page = 50
    save_on_top = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("accession",) if any(field.name == "accession" for field in self.opts.fields) else ()
        return (*fixed, *super().get_readonly_fields(request, obj))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Parts of a record (its inlines) may be refused too."""
        try:
            with transaction.atomic():
                return super().changeform_view(request, *args, **kwargs)
        except IntegrityError as problem:
            self.message_user(request, f"Not saved: {plainly(problem)}", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who did what, when and why, newest first."""
        record = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, record):
            return super().history_view(request, object_id, extra_context)  # which refuses
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "opts": self.opts,
            "record": record,
            "entries": entries_of(record),
            "most": MOST_EVENTS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/kept_history.html", context)


def entries_of(record: Any) -> list[dict[str, Any]]:
    """The latest events of a record, each with what it changed."""
    if not hasattr(record, "events"):
        return []
    events = list(record.events.order_by("-pgh_id")[: MOST_EVENTS + 1])
    users = dict(User.objects.filter(pk__in=filter(None, map(user_of, events))).values_list("pk", "username"))
    entries = [
        {
            "at": event.pgh_created_at,
            "act": event.pgh_label,
            "who": users.get(user_of(event) or 0, "the system"),
            "why": (event.pgh_context or {}).get("reason", ""),
            "changes": changes(before, event),
        }
        for event, before in pairwise([*events, None])
    ]
    return entries[:MOST_EVENTS]


def user_of(event: Any) -> int | None:
    return (event.pgh_context or {}).get("user")


def changes(before: Any, event: Any) -> list[tuple[str, Any, Any]]:
    """(field, before, after) for all that an event changed."""
    kept = type(event)._meta.fields  # noqa: SLF001 - the documented way to the fields of a model
    fields = [field for field in kept if not field.name.startswith("pgh_") and field.name != "id"]
    found = []
    for field in fields:
        old, new = getattr(before, field.attname, None), getattr(event, field.attname)
        if old != new and not (before is None and new in (None, "", [])):
            found.append((field.verbose_name, old, new))
    return found
