"""Neighbours in full: the parameter `expand`, for lists and for records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, override

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from apps.api.parameters import KnownParameters
from apps.api.problems import Fault, refused, shown

# How the records of a kind are read, and what each of them says.
Neighbour = tuple[Callable[[], QuerySet[Any]], type[serializers.Serializer]]
Document = dict[str, Any]


def chosen(request: Request, name: str, known: Collection[str]) -> list[str]:
    """The values of a parameter that takes names, separated by commas or repeated; every unknown one is a fault."""
    given = [part.strip() for text in request.query_params.getlist(name) for part in text.split(",")]
    faults = [_unknown(name, each, known) for each in given if each not in known]
    if faults:
        raise refused(faults)
    return list(dict.fromkeys(given))


def _unknown(name: str, value: str, known: Collection[str]) -> Fault:
    near = get_close_matches(value[:100], known, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
    return {"field": name, "value": shown(value), "message": f"{name}: {shown(value)!r} is not known here. {hint}"}


def names_parameter(name: str, known: Collection[str], says: str) -> OpenApiParameter:
    """Such a parameter as OpenAPI describes it."""
    return OpenApiParameter(
        name, OpenApiTypes.STR, enum=list(known), many=True, style="form", explode=False, description=says
    )


class Expanding(KnownParameters):
    """Records that name neighbours in short, and hold them in full where that is asked for."""

    neighbours: ClassVar[Mapping[str, Neighbour]] = {}

    @override
    def known_parameters(self) -> Collection[str]:
        return [*super().known_parameters(), *(["expand"] if self.neighbours else [])]

    @property
    def expanded(self) -> list[str]:
        """The neighbours that are asked for in full."""
        return chosen(self.request, "expand", self.neighbours)

    def with_neighbours(self, documents: list[Document]) -> list[Document]:
        """The documents, each neighbour asked for as its own address has it: a query for each kind, and its own."""
        for name in self.expanded:
            read, serializer = self.neighbours[name]
            wanted = {document[name]["accession"] for document in documents if document[name]}
            records = read().filter(accession__in=wanted)
            full = {each["accession"]: each for each in serializer(records, many=True, context=self._context).data}
            for document in documents:
                if document[name]:
                    # What it says in short it says still: a client finds it where it was.
                    document[name] = {**document[name], **full.get(document[name]["accession"], {})}
        return documents

    @property
    def _context(self) -> dict[str, Any]:
        return {"request": self.request, "view": self}

    @property
    def expand_parameter(self) -> list[OpenApiParameter]:
        """The parameter as OpenAPI describes it."""
        if not self.neighbours:
            return []
        says = "Neighbours in full, as their own addresses have them: what they say in short stays."
        return [names_parameter("expand", self.neighbours, says)]
