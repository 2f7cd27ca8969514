"""What drf-spectacular can't see by itself: the errors of every address, and the names of what is described."""

from __future__ import annotations

from functools import cache
from typing import Any, override

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from apps.api.filters import FilterBackend
from apps.api.forms import JSON_LD, Form
from apps.api.problems import MEDIA_TYPE


class FaultSerializer(serializers.Serializer):
    """What is wrong with one parameter, or one field of the body."""

    field = serializers.CharField(help_text="The parameter; of a body, the path of the field: empty where all is.")
    pointer = serializers.CharField(
        required=False, help_text="Of a body of documents: where the field stands, as RFC 6901 writes it."
    )
    value = serializers.CharField(required=False, help_text="What was given, shortened where it is long.")
    message = serializers.CharField(help_text="Why it can't be taken, and what can.")


class ProblemSerializer(serializers.Serializer):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField(help_text="A URI; about:blank where the status says it all.")
    title = serializers.CharField(help_text="The status in words.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong with this request, as a sentence.")
    errors = FaultSerializer(many=True, help_text="At fault; empty where none is.")  # type: ignore[assignment]
    request_id = serializers.CharField(
        help_text="The name of the request, as in X-Request-ID: give it when you ask us."
    )


class WithdrawnSerializer(ProblemSerializer):
    """That a claim was public and is not any more, and why."""

    accession = serializers.CharField()
    withdrawn_at = serializers.DateTimeField()
    reason = serializers.CharField()


def problem(description: str, body: type[ProblemSerializer] = ProblemSerializer) -> OpenApiResponse:
    return OpenApiResponse(body, description)


def answers(body: Any, problems: dict[int, OpenApiResponse] | None = None) -> dict[Any, Any]:
    """The answers of an address: its body, and the problems that it may have."""
    bad = problem("A parameter is unknown here or has a value that can't be taken.")
    every = {400: bad, **(problems or {})}
    return {200: body, **{(status, MEDIA_TYPE): answer for status, answer in every.items()}}


FILE = OpenApiResponse(OpenApiTypes.STR)


class Described(AutoSchema):
    """Describes an operation with its errors (REST_FRAMEWORK's DEFAULT_SCHEMA_CLASS)."""

    @override
    def get_override_parameters(self) -> list[Any]:
        ours = ("format_parameter", "fields_parameter", "expand_parameter")
        return [*super().get_override_parameters(), *(each for name in ours for each in getattr(self.view, name, []))]

    @override
    def get_auth(self) -> list[dict[str, Any]]:
        """Nothing at all where no token is taken: generated clients would ask for one."""
        needed: list[dict[str, Any]] = super().get_auth()
        return [] if needed == [{}] else needed

    @override
    def map_renderers(self, attribute: str) -> list[Any]:
        """JSON alone: what else a view may answer with is described as such."""
        renderers = [each for each in self.view.get_renderers() if not isinstance(each, Form)]
        return [getattr(each, attribute) for each in renderers]

    @override
    def get_response_serializers(self) -> Any:
        described = self._in_json()
        if not isinstance(described, dict):
            return described
        others = [Form(name).media_type for name in getattr(self.view, "forms", ())]
        linked = OpenApiResponse(OpenApiTypes.OBJECT)
        return {**described, **{(200, each): linked if each == JSON_LD else FILE for each in others}}

    def _in_json(self) -> Any:
        found = super().get_response_serializers()
        moved = OpenApiResponse(ProblemSerializer, "The record was merged into the one at `Location`.")
        if self._is_list_view(found) and "{" in self.path:
            lacking = problem("No public record is known by that name, or the page is beyond the last.")
            return answers(found, {404: lacking, 301: moved})
        if self._is_list_view(found):
            return answers(found, {404: problem("The page is beyond the last.")})
        if not self.path.endswith("}/"):
            return answers(found)
        problems = {404: problem("No public record is known by that name."), 301: moved}
        if "/claims/" in self.path:
            problems[410] = problem("The claim was withdrawn.", WithdrawnSerializer)
        return answers(found, problems)

    @override
    def get_filter_backends(self) -> list[Any]:
        """Also of a view that tells of the set as a whole."""
        tells_of_set = hasattr(self.view, "filterset_class") and not hasattr(self.view, "basename")
        return [FilterBackend] if tells_of_set else super().get_filter_backends()

    @override
    def get_operation_id(self) -> str:
        """`listClaims`, `getClaim`: names that a generated client can live with."""
        return f"list{self._plural.title()}" if self._is_list_view() else f"get{self._name.title()}"

    @override
    def get_tags(self) -> list[str]:
        return [self._kind if hasattr(self.view, "basename") else "about"]

    @override
    def get_summary(self) -> str:
        if self._is_list_view():
            return f"All {self._plural}, filtered"
        return f"One {self._name}" if hasattr(self.view, "basename") else self._name.title()

    @property
    def _kind(self) -> str:
        """The kind of record, as the path has it: claims."""
        return self.path.removesuffix(".json").removeprefix("/api/v1/").partition("/")[0]

    @property
    def _plural(self) -> str:
        """What a list holds: the last word of its path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def _name(self) -> str:
        """One of the kind: claim."""
        return getattr(self.view, "basename", "") or self._kind or "root"


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document: the same for everybody for as long as the process lives."""
    return SchemaGenerator().get_schema(request=None, public=True)
