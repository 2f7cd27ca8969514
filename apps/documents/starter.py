"""The starter collection: the vocabularies, cargos and documents that every installation begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from apps.claims import search
from apps.claims.models import Claim, Release
from apps.documents import reading
from apps.documents.reading import Fault, Reading
from apps.documents.storing import Refused, Summary, import_documents
from apps.finding import names
from apps.people.models import User
from apps.terms.grounding import load_decisions
from apps.terms.loading import VocabularyRefused, load
from apps.terms.models import Name, Term, Vocabulary
from apps.terms.readers import read
from apps.terms.table import BadVocabulary
from apps.vesicles.models import Cargo
from apps.vesicles.table import load_cargos

DATA = Path(settings.BASE_DIR) / "data"
EVIDENCE = DATA / "evidence"
VOCABULARY = DATA / "vocabulary"


class NotLoaded(Exception):
    """A release of the starter collection that can't be loaded, with every reason; nothing was written."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(f"{len(reasons)} reasons")
        self.reasons = reasons


Progress = Callable[[Sequence[Any], str], Iterable[Any]]


def release_at_hand() -> tuple[str, date, str]:
    """Number, date and title of the release that the starter documents are part of."""
    number, day, title = (EVIDENCE / "release.txt").read_text(encoding="utf-8").splitlines()[:3]
    return number, date.fromisoformat(day), title


def is_loaded() -> bool:
    return Release.objects.filter(number=release_at_hand()[0]).exists()


def load_starter(progress: Progress) -> Summary:
    """Load vocabularies, cargos and documents in one transaction: after a crash all of it is there, or nothing.

    Raises NotLoaded where any of them has faults, or contradicts what the database holds.
    """
    try:
        with transaction.atomic():
            return _load(progress)
    except Refused as refused:
        raise NotLoaded([str(fault) for fault in sorted(refused.faults)]) from refused
    except (BadVocabulary, VocabularyRefused, DataError, IntegrityError) as fault:
        raise NotLoaded([str(fault).partition("\n")[0]]) from fault


def _load(progress: Progress) -> Summary:
    number, day, title = release_at_hand()
    readings = starter_readings(progress)
    changed: list[Term | Name | Cargo] = []
    for vocabulary in progress(Vocabulary.values, "vocabularies"):
        changed += load(vocabulary, read(VOCABULARY / f"{vocabulary}.tsv")).terms_touched()
    changed += load_decisions(VOCABULARY / "groundings.tsv").written
    cargos = load_cargos(VOCABULARY / "cargos.tsv")
    changed += cargos.touched
    search.index(Claim.objects.resting_on(*changed))
    summary = import_documents(
        readings,
        author=User.objects.get(username="import"),
        release=Release.objects.create(number=number, released_on=day, title=title),
        progress=lambda documents: progress(documents, "documents"),
    )
    names.refresh()
    summary.remarks += [f"{given} leads to {held}, which is the same cargo" for given, held in cargos.stood_for.items()]
    return summary


def starter_readings(progress: Progress) -> list[Reading]:
    readings: list[Reading] = []
    faults: list[Fault] = []
    for path in progress(reading.documents_under([EVIDENCE]), "checking"):
        found, problems = reading.read(path)
        faults += problems
        readings += [found] if found else []
    faults += reading.set_faults(readings)
    if faults:
        raise Refused(faults)
    return readings
