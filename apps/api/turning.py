"""Healing that turns, for programs."""

from __future__ import annotations

from collections.abc import Collection
from typing import override

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import schema
from apps.api.problems import refused
from apps.api.problems import shown as quoted
from apps.api.validators import Reading
from apps.synthesis.turning import ORGANS, Side, turning


class TurningSideSerializer(serializers.Serializer):
    """One side."""

    count = serializers.IntegerField(source="total", min_value=0)
    claims = serializers.SerializerMethodField(help_text="Accessions, the strongest first; at most 25.")

    def get_claims(self, side: Side) -> list[str]:
        return [claim.accession for claim in side.claims]


class TurningSerializer(serializers.Serializer):
    """What repairs a tissue, and what the same sources and cargos do to its cancer."""

    tissue = serializers.CharField(source="organ.curie", help_text="Term of the tissue.")
    cancers = serializers.ListField(source="organ.cancers", child=serializers.CharField(), help_text="Their terms.")
    sources = serializers.ListField(child=serializers.CharField(), help_text="Kinds of sources that repair it.")
    cargos = serializers.ListField(child=serializers.CharField(), help_text="Cargos that repair it.")
    heals = TurningSideSerializer(help_text="Repairs the tissue.")
    feeds = TurningSideSerializer(help_text="Feeds its cancer.")
    holds_back = TurningSideSerializer(help_text="Holds its cancer back.")


class Turning(Reading):
    """What repairs a tissue, beside what the same sources and cargos do to its cancer."""

    @override
    def known_parameters(self) -> Collection[str]:
        return ("tissue",)

    @extend_schema(
        operation_id="turning",
        summary="What heals a tissue, beside what it does to cancer there",
        parameters=[OpenApiParameter("tissue", str, enum=list(ORGANS), required=True, description="Tissue.")],
        responses=schema.answers(TurningSerializer),
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params.get("tissue", "")
        if asked not in ORGANS:
            message = f"tissue: {quoted(asked)} is none of {', '.join(ORGANS)}."
            raise refused([{"field": "tissue", "value": quoted(asked), "message": message}])
        return Response(TurningSerializer(turning(ORGANS[asked])).data)
