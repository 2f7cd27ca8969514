"""The starter collection: the vocabularies, cargos and documents that every installation begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.claims.models import Release
from apps.documents import reading
from apps.documents.reading import Fault, Reading
from apps.documents.storing import Refused, Summary, import_documents
from apps.people.models import User
from apps.terms.grounding import load_decisions
from apps.terms.loading import load
from apps.terms.models import Vocabulary
from apps.terms.readers import read
from apps.vesicles.table import load_cargos

DATA = Path(settings.BASE_DIR) / "data"
EVIDENCE = DATA / "evidence"
VOCABULARY = DATA / "vocabulary"

Progress = Callable[[Sequence[Any], str], Iterable[Any]]


def release_at_hand() -> tuple[str, date, str]:
    """Number, date and title of the release that the starter documents are part of."""
    number, day, title = (EVIDENCE / "release.txt").read_text(encoding="utf-8").splitlines()[:3]
    return number, date.fromisoformat(day), title


def is_loaded() -> bool:
    return Release.objects.filter(number=release_at_hand()[0]).exists()


def load_starter(progress: Progress) -> Summary:
    """Load vocabularies, cargos and documents in one transaction: after a crash all of it is there, or nothing.

    Raises Refused where a document has faults.
    """
    number, day, title = release_at_hand()
    readings = starter_readings(progress)
    with transaction.atomic():
        for vocabulary in progress(Vocabulary.values, "vocabularies"):
            load(vocabulary, read(VOCABULARY / f"{vocabulary}.tsv"))
        load_decisions(VOCABULARY / "groundings.tsv")
        load_cargos(VOCABULARY / "cargos.tsv")
        release = Release.objects.create(number=number, released_on=day, title=title)
        return import_documents(
            readings,
            author=User.objects.get(username="import"),
            release=release,
            progress=lambda documents: progress(documents, "documents"),
        )


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
