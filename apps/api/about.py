"""The addresses of the API that are about it as a whole, and what answers where nothing is."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any, ClassVar, override

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.api import schema, stats
from apps.api.problems import missing, refused, shown
from apps.api.serializers.releases import StatsSerializer
from apps.api.serializers.suggestions import SuggestionsSerializer
from apps.api.validators import Reading
from apps.finding import suggesting


class AddressesSerializer(serializers.Serializer):
    """The addresses of the API."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {name: serializers.URLField(read_only=True) for name in Root.views}


class Root(Reading):
    """The addresses of the API."""

    of_evidence = False
    views: ClassVar[dict[str, str]] = {
        "claims": "claim-list",
        "studies": "study-list",
        "notices": "notice-list",
        "sources": "source-list",
        "preparations": "preparation-list",
        "cargos": "cargo-list",
        "terms": "term-list",
        "releases": "release-list",
        "balance": "balance",
        "contradictions": "contradiction-list",
        "propositions": "propositions",
        "turning": "turning",
        "gaps": "gaps",
        "changes": "change-list",
        "meta_analysis": "meta-analyses",
        "stats": "stats",
        "suggest": "suggest",
        "drafts": "drafts",
        "openapi": "openapi",
        "docs": "docs",
    }

    @extend_schema(responses=schema.answers(AddressesSerializer))
    def get(self, request: Request) -> Response:
        return Response({name: reverse(f"api:{view}", request=request) for name, view in self.views.items()})


class Stats(Reading):
    """How much there is, by kind, edge, aspect, level and status."""

    @extend_schema(responses=schema.answers(StatsSerializer))
    def get(self, request: Request) -> Response:
        return Response(StatsSerializer(stats.current(), context={"request": request}).data)


class Suggest(Reading):
    """Names of accepted evidence that begin as typed (cargos, diseases, therapies, sources, targets, studies)."""

    @override
    def known_parameters(self) -> Collection[str]:
        return ("q",)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "q",
                str,
                required=True,
                description=f"What was typed so far; suggestions begin at {suggesting.SHORTEST} letters. "
                "Spelling, hyphens and Greek letters do not count.",
            )
        ],
        responses=schema.answers(SuggestionsSerializer),
    )
    def get(self, request: Request) -> Response:
        if "q" not in request.query_params:
            raise refused([{"field": "q", "message": "q is missing: say what was typed, as in ?q=cispl."}])
        rest, suggestions = suggesting.suggest(request.query_params["q"])
        return Response(SuggestionsSerializer({"rest": rest, "suggestions": suggestions}).data)


class OpenApi(Reading):
    """This API as OpenAPI 3.1 describes it."""

    of_evidence = False
    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer)

    @extend_schema(responses=schema.answers(OpenApiTypes.OBJECT))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response(schema.document())


class Nothing(APIView):
    """Every other address below /api/."""

    schema = None

    @override
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.check_throttles(request)
        raise missing(f"Nothing is at {shown(request.path)}. The addresses of the API are at {reverse('api:root')}.")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference, to read and to try in a browser."""
    return render(request, "api/docs.html")


def anything_else(request: HttpRequest, rest: str) -> HttpResponse:
    """Send an address that lacks only its last slash there; all others lead nowhere."""
    if request.method in {"GET", "HEAD"} and not rest.endswith("/") and _leads_somewhere(f"{request.path_info}/"):
        return HttpResponse(
            status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": request.get_full_path(force_append_slash=True)}
        )
    return Nothing.as_view()(request)


def _leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).func is not anything_else
    except Resolver404:
        return False
