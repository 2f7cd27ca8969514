"""Evidence documents into the database: all of a set, or nothing; twice the same as once.

What a document says is compared with what the database holds, record by record. New records are made, changed
studies, sources and preparations are updated (the database keeps what was before), and a changed claim gets a new
version: accepted at once as part of a release, else a draft for review. What a document does not speak of stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pghistory
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.claims import search
from apps.claims.content import Content, content_of, level_values, rewrite_lists, write_lists
from apps.claims.models import Claim, Release, State
from apps.claims.releases import fill_and_close
from apps.documents.content import claim_content, merged, preparation_values
from apps.documents.found import (
    SOURCE_NAMES,
    CargoKey,
    Found,
    NameKey,
    cargo_wanted,
    cargos_wanted,
    names_wanted,
)
from apps.documents.reading import Fault, Reading
from apps.documents.schema import PreparationPart, SourcePart, StudyPart
from apps.documents.versions import Versions
from apps.people.models import User
from apps.records.statistics import analyze
from apps.studies.models import Nature, Notice, Study, StudyStatus
from apps.terms.grounding import ground_names
from apps.terms.models import Name
from apps.vesicles.cargos import CargoConflicts, find_cargos
from apps.vesicles.models import Cargo, Preparation, VesicleSource

# Any number will do, as long as it is always the same: two imports at once would not see each other's records.
LOCK = 2_026_112_3
# So many documents at once may change how the database had best be asked.
MANY = 100
SERVICE = "curation"
NATURE = {
    StudyStatus.RETRACTED: Nature.RETRACTION,
    StudyStatus.CONCERN: Nature.CONCERN,
    StudyStatus.CORRECTED: Nature.CORRECTION,
}


class Refused(Exception):
    """Documents that can't go in, with all the reasons; nothing was written."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__(f"{len(self.faults)} faults")


@dataclass
class Summary:
    """What an import did, or would do."""

    made: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    ungrounded: list[tuple[str, str, int, str]] = field(default_factory=list)

    def note(self, what: str, *, made: bool, changed: bool) -> None:
        """Count one record as made, changed or unchanged."""
        (self.made if made else self.changed if changed else self.unchanged)[what] += 1


def import_documents(
    readings: Sequence[Reading],
    *,
    author: User,
    release: Release | None = None,
    progress: Callable[[Sequence[Reading]], Iterable[Reading]] = iter,
) -> Summary:
    """Store the documents. With a release, claims are accepted as part of it; else they are `author`'s drafts.

    Raises Refused, with every fault found, or ReleaseClosed, and then nothing is written.
    """
    reason = f"release {release}" if release else "import of documents"
    try:
        with pghistory.context(reason=reason, user=author.pk), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            run = Import(readings, author, release)
            for reading in progress(readings):
                run.store(reading)
            if run.faults:
                raise Refused(run.faults)
            run.finish()
            if len(readings) >= MANY:
                analyze()
    except (DataError, IntegrityError) as problem:
        # What no rule of the documents foresees, in what they share: no one of them is known to be at fault.
        where = readings[0].path if len(readings) == 1 else readings[0].path.parent
        raise Refused([Fault(where, 0, "", str(problem).partition("\n")[0])]) from problem
    return run.summary


class Import:
    """One run over a set of documents, inside one transaction."""

    def __init__(self, readings: Sequence[Reading], author: User, release: Release | None) -> None:
        self.readings, self.author, self.release = readings, author, release
        self.now: datetime = timezone.now()
        self.summary = Summary()
        self.faults: list[Fault] = []
        self.new_versions: list[Claim] = []
        self.to_write: list[tuple[Claim, Content]] = []
        self.members: list[Claim] = []
        # Records that were there before and changed: claims on them are found by other words now.
        self.changed: list[Study | Preparation | Name | Cargo] = []
        self.names: dict[NameKey, Name] = self.names_of(readings)
        self.cargos: dict[CargoKey, Cargo] = self.cargos_of(readings)
        self.found = Found(readings)

    def names_of(self, readings: Sequence[Reading]) -> dict[NameKey, Name]:
        touched: set[Name] = set()
        names = ground_names({key for r in readings for key in names_wanted(r)}, touched=touched)
        self.changed += touched
        return names

    def cargos_of(self, readings: Sequence[Reading]) -> dict[CargoKey, Cargo]:
        """The cargos that the claims name. Raises Refused where identifiers contradict what is known of them."""
        touched: set[Cargo] = set()
        try:
            cargos = find_cargos({key for r in readings for key in cargos_wanted(r)}, touched=touched)
        except CargoConflicts as conflicts:
            raise Refused(
                reading.fault(("claims", at, "cargo", "id" if key[2] else "name"), conflicts.found[key])
                for reading in readings
                for at, claim in enumerate(reading.document.claims)
                if claim.cargo and (key := cargo_wanted(claim.cargo)) in conflicts.found
            ) from None
        self.changed += touched
        return cargos

    def store(self, reading: Reading) -> None:
        """Store one document; what keeps it out is added to the faults."""
        study, faults = self.found.study_of(reading)
        if faults:
            self.faults += faults
            return
        try:
            with transaction.atomic():
                self.write(reading, study)
        except DatabaseError as problem:
            self.to_write = []
            self.faults.append(reading.fault(("study",), str(problem).partition("\n")[0]))

    def write(self, reading: Reading, study: Study | None) -> None:
        document = reading.document
        study = self.write_study(reading, study)
        self.write_notice(document.study, study)
        preparations = {part.id: self.write_preparation(part, study, reading) for part in document.preparations}
        for at, part in enumerate(document.claims):
            self.write_claim(reading, at, preparations[part.preparation], study)
        self.write_new_versions()
        self.remark_on_the_rest(reading, study)

    def write_study(self, reading: Reading, study: Study | None) -> Study:
        part, provenance = reading.document.study, reading.document.provenance
        values: dict[str, Any] = {
            **{name: getattr(part, name) for name in ("kind", "title", "journal", "year", "authors")},
            **part.identifiers,
            "pages_read": provenance.read_at,
            "depth": provenance.depth,
            "curated_on": provenance.curated_on,
        }
        if study is None:
            study = Study.objects.create(**given_accession(part.accession), **values)
            self.summary.note("studies", made=True, changed=False)
            return study
        kind_before = study.kind
        self.bring_up_to_date("studies", study, values)
        if study.kind != kind_before:
            reassess(study)
        return study

    def bring_up_to_date(self, what: str, record: Study | Preparation, values: dict[str, Any]) -> None:
        """Write what differs, and remember that the claims on it are to be found by other words."""
        changed = update(record, values)
        self.summary.note(what, made=False, changed=changed)
        self.changed += [record] if changed else []

    def write_notice(self, part: StudyPart, study: Study) -> None:
        """A status other than published rests on a notice that the curator read of."""
        nature = NATURE.get(StudyStatus(part.status))
        if nature is None:
            if study.status != StudyStatus.PUBLISHED:
                self.summary.remarks.append(
                    f"{study.accession} stays {study.status}: its notices say so, whatever the document says"
                )
            return
        Notice.objects.get_or_create(
            study=study,
            service=SERVICE,
            nature=nature,
            identifier=(part.notice or "").lower(),
            defaults={"first_seen": study.curated_on, "last_seen": study.curated_on},
        )

    def write_preparation(self, part: PreparationPart, study: Study, reading: Reading) -> Preparation:
        values = preparation_values(part)
        values["source_id"] = self.source(part.source, reading).pk
        preparation = self.found.preparations.get((study.pk, part.id))
        if preparation is None:
            preparation = Preparation.objects.create(
                study=study, key=part.id, **given_accession(part.accession), **values
            )
            self.summary.note("preparations", made=True, changed=False)
        else:
            self.bring_up_to_date("preparations", preparation, values)
        return preparation

    def source(self, part: SourcePart, reading: Reading) -> VesicleSource:
        """The source that is described in these words, made when it is new."""
        names = {
            kind: self.names[kind, text, ""].pk if (text := getattr(part, kind)) else None for kind in SOURCE_NAMES
        }
        key = (part.name, part.category, part.material, *names.values())
        source = self.found.sources.get(key)
        if source is None:
            source = self.found.sources[key] = VesicleSource.objects.create(
                **given_accession(part.accession),
                name=part.name,
                category=part.category,
                material=part.material,
                **{f"{kind}_id": name for kind, name in names.items()},
            )
            self.summary.note("sources", made=True, changed=False)
            return source
        self.summary.note("sources", made=False, changed=False)
        if part.accession and part.accession != source.accession:
            at = next(n for n, p in enumerate(reading.document.preparations) if p.source is part)
            self.faults.append(
                reading.fault(
                    ("preparations", at, "source", "accession"),
                    f"{part.accession} is not the accession of this source: in the database it is {source.accession}",
                )
            )
        return source

    def write_claim(self, reading: Reading, at: int, preparation: Preparation, study: Study) -> None:
        part = reading.document.claims[at]
        wanted = claim_content(part, preparation, self.names, self.cargos)
        versions = Versions(self.found.claims.get((study.pk, part.id), []), wanted)
        if why := versions.left_alone:
            self.summary.note("claims", made=False, changed=False)
            self.summary.remarks.append(f"{reading.path}: claim {part.id!r} ({versions.accession}) {why}")
        elif (same := versions.same) and not (self.release and same.state != State.ACCEPTED):
            self.summary.note("claims", made=False, changed=False)
            self.members += [same] if self.release else []
        elif mine := versions.draft_of(self.author):
            self.rewrite(mine, merged(wanted, mine), study)
            self.supersede(versions.accepted)
        elif accepted := versions.accepted:
            self.add_version(versions.accession, versions.next, part.id, merged(wanted, accepted), study, accepted)
            self.supersede(accepted)
        elif versions.all:
            self.faults.append(
                reading.fault(
                    ("claims", at, "id"),
                    f"{part.id!r} is {versions.accession}, which {versions.all[0].author} wrote, not accepted yet "
                    f"({versions.all[0].get_state_display()}): give this claim another id, or import it once that is "
                    "decided",
                )
            )
        else:
            self.add_version(part.accession, 1, part.id, wanted, study)

    def supersede(self, accepted: Claim | None) -> None:
        """A new version of a release takes the place of the accepted one."""
        if accepted and self.release:
            Claim.objects.filter(pk=accepted.pk).update(state=State.SUPERSEDED, left_at=self.now)

    def add_version(  # noqa: PLR0917 - what a version is made of
        self,
        accession: str | None,
        version: int,
        key: str,
        content: Content,
        study: Study,
        basis: Claim | None = None,
    ) -> None:
        """Have a version of a claim written: the first, or the one after the latest."""
        claim = Claim(
            **given_accession(accession),
            version=version,
            key=key,
            basis=basis,
            author=self.author,
            **level_values(content, study),
            **content.columns,
        )
        self.to_write.append((claim, content))
        self.summary.note("claims", made=version == 1, changed=True)

    def write_new_versions(self) -> None:
        """Write those of one study together, in as many queries as for one."""
        written, self.to_write = self.to_write, []
        self.new_versions += Claim.objects.bulk_create(claim for claim, _ in written)
        write_lists(*written)

    def rewrite(self, draft: Claim, content: Content, study: Study) -> None:
        """Bring a draft of an earlier import up to what the document says now."""
        changed = content_of(draft) != content
        if changed:
            update(draft, content.columns | level_values(content, study))
            rewrite_lists(draft, content)
        self.new_versions.append(draft)
        self.summary.note("claims", made=False, changed=changed or self.release is not None)

    def remark_on_the_rest(self, reading: Reading, study: Study) -> None:
        """A claim or preparation that the document no longer has stays; only a person withdraws it."""
        document = reading.document
        kept = {claim.id for claim in document.claims}
        for (owner, key), versions in self.found.claims.items():
            if owner == study.pk and key not in kept:
                self.summary.remarks.append(
                    f"{reading.path}: claim {key!r} ({versions[0].accession}) is not in the document and stays as it is"
                )

    def finish(self) -> None:
        """Accept what comes with a release, make all of it findable, and count."""
        new = Claim.objects.filter(pk__in=[claim.pk for claim in self.new_versions])
        if self.release:
            fill_and_close(release_id=self.release.pk, new=self.new_versions, kept=self.members, moment=self.now)
        rewritten = Claim.objects.resting_on(*self.changed)
        search.index(Claim.objects.filter(Q(pk__in=new.values("pk")) | Q(pk__in=rewritten.values("pk"))))
        self.report_grounding()

    def report_grounding(self) -> None:
        uses = Counter(key for reading in self.readings for key in names_wanted(reading))
        self.summary.ungrounded = sorted(
            (str(name.kind), name.text, uses[key], name.reason or str(name.get_grounding_display()))
            for key, name in self.names.items()
            if name.grounding not in (Name.Grounding.GROUNDED, Name.Grounding.NOT_STATED)
        )


def reassess(study: Study) -> None:
    """The kind of the study is part of the level of each of its claims."""
    standing = Claim.objects.resting_on(study).filter(state__in=[State.DRAFT, State.SUBMITTED, State.ACCEPTED])
    for claim in standing.prefetch_related("therapy_links", "target_links", "measures"):
        update(claim, level_values(content_of(claim), study))


def given_accession(accession: str | None) -> dict[str, str]:
    """The accession as a field to set, or nothing: then the database gives one."""
    return {"accession": accession} if accession else {}


def update(record: Any, values: dict[str, Any]) -> bool:
    """Write the values that differ. Return whether any did."""
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    for name in changed:
        setattr(record, name, values[name])
    if changed:
        record.save(update_fields=changed)
    return bool(changed)
