"""The form of a claim, in the order of its sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms

from apps.claims.content import MEASURE_COLUMNS
from apps.claims.models import LADDER, Claim
from apps.curation.entering import ClaimEntered
from apps.curation.names import Entered, entered_as
from apps.desk.entry.fields import column_fields
from apps.desk.entry.forms import EntryForm
from apps.desk.entry.rows import CargoField, MeasuresField, NamesField, meaning_of, rows_of
from apps.terms.models import Name, NameKind
from apps.vesicles.models import Preparation

COLUMNS = (
    *("effect", "outcome", "aspect", "edge", "statement", "locator", "models_used"),
    *("validation", *LADDER, "level_override", "level_override_reason"),
)
# What a similar claim of the same paper has in common.
SAME = ("preparation", "disease", "recipient", "models_used", "therapies")


class ClaimForm(EntryForm):
    """A claim, in the order of its sentence."""

    layout = (
        ("What was shown", ("preparation", "cargo", "effect", "outcome", "aspect", "edge"), "pairs"),
        ("In what", ("disease", "recipient", "therapies", "targets"), "pairs"),
        ("In words", ("statement", "locator"), ""),
        ("How it was shown", ("models_used", "validation", *LADDER), "rungs"),
        ("Measures", ("measures",), ""),
        ("Level by hand", ("level_override", "level_override_reason"), "folded row"),
        ("", ("note", "why"), ""),
    )
    first = "cargo"
    aside = ("why", "note")
    guide = "claims-and-measures"

    cargo = CargoField(required=False, help_text=str(Claim._meta.get_field("cargo").help_text))  # noqa: SLF001
    disease = NamesField(kind=NameKind.DISEASE)
    recipient = NamesField(kind=NameKind.RECIPIENT, required=False, help_text="whom the vesicles act on")
    therapies = NamesField(kind=NameKind.THERAPY, several=True, required=False, help_text="drugs and treatments")
    targets = NamesField(
        kind=NameKind.TARGET, several=True, required=False, help_text="genes, pathways, processes it goes through"
    )
    measures = MeasuresField(required=False, help_text="p as 0.03 or <0.001; leave empty what the study does not give")
    note = forms.CharField(
        label="Note to the vocabulary work list",
        help_text="For names left as written: what an editor should know.",
        max_length=500,
        required=False,
    )

    def __init__(self, *args: Any, preparations: Collection[Preparation], claim: Claim | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = column_fields(Claim, COLUMNS)
        choices = [(made.pk, f"{made.key}: {made}") for made in preparations]
        self.fields = {
            "preparation": forms.TypedChoiceField(
                choices=choices if len(choices) == 1 else [("", "- Select an option -"), *choices],
                coerce=int,
                help_text="the vesicles that the claim is about",
            ),
            **own,
            **self.fields,
        }
        self.fields["statement"].widget.attrs |= {"rows": 3}
        self.fields["locator"].widget.attrs["list"] = "places-in-papers"
        for name in ("validation", *LADDER):
            self.initial.setdefault(name, "not_curated")
        if claim is None:
            del self.fields["why"]

    def know(self, meanings: Mapping[Entered, str]) -> None:
        """What the names mean that the record has already."""
        for name in ("disease", "recipient", "therapies", "targets"):
            self.fields[name].widget.meanings = meanings

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._ask({name: cleaned.get(name) or [] for name in ("disease", "recipient", "therapies", "targets")})
        by_hand, reason = cleaned.get("level_override"), cleaned.get("level_override_reason")
        if by_hand and not reason:
            self.add_error("level_override_reason", "To set a level by hand takes a written reason.")
        if reason and not by_hand and "level_override" not in self.errors:
            self.add_error("level_override", "Choose the level that the reason is for, or empty the reason.")
        return cleaned

    @property
    def entered(self) -> ClaimEntered:
        cleaned = self.cleaned_data
        return ClaimEntered(
            columns={**{name: cleaned[name] for name in COLUMNS}, "preparation_id": cleaned["preparation"]},
            disease=cleaned["disease"][0],
            recipient=next(iter(cleaned["recipient"]), None),
            therapies=tuple(cleaned["therapies"]),
            targets=tuple(cleaned["targets"]),
            cargo=cleaned["cargo"],
            measures=tuple(cleaned["measures"]),
            note=cleaned["note"],
        )


def claim_values(claim: Claim) -> dict[str, Any]:
    """What a claim says, as its form holds it."""
    own = {name: getattr(claim, name) for name in COLUMNS}
    measures = [{column: getattr(row, column) for column in MEASURE_COLUMNS} for row in claim.measures.all()]
    return {
        **own,
        "preparation": claim.preparation_id,
        "cargo": (claim.cargo.kind, claim.cargo.name) if claim.cargo else None,
        "disease": [entered_as(claim.disease)],
        "recipient": [entered_as(claim.recipient)] if claim.recipient else [],
        "therapies": [entered_as(name) for name in claim.therapy_names],
        "targets": [entered_as(name) for name in claim.target_names],
        "measures": rows_of(measures),
    }


def names_of(claim: Claim) -> list[Name]:
    own = [claim.disease, *claim.therapy_names, *claim.target_names]
    return [*own, claim.recipient] if claim.recipient else own


def meanings_of(claim: Claim) -> dict[Entered, str]:
    """What the names of a claim mean, for the lines beside the inputs."""
    return {entered_as(name): meaning_of(name) for name in names_of(claim)}
