"""Claims, their measures, and how they came to be accepted."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.fields import Address, Page, Stated
from apps.api.serializers.studies import StudyCompact
from apps.api.serializers.terms import NameSerializer
from apps.api.serializers.vesicles import CargoCompact, PreparationCompact, SourceCompact
from apps.claims.models import LADDER, Claim, Level, Measure, Model, PRelation, Shown

RUNGS = (*LADDER, "animal", "patients")
SHOWN_BY_LABEL = {str(shown.label): shown.value for shown in Shown}


class LevelSerializer(serializers.Serializer):
    """The level that holds and why; beside it what was computed, and what a curator set instead."""

    level = serializers.ChoiceField(Level.choices, read_only=True)
    reason = serializers.SerializerMethodField(help_text="Why it is this level.")
    computed = serializers.ChoiceField(Level.choices, source="level_computed", read_only=True)
    computed_reason = serializers.CharField(source="level_reason", read_only=True)
    override = Stated("The level that a curator set by hand; null where none was.", source="level_override")
    override_reason = Stated("Why it was set by hand; null where it was not.", source="level_override_reason")

    def get_reason(self, claim: Claim) -> str:
        return claim.level_override_reason or claim.level_reason


class MeasureSerializer(serializers.ModelSerializer[Measure]):
    """A number that the claim rests on. What the study does not state is null."""

    p_relation = serializers.ChoiceField(
        PRelation.choices, read_only=True, allow_null=True, help_text="How p is given: p < 0.05 has <. Null without p."
    )
    note = Stated("What the study says beside the number; null where nothing.")

    class Meta:
        model = Measure
        fields = ("name", "value", "ci_low", "ci_high", "p", "p_relation", "n_cases", "n_controls", "n", "note")
        read_only_fields = fields

    def to_representation(self, instance: Measure) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "p_relation": shown["p_relation"] or None}


class Accepted(serializers.Serializer):
    """When and how the claim became public: by the review of a second person, or as part of a release."""

    at = serializers.DateTimeField(source="accepted_at", read_only=True)
    how = serializers.SerializerMethodField()
    release = serializers.CharField(
        source="accepted_with.number", default=None, read_only=True, allow_null=True, help_text="Null after a review."
    )
    reviewer = Stated(
        "The reviewer's public name; null where they show none, and in a release.",
        source="accepted_by.public_name",
        default=None,
    )

    @extend_schema_field({"type": "string", "enum": ["review", "release"]})
    def get_how(self, claim: Claim) -> str:
        return "release" if claim.accepted_with_id else "review"


class Ladder(serializers.Serializer):
    """How far the vesicle was shown to be the cause, from seeing the cargo in it to patients."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {rung: serializers.ChoiceField(Shown.choices, read_only=True) for rung in RUNGS}

    def to_representation(self, instance: Claim) -> dict[str, str]:
        return {rung: SHOWN_BY_LABEL[label] for rung, (_, label) in zip(RUNGS, instance.ladder, strict=True)}


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """The atomic piece of evidence: what vesicles were shown to do, in one study.

    `cargo` is null where the claim is about the vesicle as a whole, `recipient` where the study states none.
    """

    url = Address("claim")
    page = Page()
    version = serializers.IntegerField(read_only=True, min_value=1, help_text="Grows by one with each revision.")
    key = serializers.CharField(read_only=True, help_text="Its name within the study's document.")
    statement = serializers.CharField(read_only=True, help_text="The claim in ExoDB's own words.")
    level = LevelSerializer(source="*", read_only=True)
    disease = NameSerializer(read_only=True)
    recipient = NameSerializer(read_only=True, allow_null=True)
    therapies = NameSerializer(
        source="therapy_names", many=True, read_only=True, help_text="Drugs and treatments that it concerns."
    )
    targets = NameSerializer(
        source="target_names", many=True, read_only=True, help_text="Genes and pathways given as the mechanism."
    )
    models = serializers.ListField(child=serializers.ChoiceField(Model.choices), source="models_used", read_only=True)
    ladder = Ladder(source="*", read_only=True)
    measures = MeasureSerializer(many=True, read_only=True)
    accepted = Accepted(source="*", read_only=True)
    releases: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(
        "number", many=True, read_only=True, help_text="The releases that hold this version."
    )
    study = StudyCompact(source="preparation.study", read_only=True)
    preparation = PreparationCompact(read_only=True)
    source = SourceCompact(source="preparation.source", read_only=True)  # type: ignore[assignment]
    cargo = CargoCompact(read_only=True, allow_null=True)

    class Meta:
        model = Claim
        fields = (
            *("accession", "version", "url", "page", "key", "statement", "aspect", "effect", "outcome", "edge"),
            *("level", "disease", "recipient", "therapies", "targets", "models", "validation", "ladder"),
            *("measures", "locator", "accepted", "releases", "study", "preparation", "source", "cargo"),
        )
        read_only_fields = fields
