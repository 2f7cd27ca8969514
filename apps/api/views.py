"""The records of the API and their lists: parsed, read and shown; what is refused becomes a problem document."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, override

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api import filtersets, linked, past, reads, written
from apps.api.expanding import Expanding
from apps.api.filters import FilterBackend
from apps.api.forms import InForms
from apps.api.paging import PARAMETERS, Pages, list_of
from apps.api.problems import Problem, missing, shown
from apps.api.serializers.claims import ClaimSerializer
from apps.api.serializers.releases import ReleaseSerializer
from apps.api.serializers.studies import CitationSerializer, NoticeOnStudy, StudySerializer
from apps.api.serializers.terms import TermSerializer
from apps.api.serializers.vesicles import CargoSerializer, PreparationSerializer, SourceSerializer
from apps.api.validators import Reading
from apps.claims.history import on_day
from apps.claims.models import Claim, State
from apps.finding import downloads, literature
from apps.finding.columns import COLUMNS
from apps.finding.remembering import remembered
from apps.records.models import ACCESSION, Accession, Kind
from apps.studies.models import Study
from apps.terms.models import AlternativeId

VIEWS = {kind: view for view, kind in written.KINDS.items()}


class Records(InForms, Expanding, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The list of one kind of record, and each of them."""

    filter_backends = (FilterBackend,)
    pagination_class = Pages
    lookup_field = "accession"
    lookup_value_regex = "[^/]+"
    kind: ClassVar[Kind]

    @override
    def known_parameters(self) -> Collection[str]:
        known = super().known_parameters()
        return known if self.detail else [*known, *self.filterset_class.base_filters, *PARAMETERS]  # type: ignore[attr-defined]

    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.documents(page or []))

    def retrieve(self, request: Request, **lookup: str) -> Response:  # noqa: ARG002
        (name,) = lookup.values()
        record = None if "\0" in name else self.get_queryset().filter(**lookup).first()
        if record is None:
            self.explain_absence(name)
        return Response(self.document(record))

    def documents(self, records: Sequence[Any]) -> Any:
        """What the records say."""
        return self.with_neighbours(self.get_serializer(records, many=True).data)

    def document(self, record: Any) -> Any:
        """What the record says."""
        return self.documents([record])[0]

    def explain_absence(self, name: str) -> None:
        """Raise the answer for a record that the public can't read, whatever the reason."""
        if not ACCESSION.fullmatch(name) or not name.startswith(self.kind.value):
            raise missing(
                f"{shown(name)!r} is not the accession of a {self.kind.label}, such as {self.kind.value}0000001."
            )
        given = Accession.objects.filter(accession=name).first()
        if given and given.merged_into_id:
            raise self.moved(name, VIEWS[Kind(given.merged_into_id[:4])], given.merged_into_id)
        raise missing(f"No public {self.kind.label} is known as {name}.")

    def moved(self, name: str, view: str, new_name: str) -> Problem:
        kind = "list" if view == "citation" else "detail"
        address = reverse(f"api:{view}-{kind}", [new_name], request=self.request)
        # A merge can be undone, so clients ask again each time.
        headers = {"Location": address, "Cache-Control": "no-cache"}
        return Problem(HTTPStatus.MOVED_PERMANENTLY, f"{name} was merged into {new_name}.", headers=headers)


class Claims(Records):
    """Claims: what vesicles were shown to do. Only accepted claims are here, each in its accepted version."""

    kind = Kind.CLAIM
    serializer_class = ClaimSerializer
    filterset_class = filtersets.ClaimFilters
    list_forms = tuple(downloads.WRITERS)
    record_forms = ("jsonld",)
    columns = tuple(COLUMNS)
    neighbours = {
        "study": (reads.studies, StudySerializer),
        "preparation": (reads.preparations, PreparationSerializer),
        "source": (reads.sources, SourceSerializer),
        "cargo": (reads.cargos, CargoSerializer),
    }

    @override
    def known_parameters(self) -> Collection[str]:
        return [*super().known_parameters(), *(["as_of"] if self.detail else [])]

    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if self.form == "json":
            return super().list(request, *args, **kwargs)
        fields = self.fields

        def write(keys: Iterable[int]) -> Iterator[str]:
            return downloads.WRITERS[self.form](downloads.Download(array("q", keys), **self.asked, columns=fields))

        return self.file(self.filter_queryset(self.get_queryset()), write, "claims")

    @override
    def documents(self, records: Sequence[Any]) -> Any:
        found = written.claims((claim.pk for claim in records), self.request)
        return self.with_neighbours(found.read()) if self.expanded else found

    @override
    def document(self, record: Any) -> Any:
        found = self.documents([record])
        if isinstance(found, written.Written):
            return found if self.form == "json" else found.read()[0]
        return found[0]

    def count(self, claims: QuerySet[Claim]) -> int:
        """How many there are on all pages: not counted anew for each of them."""
        return remembered(f"api claims {hashlib.sha256(list_of(self.request).encode()).hexdigest()}", claims.count)

    @override
    def get_queryset(self) -> Any:
        if self.detail and (day := past.day_of(self.request)):
            return reads.claims(on_day(Claim.objects.all(), day))
        return reads.claims()

    @override
    @extend_schema(parameters=[past.AS_OF])
    def retrieve(self, request: Request, **lookup: str) -> Response:
        return self.linked(super().retrieve(request, **lookup), linked.claim)

    @override
    def explain_absence(self, name: str) -> None:
        if day := past.day_of(self.request):
            past.explain(name, day)
        last = Claim.objects.filter(accession=name[:20].replace("\0", ""), state=State.WITHDRAWN).order_by("-version")
        withdrawn = last.first()
        if withdrawn and withdrawn.left_at:
            raise Problem(
                HTTPStatus.GONE,
                f"{name} was withdrawn on {withdrawn.left_at:%Y-%m-%d}: {withdrawn.state_reason}",
                accession=name,
                withdrawn_at=withdrawn.left_at,
                reason=withdrawn.state_reason,
            )
        super().explain_absence(name)


class Studies(Records):
    """Studies: publications and registered trials that accepted claims rest on."""

    kind = Kind.STUDY
    serializer_class = StudySerializer
    filterset_class = filtersets.StudyFilters
    list_forms = tuple(literature.WRITERS)
    columns = tuple(literature.COLUMNS)
    record_forms = ("jsonld", "ris", "bib")

    @override
    def get_queryset(self) -> Any:
        return reads.studies()

    @override
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if self.form == "json":
            return super().list(request, *args, **kwargs)
        fields = self.fields

        def write(keys: Iterable[int]) -> Iterator[str]:
            return self._written(keys, fields)

        return self.file(self.filter_queryset(self.get_queryset()), write, "studies")

    @override
    def retrieve(self, request: Request, **lookup: str) -> Any:
        if self.form in literature.WRITERS:
            found = self.get_queryset().filter(**lookup) if "\0" not in lookup["accession"] else Study.objects.none()
            keys = list(found.values_list("pk", flat=True))
            return self.whole(self._written(keys)) if keys else self.explain_absence(lookup["accession"])
        return self.linked(super().retrieve(request, **lookup), linked.study)

    def _written(self, keys: Iterable[int], fields: tuple[str, ...] = ()) -> Iterator[str]:
        return literature.WRITERS[self.form](literature.Literature.of(keys, **self.asked, columns=fields))


class Listed(Reading, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """A list whose rows have no addresses of their own."""

    filter_backends = (FilterBackend,)
    pagination_class = Pages

    @override
    def known_parameters(self) -> Collection[str]:
        return [*self.filterset_class.base_filters, *PARAMETERS]  # type: ignore[attr-defined]


class Notices(Listed):
    """Notices on studies (retractions, corrections, concerns, …), the one seen last first."""

    serializer_class = NoticeOnStudy
    filterset_class = filtersets.NoticeFilters

    @override
    def get_queryset(self) -> Any:
        return reads.notices()


@extend_schema(
    parameters=[OpenApiParameter("accession", str, OpenApiParameter.PATH, description="Accession of the study.")]
)
class Citations(Listed):
    """How often each service counted a study as cited, and when: one row a service and day."""

    serializer_class = CitationSerializer
    filterset_class = filtersets.CitationFilters

    @override
    def get_queryset(self) -> Any:
        return reads.citations(self.kwargs.get("accession", ""))

    @override
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A study that nobody counted has an empty list; one that is not public has none.
        accession = kwargs["accession"]
        if "\0" in accession or not Study.objects.public().filter(accession=accession).exists():
            _Cited(request=request).explain_absence(accession)


class _Cited(Studies):
    """A study whose citations are asked for: where it was merged, those of the other are meant."""

    @override
    def moved(self, name: str, view: str, new_name: str) -> Problem:
        return super().moved(name, "citation" if view == "study" else view, new_name)


class Sources(Records):
    """Sources: what released the vesicles."""

    kind = Kind.SOURCE
    serializer_class = SourceSerializer
    filterset_class = filtersets.SourceFilters

    @override
    def get_queryset(self) -> Any:
        return reads.sources()


class Preparations(Records):
    """Preparations: the vesicles of one source as one study made them."""

    kind = Kind.PREPARATION
    neighbours = {"study": (reads.studies, StudySerializer), "source": (reads.sources, SourceSerializer)}
    serializer_class = PreparationSerializer
    filterset_class = filtersets.PreparationFilters

    @override
    def get_queryset(self) -> Any:
        return reads.preparations()


class Cargos(Records):
    """Cargos: molecules and payloads in or on vesicles, and panels of them."""

    kind = Kind.CARGO
    serializer_class = CargoSerializer
    filterset_class = filtersets.CargoFilters

    @override
    def get_queryset(self) -> Any:
        return reads.cargos()


class Terms(Records):
    """Terms: the entries of the vocabularies, with their trees."""

    lookup_field = "curie"
    serializer_class = TermSerializer
    filterset_class = filtersets.TermFilters

    @override
    def get_queryset(self) -> Any:
        return reads.terms()

    @override
    def explain_absence(self, name: str) -> None:
        given_up = AlternativeId.objects.filter(curie=name.replace("\0", "")).select_related("term").first()
        if given_up:
            raise self.moved(name, "term", given_up.term.curie)
        raise missing(f"No term is known as {shown(name)}: terms go by CURIE, such as DOID:10534.")


class Releases(Records):
    """Releases: numbered, immutable snapshots of accepted evidence."""

    lookup_field = "number"
    serializer_class = ReleaseSerializer
    filterset_class = filtersets.ReleaseFilters

    @override
    def get_queryset(self) -> Any:
        return reads.releases()

    @override
    def explain_absence(self, name: str) -> None:
        raise missing(f"No release is numbered {shown(name)}.")
