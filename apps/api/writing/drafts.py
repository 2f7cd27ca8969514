"""One's own drafts: written from documents, changed, discarded, handed in and taken back."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any, override

from django.db.models import Q
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.paging import Pages
from apps.api.problems import missing, refused, shown
from apps.api.writing import bodies, matching, shapes
from apps.api.writing.views import Writing
from apps.claims import workflow
from apps.claims.content import content_of
from apps.claims.models import Claim, ClaimQuerySet, State
from apps.curation.answering import Answer
from apps.curation.drafting import Drafted, draft_documents, edit_claim
from apps.documents.editing import part_of
from apps.people.models import Scope, User
from apps.records.models import ACCESSION

LAST_VERSION = 32_767
STATES = {state.value for state in State}


def own(person: User) -> ClaimQuerySet:
    """Every version that the person wrote, with all that is shown of it."""
    related = Claim.objects.filter(author=person).select_related("preparation__study", "cargo", "disease", "recipient")
    return related.prefetch_related("therapy_links__name", "target_links__name", "measures", "decisions__by").defer(
        "search"
    )


def own_version(person: User, accession: str, version: int, *, lock: bool = False) -> Claim:
    """One of the person's own versions. Of anybody else's nothing is said, not even that it is there."""
    known = ACCESSION.fullmatch(accession) and version <= LAST_VERSION
    if known and lock:
        # In the order in which the workflow takes them, so that no two acts wait for each other.
        list(Claim.objects.filter(accession=accession).select_for_update().order_by("pk").values_list("pk"))
    claim = own(person).filter(accession=accession, version=version).first() if known else None
    if claim is None:
        raise missing(f"You have no version {version} of a claim {shown(accession)}.")
    return claim


def told(claim: Claim, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status, shapes.DraftSerializer(claim).data, {"ETag": matching.tag_of(claim)})


class Drafts(Writing):
    """One's own versions of claims, and new ones from documents."""

    http_method_names = ["get", "head", "post", "options"]
    scopes = {"GET": Scope.READ, "HEAD": Scope.READ, "POST": Scope.DRAFT}
    pagination_class = Pages

    @override
    def known_parameters(self) -> Collection[str]:
        return () if self.request.method == "POST" else ("state", "page", "page_size")

    @extend_schema(
        operation_id="listDrafts",
        summary="All that you wrote, the latest first",
        tags=["drafts"],
        parameters=[
            OpenApiParameter(
                "state", str, enum=sorted(STATES), many=True, explode=False, description="One or several."
            ),
            *shapes.PAGING,
        ],
        responses=shapes.answers({200: shapes.DraftPageSerializer}, 400, 401, 403, 404),
    )
    def get(self, request: Request) -> Response:
        wanted = {word for given in request.query_params.getlist("state") for word in given.split(",")}
        if unknown := sorted(wanted - STATES):
            message = f"state: {shown(unknown[0])!r} is none of {', '.join(sorted(STATES))}."
            raise refused([{"field": "state", "value": shown(unknown[0]), "message": message}])
        pages = Pages()
        claims = own(self.person).filter(Q(state__in=wanted) if wanted else Q()).order_by("-pk")
        page = pages.paginate_queryset(claims, request, self)
        return pages.get_paginated_response(shapes.DraftSerializer(page, many=True).data)

    @extend_schema(
        operation_id="createDrafts",
        summary="Write drafts from documents, all or none",
        tags=["drafts"],
        parameters=[shapes.IDEMPOTENCY],
        request=shapes.Batch,
        responses=shapes.answers({201: shapes.DraftedSerializer}, 400, 401, 403, 409, 413, 415, 422),
    )
    def post(self, request: Request) -> Response:
        batch = bodies.shaped(shapes.Batch, bodies.body(request))
        return self.write(request, lambda: self._drafted(draft_documents(documents=batch.documents, by=self.person)))

    def _drafted(self, made: list[Drafted]) -> Answer:
        body = shapes.DraftedSerializer({"drafts": made}, context={"person": self.person}).data
        return Answer(HTTPStatus.CREATED, body, {})


class Draft(Writing):
    """One of one's own versions."""

    http_method_names = ["get", "head", "patch", "delete", "options"]
    scopes = {"GET": Scope.READ, "HEAD": Scope.READ, "PATCH": Scope.DRAFT, "DELETE": Scope.DRAFT}

    @extend_schema(
        operation_id="getDraft",
        summary="One version that you wrote, with its ETag",
        tags=["drafts"],
        parameters=shapes.OF_VERSION,
        responses=shapes.answers({200: shapes.DraftSerializer}, 400, 401, 403, 404),
    )
    def get(self, request: Request, accession: str, version: int) -> Response:  # noqa: ARG002
        answer = told(own_version(self.person, accession, version))
        return Response(answer.body, answer.status, headers=answer.headers)

    @extend_schema(
        operation_id="editDraft",
        summary="Change what a draft says",
        tags=["drafts"],
        parameters=[*shapes.OF_VERSION, shapes.IF_MATCH, shapes.IDEMPOTENCY],
        request=shapes.Edit,
        responses=shapes.answers({200: shapes.DraftSerializer}, 400, 401, 403, 404, 409, 412, 413, 415, 422, 428),
    )
    def patch(self, request: Request, accession: str, version: int) -> Response:
        asked = bodies.shaped(shapes.Edit, bodies.body(request))
        return self.write(request, lambda: self._edit(request, accession, version, asked))

    def _edit(self, request: Request, accession: str, version: int, asked: shapes.Edit) -> Answer:
        claim = own_version(self.person, accession, version, lock=True)
        matching.must_match(request, claim, sent=asked.claim)
        whole = bodies.shaped(shapes.Whole, {"claim": {**part_of(claim), **asked.claim}})
        edit_claim(
            claim=claim,
            part=whole.claim,
            seen=content_of(claim).digest,
            by=self.person,
            within=("claim",),
            reason=asked.reason,
        )
        return told(own_version(self.person, accession, version))

    @extend_schema(
        operation_id="discardDraft",
        summary="Throw a draft away",
        tags=["drafts"],
        parameters=[*shapes.OF_VERSION, shapes.IF_MATCH],
        responses=shapes.answers({204: None}, 400, 401, 403, 404, 409, 412, 428),
    )
    def delete(self, request: Request, accession: str, version: int) -> Response:
        return self.write(request, lambda: self._discard(request, accession, version))

    def _discard(self, request: Request, accession: str, version: int) -> Answer:
        claim = own_version(self.person, accession, version, lock=True)
        matching.must_match(request, claim)
        workflow.discard(claim_id=claim.pk, by=self.person)
        return Answer(HTTPStatus.NO_CONTENT, None, {})


class Submission(Writing):
    """That one's own draft waits for review."""

    http_method_names = ["post", "delete", "options"]
    scopes = {"POST": Scope.SUBMIT, "DELETE": Scope.SUBMIT}

    @extend_schema(
        operation_id="submitDraft",
        summary="Hand a draft in for review",
        tags=["drafts"],
        parameters=[*shapes.OF_VERSION, shapes.MAY_MATCH, shapes.IDEMPOTENCY],
        request=None,
        responses=shapes.answers({200: shapes.DraftSerializer}, 400, 401, 403, 404, 409, 412, 422),
    )
    def post(self, request: Request, accession: str, version: int) -> Response:
        return self.write(request, lambda: self._to(request, accession, version, workflow.submit))

    @extend_schema(
        operation_id="takeBackDraft",
        summary="Take a submission back, before anybody decided on it",
        tags=["drafts"],
        parameters=[*shapes.OF_VERSION, shapes.MAY_MATCH],
        responses=shapes.answers({200: shapes.DraftSerializer}, 400, 401, 403, 404, 409, 412),
    )
    def delete(self, request: Request, accession: str, version: int) -> Response:
        return self.write(request, lambda: self._to(request, accession, version, workflow.take_back))

    def _to(self, request: Request, accession: str, version: int, act: Any) -> Answer:
        claim = own_version(self.person, accession, version, lock=True)
        matching.must_match(request, claim, required=False)
        act(claim_id=claim.pk, by=self.person)
        return told(own_version(self.person, accession, version))
