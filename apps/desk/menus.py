"""The menus that complete what one types: only what fits the column, told apart from its like."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Field, Model, QuerySet
from django.utils.text import Truncator

from apps.records.text import number
from apps.studies.models import Study
from apps.terms.models import Name, NameKind
from apps.vesicles.models import Cargo, Preparation, VesicleSource

# Which kind of name each column holds, by model and column.
KINDS: dict[tuple[str, str], NameKind] = {
    ("claim", "disease"): NameKind.DISEASE,
    ("claim", "recipient"): NameKind.RECIPIENT,
    ("claimtherapy", "name"): NameKind.THERAPY,
    ("claimtarget", "name"): NameKind.TARGET,
    ("vesiclesource", "species"): NameKind.SPECIES,
    ("vesiclesource", "cell_line"): NameKind.CELL_LINE,
    ("vesiclesource", "cell_type"): NameKind.CELL_TYPE,
    ("vesiclesource", "tissue"): NameKind.TISSUE,
    ("vesiclesource", "disease"): NameKind.DISEASE,
}
NEEDED: dict[type[Model], tuple[str, ...]] = {Preparation: ("source", "study")}


def kind_of(column: Field[Any, Any]) -> NameKind | None:
    """The kind of name that a column holds, if it holds names."""
    return KINDS.get((column.model._meta.model_name or "", column.name))  # noqa: SLF001


@singledispatch
def described(record: Model) -> str:
    """A record as a menu shows it: enough to tell it from others of the same name."""
    return str(record)


@described.register
def _(record: Study) -> str:
    return f"{record} · {Truncator(record.title).chars(80)} · {record.accession}"


@described.register
def _(record: Preparation) -> str:
    return f"{record} · {record.study} · {record.accession}"


@described.register
def _(record: VesicleSource) -> str:
    return f"{record} · {record.get_category_display()} · {record.accession}"


@described.register
def _(record: Cargo) -> str:
    references = ", ".join(xref.curie for xref in record.xrefs.all())
    return " · ".join(filter(None, (record.name, record.get_kind_display(), references, record.accession)))


@described.register
def _(record: Name) -> str:
    meant = ", ".join(str(term) for term in record.terms.all())
    return f"{record.text} → {meant}" if meant else f"{record.text} (as written)"


class Menu(AutocompleteJsonView):
    """What a menu offers while one types."""

    def get_queryset(self) -> QuerySet[Any]:
        found = super().get_queryset()
        if kind := kind_of(self.source_field):
            found = found.filter(kind=kind)
        needed = NEEDED.get(found.model)
        return found.select_related(*needed) if needed else found

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return super().serialize_result(obj, to_field_name) | {"text": described(obj)}


class Select(AutocompleteSelect):
    """A menu that passes over what was sent and is no row's number, where Django's own fails."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if number(each)], attrs)
