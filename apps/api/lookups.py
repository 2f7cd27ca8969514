"""Look up many identifiers and names at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.parameters import KnownParameters
from apps.api.problems import MEDIA_TYPE, Fault, Problem, shown
from apps.api.schema import problem
from apps.finding.lookups import MOST, Found, Outcome, ReadAs, Record, look_up
from apps.records.models import Kind
from apps.studies.models import StudyStatus

KINDS = {
    Kind.CLAIM: "claim",
    Kind.STUDY: "study",
    Kind.SOURCE: "source",
    Kind.PREPARATION: "preparation",
    Kind.CARGO: "cargo",
}
# So many faults are named; who has more has one mistake many times.
MOST_FAULTS = 20


@extend_schema_field(
    {
        "type": "array",
        "maxItems": MOST,
        "items": {"type": ["string", "integer"]},
        "examples": [["28646161", "10.1038/nature14581", "PMC5482839", "NCT03235687", "EXCL0000175", "miR-21"]],
    }
)
class Ids(serializers.Field):
    """What is to be looked up."""


class LookupRequest(serializers.Serializer):
    """Identifiers and names to look up, in any mixture."""

    ids = Ids(help_text=f"PMIDs, PMCIDs, DOIs, NCT numbers, accessions, cross-references or names of cargos: {MOST:,}.")


class LookedUpRecord(serializers.Serializer):
    """A public record that is meant."""

    kind = serializers.ChoiceField([(kind, kind) for kind in KINDS.values()])
    accession = serializers.CharField()
    url = serializers.URLField(help_text="Address of the full record in this API.")
    page = serializers.URLField(help_text="Address of the record's page, for people.")
    name = serializers.CharField(help_text="Title of a study, statement of a claim, name of the others.")
    status = serializers.ChoiceField(
        StudyStatus.choices, allow_null=True, help_text="Where its study stands; null of a source or cargo."
    )
    claim_count = serializers.IntegerField(min_value=0, help_text="Accepted claims that rest on it.")


class LookedUp(serializers.Serializer):
    """What became of one of the ids."""

    id = serializers.CharField(help_text="As it was asked.")
    outcome = serializers.ChoiceField([(each.value, each.value) for each in Outcome])
    read_as = serializers.ChoiceField(
        [(each.value, each.value) for each in ReadAs], allow_null=True, help_text="Null where it is malformed."
    )
    records = LookedUpRecord(many=True, help_text="One where it is known, several where it is ambiguous.")
    message = serializers.CharField(allow_null=True, help_text="Why, where the outcome does not say it all.")


class OutcomesSerializer(serializers.Serializer):
    """How many ids ended how."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {each.value: serializers.IntegerField(min_value=0) for each in Outcome}


class LookupSerializer(serializers.Serializer):
    """What became of all ids."""

    count = serializers.IntegerField(min_value=0)
    outcomes = OutcomesSerializer()
    results = LookedUp(many=True, help_text="In the order of the ids, one for each.")


class Lookup(KnownParameters):
    """What many identifiers and names stand for: known or not, retracted or not, and with how many claims.

    Reads only, by POST because so many ids fit no address. Whatever was asked is answered in its place.
    """

    http_method_names = ["post", "options"]
    # What it costs of the rate.
    cost = 10

    @extend_schema(
        operation_id="lookUp",
        summary="Look up many identifiers and names",
        tags=["about"],
        request=LookupRequest,
        responses={
            200: LookupSerializer,
            (400, MEDIA_TYPE): problem("The body is no JSON, or a parameter is unknown here."),
            (413, MEDIA_TYPE): problem("The body is too large."),
            (415, MEDIA_TYPE): problem("The body is said to be something else than JSON."),
            (422, MEDIA_TYPE): problem("The body is JSON of another form, or holds too many ids."),
        },
    )
    def post(self, request: Request) -> Response:
        found = look_up(_ids(request.data))
        ends = Counter(each.outcome for each in found)
        show = Shown(request)
        return Response(
            {
                "count": len(found),
                "outcomes": {each.value: ends[each] for each in Outcome},
                "results": [show.found(each) for each in found],
            }
        )


def _ids(body: Any) -> list[str]:
    """The ids that a body holds, as text; or every fault of it."""
    if not isinstance(body, dict):
        raise _unfit([{"field": "", "message": "The body is an object with ids, a list."}])
    faults: list[Fault] = [
        {"field": shown(name), "message": f"There is no field {shown(name)!r} here. There is: ids."}
        for name in list(body)[:MOST_FAULTS]
        if name != "ids"
    ]
    ids: Any = body.get("ids")
    if not isinstance(ids, list):
        faults.append({"field": "ids", "message": "ids: a list of texts is needed here."})
    elif len(ids) > MOST:
        faults.append({"field": "ids", "message": f"ids: takes at most {MOST:,}, and these are {len(ids):,}."})
    else:
        faults += list(_faults(ids))[:MOST_FAULTS]
    if faults:
        raise _unfit(faults)
    return [str(each) for each in ids]


def _faults(ids: list[Any]) -> Iterator[Fault]:
    for place, each in enumerate(ids):
        # To JSON true is no number, though to Python it is.
        if isinstance(each, bool) or not isinstance(each, str | int):
            yield {
                "field": f"ids/{place}",
                "value": shown(str(each)),
                "message": f"ids/{place}: is neither text nor a whole number.",
            }


def _unfit(faults: list[Fault]) -> Problem:
    says = " ".join(fault["message"] for fault in faults)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says, errors=faults)


class Shown:
    """Shows what was found; the addresses of ten thousand records are not resolved one by one."""

    def __init__(self, request: Request) -> None:
        def template(view: str, kind: Kind) -> str:
            return request.build_absolute_uri(reverse(view, args=[f"{kind.value}0000000"]))

        self.urls = {kind: template(f"api:{name}-detail", kind) for kind, name in KINDS.items()}
        self.pages = {kind: template(f"{name}-detail", kind) for kind, name in KINDS.items()}

    def found(self, found: Found) -> dict[str, Any]:
        return {
            "id": found.asked,
            "outcome": found.outcome.value,
            "read_as": found.read_as.value if found.read_as else None,
            "records": [self.record(each) for each in found.records],
            "message": found.message,
        }

    def record(self, record: Record) -> dict[str, Any]:
        example = f"{record.kind.value}0000000"
        return {
            "kind": KINDS[record.kind],
            "accession": record.accession,
            "url": self.urls[record.kind].replace(example, record.accession),
            "page": self.pages[record.kind].replace(example, record.accession),
            "name": record.name,
            "status": record.status,
            "claim_count": record.claim_count,
        }
