"""The forms beside JSON in which lists and records are given: files, references, and JSON-LD."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, ClassVar, override

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.expanding import chosen, names_parameter
from apps.api.paging import PARAMETERS
from apps.api.problems import refused, shown
from apps.api.validators import Reading
from apps.api.written import Json
from apps.finding.downloads import MEDIA_TYPES

JSON_LD = "application/ld+json"
# Keys are read so many at a time, and kept: eight bytes each.
CHUNK = 10_000
WITH_COLUMNS = ("csv", "tsv", "jsonl")


class Form(Json):
    """Stands for a form when it is chosen. The view writes what is in it; what is refused is JSON in any form."""

    def __init__(self, name: str) -> None:
        self.format = name
        self.media_type = JSON_LD if name == "jsonld" else MEDIA_TYPES[name].partition(";")[0]


class ByFormat(DefaultContentNegotiation):
    """Chooses by the parameter `format`, else by Accept."""

    @override
    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        asked, offered = request.query_params.getlist("format"), list(renderers)
        if not asked or len(offered) == 1:
            return super().select_renderer(request, offered, format_suffix)
        for each in offered:
            if asked == [each.format]:
                return each, each.media_type
        message = f"format: {shown(','.join(asked))!r} is none of {', '.join(each.format for each in offered)}."
        raise refused([{"field": "format", "value": shown(",".join(asked)), "message": message}])


class InForms(Reading):
    """A list that can be had as a file, whole, and records that can be had in further forms."""

    content_negotiation_class = ByFormat
    detail: bool
    list_forms: ClassVar[tuple[str, ...]] = ()
    # What a file of the list has columns for.
    columns: ClassVar[Collection[str]] = ()
    record_forms: ClassVar[tuple[str, ...]] = ()

    @property
    def forms(self) -> tuple[str, ...]:
        return self.record_forms if self.detail else self.list_forms

    @property
    def form(self) -> str:
        """The form asked for."""
        return self.request.accepted_renderer.format

    @override
    def get_renderers(self) -> list[BaseRenderer]:
        return [Json(), *map(Form, self.forms)]

    @property
    def default_response_headers(self) -> dict[str, str]:
        headers: dict[str, str] = super().default_response_headers
        return {**headers, "Vary": "Accept"} if self.forms else headers

    @override
    def known_parameters(self) -> Collection[str]:
        known = [*super().known_parameters(), *(["format"] if self.forms else [])]
        return [*known, *(["fields"] if self._has_columns else [])]

    @property
    def _has_columns(self) -> bool:
        return bool(self.columns) and not self.detail

    @override
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        for name, forms, has in (("fields", WITH_COLUMNS, "columns"), ("expand", ("json",), "neighbours")):
            if name in request.query_params and self.form not in forms:
                message = (
                    f"{name}: {self.form} has no {has} to choose from; {', '.join(forms)} has: say format={forms[0]}."
                )
                raise refused([{"field": name, "message": message}])

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns asked for, in the order in which they were named; all where none was."""
        return tuple(chosen(self.request, "fields", self.columns) or self.columns)

    @property
    def fields_parameter(self) -> list[OpenApiParameter]:
        """The parameter as OpenAPI describes it."""
        says = f"The columns of the file, and their order; of {', '.join(WITH_COLUMNS)}."
        return [names_parameter("fields", self.columns, says)] if self._has_columns else []

    @property
    def format_parameter(self) -> list[OpenApiParameter]:
        """The parameter as OpenAPI describes it."""
        if not self.forms:
            return []
        says = "The form of the answer, before what Accept asks for."
        if not self.detail:
            says += " All but json is a file of all records, streamed, without pages."
        return [OpenApiParameter("format", str, enum=["json", *self.forms], default="json", description=says)]

    def file(
        self,
        records: QuerySet[Any],
        write: Callable[[Iterable[int]], Iterator[str]],
        name: str,
    ) -> HttpResponseBase:
        """All the records as a file in the form asked for."""
        faults = [name for name in PARAMETERS if name in self.request.query_params]
        if faults:
            says = "a file holds all records; it has no pages."
            raise refused([{"field": each, "message": f"{each}: {says}"} for each in faults])
        keys = records.prefetch_related(None).values_list("pk", flat=True).iterator(chunk_size=CHUNK)
        # Who asks for the head alone is not made to wait for a file that nobody reads.
        text = iter(()) if self.request.method == "HEAD" else write(keys)
        answer = StreamingHttpResponse(text, content_type=MEDIA_TYPES[self.form])
        answer["Content-Disposition"] = f'attachment; filename="exodb-{name}-{timezone.now():%Y-%m-%d}.{self.form}"'
        return answer

    def linked(self, answer: Response, link: Callable[[Any], dict[str, Any]]) -> Response:
        """The answer, as JSON-LD where that is asked for."""
        if self.form == "jsonld":
            answer.data = link(answer.data)
        return answer

    def whole(self, text: Iterator[str]) -> HttpResponse:
        """A file of one record."""
        return HttpResponse("".join(text), content_type=MEDIA_TYPES[self.form])

    @property
    def asked(self) -> dict[str, Any]:
        """What a file says of how it was asked for."""
        return {
            "search": self.request.build_absolute_uri(),
            "site": self.request.build_absolute_uri("/"),
            "now": timezone.now(),
        }
