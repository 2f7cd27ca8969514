"""How strong propositions are, for programs."""

from __future__ import annotations

from collections.abc import Collection
from typing import override

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import schema
from apps.api.problems import Fault, refused
from apps.api.problems import shown as quoted
from apps.api.validators import Reading
from apps.synthesis import proposition
from apps.synthesis.choosing import Chosen, chosen
from apps.synthesis.proposition import Says, StepStanding
from apps.synthesis.questions import Question
from apps.vesicles.models import SourceCategory

SUBJECT = ("cargo", "source", "source_category")
WORDS = {"question": Question.values, "says": Says.values}
PARAMETERS = ("disease", *SUBJECT, *WORDS)


class StepSerializer(serializers.Serializer):
    """One step, and how it stands."""

    key = serializers.CharField()
    title = serializers.CharField()
    stands = serializers.ChoiceField(StepStanding.choices)
    count = serializers.IntegerField(
        min_value=0, help_text="Claims that make it stand so; of independence, groups of studies."
    )
    claims = serializers.ListField(child=serializers.CharField(), help_text="The strongest of them, at most five.")


class PropositionSerializer(serializers.Serializer):
    """What claims on one subject and one disease say on one question, step by step."""

    question = serializers.ChoiceField(Question.choices)
    says = serializers.ChoiceField(Says.choices)
    count = serializers.IntegerField(min_value=0, help_text="Claims that count.")
    studies = serializers.IntegerField(min_value=0)
    groups = serializers.IntegerField(min_value=0, help_text="Groups of studies that share no authors.")
    steps = StepSerializer(many=True)


class PropositionsSerializer(serializers.Serializer):
    """All propositions on the two; there are few."""

    count = serializers.IntegerField(min_value=0)
    results = PropositionSerializer(many=True)


class Propositions(Reading):
    """What is said of a cargo or a source in a disease, and how strong that is."""

    @override
    def known_parameters(self) -> Collection[str]:
        return PARAMETERS

    @extend_schema(
        operation_id="listPropositions",
        summary="What is said of a cargo or source in a disease, step by step",
        parameters=[
            OpenApiParameter("disease", str, required=True, description="Disease: CURIE, or name in full."),
            OpenApiParameter("cargo", str, description="Cargo: accession, CURIE, or name in full. One subject only."),
            OpenApiParameter("source", str, description="Source: accession."),
            OpenApiParameter("source_category", str, enum=SourceCategory.values, description="Kind of source."),
            OpenApiParameter("question", str, enum=Question.values, description="On this question only."),
            OpenApiParameter("says", str, enum=Says.values, description="Only what says this."),
        ],
        responses=schema.answers(PropositionsSerializer),
    )
    def get(self, request: Request) -> Response:
        given = {name: request.query_params.get(name, "") for name in PARAMETERS}
        asked = chosen({name: given[name] for name in ("disease", *SUBJECT)})
        _check(given, asked)
        found = proposition.propositions(asked, question=given["question"], says=given["says"])
        return Response(PropositionsSerializer({"count": len(found), "results": found}).data)


def _check(given: dict[str, str], asked: Chosen) -> None:
    """Refuse what names no subject and disease, or a word that is none."""
    faults: list[Fault] = [
        {"field": each.name, "value": each.given, "message": f"{each.name}: nothing is known as {quoted(each.given)}."}
        for each in asked.unknown
    ]
    faults += [
        {
            "field": name,
            "value": given[name],
            "message": f"{name}: {quoted(given[name])} is none of {', '.join(words)}.",
        }
        for name, words in WORDS.items()
        if given[name] and given[name] not in words
    ]
    if not faults and not proposition.can_be_asked(asked):
        message = f"Name one disease, and one of {', '.join(SUBJECT)}."
        faults = [{"field": "disease" if not given["disease"] else "cargo", "message": message}]
    if faults:
        raise refused(faults)
