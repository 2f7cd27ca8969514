"""What goes in and comes out where programs write."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Literal

from drf_spectacular.utils import OpenApiParameter
from pydantic import AfterValidator, Field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.api.problems import MEDIA_TYPE
from apps.api.schema import ProblemSerializer, problem
from apps.api.writing.matching import tag_of
from apps.claims.models import Claim, State, Verdict
from apps.curation.models import LONGEST_COMMENT
from apps.documents.editing import part_of
from apps.documents.schema import ClaimPart, Document, Part, filled, visible

MOST_DOCUMENTS = 100
LONGEST_REASON = 300

# --- in ---------------------------------------------------------------------------------------------------------------

Reason = Annotated[str, AfterValidator(visible), Field(max_length=LONGEST_REASON)]


class Batch(Part):
    """Documents to write drafts from: all of them, or none."""

    documents: Annotated[list[Document], Field(min_length=1, max_length=MOST_DOCUMENTS)]


class Edit(Part):
    """A change of a draft: those fields of its claim that are to say something else, each whole; and why."""

    claim: Annotated[dict[str, Any], Field(min_length=1)]
    reason: Reason = ""


class Whole(Part):
    """A claim in the shape of a document."""

    claim: ClaimPart


class Said(Part):
    """Something to say about a claim."""

    text: Annotated[str, AfterValidator(filled), Field(max_length=LONGEST_COMMENT)]


# --- out --------------------------------------------------------------------------------------------------------------


class VerdictSerializer(serializers.Serializer):
    """What somebody decided on a version."""

    verdict = serializers.ChoiceField(Verdict.choices)
    reason = serializers.CharField(help_text="Empty where none was given.")
    by = serializers.CharField(source="by.username")
    at = serializers.DateTimeField()


class DraftSerializer(serializers.Serializer):
    """A version of a claim that you wrote."""

    accession = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    url = serializers.SerializerMethodField()
    etag = serializers.SerializerMethodField(help_text="Send it as If-Match with a change.")
    study = serializers.CharField(source="preparation.study.accession", help_text="Accession of the study.")
    submitted_at = serializers.DateTimeField(allow_null=True)
    state_reason = serializers.CharField(help_text="Why it was rejected or withdrawn; else empty.")
    decisions = VerdictSerializer(many=True)
    claim = serializers.SerializerMethodField(help_text="What it says, in the shape of a document.")

    def get_url(self, claim: Claim) -> str:
        return reverse("api:draft", args=[claim.accession, claim.version])

    def get_etag(self, claim: Claim) -> str:
        return tag_of(claim)

    def get_claim(self, claim: Claim) -> dict[str, Any]:
        return part_of(claim)


class DraftPageSerializer(serializers.Serializer):
    """A page of versions that you wrote."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DraftSerializer(many=True)


class DraftedClaimSerializer(serializers.Serializer):
    """What became of one claim of the documents."""

    document = serializers.IntegerField(help_text="Which of the documents, from 0.")
    id = serializers.CharField(source="key", help_text="The claim's id in it.")
    accession = serializers.CharField(source="claim.accession")
    version = serializers.IntegerField(source="claim.version")
    state = serializers.ChoiceField(State.choices, source="claim.state")
    made = serializers.BooleanField(help_text="A draft of yours is new; else the claim stays as it was.")
    url = serializers.SerializerMethodField(help_text="Where you read and change it; null where it is not yours.")
    etag = serializers.SerializerMethodField(help_text="Send it as If-Match with a change; null where it is not yours.")

    def get_url(self, drafted: Any) -> str | None:
        return DraftSerializer().get_url(drafted.claim) if self._is_own(drafted) else None

    def get_etag(self, drafted: Any) -> str | None:
        return tag_of(drafted.claim) if self._is_own(drafted) else None

    def _is_own(self, drafted: Any) -> bool:
        return bool(drafted.claim.author_id == self.context["person"].pk)


class DraftedSerializer(serializers.Serializer):
    """What became of all claims of the documents, in their order."""

    drafts = DraftedClaimSerializer(many=True)


class CommentSerializer(serializers.Serializer):
    """What somebody said about a claim."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username")
    text = serializers.CharField()


class CommentPageSerializer(serializers.Serializer):
    """A page of comments, the latest first."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CommentSerializer(many=True)


class StaleSerializer(ProblemSerializer):
    """That a draft says something else by now than what was read."""

    etag = serializers.CharField(help_text="Of the draft as it is now.")
    state = serializers.ChoiceField(State.choices)
    current = serializers.DictField(help_text="What it says now, in the shape of a document.")
    differs = serializers.ListField(
        child=serializers.CharField(), help_text="The fields of what was sent that say something else now."
    )


class UnmatchedSerializer(ProblemSerializer):
    """That a change says nothing of what it was made against."""

    etag = serializers.CharField(help_text="Of the draft as it is now.")


# --- said of each -----------------------------------------------------------------------------------------------------

_HEADER: Literal["header"] = "header"
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    _HEADER,
    description="A key of your own, such as a UUID. Within a week the same request with it is answered as the first "
    "was, and nothing is done twice.",
)
IF_MATCH = OpenApiParameter("If-Match", str, _HEADER, required=True, description="The ETag of what you read.")
MAY_MATCH = OpenApiParameter("If-Match", str, _HEADER, description="The ETag of what you read, to act on that alone.")
OF_VERSION = [
    OpenApiParameter("accession", str, OpenApiParameter.PATH, description="The accession of the claim."),
    OpenApiParameter("version", int, OpenApiParameter.PATH, description="The version, from 1."),
]
PAGING = [
    OpenApiParameter("page", int, description="The page, from 1. A page beyond the last is 404."),
    OpenApiParameter("page_size", int, description="Records to a page, at most 200; 50 unless told."),
]
PROBLEMS: dict[int, tuple[str, type[ProblemSerializer]]] = {
    400: ("The body is no JSON, or a parameter or header is unknown or can't be taken.", ProblemSerializer),
    401: ("No token, or one that is unknown, expired, revoked, or made without the second factor.", ProblemSerializer),
    403: ("The token has not this scope, or this person may not: the detail says why.", ProblemSerializer),
    404: ("You have no such version, can read no such claim, or the page is beyond the last.", ProblemSerializer),
    409: ("It stands elsewhere by now, or a request with this Idempotency-Key is being done.", ProblemSerializer),
    412: ("The draft says something else by now than what was read.", StaleSerializer),
    413: ("The body is too large.", ProblemSerializer),
    415: ("The body is not said to be JSON.", ProblemSerializer),
    422: ("Something in the body can't be taken, or the Idempotency-Key was another request's.", ProblemSerializer),
    428: ("If-Match is missing.", UnmatchedSerializer),
}


def answers(good: dict[int, Any], *statuses: int) -> dict[Any, Any]:
    """The answers of an address: what it gives, and the problems of these statuses."""
    problems = {(status, MEDIA_TYPE): problem(*PROBLEMS[HTTPStatus(status)]) for status in statuses}
    return {**good, **problems}
