"""What claims say together, for programs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, override

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api import reads, schema
from apps.api.filters import Filter, FilterBackend
from apps.api.filtersets import ClaimFilters
from apps.api.parameters import KnownParameters
from apps.api.serializers.synthesis import BalanceSerializer
from apps.synthesis import balance

ALLOWED = ["get", "head", "options"]


class SetFilters(ClaimFilters):
    """A set of claims: the filters of their list, but for the order."""

    @classmethod
    @override
    def get_filters(cls) -> dict[str, Filter]:
        return {name: each for name, each in super().get_filters().items() if name != "ordering"}


class Balance(KnownParameters):
    """Harm against benefit over a set of claims."""

    http_method_names = ALLOWED
    filterset_class = SetFilters

    @override
    def known_parameters(self) -> Collection[str]:
        return list(self.filterset_class.base_filters)

    @extend_schema(
        operation_id="balance",
        summary="The balance of the claims that the filters leave",
        responses=schema.answers(BalanceSerializer),
    )
    def get(self, request: Request) -> Response:
        claims: Any = FilterBackend().filter_queryset(request, reads.claims(), self)
        query = request.META.get("QUERY_STRING", "")
        address = reverse("api:claim-list", request=request) + (f"?{query}" if query else "")
        return Response(BalanceSerializer(balance.of(claims), context={"claims": address}).data)
