"""Terms, and the names that studies write for them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.serializers.fields import Address, Listing, Page, Stated
from apps.terms.models import Name, Synonym, Term


class TermInName(serializers.ModelSerializer[Term]):
    """A term by its identifier and its label."""

    class Meta:
        model = Term
        fields = ("curie", "label")
        read_only_fields = fields


class NameSerializer(serializers.ModelSerializer[Name]):
    """A name as the study wrote it, and what it was found to mean. `terms` is empty where it was not grounded."""

    name = serializers.CharField(source="text", read_only=True, help_text="As written.")
    written_curie = Stated("The identifier written beside the name; null where there is none.", source="given_curie")
    relation = Stated("What the terms are to the name: exact or broader; null where it is not grounded.")
    terms = TermInName(many=True, read_only=True)
    reason = Stated("Why it was grounded so, or can't be; null where nobody said.")

    class Meta:
        model = Name
        fields = ("name", "written_curie", "grounding", "relation", "terms", "reason")
        read_only_fields = fields


class TermCompact(serializers.ModelSerializer[Term]):
    """A term as another record names it."""

    url = Address("term", "curie")

    class Meta:
        model = Term
        fields = ("curie", "label", "url")
        read_only_fields = fields


class SynonymSerializer(serializers.ModelSerializer[Synonym]):
    class Meta:
        model = Synonym
        fields = ("text", "scope")
        read_only_fields = fields


class AncestorSerializer(serializers.Serializer):
    """A term above, and how many steps up the shortest way is."""

    curie = serializers.CharField(source="ancestor.curie", read_only=True)
    label = serializers.CharField(source="ancestor.label", read_only=True)  # type: ignore[assignment]
    distance = serializers.IntegerField(read_only=True, min_value=1)


class TermLinks(serializers.Serializer):
    claims = Listing("claim", "term", "curie")
    children = Listing("term", "parent", "curie")


class TermSerializer(serializers.ModelSerializer[Term]):
    """An entry of a vocabulary with its place in the tree."""

    url = Address("term", "curie")
    page = Page()
    synonyms = SynonymSerializer(many=True, read_only=True)
    alternative_ids: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(
        "curie", many=True, read_only=True, help_text="CURIEs that were given up for this one."
    )
    parents = TermCompact(many=True, read_only=True)
    ancestors = AncestorSerializer(many=True, read_only=True, source="lineage", help_text="All terms above.")
    links = TermLinks(source="*", read_only=True)

    class Meta:
        model = Term
        fields = (
            *("curie", "url", "page", "vocabulary", "label", "obsolete", "synonyms", "alternative_ids"),
            *("parents", "ancestors", "links"),
        )
        read_only_fields = fields
