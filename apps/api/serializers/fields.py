"""Fields that several records share."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse


class Stated(serializers.CharField):
    """Text; null where the study does not state it or nobody has curated it, never an empty string."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, help_text=says, **options)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        return value or None


class Address(serializers.HyperlinkedIdentityField):
    """Where the API has the record."""

    def __init__(self, view: str, lookup: str = "accession") -> None:
        says = "Address of the full record in this API."
        super().__init__(view_name=f"api:{view}-detail", lookup_field=lookup, help_text=says)


@extend_schema_field(OpenApiTypes.URI)
class Page(serializers.Field):
    """Where a person reads the record."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True, help_text="Address of the record's page, for people.")

    def to_representation(self, value: Any) -> str:
        return self.context["request"].build_absolute_uri(value.get_absolute_url())


@extend_schema_field(OpenApiTypes.URI)
class Listing(serializers.Field):
    """A list of this API, filtered by the record at hand."""

    def __init__(self, view: str, parameter: str, lookup: str = "accession") -> None:
        self.view, self.parameter, self.lookup = view, parameter, lookup
        super().__init__(source="*", read_only=True, help_text=f"List of the {view}s with this {parameter}.")

    def to_representation(self, value: Any) -> str:
        address = reverse(f"api:{self.view}-list", request=self.context["request"])
        return f"{address}?{urlencode({self.parameter: getattr(value, self.lookup)})}"


@extend_schema_field({"type": ["string", "null"], "format": "uri"})
class Outside(serializers.Field):
    """The record elsewhere, made from an identifier."""

    def __init__(self, identifier: str, prefix: str, where: str) -> None:
        self.identifier, self.prefix = identifier, prefix
        super().__init__(source="*", read_only=True, help_text=f"The record at {where}; null without the identifier.")

    def to_representation(self, value: Any) -> str | None:
        identifier = getattr(value, self.identifier)
        return f"{self.prefix}{identifier}" if identifier else None


class Count(serializers.IntegerField):
    """A number that `apps.api.reads` counted."""

    def __init__(self, says: str, **options: Any) -> None:
        super().__init__(read_only=True, min_value=0, help_text=says, **options)
