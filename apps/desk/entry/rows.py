"""Form fields that hold names, a cargo, or rows of measures, as inputs that need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.claims.models import Measure
from apps.curation.names import AS_WRITTEN, Entered, Question
from apps.documents.schema import p_value
from apps.terms.models import Name
from apps.vesicles.models import Cargo, CargoKind

# Rows to fill in where no script adds more.
SPARE = 3
MOST_ROWS = 60
MEASURE_PARTS = ("name", "value", "ci_low", "ci_high", "p", "n_cases", "n_controls", "n", "note")
LABELS = {
    **{part: str(getattr(Measure._meta.get_field(part), "verbose_name", part)) for part in MEASURE_PARTS},  # noqa: SLF001
    "ci_low": "CI low",
    "ci_high": "CI high",
}


# --- names ------------------------------------------------------------------------------------------------------------


class NameInput(forms.Widget):
    """A text to type, or several, each with the term that was chosen for it; suggestions come by script."""

    template_name = "desk/entry/widgets/names.html"
    use_fieldset = False

    def __init__(self, *, kind: str, several: bool) -> None:
        super().__init__()
        self.kind, self.several = kind, several
        self.meanings: dict[Entered, str] = {}
        self.questions: dict[Entered, Question] = {}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Entered]:  # noqa: ARG002
        terms = _all(data, f"{name}-term")
        texts = [" ".join(text.split()) for text in _all(data, name)][:MOST_ROWS]
        terms += [""] * (len(texts) - len(terms))
        return [Entered(self.kind, text, term) for text, term in zip(texts, terms, strict=False) if text]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        entered: list[Entered] = list(value or [])
        rows = [self._row(each) for each in entered] or ([] if self.several else [self._row(None)])
        rows += [self._row(None) for _ in range(SPARE)] if self.several else []
        context["widget"] |= {
            "rows": rows,
            "kind": self.kind,
            "several": self.several,
            "as_written": AS_WRITTEN,
            "first_spare": max(len(entered), 1),
        }
        return context

    def _row(self, entered: Entered | None) -> dict[str, Any]:
        if entered is None:
            return {"text": "", "term": "", "meaning": "", "question": None}
        return {
            "text": entered.text,
            "term": entered.term,
            "meaning": self.meanings.get(entered, ""),
            "question": self.questions.get(entered),
        }

    def id_for_label(self, id_: str, index: Any = None) -> str:  # noqa: ARG002
        return id_

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        return name not in data


class NamesField(forms.Field):
    """Names of one kind: one, or as many as there are. A clean value is a list of what was entered."""

    widget: NameInput

    def __init__(self, *, kind: str, several: bool = False, **options: Any) -> None:
        super().__init__(widget=NameInput(kind=kind, several=several), **options)
        self.kind, self.several = kind, several

    def clean(self, value: Any) -> list[Entered]:
        entered: list[Entered] = value or []
        if self.required and not entered:
            raise ValidationError(self.error_messages["required"], code="required")
        for each in entered:
            if len(each.text) > 300:  # noqa: PLR2004 - what the column of names holds
                raise ValidationError(f"“{each.text[:40]}…” is longer than 300 characters.")
        return entered

    def ask(self, questions: Mapping[Entered, Question]) -> None:
        self.widget.questions = dict(questions)

    def to_data(self, name: str, value: Sequence[Entered]) -> dict[str, list[str]]:
        return {name: [each.text for each in value], f"{name}-term": [each.term for each in value]}

    def told(self, value: Sequence[Entered]) -> str:
        return "; ".join(
            f"{each.text} ({each.term})" if each.term not in ("", AS_WRITTEN) else each.text for each in value or []
        )


def meaning_of(name: Name) -> str:
    """What a name means, for the line beside its input."""
    return ", ".join(str(term) for term in name.terms.all()) or str(name.get_grounding_display())


# --- a cargo ----------------------------------------------------------------------------------------------------------


class CargoInput(forms.Widget):
    """The name of a cargo with its kind; suggestions fill in both."""

    template_name = "desk/entry/widgets/cargo.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, str]:  # noqa: ARG002
        return data.get(f"{name}-kind", ""), " ".join(data.get(name, "").split())

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        kind, text = value or ("", "")
        context["widget"] |= {"kind": kind, "text": text, "kinds": CargoKind.choices}
        return context

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        return name not in data


class CargoField(forms.Field):
    """A cargo by kind and name. With a name alone it is the one cargo of that name, and else the kind is asked for."""

    widget = CargoInput

    def clean(self, value: Any) -> tuple[str, str] | None:
        kind, name = value or ("", "")
        if kind and kind not in CargoKind.values:
            raise ValidationError(f"“{kind}” is no kind of cargo.")
        if not name:
            if kind:
                raise ValidationError(f"Which {CargoKind(kind).label}? Or empty the kind: no cargo is named.")
            return None
        if len(name) > 300:  # noqa: PLR2004 - what the column holds
            raise ValidationError("The name is longer than 300 characters.")
        return (kind, name) if kind else self._named(name)

    @staticmethod
    def _named(name: str) -> tuple[str, str]:
        by_accession = {"accession": name.upper()}
        found = list(Cargo.objects.filter(**by_accession) or Cargo.objects.filter(name__iexact=name)[:5])
        if len(found) == 1:
            return found[0].kind, found[0].name
        if found:
            kinds = " or ".join(sorted(CargoKind(cargo.kind).label for cargo in found))
            raise ValidationError(f"“{name}” is there as {kinds}: choose the kind.")
        raise ValidationError(f"“{name}” is new: choose its kind.")

    def to_data(self, name: str, value: tuple[str, str] | None) -> dict[str, list[str]]:
        kind, text = value or ("", "")
        return {name: [text], f"{name}-kind": [kind]}

    def told(self, value: tuple[str, str] | None) -> str:
        return f"{CargoKind(value[0]).label} {value[1]}" if value and value[0] else ""


# --- measures ---------------------------------------------------------------------------------------------------------

Row = dict[str, str]


class MeasuresInput(forms.Widget):
    """Rows of measures; each part is an input, and a row without any is no measure."""

    template_name = "desk/entry/widgets/measures.html"
    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Row]:  # noqa: ARG002
        columns = {part: _all(data, f"{name}-{part}")[:MOST_ROWS] for part in MEASURE_PARTS}
        longest = max(map(len, columns.values()), default=0)
        rows = [{p: (c[at].strip() if at < len(c) else "") for p, c in columns.items()} for at in range(longest)]
        return [row for row in rows if any(row.values())]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        filled: list[Row] = list(value or [])
        rows = [*filled, *([dict.fromkeys(MEASURE_PARTS, "")] * SPARE)]
        context["widget"] |= {
            "rows": [[(part, LABELS[part], row.get(part, "")) for part in MEASURE_PARTS] for row in rows],
            "first_spare": max(len(filled), 1),
        }
        return context

    def id_for_label(self, id_: str, index: Any = None) -> str:  # noqa: ARG002
        return ""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:  # noqa: ARG002
        return f"{name}-name" not in data


class MeasuresField(forms.Field):
    """Measures as the study gives them. A clean value is a list of columns."""

    widget = MeasuresInput

    def clean(self, value: Any) -> list[dict[str, Any]]:
        faults: list[str] = []
        measures = [_measure(at, row, faults) for at, row in enumerate(value or [], 1)]
        if faults:
            raise ValidationError(faults)
        return measures

    def to_data(self, name: str, value: Sequence[Row]) -> dict[str, list[str]]:
        return {f"{name}-{part}": [row.get(part, "") for row in value] for part in MEASURE_PARTS}

    def told(self, value: Sequence[Mapping[str, Any]]) -> str:
        rows = [row if "p_relation" not in row else rows_of([row])[0] for row in value or []]
        return "; ".join(
            ", ".join(f"{LABELS[part]} {row[part]}" for part in MEASURE_PARTS if row[part]) for row in rows
        )


def _measure(at: int, row: Row, faults: list[str]) -> dict[str, Any]:
    """One row as columns; what is wrong with it goes to the faults, with the row, the part and the value."""
    columns: dict[str, Any] = {"name": row["name"], "note": row["note"]}
    if not row["name"]:
        faults.append(f"Row {at}: say what was measured (AUC, HR, fold_change, …).")
    for part in ("value", "ci_low", "ci_high"):
        columns[part] = _number(f"Row {at}, {LABELS[part]}", row[part], forms.FloatField(), faults)
    for part in ("n_cases", "n_controls", "n"):
        columns[part] = _number(f"Row {at}, {LABELS[part]}", row[part], COUNT, faults)
    columns |= _p(at, row["p"], faults)
    faults += [f"Row {at}, {LABELS[part]}: longer than {most}." for part, most in LONGEST if len(row[part]) > most]
    if not faults:
        _must_keep_rules(at, columns, faults)
    return columns


LONGEST = (("name", 100), ("note", 500))
COUNT = forms.IntegerField(min_value=0, max_value=2_147_483_647)


def _p(at: int, text: str, faults: list[str]) -> dict[str, Any]:
    """A p value with its relation, as columns."""
    if text:
        try:
            told = p_value(text)
        except ValueError as problem:
            faults.append(f"Row {at}, p: “{text}” {problem}.")
        else:
            return {"p_relation": told.relation, "p": told.value}
    return {"p_relation": "", "p": None}


def _number(where: str, text: str, field: forms.Field, faults: list[str]) -> Any:
    if not text:
        return None
    try:
        return field.clean(text.replace("−", "-"))
    except ValidationError as problem:
        faults.append(f"{where}: “{text}”: {' '.join(problem.messages)}")
        return None


def _must_keep_rules(at: int, columns: Mapping[str, Any], faults: list[str]) -> None:
    """The rules are PostgreSQL's: it is asked about each row that was typed, so that the message names the row."""
    try:
        Measure(position=at, **columns).validate_constraints(exclude={"claim", "position"})
    except ValidationError as problem:
        faults += [f"Row {at}: {message}" for message in problem.messages]


def rows_of(measures: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Measures as the texts of their rows."""
    return [
        {
            part: f"{'' if row['p_relation'] == '=' else row['p_relation']}{_text(row['p'])}"
            if part == "p" and row["p"] is not None
            else _text(row[part])
            for part in MEASURE_PARTS
        }
        for row in measures
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _all(data: Any, name: str) -> list[str]:
    """All values of a name, from a form that was sent or from plain values."""
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    value = data.get(name, [])
    return list(value) if isinstance(value, list) else [value]
