"""What moved, for programs."""

from __future__ import annotations

from typing import Any, override

import django_filters
from rest_framework import serializers

from apps.api.filters import Choice, Day, Filter, accession
from apps.api.filtersets import CURIE, first, one_of
from apps.api.views import Listed
from apps.records.models import Kind
from apps.synthesis.models import Move


class ChangeSerializer(serializers.ModelSerializer[Move]):
    """That a balance or a contradiction became another, and by which claims."""

    because = serializers.ListField(
        child=serializers.CharField(), help_text="Claims that it came by, and what became of each; at most five."
    )

    class Meta:
        model = Move
        fields = (
            *("at", "of", "key", "subject", "cargo", "disease", "curie", "before", "after"),
            *("count_before", "count_after", "because", "more"),
        )
        read_only_fields = fields


class ChangeFilters(django_filters.FilterSet):
    of = Filter(Choice(Move.Of.values), one_of("of"), says="Of what.")
    cargo = Filter(accession(Kind.CARGO), one_of("cargo"), says="Of that cargo.")
    disease = Filter(CURIE, one_of("curie"), says="In that disease, as the balance or contradiction names it.")
    as_of = Filter(Day(), first("at__date__lte"), says="What had moved when that day ended, in UTC.", many=False)


class Changes(Listed):
    """What moved: balances of cargos in diseases, and contradictions. The newest first."""

    serializer_class = ChangeSerializer
    filterset_class = ChangeFilters

    @override
    def get_queryset(self) -> Any:
        return Move.objects.newest()
