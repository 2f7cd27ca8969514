"""Decisions on claims, for curators by their session of the desk or by a token: to read what waits, and to decide."""

from __future__ import annotations

from collections.abc import Collection
from http import HTTPStatus
from typing import Any, override

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import gate
from apps.api.bearer import REALM, WHERE, Bearer, must_be_for, on_record
from apps.api.parameters import KnownParameters
from apps.api.problems import MEDIA_TYPE, Fault, Problem, missing, refused, shown
from apps.api.schema import problem
from apps.api.writing.bodies import parsed
from apps.claims.acts import NotAllowed, OutOfStep
from apps.claims.comparing import said as said_by
from apps.claims.models import Claim, Decision, Verdict
from apps.curation.deciding import ACT_OF, do, token_of
from apps.people.models import ApiToken, Role, Scope, User
from apps.records.models import ACCESSION
from apps.records.text import number

LONGEST_REASON = 2_000
LONGEST_TOKEN = 64
LAST_VERSION = 32_767
FIELDS = ("version", "verdict", "seen", "reason")


class Session(SessionAuthentication):
    """The session of the desk, with its token against forged requests in the header X-CSRFToken."""

    @override
    def authenticate_header(self, request: Request) -> str:
        """Makes the answer to a stranger a 401."""
        return "Session"


class SignedIn(BasePermission):
    """Decisions are made by people; what each may is asked of the workflow."""

    @override
    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiToken):
            must_be_for(request, Scope.DECIDE)
            return True
        if isinstance(request.user, User) and not gate.next_step(request._request):  # noqa: SLF001 - Django's own request
            return True
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "Sign in at /admin/ first, with the second factor: decisions are made by people. Or send a token with the "
            f"scope {Scope.DECIDE}. {WHERE}",
            headers={"WWW-Authenticate": f"{REALM}, Session"},
        )


class SessionScheme(OpenApiAuthenticationExtension):
    """How the session stands in the OpenAPI document."""

    target_class = Session
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        says = "The session of the desk, by its cookie; send its CSRF token in the header X-CSRFToken."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": says}


class DecisionRequest(serializers.Serializer):
    """A decision to make."""

    version = serializers.IntegerField(min_value=1, max_value=LAST_VERSION, help_text="The version that it is on.")
    verdict = serializers.ChoiceField(Verdict.choices)
    seen = serializers.CharField(
        max_length=LONGEST_TOKEN, help_text="What was read, by its token; reading the version gives it."
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=LONGEST_REASON,
        help_text="Needed for every verdict but accepted.",
    )

    @override
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["verdict"] != Verdict.ACCEPTED and not attrs.get("reason", "").strip():
            raise serializers.ValidationError({"reason": f"Write why: {attrs['verdict']} takes a reason."})
        return attrs


class FieldSerializer(serializers.Serializer):
    """A field of the version, in words."""

    name = serializers.CharField()
    said = serializers.ListField(child=serializers.CharField(), help_text="More than one where the claim has a list.")


class ToDecideSerializer(serializers.Serializer):
    """A version to decide on: what it says, and the token that stands for having read it."""

    accession = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    study = serializers.CharField(help_text="Accession of the study.")
    seen = serializers.CharField(help_text="Send it with the decision: any change of what stands here changes it.")
    says = serializers.ListField(child=FieldSerializer())


class DecisionSerializer(serializers.Serializer):
    """A decision that was made."""

    accession = serializers.CharField(source="claim.accession")
    version = serializers.IntegerField(source="claim.version")
    state = serializers.CharField(source="claim.state", help_text="Where the version stands now.")
    verdict = serializers.ChoiceField(Verdict.choices)
    by = serializers.CharField(source="by.username", help_text="Who decided.")
    at = serializers.DateTimeField()
    reason = serializers.CharField(help_text="Empty where none was given.")


def _problems(*statuses: int) -> dict[Any, Any]:
    """The refusals of these statuses, or of all."""
    said = {
        400: "The body is no JSON, or a parameter is unknown here.",
        401: "Nobody is signed in, or not all the way: the second factor is missing; or the token opens nothing.",
        403: "This person may not: two people, the role, author of the study, no statement of interests; or no CSRF "
        "token, or the token has not the scope `decide`.",
        404: "There is no such version of a claim.",
        409: "The version no longer stands where this decision begins, or another became public meanwhile.",
        413: "The body is too large.",
        415: "The body is not said to be JSON.",
        422: "A field is missing, unknown, or has a value that can't be taken.",
    }
    return {(status, MEDIA_TYPE): problem(said[status]) for status in statuses or said}


class Decisions(KnownParameters):
    """Decide on a submitted version of another person's claim, or withdraw an accepted one."""

    authentication_classes = (Bearer, Session)
    permission_classes = (SignedIn,)
    http_method_names = ["get", "head", "post", "options"]

    @override
    def known_parameters(self) -> Collection[str]:
        return ("version",) if self.request.method in SAFE_METHODS else ()

    @extend_schema(
        operation_id="readClaimToDecide",
        summary="Read a version to decide on",
        tags=["claims"],
        parameters=[OpenApiParameter("version", int, required=True, description="The version to read.")],
        responses={200: ToDecideSerializer, **_problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, accession: str) -> Response:
        person = request.user
        assert isinstance(person, User)  # noqa: S101 - nobody else was let in
        if not person.at_least(Role.CURATOR):
            raise Problem(HTTPStatus.FORBIDDEN, f"To decide takes the role of curator; {person} is {person.role}.")
        asked = request.query_params.get("version", "")
        if not number(asked):
            message = "version: the number of the version to read, such as 1."
            raise refused([{"field": "version", "value": shown(asked), "message": message}])
        return Response(ToDecideSerializer(_to_decide(_version(accession, number(asked)))).data)

    @extend_schema(
        operation_id="decideClaim",
        summary="Decide on a claim",
        tags=["claims"],
        request=DecisionRequest,
        responses={201: DecisionSerializer, **_problems()},
    )
    def post(self, request: Request, accession: str) -> Response:
        person = request.user
        assert isinstance(person, User)  # noqa: S101 - nobody else was let in
        asked = _asked(request)
        claim = _version(accession, asked["version"])
        try:
            with on_record(request):
                do(
                    ACT_OF[asked["verdict"]],
                    claim_id=claim.pk,
                    by=person,
                    reason=asked.get("reason", ""),
                    seen=asked["seen"],
                )
        except OutOfStep as late:
            raise Problem(HTTPStatus.CONFLICT, str(late)) from late
        except NotAllowed as refusal:
            raise Problem(HTTPStatus.FORBIDDEN, str(refusal)) from refusal
        made = Decision.objects.filter(claim=claim, by=person).select_related("claim", "by").latest("at", "pk")
        return Response(DecisionSerializer(made).data, status=HTTPStatus.CREATED)


def _asked(request: Request) -> dict[str, Any]:
    """The decision that the body asks for, or every fault of it at once."""
    body = _body(request)
    faults = [_unknown(name) for name in body if name not in FIELDS]
    form = DecisionRequest(data=body)
    if not form.is_valid():
        faults += [_fault(name, str(words[0]), body) for name, words in form.errors.items()]
    if faults:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(fault["message"] for fault in faults), errors=faults)
    return form.validated_data


def _body(request: Request) -> dict[str, Any]:
    """The body; who sends a list learns what belongs into an object."""
    body = parsed(request)
    if not isinstance(body, dict):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"The body is an object with {', '.join(FIELDS)}.")
    return body


def _unknown(name: Any) -> Fault:
    field = shown(str(name))
    return {"field": field, "message": f"There is no field {field!r} here. There are: {', '.join(FIELDS)}."}


def _fault(name: str, words: str, body: dict[str, Any]) -> Fault:
    fault: Fault = {"field": name, "message": f"{name}: {words}"}
    return {**fault, "value": shown(str(body[name]))} if name in body else fault


def _to_decide(claim: Claim) -> dict[str, Any]:
    return {
        "accession": claim.accession,
        "version": claim.version,
        "state": claim.state,
        "submitted_at": claim.submitted_at,
        "study": claim.preparation.study.accession,
        "seen": token_of(claim),
        "says": [{"name": name, "said": said if isinstance(said, list) else [said]} for name, said in said_by(claim)],
    }


def _version(accession: str, version: int) -> Claim:
    known = ACCESSION.fullmatch(accession) and version <= LAST_VERSION
    claims = Claim.objects.filter(accession=accession, version=version).for_record().defer("search")
    claim = claims.select_related("disease", "recipient").first() if known else None
    if claim is None:
        raise missing(f"There is no version {version} of a claim {shown(accession)}.")
    return claim
