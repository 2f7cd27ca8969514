"""What every admin page of a record has: refusals of the database in plain words, and the history that it keeps."""

from __future__ import annotations

import copy
from typing import Any

import pghistory
from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, transaction
from django.db.models import Field, Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.claims import search
from apps.claims.models import Claim
from apps.desk.fields import list_field
from apps.desk.history import MOST_EVENTS, Part, history
from apps.desk.meanwhile import changed, token
from apps.desk.menus import Select, described, kind_of
from apps.records.text import number
from apps.terms.models import Name

LONGEST_REASON = 300
LAST_POSITION = 32_767


def plainly(problem: IntegrityError) -> str:
    """What the database refused, and the name of the rule."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    rule = getattr(diagnosis, "constraint_name", None)
    words = said_by_the_model(rule) or getattr(diagnosis, "message_primary", None) or str(problem).partition("\n")[0]
    return f"{words} (rule {rule})" if rule else words


def said_by_the_model(rule: str | None) -> str:
    """The sentence that a model gives for its constraint; PostgreSQL's own names only tables and columns."""
    for model in apps.get_models():
        for constraint in model._meta.constraints:  # noqa: SLF001 - the documented way to a model's rules
            told = constraint.violation_error_message
            if constraint.name == rule and told != constraint.default_violation_error_message:
                return str(told)
    return ""


class RuledForm(forms.ModelForm):
    """A form that asks the database beforehand, so that a refusal stands at the form and no input is lost."""

    # What the database refused when all was saved together; only then do the parts of a new record meet its rules.
    refused = ""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.refused:
            self.add_error(None, self.refused)
        if not self.errors and self.has_changed() and not self.waits_for_another():
            try:
                with transaction.atomic():
                    self.tried().save()
                    transaction.set_rollback(True)
            except IntegrityError as problem:
                self.add_error(None, plainly(problem))

    def waits_for_another(self) -> bool:
        """Whether this is a part of a record that is not saved itself yet."""
        row = self.instance
        keys = [field for field in row._meta.concrete_fields if field.is_relation and field.is_cached(row)]  # noqa: SLF001
        return any(owner.pk is None for field in keys if (owner := getattr(row, field.name)) is not None)

    def tried(self) -> Model:
        """What would be saved. A claim's page fills in author and level itself."""
        return copy.copy(self.instance)


class Columns:
    """How the columns of records and of their parts are asked for."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Lists get boxes or lines; beside a menu stand the ways to look, add and change, and none to delete."""
        if isinstance(db_field, ArrayField):
            return list_field(db_field)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, forms.ModelChoiceField):
            field.widget.can_delete_related = False
            field.label_from_instance = described  # type: ignore[method-assign]
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A column takes names of its own kind only: no tissue is a disease."""
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = Select(db_field, self.admin_site)  # type: ignore[attr-defined]
        if kind := kind_of(db_field):
            kwargs["queryset"] = Name.objects.filter(kind=kind)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class PartForm(RuledForm):
    """A row of a record. Those that have an order are numbered when they are saved."""

    def tried(self) -> Model:
        row: Any = super().tried()
        if hasattr(row, "position") and row.position is None:
            row.position = LAST_POSITION
        return row


class PartInline(Columns, admin.TabularInline):
    """The rows of a record, on its page."""

    form = PartForm
    extra = 0


class HistoryAdmin(admin.ModelAdmin):
    """A record whose history the database keeps, with that of its parts."""

    history_parts: tuple[Part, ...] = ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who did what, when and why, newest first."""
        record = get_object_or_404(self.get_queryset(request), pk=number(object_id))
        if not self.has_view_permission(request, record):
            return super().history_view(request, object_id, extra_context)  # which refuses
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "opts": self.opts,
            "record": record,
            "entries": history(record, self.history_parts),
            "most": MOST_EVENTS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/kept_history.html", context)


class KeptAdmin(Columns, HistoryAdmin):
    """A record of evidence."""

    form = RuledForm
    show_full_result_count = False
    list_per_page = 50
    save_on_top = True
    # Deleting by the dozen asks no record whether it may go: each goes on its own page, with its reason.
    actions: Any = None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list; ticks that are no row's number are passed over, where Django's own fails."""
        if ticked := request.POST.getlist(ACTION_CHECKBOX_NAME):
            sent = request.POST.copy()
            sent.setlist(ACTION_CHECKBOX_NAME, [each for each in ticked if number(each)])
            request.POST = sent  # type: ignore[assignment]
        return super().changelist_view(request, extra_context)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("accession",) if any(field.name == "accession" for field in self.opts.fields) else ()
        return (*fixed, *super().get_readonly_fields(request, obj))

    def view_on_site(self, obj: Any) -> str | None:
        """The public page, where there is one."""
        public = getattr(type(obj).objects, "public", None) if hasattr(obj, "get_absolute_url") else None
        return obj.get_absolute_url() if public and public().filter(pk=obj.pk).exists() else None

    def why_closed(self, request: HttpRequest, obj: Any) -> str:  # noqa: ARG002
        """A sentence for who meets a page that can't be edited."""
        return "Your role reads this, and does not change it."

    def render_change_form(  # noqa: PLR0917 - Django's own signature
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None and not self.has_change_permission(request, obj):
            context["why_closed"] = self.why_closed(request, obj)
        context |= {"why": request.POST.get("why", ""), "longest_reason": LONGEST_REASON}
        if obj is not None and change:
            # A copy from the database: the form has written its input into the object at hand.
            context["seen"] = token(self.get_queryset(request).get(pk=obj.pk), self.history_parts)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What is refused only when all is saved comes back to the form. The reason typed goes into history."""
        note_reason(request)
        try:
            with transaction.atomic():
                self.look_for_changes(request, *args, **kwargs)
                return super().changeform_view(request, *args, **kwargs)
        except IntegrityError as problem:
            request.refused = plainly(problem)  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def look_for_changes(self, request: HttpRequest, object_id: str | None = None, *_: Any, **__: Any) -> None:
        """Lock the record that is to be saved; refuse where it says something else than when its page was opened."""
        if request.method == "POST" and object_id:
            seen = request.POST.get("seen", "")
            record = self.model.objects.select_for_update(no_key=True, of=("self",)).filter(pk=unquote(object_id))
            if found := record.first():
                request.refused = changed(seen, found, self.history_parts)  # type: ignore[attr-defined]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        form = super().get_form(request, obj, change, **kwargs)
        form.refused = getattr(request, "refused", "")  # type: ignore[attr-defined]
        return form

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        note_reason(request)
        try:
            with transaction.atomic():
                return super().delete_view(request, object_id, extra_context)
        except (IntegrityError, ProtectedError) as problem:
            said = plainly(problem) if problem.__cause__ else "other records rest on it."
            self.message_user(request, f"Not deleted: {said}", messages.ERROR)
            meta = self.opts
            return HttpResponseRedirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[object_id]))


class RestedOnAdmin(KeptAdmin):
    """A record that claims rest on: an editor's to change once one of them is public."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        permission = f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}"
        return super().has_change_permission(request, obj) and request.user.has_perm(permission, obj)

    def why_closed(self, request: HttpRequest, obj: Any) -> str:
        if super().has_change_permission(request, obj):
            return "A public claim rests on it: an editor changes it, or write a revision."
        return super().why_closed(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """When all parts are there, the claims that rest on it are found by its new words."""
        super().save_related(request, form, formsets, change)
        if change and (form.has_changed() or any(formset.has_changed() for formset in formsets)):
            search.index(Claim.objects.resting_on(form.instance))


def note_reason(request: HttpRequest) -> None:
    """Hand the reason that a person typed to the history that the request writes."""
    if request.method == "POST" and (reason := request.POST.get("why", "").strip()):
        pghistory.context(reason=reason[:LONGEST_REASON])
