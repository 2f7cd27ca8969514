"""Gaps, for programs."""

from __future__ import annotations

from collections.abc import Collection
from typing import override
from urllib.parse import urlencode

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api import schema
from apps.api.paging import Pages
from apps.api.problems import refused
from apps.api.problems import shown as quoted
from apps.api.validators import Reading
from apps.finding.remembering import remembered
from apps.synthesis.unknown import Gap, Open, gaps


class GapSerializer(serializers.Serializer):
    """What is known of what, in so few claims."""

    kind = serializers.ChoiceField(Gap.choices)
    subject = serializers.CharField(help_text="The cargo, the drug or the cell type.")
    subject_key = serializers.CharField(help_text="Its accession or CURIE.")
    disease = serializers.CharField(help_text="Empty where the gap is about no disease.")
    curie = serializers.CharField(help_text="Term of the disease.")
    claims = serializers.IntegerField(min_value=0)
    studies = serializers.IntegerField(min_value=0)
    address = serializers.SerializerMethodField(help_text="Address of the claims behind it.")

    def get_address(self, gap: Open) -> str:
        address = reverse("api:claim-list", request=self.context["request"])
        return f"{address}?{urlencode(gap.asks, doseq=True)}"


class GapsSerializer(serializers.Serializer):
    """A page of gaps."""

    count = serializers.IntegerField(min_value=0)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = GapSerializer(many=True)


class Gaps(Reading):
    """What accepted evidence leaves open; what is studied most first."""

    @override
    def known_parameters(self) -> Collection[str]:
        return ("kind", "page", "page_size")

    @extend_schema(
        operation_id="listGaps",
        summary="What nobody has shown yet, of one kind",
        parameters=[
            OpenApiParameter("kind", str, enum=Gap.values, required=True, description="Kind of gap."),
            OpenApiParameter("page", int, description="The page, from 1. A page beyond the last is 404."),
            OpenApiParameter("page_size", int, description="Gaps to a page, at most 200."),
        ],
        responses=schema.answers(GapsSerializer, {404: schema.problem("The page is beyond the last.")}),
    )
    def get(self, request: Request) -> Response:
        kind = _kind(request)
        pages = Pages()
        rows = pages.paginate_queryset(remembered(f"gaps {kind}", lambda: gaps(kind)), request, self)
        return pages.get_paginated_response(GapSerializer(rows, many=True, context={"request": request}).data)


def _kind(request: Request) -> Gap:
    given = request.query_params.get("kind", "")
    if given not in Gap.values:
        message = f"kind: {quoted(given)} is none of {', '.join(Gap.values)}."
        raise refused([{"field": "kind", "value": quoted(given), "message": message}])
    return Gap(given)
