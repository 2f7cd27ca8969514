"""The forms of entry: a study, a preparation with its source, a claim. The words are the models'; here is the order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from apps.curation import names as naming
from apps.curation import papers
from apps.curation.entering import SOURCE_NAMES, SourceEntered
from apps.curation.names import Entered
from apps.desk.entry.fields import Reported, SourceField, column_fields, told
from apps.desk.entry.rows import NamesField
from apps.studies.models import Study, must_have_come
from apps.terms.models import NameKind
from apps.vesicles.models import EV_METRIC, Preparation, VesicleSource

LONGEST_REASON = 300


class Section:
    """Some fields of a form under one heading."""

    def __init__(self, title: str, fields: Iterable[Any], *, folded: bool = False, style: str = "") -> None:
        self.title, self.fields, self.folded, self.style = title, list(fields), folded, style

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


class EntryForm(forms.Form):
    """A form of the desk's entry: in sections, comparable field by field, with the section of the guide it is of."""

    use_required_attribute = False
    layout: ClassVar[tuple[tuple[str, tuple[str, ...], str], ...]] = ()
    guide = "entering-a-paper"
    first = ""
    # Fields that say something to the desk and not of the record.
    aside: ClassVar[tuple[str, ...]] = ("why",)

    why = forms.CharField(
        label="Why this change?", help_text="It stands in the history.", max_length=LONGEST_REASON, required=False
    )

    def __init__(self, *args: Any, autofocus: str = "", **kwargs: Any) -> None:
        kwargs["label_suffix"] = ""
        super().__init__(*args, **kwargs)
        focus = autofocus or self.first
        if focus in self.fields and not self.is_bound:
            self.fields[focus].widget.attrs["autofocus"] = True

    def sections(self) -> Iterator[Section]:
        for title, names, style in self.layout:
            fields = [self[name] for name in names if name in self.fields]
            if fields:
                yield Section(title, fields, folded="folded" in style, style=style)

    @property
    def compared(self) -> list[str]:
        return [name for name in self.fields if name not in self.aside]

    def told(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The values of the record as a person reads them, by field."""
        return {name: told(self.fields[name], values.get(name)) for name in self.compared}

    @property
    def began(self) -> str:
        """What the form began from, to be sent back with it."""
        return json.dumps(self.told(self.initial), ensure_ascii=False)

    def _ask(self, entered: Mapping[str, list[Entered]]) -> None:
        """Ask about names that mean several things, each at its field."""
        asked = naming.questions({each for listed in entered.values() for each in listed})
        for name, listed in entered.items():
            questions = {each: asked[each] for each in listed if each in asked}
            if questions:
                field = self.fields[name]
                assert isinstance(field, NamesField)  # noqa: S101 - only those hold names
                field.ask(questions)
                self.add_error(name, [question.sentence for question in questions.values()])


# --- a study ----------------------------------------------------------------------------------------------------------


class StudyForm(EntryForm):
    """The bibliographic facts of a study, and how it was read."""

    layout = (
        ("The paper", ("title", "journal", "year", "authors", "kind"), ""),
        ("Identifiers: at least one", ("pmid", "pmcid", "doi", "nct"), "row"),
        ("How it was read", ("depth", "curated_on", "pages_read"), ""),
        ("", ("another", "why"), ""),
    )
    aside = ("why", "another")
    first = "kind"
    guide = "adding-a-study"

    another = forms.BooleanField(label="It is another study than these", required=False)

    def __init__(self, *args: Any, study: Study | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.study = study
        self.alike: list[Study] = []
        self.fields = {**column_fields(Study, STUDY_FIELDS), **self.fields}
        if study is None:
            del self.fields["why"]
            self.initial.setdefault("curated_on", timezone.now().date())
        title = self.data.get("title") if self.is_bound else self.initial.get("title")
        self.alike = papers.alike(str(title or ""), but=study)
        if not (self.alike and study is None):
            del self.fields["another"]
        self.fields["title"].widget.attrs["rows"] = 2
        self.fields["curated_on"].widget.attrs["class"] = "date"
        if not self.initial.get("title") and not study and not self.is_bound:
            self.fields["kind"].widget.attrs.pop("autofocus", None)
            self.fields["title"].widget.attrs["autofocus"] = True

    def _identifier(self, kind: str) -> str | None:
        typed: str = self.cleaned_data[kind] or ""
        if not typed:
            return None
        read = papers.read_identifier(typed if kind != "pmid" else f"pmid:{typed.lower().removeprefix('pmid:')}")
        # Of a longer text a part would be read, and the rest lost without a word.
        whole = typed.strip().lower().removeprefix(f"{kind}:").strip()
        if read is None or read.kind != kind or any(map(str.isspace, whole)) or '"' in whole:
            raise ValidationError(EXAMPLES[kind].format(typed))
        return read.value

    def clean_pmid(self) -> str | None:
        return self._identifier("pmid")

    def clean_pmcid(self) -> str | None:
        return self._identifier("pmcid")

    def clean_doi(self) -> str | None:
        return self._identifier("doi")

    def clean_nct(self) -> str | None:
        return self._identifier("nct")

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if year > timezone.now().year + 1:
            raise ValidationError(f"{year} has not come yet.")
        return year

    def clean_curated_on(self) -> date:
        return must_have_come(self.cleaned_data["curated_on"])

    def clean_pages_read(self) -> list[str]:
        pages: list[str] = self.cleaned_data["pages_read"]
        for page in pages:
            URLValidator(("http", "https"), message=f"“{page[:60]}” is not an address.")(page)
        return pages

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._must_be_one_study(cleaned)
        if self.alike and not self.study and not cleaned.get("another"):
            self.add_error(None, "A study with nearly this title is here already: look at it first.")
        return cleaned

    def _must_be_one_study(self, cleaned: Mapping[str, Any]) -> None:
        found = False
        for kind in papers.IDENTIFIERS:
            value = cleaned.get(kind)
            found = found or bool(value) or kind in self.errors
            other = papers.known({kind: value}) if value else None
            if other and other != self.study:
                self.add_error(kind, f"{other.accession} ({other}) has this {kind.upper()}: it is the same study.")
        if not found:
            self.add_error(None, "A study needs a PMID, PMCID, DOI or NCT number.")

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in STUDY_FIELDS}


STUDY_FIELDS = (
    *("kind", "title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct"),
    *("depth", "curated_on", "pages_read"),
)
EXAMPLES = {
    "pmid": "“{}” is no PMID: a PMID is a number such as 28646161.",
    "pmcid": "“{}” is no PMCID: a PMCID looks like PMC5482839.",
    "doi": "“{}” is no DOI: a DOI looks like 10.1038/s41598-017-04386-1.",
    "nct": "“{}” is no NCT number: it looks like NCT03235687.",
}


def study_values(study: Study) -> dict[str, Any]:
    """What a study says, as its form holds it."""
    return {name: getattr(study, name) for name in STUDY_FIELDS}


# --- a preparation ----------------------------------------------------------------------------------------------------

OWN = ("term", "vesicle_class", "loading", "surface", *EV_METRIC)
LISTS = ("isolation", "methods", "markers_positive", "markers_negative")
DESCRIBED = ("source_name", "source_category", "source_material", *(f"source_{name}" for name in SOURCE_NAMES))


class PreparationForm(EntryForm):
    """The vesicles as the study made them, of a source that is there or one described here."""

    layout = (
        ("The vesicles", ("term", "vesicle_class", "engineered", "loading", "surface"), "pairs"),
        ("Their source", ("source",), ""),
        ("… or a source that is not in ExoDB yet", DESCRIBED, "folded"),
        ("Methods", LISTS, "pairs"),
        ("EV-METRIC: does the study report it?", tuple(EV_METRIC), "metric"),
        ("", ("why",), ""),
    )
    first = "term"
    aside = ("why", *DESCRIBED)
    guide = "preparations"

    source = SourceField(
        label="Source", required=False, help_text="What released the vesicles: name or accession.", max_length=400
    )
    engineered = forms.TypedChoiceField(
        choices=[("", "- Select an option -"), ("no", "no"), ("yes", "yes")], coerce=lambda value: value == "yes"
    )

    def __init__(self, *args: Any, made: Preparation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = column_fields(Preparation, (*OWN, *LISTS))
        described = column_fields(VesicleSource, ("name", "category", "material"))
        for name in LISTS:
            inner = own[name]
            inner.help_text = ""
            own[name] = Reported(inner)  # type: ignore[arg-type]
        for name in EV_METRIC:
            own[name].help_text = ""
        self.fields |= own
        self.fields |= {f"source_{name}": field for name, field in described.items()}
        self.fields |= {
            f"source_{name}": NamesField(kind=NameKind(name), label=str(NameKind(name).label).capitalize())
            for name in SOURCE_NAMES
        }
        for name in DESCRIBED:
            self.fields[name].required = False
        self.fields["source"].widget.attrs["data-suggest"] = "source"
        self.fields["term"].widget.attrs["list"] = "terms-of-vesicles"
        if made is None:
            del self.fields["why"]
        # A new row starts from what the columns start from.
        for name in ("vesicle_class", *EV_METRIC):
            self.initial.setdefault(name, "not_curated")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        new = any(cleaned.get(name) for name in DESCRIBED)
        if cleaned.get("source") and new:
            self.add_error("source", "Either a source that is there, or a new one described below: empty one of them.")
        elif not cleaned.get("source") and not new and "source" not in self.errors:
            self.add_error("source", "Choose the source of the vesicles, or describe it below.")
        elif new:
            self._must_be_described(cleaned)
        return cleaned

    def _must_be_described(self, cleaned: Mapping[str, Any]) -> None:
        for name in ("source_name", "source_category", "source_material", "source_species"):
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "A new source needs this.")
        self._ask({f"source_{name}": cleaned.get(f"source_{name}") or [] for name in SOURCE_NAMES})

    @property
    def values(self) -> dict[str, Any]:
        own = {name: self.cleaned_data[name] for name in (*OWN, *LISTS, "engineered")}
        source: VesicleSource | None = self.cleaned_data["source"]
        return {**own, "source_id": source.pk} if source else own

    @property
    def described(self) -> SourceEntered | None:
        """The source that is described, if none was chosen."""
        if self.cleaned_data["source"]:
            return None
        names = {name: entered for name in SOURCE_NAMES if (entered := self.cleaned_data[f"source_{name}"])}
        return SourceEntered(
            self.cleaned_data["source_name"],
            self.cleaned_data["source_category"],
            self.cleaned_data["source_material"],
            {name: entered[0] for name, entered in names.items()},
        )


def preparation_values(made: Preparation) -> dict[str, Any]:
    """What a preparation says, as its form holds it."""
    values = {name: getattr(made, name) for name in (*OWN, *LISTS, "source")}
    return {**values, "engineered": "yes" if made.engineered else "no"}
