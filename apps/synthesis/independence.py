"""Which studies are independent: those that share authors are one group, so that a laboratory's ten papers count once.

Two studies are linked where they share three authors' names, or two of which one is the first or last author of both.
One shared name says nothing: "Zhang Y" is many people. Links chain: a group is all that can be reached through them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from django.db import transaction
from django.db.models import F, Q

from apps.studies.models import Study
from apps.synthesis.models import StudyGroup

ENOUGH = 3
WITH_AN_END = 2
# A name that more studies bear than this leads to no pairs of its own: too many people have it.
COMMON = 200


def linked(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of authors, first to last, are of people who work together."""
    shared = set(one) & set(other)
    if len(shared) >= ENOUGH:
        return True
    return len(shared) >= WITH_AN_END and bool(_ends(one) & _ends(other))


def _ends(authors: Sequence[str]) -> set[str]:
    return {authors[0], authors[-1]} if authors else set()


def groups(studies: Mapping[int, Sequence[str]]) -> dict[int, int]:
    """For each study (key and authors) the lowest key of its group."""
    above = {study: study for study in studies}

    def root(study: int) -> int:
        while above[study] != study:
            above[study] = above[above[study]]
            study = above[study]
        return study

    for one, other in _pairs(studies):
        first, second = sorted((root(one), root(other)))
        if first != second and linked(studies[one], studies[other]):
            above[second] = first
    return {study: root(study) for study in studies}


def _pairs(studies: Mapping[int, Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of studies that share a name which is not everybody's."""
    bearing: dict[str, list[int]] = defaultdict(list)
    for study, authors in studies.items():
        for name in dict.fromkeys(authors):
            bearing[name].append(study)
    for bearers in bearing.values():
        if len(bearers) <= COMMON:
            yield from combinations(bearers, 2)


def is_current() -> bool:
    """Whether every study has its group, by the authors that it has now."""
    moved = Q(author_group=None) | ~Q(author_group__authors=F("authors"))
    return not Study.objects.filter(moved).exists()


@transaction.atomic
def regroup() -> list[int]:
    """Group all studies anew; return those that changed. The same however often it runs."""
    authors: dict[int, list[str]] = dict(Study.objects.order_by("pk").values_list("pk", "authors"))
    found = groups(authors)
    known = {each.study_id: (each.first_id, each.authors) for each in StudyGroup.objects.all()}
    changed = [study for study, first in found.items() if known.get(study) != (first, authors[study])]
    _write(changed, found, authors)
    return changed


def _write(changed: Iterable[int], found: Mapping[int, int], authors: Mapping[int, list[str]]) -> None:
    rows = [StudyGroup(study_id=study, first_id=found[study], authors=authors[study]) for study in changed]
    StudyGroup.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["study"], update_fields=["first", "authors"], batch_size=1_000
    )
