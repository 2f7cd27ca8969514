"""Suggestions: names of accepted evidence that were perhaps meant."""

from __future__ import annotations

from rest_framework import serializers

from apps.finding.suggesting import GROUPS


class SuggestionSerializer(serializers.Serializer):
    """A name, and the filter of `/claims/` that finds its claims."""

    group = serializers.ChoiceField(choices=list(GROUPS), read_only=True)
    field = serializers.CharField(read_only=True, help_text="Filter of `/claims/`.")
    value = serializers.CharField(read_only=True, help_text="What the filter takes: an accession, CURIE or category.")
    name = serializers.CharField(read_only=True, source="label")
    through = serializers.CharField(
        read_only=True, help_text="The other name by which it was found; empty where it was found by this one."
    )
    claims = serializers.IntegerField(
        min_value=0, read_only=True, help_text="Accepted claims that it finds; may be a minute old."
    )


class SuggestionsSerializer(serializers.Serializer):
    """What begins as was typed, by group; where nothing does, what is spelled most like it."""

    rest = serializers.CharField(
        read_only=True,
        help_text="Words in front that no suggestion stands for: `cisplatin` of `cisplatin gast`.",
    )
    suggestions = SuggestionSerializer(many=True, read_only=True)
