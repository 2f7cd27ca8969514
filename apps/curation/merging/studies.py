"""Merging studies: one publication, one set of identifiers, each preparation and claim under a key of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, ClassVar

from django.db.models import Model

from apps.claims.levels import assess
from apps.claims.models import Claim, ClaimQuerySet, State
from apps.curation.merging.sorts import Sort, called
from apps.curation.merging.trace import BATCH, Trace, model_of, set_keys
from apps.curation.models import Merge
from apps.records.models import Kind
from apps.studies.models import Notice, Study, StudyStatus
from apps.vesicles.models import Preparation

IDENTIFIERS = ("pmid", "pmcid", "doi", "nct")
# What has left the public keeps the level that it had.
GRADED = (State.DRAFT, State.SUBMITTED, State.ACCEPTED)


class StudySort(Sort):
    kind = Kind.STUDY
    model = Study
    compared = ("kind", "title", "journal", "year", "authors", "depth", "curated_on", "status")
    begins_as: ClassVar = {"status": StudyStatus.PUBLISHED}

    def claims(self, record: Study) -> ClaimQuerySet:
        return Claim.objects.filter(preparation__study=record.pk)

    def conflicts(self, gone: Study, into: Study) -> Iterator[str]:
        for name in IDENTIFIERS:
            ours, theirs = getattr(gone, name), getattr(into, name)
            if ours and theirs and ours != theirs:
                yield (
                    f"{gone.accession} has the {called(Study, name)} {ours}, {into.accession} has {theirs}: two "
                    "publications. A preprint and its paper are two studies, too. If one is wrong, correct it first."
                )
        yield from _verdicts(gone, into)

    def taken_over(self, gone: Study, into: Study) -> dict[str, Any]:
        return {name: value for name in IDENTIFIERS if (value := getattr(gone, name)) and not getattr(into, name)}

    def new_keys(self, gone: Study, into: Study) -> dict[type[Model], dict[Any, str]]:
        made = {study: dict(study.preparations.values_list("pk", "key")) for study in (gone, into)}
        keys: dict[type[Model], dict[Any, str]] = {Preparation: _fresh(made[gone], made[into].values())}
        ours = dict(self.claims(gone).order_by("pk").values_list("accession", "key"))
        theirs = self.claims(into).values_list("key", flat=True)
        new = _fresh(ours, theirs)
        versions = self.claims(gone).filter(accession__in=list(new)).values_list("pk", "accession")
        keys[Claim] = {pk: new[accession] for pk, accession in versions}
        return keys

    def settle(self, record: Study) -> None:
        """The kind of its study is part of the level of a claim."""
        changed = []
        for claim in self.claims(record).filter(state__in=GRADED).defer("search").order_by("pk"):
            found = assess(models=claim.models_used, study_kind=record.kind, validation=claim.validation)
            if (claim.level_computed, claim.level_reason) != (found.level, found.reason):
                claim.level_computed, claim.level_reason = found.level, found.reason
                changed.append(claim)
        Claim.objects.bulk_update(changed, ["level_computed", "level_reason"], batch_size=BATCH)

    def hindrances(self, trace: Trace, into: Study) -> Iterator[str]:
        yield from super().hindrances(trace, into)
        back = Claim.objects.filter(preparation__in=trace.ids(Preparation))
        torn = (
            self.claims(into)
            .exclude(preparation__in=trace.ids(Preparation))
            .filter(accession__in=back.values("accession"))
        )
        for accession in torn.order_by("accession").values_list("accession", flat=True).distinct()[:BATCH]:
            yield f"{accession} has a version on another preparation of {into.accession} since: it has one study."

    def follow(self, merge: Merge, trace: Trace, gone: Study, into: Study) -> None:  # noqa: ARG002 - its own need
        """Keys as they were, where nothing else has taken them since."""
        for noted in trace.keyed:
            model = model_of(noted)
            old = {row["id"]: row["old"] for row in noted["rows"]}
            here = _of_study(model, gone)
            still = {row.pk: row for row in here if row.pk in old}
            taken = {row.key for row in here if row.pk not in still}
            set_keys(model, {pk: old[pk] for pk in still if old[pk] not in taken})


def _of_study(model: type[Model], study: Study) -> list[Any]:
    path = "study" if model is Preparation else "preparation__study"
    return list(model._default_manager.filter(**{path: study.pk}).only("pk", "key"))  # noqa: SLF001 - documented


def _fresh(ours: dict[Any, str], theirs: Iterable[str]) -> dict[Any, str]:
    """New keys for those of ours that the others have, such as neither has and no document brings."""
    taken = set(theirs)
    doubled = [row for row, key in ours.items() if key in taken]
    taken_by_either = taken | set(ours.values())
    free = (key for number in count(1) if (key := f"e{number}") not in taken_by_either)
    return dict(zip(doubled, free, strict=False))


def _verdicts(gone: Study, into: Study) -> Iterator[str]:
    """A notice that both have must stand the same way with both."""
    overruled: dict[tuple[str, str, str], set[bool]] = defaultdict(set)
    for notice in Notice.objects.filter(study__in=[gone, into]):
        overruled[notice.service, notice.nature, notice.identifier].add(notice.overruled_at is not None)
    for (service, nature, _), verdicts in overruled.items():
        if len(verdicts) > 1:
            yield (
                f"The {nature} that {service} reports is overruled for one of the two studies and not for the other: "
                "decide on it for both first."
            )
