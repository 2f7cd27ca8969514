"""Studies, and the notices on them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.api.serializers.fields import Address, Count, Listing, Outside, Page, Stated
from apps.studies.models import Notice, Study
from apps.vesicles.models import Preparation


class Overruling(serializers.Serializer):
    """That an editor found a notice wrong: since when, and why. An overruled notice does not count."""

    at = serializers.DateTimeField(source="overruled_at", read_only=True)
    reason = serializers.CharField(source="overruled_reason", read_only=True)

    def to_representation(self, instance: Notice) -> dict[str, Any] | None:  # type: ignore[override]
        return super().to_representation(instance) if instance.overruled_at else None


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """A notice on a study, as one service reports it."""

    identifier = Stated("DOI or PMID of the notice itself; null where it is not known.")
    reason = Stated("The reason as the notice gives it; null where it is not known.")
    overruled = Overruling(source="*", read_only=True, allow_null=True)

    class Meta:
        model = Notice
        fields = (
            *("service", "nature", "identifier", "dated", "reason", "first_seen", "last_seen", "vanished_on"),
            "overruled",
        )
        read_only_fields = fields


class Provenance(serializers.ModelSerializer[Study]):
    """What the curator read, how deep, and when."""

    read_at = serializers.ListField(child=serializers.CharField(), source="pages_read", read_only=True)

    class Meta:
        model = Study
        fields = ("read_at", "depth", "curated_on")
        read_only_fields = fields


class StudyCompact(serializers.ModelSerializer[Study]):
    """A study as another record names it."""

    url = Address("study")
    page = Page()

    class Meta:
        model = Study
        fields = ("accession", "url", "page", "kind", "title", "journal", "year", "pmid", "doi", "status")
        read_only_fields = fields


class PreparationOfStudy(serializers.ModelSerializer[Preparation]):
    """A preparation as its study lists it."""

    url = Address("preparation")
    page = Page()

    class Meta:
        model = Preparation
        fields = ("accession", "url", "page", "key", "term")
        read_only_fields = fields


class StudyLinks(serializers.Serializer):
    """Where there is more."""

    claims = Listing("claim", "study")
    preparations = Listing("preparation", "study")
    pubmed = Outside("pmid", "https://pubmed.ncbi.nlm.nih.gov/", "PubMed")
    pmc = Outside("pmcid", "https://pmc.ncbi.nlm.nih.gov/articles/", "PubMed Central")
    doi = Outside("doi", "https://doi.org/", "its publisher")
    clinicaltrials = Outside("nct", "https://clinicaltrials.gov/study/", "ClinicalTrials.gov")


class StudySerializer(serializers.ModelSerializer[Study]):
    """One publication or registered trial. An identifier is null where it is not known."""

    url = Address("study")
    page = Page()
    authors = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="First author first.")
    notices = NoticeSerializer(many=True, read_only=True)
    provenance = Provenance(source="*", read_only=True)
    preparations = PreparationOfStudy(many=True, read_only=True)
    claim_count = Count("Accepted claims of this study.")
    links = StudyLinks(source="*", read_only=True)

    class Meta:
        model = Study
        fields = (
            *("accession", "url", "page", "kind", "title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct"),
            *("status", "notices", "provenance", "preparations", "claim_count", "links"),
        )
        read_only_fields = fields
