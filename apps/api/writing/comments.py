"""What is said about a claim at the desk: read, and something added."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path
from typing import override

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.paging import Pages
from apps.api.problems import Problem, missing, shown
from apps.api.writing import bodies, shapes
from apps.api.writing.views import Writing
from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation import discussion
from apps.curation.answering import Answer
from apps.curation.models import Comment
from apps.documents.editing import NotTaken
from apps.documents.reading import Fault
from apps.people.models import Role, Scope
from apps.records.models import ACCESSION

OF_CLAIM = OpenApiParameter("accession", str, OpenApiParameter.PATH, description="The accession of the claim.")


class Comments(Writing):
    """The discussion of a claim that you can read at the desk."""

    http_method_names = ["get", "head", "post", "options"]
    scopes = {"GET": Scope.READ, "HEAD": Scope.READ, "POST": Scope.COMMENT}

    @override
    def known_parameters(self) -> Collection[str]:
        return () if self.request.method == "POST" else ("page", "page_size")

    @extend_schema(
        operation_id="listComments",
        summary="What was said about a claim, the latest first",
        tags=["drafts"],
        parameters=[OF_CLAIM, *shapes.PAGING],
        responses=shapes.answers({200: shapes.CommentPageSerializer}, 400, 401, 403, 404),
    )
    def get(self, request: Request, accession: str) -> Response:
        self._must_be_readable(accession)
        pages = Pages()
        comments = Comment.objects.filter(claim=accession).select_related("by").order_by("-pk")
        page = pages.paginate_queryset(comments, request, self)
        return pages.get_paginated_response(shapes.CommentSerializer(page, many=True).data)

    @extend_schema(
        operation_id="comment",
        summary="Say something about a claim",
        tags=["drafts"],
        parameters=[OF_CLAIM, shapes.IDEMPOTENCY],
        request=shapes.Said,
        responses=shapes.answers({201: shapes.CommentSerializer}, 400, 401, 403, 404, 409, 413, 415, 422),
    )
    def post(self, request: Request, accession: str) -> Response:
        self._must_be_readable(accession)
        text = bodies.shaped(shapes.Said, bodies.body(request)).text
        return self.write(request, lambda: self._say(accession, text))

    def _say(self, accession: str, text: str) -> Answer:
        try:
            made = discussion.comment(accession=accession, by=self.person, text=text)
        except NotAllowed as refusal:
            # Who may, and on what, was asked before: what is left is in the words.
            raise NotTaken([Fault(Path(), 0, "/text", str(refusal))]) from refusal
        made.refresh_from_db()
        return Answer(HTTPStatus.CREATED, shapes.CommentSerializer(made).data, {})

    def _must_be_readable(self, accession: str) -> None:
        """Of a claim that the person can't read nothing is said, not even that it is there."""
        person = self.person
        if not person.at_least(Role.CONTRIBUTOR):
            detail = f"To read and write comments takes the role of contributor; {person} is {person.role}."
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        readable = Claim.objects.readable_by(person).filter(accession=accession)
        if not (ACCESSION.fullmatch(accession) and readable.exists()):
            raise missing(f"There is no claim {shown(accession)} that you can read.")
