"""The other form fields of entry, and how any field is shown, compared and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.models import fields_for_model

from apps.desk.fields import Lines, Several, list_field
from apps.records.models import ACCESSION
from apps.vesicles.models import VesicleSource


class OrNone(forms.Widget):
    """A list to tick or to write, and a box for *the study reports none*; neither means that nobody has looked."""

    template_name = "desk/entry/widgets/or_none.html"

    def __init__(self, inner: forms.Widget) -> None:
        super().__init__()
        self.inner = inner
        self.use_fieldset = inner.use_fieldset

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[Any, bool]:
        return self.inner.value_from_datadict(data, files, name), bool(data.get(f"{name}-none"))

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        listed, none = value if isinstance(value, tuple) else (value or [], value == [])
        if isinstance(self.inner, forms.Textarea) and isinstance(listed, list):
            listed = "\n".join(listed)
        context["widget"] |= {
            "inner": self.inner.get_context(name, listed, {**self.inner.attrs, **(attrs or {})})["widget"],
            "none": none,
        }
        return context

    def id_for_label(self, id_: str, index: Any = None) -> str:  # noqa: ARG002
        return str(self.inner.id_for_label(id_))  # the boxes of a list have no one label

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        return False


class Reported(forms.Field):
    """A list that tells *none reported* from *not curated*: empty, or null."""

    widget: OrNone

    def __init__(self, inner: Several | Lines) -> None:
        super().__init__(
            required=False,
            label=inner.label,
            help_text="Nothing here means not curated.",
            widget=OrNone(cast("forms.Widget", inner.widget)),
        )
        self.inner = inner
        self.inner.empty = []

    def clean(self, value: Any) -> list[str] | None:
        listed, none = value if isinstance(value, tuple) else (value, value == [])
        found: list[str] = self.inner.clean(listed) or []
        if found and none:
            raise ValidationError("Either the study reports none, or it reports these: not both.")
        return found or ([] if none else None)


def column_fields(model: type[Model], names: tuple[str, ...]) -> dict[str, forms.Field]:
    """The form fields of a model's columns, with the model's own words; lists in boxes or lines."""
    columns = {name: model._meta.get_field(name) for name in names}  # noqa: SLF001
    plain = fields_for_model(model, [name for name, column in columns.items() if not isinstance(column, ArrayField)])
    return {
        name: list_field(column) if isinstance(column, ArrayField) else plain[name] for name, column in columns.items()
    }


class SourceField(forms.CharField):
    """A source that is in ExoDB, by accession, or by its name where only one has it."""

    def clean(self, value: Any) -> VesicleSource | None:
        typed = super().clean(value)
        if not typed:
            return None
        if found := ACCESSION.search(typed.upper()):
            source = VesicleSource.objects.filter(accession=found[0]).first()
            if source is None:
                raise ValidationError(f"{found[0]} is not a vesicle source.")
            return source
        named = list(VesicleSource.objects.filter(name__iexact=typed)[:6])
        if len(named) == 1:
            return named[0]
        if named:
            which = "; ".join(f"{source.accession} ({source.get_category_display()})" for source in named)
            raise ValidationError(f"Several sources have this name: write the accession. {which}")
        raise ValidationError(f"No source is called “{typed}”: describe it below, or choose another.")

    def prepare_value(self, value: Any) -> Any:
        return source_text(value) if isinstance(value, VesicleSource) else value


def source_text(source: VesicleSource) -> str:
    return f"{source.name} · {source.accession}"


# --- any field --------------------------------------------------------------------------------------------------------


def told(field: forms.Field, value: Any) -> str:
    """A value of a field as a person reads it, the same for the same value."""
    if hasattr(field, "told"):
        return str(field.told(value))
    if isinstance(field, SourceField):
        return str(field.prepare_value(value) or "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, Reported):
        return "not curated" if value is None else told(field.inner, value) or "none reported"
    if isinstance(value, list):
        meant = _meant(field)
        return ", ".join(meant.get(str(each), str(each)) for each in value)
    return "" if value in (None, "") else _meant(field).get(str(value), str(value))


def _meant(field: forms.Field) -> dict[str, str]:
    choices = getattr(field, "choices", ()) if isinstance(field, forms.ChoiceField) else ()
    return {str(value): str(label) for value, label in choices if not isinstance(label, list | tuple)}


def to_data(name: str, field: forms.Field, value: Any) -> dict[str, list[str]]:
    """A value of a field as a browser sends it."""
    if hasattr(field, "to_data"):
        sent: Mapping[str, list[str]] = field.to_data(name, value)
        return dict(sent)
    if isinstance(field, Reported):
        return {**to_data(name, field.inner, value or []), f"{name}-none": ["on"] if value == [] else []}
    if isinstance(field, Several):
        return {name: list(value or [])}
    prepared = field.prepare_value(value)
    return {name: ["" if prepared is None else str(prepared)]}
