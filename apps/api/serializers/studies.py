"""Studies, and the notices on them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.api.serializers.fields import Address, Count, Listing, Outside, Page, Stated
from apps.citations.models import Check
from apps.studies.models import CitationCount, Notice, Study
from apps.vesicles.models import Preparation


class Overruling(serializers.Serializer):
    """That an editor found a notice wrong: since when, and why. An overruled notice does not count."""

    at = serializers.DateTimeField(source="overruled_at", read_only=True)
    reason = serializers.CharField(source="overruled_reason", read_only=True)

    def to_representation(self, instance: Notice) -> dict[str, Any] | None:  # type: ignore[override]
        return super().to_representation(instance) if instance.overruled_at else None


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """A notice on a study, as one service reports it."""

    id = serializers.CharField(source="urn", read_only=True, help_text="Its name: the same in feed and installations.")
    identifier = Stated("DOI or PMID of the notice itself; null where it is not known.")
    reason = Stated("The reason as the notice gives it; null where it is not known.")
    overruled = Overruling(source="*", read_only=True, allow_null=True)

    class Meta:
        model = Notice
        fields = (
            *("id", "service", "nature", "identifier", "dated", "reason", "first_seen", "last_seen", "vanished_on"),
            *("overruled", "changed_at"),
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


class NoticeOnStudy(NoticeSerializer):
    """A notice with the study that it is on."""

    study = StudyCompact(read_only=True)

    class Meta:
        model = Notice
        fields = ("study", *NoticeSerializer.Meta.fields)
        read_only_fields = fields


class CitationSerializer(serializers.ModelSerializer[CitationCount]):
    """How often one service counted a study as cited, on one day. Counts of different services are never added."""

    class Meta:
        model = CitationCount
        fields = ("service", "day", "count", "ratio")
        read_only_fields = fields


class CheckSerializer(serializers.ModelSerializer[Check]):
    """When a service was last asked about a study, and how that ended. `not_known` never means that it is clean."""

    service = serializers.CharField(source="feed_id", read_only=True)
    message = Stated("Why it is not known; null where it is.")

    class Meta:
        model = Check
        fields = ("service", "outcome", "asked_at", "known_at", "message")
        read_only_fields = fields


class PreparationOfStudy(serializers.ModelSerializer[Preparation]):
    """A preparation as its study lists it."""

    url = Address("preparation")
    page = Page()

    class Meta:
        model = Preparation
        fields = ("accession", "url", "page", "key", "term")
        read_only_fields = fields


@extend_schema_field(OpenApiTypes.URI)
class CitationsOf(serializers.Field):
    """Every citation count of the study at hand."""

    def __init__(self) -> None:
        super().__init__(source="*", read_only=True, help_text="Its citation counts, of every service and day.")

    def to_representation(self, value: Study) -> str:
        return reverse("api:citation-list", [value.accession], request=self.context["request"])


class StudyLinks(serializers.Serializer):
    """Where there is more."""

    claims = Listing("claim", "study")
    citations = CitationsOf()
    notices = Listing("notice", "study")
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
    citations = CitationSerializer(
        source="latest_counts", many=True, read_only=True, help_text="The latest count of each service."
    )
    checks = CheckSerializer(
        source="checks_made", many=True, read_only=True, help_text="Each service that was asked; others never were."
    )
    provenance = Provenance(source="*", read_only=True)
    preparations = PreparationOfStudy(many=True, read_only=True)
    claim_count = Count("Accepted claims of this study.")
    links = StudyLinks(source="*", read_only=True)

    class Meta:
        model = Study
        fields = (
            *("accession", "url", "page", "kind", "title", "journal", "year", "authors", "pmid", "pmcid", "doi", "nct"),
            *("status", "notices", "citations", "checks", "provenance", "preparations", "claim_count", "links"),
        )
        read_only_fields = fields
