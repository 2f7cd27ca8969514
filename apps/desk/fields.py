"""Form fields for lists: boxes to tick where the choices are known, one entry a line where they are not."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError


class Several(forms.MultipleChoiceField):
    """Any of the known choices. Nothing ticked is what the column holds for *not curated*, where it has that."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, empty: list[str] | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty = empty

    def clean(self, value: Any) -> list[str] | None:
        return super().clean(value) or self.empty


class Lines(forms.Field):
    """A list of texts, one a line: names and addresses may hold commas."""

    widget = forms.Textarea

    def __init__(self, *, empty: list[str] | None, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.empty, self.longest = empty, longest
        self.widget.attrs |= {"rows": 4}

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str] | None:
        lines = [line.strip() for line in (value or "").splitlines()]
        return [line for line in lines if line] or self.empty

    def validate(self, value: Any) -> None:
        super().validate(value)
        for line in value or []:
            if len(line) > self.longest:
                raise ValidationError(f"“{line[:40]}…” is longer than {self.longest} characters.")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or self.empty) != self.to_python(data)


def list_field(column: ArrayField) -> forms.Field:
    """The form field for a column that holds a list."""
    common: dict[str, Any] = {
        "label": str(column.verbose_name).capitalize(),
        "help_text": column.help_text,
        "required": not column.blank,
        "empty": None if column.null else [],
    }
    if column.base_field.choices:
        return Several(choices=column.base_field.choices, **common)
    return Lines(longest=column.base_field.max_length or 1000, **common)
