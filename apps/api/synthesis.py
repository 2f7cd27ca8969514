"""What claims say together, for programs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, override

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api import reads, schema
from apps.api.filters import Choice, Filter, FilterBackend, Filters, Words, accession
from apps.api.filtersets import CURIE, ClaimFilters, any_of, one_of
from apps.api.paging import Pages
from apps.api.problems import missing
from apps.api.problems import shown as quoted
from apps.api.serializers.synthesis import (
    AnalysesSerializer,
    AnalysisSerializer,
    BalanceSerializer,
    ContradictionSerializer,
    OneAnalysisSerializer,
    OneContradictionSerializer,
)
from apps.api.validators import Reading
from apps.api.views import Listed
from apps.finding.meaning import cargo_is
from apps.records.models import Kind
from apps.synthesis import balance, meta
from apps.synthesis.models import Contradiction
from apps.synthesis.questions import Question, SubjectKind
from apps.synthesis.showing import shown
from apps.terms.models import Term
from apps.vesicles.models import Cargo

ABSENT = schema.problem("No contradiction is known by that name.")


class SetFilters(ClaimFilters):
    """A set of claims: the filters of their list, but for the order."""

    @classmethod
    @override
    def get_filters(cls) -> dict[str, Filter]:
        return {name: each for name, each in super().get_filters().items() if name != "ordering"}


class Balance(Reading):
    """Harm against benefit over a set of claims."""

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


class ContradictionFilters(Filters):
    question = Filter(Choice(Question.values), one_of("question"), says="On what.")
    subject_kind = Filter(Choice(SubjectKind.values), one_of("subject_kind"), says="About what.")
    cargo = Filter(
        Words("GPC1"),
        any_of(lambda text: Q(standings__claim__cargo__in=Cargo.objects.filter(cargo_is(text)).values("pk"))),
        says="With a claim on that cargo: accession, CURIE of a cross-reference, or name or synonym in full.",
    )
    disease = Filter(
        CURIE,
        any_of(lambda curie: Q(curie__in=Term.objects.filter(ancestors__curie=curie).values("curie"))),
        says="In that disease or a narrower one.",
    )
    claim = Filter(accession(Kind.CLAIM), one_of("standings__claim__accession"), says="With that claim.")


class Contradictions(Listed):
    """Contradictions: where claims of different studies say opposite things. The strongest first."""

    serializer_class = ContradictionSerializer
    filterset_class = ContradictionFilters
    lookup_field = "slug"
    lookup_value_regex = "[^/]+"

    @override
    def known_parameters(self) -> Collection[str]:
        return () if self.detail else super().known_parameters()

    @override
    def get_queryset(self) -> Any:
        return Contradiction.objects.with_standing().select_related("cargo").ranked()

    @override
    def filter_queryset(self, queryset: Any) -> Any:
        """Each once, by however many of its claims it is found."""
        found = super().filter_queryset(Contradiction.objects.order_by())
        return queryset.filter(pk__in=found.values("pk"))

    @extend_schema(operation_id="getContradiction", responses=schema.answers(OneContradictionSerializer, {404: ABSENT}))
    def retrieve(self, request: Request, slug: str) -> Response:
        found = None if "\0" in slug else self.get_queryset().filter(slug=slug).first()
        if found is None:
            raise missing(f"No contradiction is known as {quoted(slug)}.")
        context = {"request": request, "shown": shown(found)}
        return Response(OneContradictionSerializer(found, context=context).data)


class MetaAnalyses(Reading):
    """The questions that claims have numbers on; those with most studies first."""

    @override
    def known_parameters(self) -> Collection[str]:
        return ("page", "page_size")

    @extend_schema(
        operation_id="listMetaAnalyses",
        summary="Questions on which claims have numbers",
        parameters=[
            OpenApiParameter("page", int, description="The page, from 1. A page beyond the last is 404."),
            OpenApiParameter("page_size", int, description="Questions to a page, at most 200."),
        ],
        responses=schema.answers(AnalysesSerializer, {404: schema.problem("The page is beyond the last.")}),
    )
    def get(self, request: Request) -> Response:
        pages = Pages()
        rows = pages.paginate_queryset(meta.analyses(), request, self)
        return pages.get_paginated_response(AnalysisSerializer(rows, many=True, context={"request": request}).data)


class MetaAnalysis(Reading):
    """The numbers on one question, pooled where they can be."""

    @extend_schema(
        operation_id="getMetaAnalysis",
        summary="The numbers on one question, pooled where they can be",
        responses=schema.answers(OneAnalysisSerializer, {404: schema.problem("No question is known by that name.")}),
    )
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        found = None if "\0" in slug else meta.analysis(slug)
        if found is None:
            raise missing(f"No question with numbers is known as {quoted(slug)}.")
        return Response(OneAnalysisSerializer(found).data)
