"""What the database holds already of a set of documents, and which of its records each document speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from apps.claims.models import Claim
from apps.documents.reading import Fault, Reading
from apps.documents.schema import CargoPart, ClaimPart, StudyPart, Where
from apps.records.models import Accession
from apps.studies.models import Study
from apps.terms.models import NameKind
from apps.vesicles.models import Preparation, VesicleSource

SOURCE_NAMES = ("species", "cell_line", "cell_type", "tissue", "disease")
IDENTIFIERS = ("pmid", "pmcid", "doi", "nct")

NameKey = tuple[str, str, str]
CargoKey = tuple[str, str, str]


def names_wanted(reading: Reading) -> Iterator[NameKey]:
    """Every name that the document writes, with the identifier beside it, if any."""
    for preparation in reading.document.preparations:
        for kind in SOURCE_NAMES:
            if text := getattr(preparation.source, kind):
                yield kind, text, ""
    for claim in reading.document.claims:
        yield from names_of_claim(claim)


def names_of_claim(claim: ClaimPart) -> Iterator[NameKey]:
    yield NameKind.DISEASE, claim.disease, claim.disease_id or ""
    if claim.recipient:
        yield NameKind.RECIPIENT, claim.recipient, ""
    yield from ((NameKind.THERAPY, text, "") for text in claim.therapy or [])
    yield from ((NameKind.TARGET, text, "") for text in claim.targets or [])


def cargos_wanted(reading: Reading) -> Iterator[CargoKey]:
    return (cargo_wanted(claim.cargo) for claim in reading.document.claims if claim.cargo)


def cargo_wanted(part: CargoPart) -> CargoKey:
    return part.kind, part.name, part.id or ""


class Found:
    """What the database holds already of a set of documents, in a fixed number of queries."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        parts = [reading.document.study for reading in readings]
        given = {value for reading in readings for _, value in reading.document.accessions()}
        matches = Q(accession__in=given)
        for name in IDENTIFIERS:
            matches |= Q(**{f"{name}__in": [getattr(part, name) for part in parts if getattr(part, name)]})
        studies = list(Study.objects.filter(matches))
        self.studies: dict[tuple[str, str], Study] = {
            (name, value): study
            for study in studies
            for name in ("accession", *IDENTIFIERS)
            if (value := getattr(study, name))
        }
        self.preparations: dict[tuple[int, str], Preparation] = {
            (made.study_id, made.key): made for made in Preparation.objects.filter(study__in=studies)
        }
        self.claims: dict[tuple[int, str], list[Claim]] = {}
        # Of every state: what was rejected or withdrawn here is known by its key too.
        versions = Claim.objects.filter(preparation__study__in=studies).select_related("preparation", "author")
        for claim in versions.prefetch_related("therapy_links", "target_links", "measures"):
            self.claims.setdefault((claim.preparation.study_id, claim.key), []).append(claim)
        self.accessions = set(Accession.objects.filter(pk__in=given).values_list("pk", flat=True))
        names = {preparation.source.name for r in readings for preparation in r.document.preparations}
        self.sources: dict[tuple[Any, ...], VesicleSource] = {
            (s.name, s.category, s.material, *(getattr(s, f"{kind}_id") for kind in SOURCE_NAMES)): s
            for s in VesicleSource.objects.filter(name__in=names)
        }

    def study_of(self, reading: Reading) -> tuple[Study | None, list[Fault]]:
        """The study in the database that the document speaks of, and what is wrong about that."""
        part = reading.document.study
        matches = {
            study.pk: (name, study)
            for name, value in part.identifiers.items()
            if (study := self.studies.get((name, value)))
        }
        if len(matches) > 1:
            which = " but ".join(f"{name} is that of {study.accession}" for name, study in matches.values())
            fault = reading.fault(("study",), f"{which}: two studies in the database; merge them first")
            return None, [fault]
        if matches:
            study = next(iter(matches.values()))[1]
        else:
            study = self.studies.get(("accession", part.accession or ""))
            if study and (other := another_publication(part, study)):
                return None, [reading.fault(("study", "accession"), other)]
        return study, list(self.accession_faults(reading, study))

    def accession_faults(self, reading: Reading, study: Study | None) -> Iterator[Fault]:
        """The accessions that the document brings must be those that its records have."""
        for where, given, held in self.accessions_held(reading, study):
            if given and held and given != held:
                yield reading.fault(where, f"{given} is not its accession: in the database it is {held}")
            elif given and not held and given in self.accessions:
                yield reading.fault(where, f"{given} was given to another record")

    def accessions_held(self, reading: Reading, study: Study | None) -> Iterator[tuple[Where, str | None, str | None]]:
        """Where a record of the document has its accession, which one it brings, and which one the database has."""
        document = reading.document
        yield ("study", "accession"), document.study.accession, study.accession if study else None
        for at, preparation in enumerate(document.preparations):
            made = self.preparations.get((study.pk, preparation.id)) if study else None
            yield ("preparations", at, "accession"), preparation.accession, made.accession if made else None
        for at, claim in enumerate(document.claims):
            versions = self.claims.get((study.pk, claim.id)) if study else None
            yield ("claims", at, "accession"), claim.accession, versions[0].accession if versions else None


def another_publication(part: StudyPart, study: Study) -> str:
    """Why the document is not about the study whose accession it gives, though nothing else leads to another one."""
    for name, value in part.identifiers.items():
        if (held := getattr(study, name)) and held != value:
            return (
                f"{study.accession} has the {name} {held}, not {value}: it is another publication. Leave the accession "
                "out, or correct the identifier of the study in the admin first"
            )
    return ""
