"""Sources, preparations and cargos."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.serializers.fields import Address, Count, Listing, Page, Stated
from apps.api.serializers.studies import StudyCompact
from apps.api.serializers.terms import NameSerializer
from apps.vesicles.models import (
    EV_METRIC,
    Cargo,
    CargoXref,
    Characterisation,
    Isolation,
    Preparation,
    Reported,
    VesicleClass,
    VesicleSource,
)


class SourceCompact(serializers.ModelSerializer[VesicleSource]):
    """A source as another record names it."""

    url = Address("source")
    page = Page()

    class Meta:
        model = VesicleSource
        fields = ("accession", "url", "page", "name", "category")
        read_only_fields = fields


class SourceLinks(serializers.Serializer):
    claims = Listing("claim", "source")
    preparations = Listing("preparation", "source")


class SourceSerializer(serializers.ModelSerializer[VesicleSource]):
    """What released the vesicles. A name is null where the study gives none or nobody has curated it."""

    url = Address("source")
    page = Page()
    species = NameSerializer(read_only=True)
    cell_line = NameSerializer(read_only=True, allow_null=True)
    cell_type = NameSerializer(read_only=True, allow_null=True)
    tissue = NameSerializer(read_only=True, allow_null=True)
    disease = NameSerializer(read_only=True, allow_null=True)
    claim_count = Count("Accepted claims about vesicles of this source.")
    links = SourceLinks(source="*", read_only=True)

    class Meta:
        model = VesicleSource
        fields = (
            *("accession", "url", "page", "name", "category", "material", "species", "cell_line", "cell_type"),
            *("tissue", "disease", "claim_count", "links"),
        )
        read_only_fields = fields


class Vesicle(serializers.ModelSerializer[Preparation]):
    """The vesicles themselves. `term` is the authors' word, `class` the class of MISEV2023."""

    loading = Stated("What was loaded and how, where engineered; null where not stated.")
    surface = Stated("What was put on the surface, where engineered; null where not stated.")

    class Meta:
        model = Preparation
        fields = ("term", "engineered", "loading", "surface")
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Also `class`, which no attribute can be named."""
        fields = super().get_fields()
        fields["class"] = serializers.ChoiceField(VesicleClass.choices, source="vesicle_class", read_only=True)
        return fields


def curated_list(says: str, **options: Any) -> serializers.ListField:
    """A list of what the study gives; null where nobody has curated it."""
    return serializers.ListField(
        read_only=True, allow_null=True, help_text=f"{says} null where nobody has curated it.", **options
    )


class CharacterisationSerializer(serializers.Serializer):
    """How the vesicles were characterised."""

    methods = curated_list("Methods;", child=serializers.ChoiceField(Characterisation.choices))
    markers_positive = curated_list("Markers shown to be there;", child=serializers.CharField())
    markers_negative = curated_list("Markers shown to be absent;", child=serializers.CharField())


class MetricItem(serializers.Serializer):
    """One of the nine items of EV-METRIC."""

    item = serializers.CharField(read_only=True)
    asks = serializers.CharField(read_only=True)
    value = serializers.ChoiceField(Reported.choices, read_only=True)


class EvMetric(serializers.Serializer):
    """How completely the methods were reported: not whether the conclusion is true."""

    items = serializers.SerializerMethodField()
    reported = Count("Items that the study reports.", source="metric_reported")
    curated = Count("Items that were curated and apply: those that the score is over.", source="metric_curated")
    score = serializers.FloatField(
        source="reporting_score",
        read_only=True,
        allow_null=True,
        min_value=0,
        max_value=1,
        help_text="reported / curated; null where nothing was curated.",
    )

    @extend_schema_field(MetricItem(many=True))
    def get_items(self, preparation: Preparation) -> list[dict[str, str]]:
        return [
            {"item": item.removeprefix("metric_"), "asks": asks, "value": getattr(preparation, item)}
            for item, asks in EV_METRIC.items()
        ]


class PreparationCompact(serializers.ModelSerializer[Preparation]):
    """A preparation as another record names it."""

    url = Address("preparation")
    page = Page()

    class Meta:
        model = Preparation
        fields = ("accession", "url", "page", "key", "term", "engineered")
        read_only_fields = fields


class PreparationLinks(serializers.Serializer):
    claims = Listing("claim", "preparation")


class PreparationSerializer(serializers.ModelSerializer[Preparation]):
    """The vesicles of one source as one study made them."""

    url = Address("preparation")
    page = Page()
    key = serializers.CharField(read_only=True, help_text="Its name within the study's document.")
    study = StudyCompact(read_only=True)
    source = SourceCompact(read_only=True)  # type: ignore[assignment]
    vesicle = Vesicle(source="*", read_only=True)
    isolation = curated_list("Methods of isolation;", child=serializers.ChoiceField(Isolation.choices))
    characterisation = CharacterisationSerializer(source="*", read_only=True)
    ev_metric = EvMetric(source="*", read_only=True)
    claim_count = Count("Accepted claims about this preparation.")
    links = PreparationLinks(source="*", read_only=True)

    class Meta:
        model = Preparation
        fields = (
            *("accession", "url", "page", "key", "study", "source", "vesicle", "isolation", "characterisation"),
            *("ev_metric", "claim_count", "links"),
        )
        read_only_fields = fields


class CargoCompact(serializers.ModelSerializer[Cargo]):
    """A cargo as another record names it."""

    url = Address("cargo")
    page = Page()

    class Meta:
        model = Cargo
        fields = ("accession", "url", "page", "kind", "name")
        read_only_fields = fields


class XrefSerializer(serializers.ModelSerializer[CargoXref]):
    """A cross-reference, and what it is to the cargo."""

    class Meta:
        model = CargoXref
        fields = ("curie", "relation")
        read_only_fields = fields


class CargoLinks(serializers.Serializer):
    claims = Listing("claim", "cargo")


class CargoSerializer(serializers.ModelSerializer[Cargo]):
    """A molecule or payload in or on vesicles, or a panel of several that was measured as one."""

    url = Address("cargo")
    page = Page()
    synonyms: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField("text", many=True, read_only=True)
    xrefs = XrefSerializer(many=True, read_only=True)
    ungrounded_reason = Stated("Why it has no cross-reference; null where it has some or nobody said.")
    members = serializers.SerializerMethodField(help_text="Of a panel: its members.")
    panels = serializers.SerializerMethodField(help_text="The panels that it is a member of.")
    claim_count = Count("Accepted claims about this cargo itself, its panels left out.")
    links = CargoLinks(source="*", read_only=True)

    class Meta:
        model = Cargo
        fields = (
            *("accession", "url", "page", "kind", "name", "synonyms", "xrefs", "ungrounded_reason", "members"),
            *("panels", "claim_count", "links"),
        )
        read_only_fields = fields

    @extend_schema_field(CargoCompact(many=True))
    def get_members(self, cargo: Cargo) -> list[dict[str, Any]]:
        return [self._compact.to_representation(each.member) for each in cargo.memberships.all()]

    @extend_schema_field(CargoCompact(many=True))
    def get_panels(self, cargo: Cargo) -> list[dict[str, Any]]:
        return [self._compact.to_representation(each.panel) for each in cargo.panel_memberships.all()]

    @cached_property
    def _compact(self) -> CargoCompact:
        return CargoCompact(context=self.context)
