"""Releases, and the statistics of what is there now."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.fields import Address, Count, Listing
from apps.claims.models import Release


class ReleaseLinks(serializers.Serializer):
    claims = Listing("claim", "release", "number")


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A numbered, immutable snapshot of accepted evidence.

    `claim_count` is what it held that day, and never changes. `links.claims` lists the versions in it that are public
    still, `public_claim_count` of them: what was revised or withdrawn since has left.
    """

    url = Address("release", "number")
    claim_count = Count("Claims that it holds, each in the version of its day.")
    public_claim_count = Count("Of these, the versions that are public still: what `links.claims` lists.")
    links = ReleaseLinks(source="*", read_only=True)

    class Meta:
        model = Release
        fields = ("number", "url", "title", "released_on", "claim_count", "public_claim_count", "links")
        read_only_fields = fields


def numbers(says: str) -> serializers.DictField:
    return serializers.DictField(child=serializers.IntegerField(min_value=0), read_only=True, help_text=says)


class StatsSerializer(serializers.Serializer):
    """How much there is. Whatever occurs not at all is there with 0."""

    counts = numbers("Public records by kind, and all terms.")
    claims_by_edge = numbers("Accepted claims by edge.")
    claims_by_aspect = numbers("Accepted claims by aspect.")
    claims_by_level = numbers("Accepted claims by level.")
    claims_of_retracted_studies = serializers.IntegerField(
        min_value=0, read_only=True, help_text="Accepted claims among these that no balance counts."
    )
    studies_by_status = numbers("Public studies by status.")
    release = ReleaseSerializer(read_only=True, allow_null=True, help_text="The newest release; null before the first.")
