"""What an import changes in records that were there before, read from the history that the database writes."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib.postgres.functions import TransactionNow
from django.db.models import Max

from apps.people.models import Role, User
from apps.studies.models import Study
from apps.vesicles.models import Preparation

WATCHED: tuple[type[Any], ...] = (Study, Preparation)
# Derived by the database, or of no meaning to a person.
SILENT = {"id", "pgh_id", "pgh_label", "pgh_created_at", "pgh_context", "pgh_context_id", "pgh_obj", "pgh_obj_id"}
LONGEST = 120


class Change(NamedTuple):
    """One field of a record that was there before."""

    record: str
    field: str
    before: str
    after: str


class Watch:
    """The events that this transaction writes from now on."""

    def __init__(self, author: User) -> None:
        self.author = author
        self.before = {model: _events(model).aggregate(last=Max("pgh_id"))["last"] or 0 for model in WATCHED}

    def changes(self, most: int) -> list[Change]:
        """The fields that changed, of the first records that did."""
        return [change for model in WATCHED for change in self._changes(model, most)][:most]

    def refusals(self) -> list[tuple[dict[str, str], str]]:
        """The studies that only an editor may change, for the public reads what rests on them."""
        if self.author.at_least(Role.EDITOR):
            return []
        studies = Study.objects.public().filter(pk__in=self._changed(Study))
        made = Preparation.objects.public().filter(pk__in=self._changed(Preparation)).select_related("study")
        found = [(study, study.accession) for study in studies] + [(each.study, each.accession) for each in made]
        return [
            (
                {name: value for name in ("pmid", "doi", "pmcid", "nct") if (value := getattr(study, name))},
                f"changes {accession}, which public claims rest on: an editor does that. Give the record as it is",
            )
            for study, accession in found
        ]

    def _written(self, model: type[Any]) -> Any:
        """Of this transaction alone: its moment is that of its beginning, and it is this person's."""
        return _events(model).filter(
            pgh_id__gt=self.before[model],
            pgh_label="update",
            pgh_created_at=TransactionNow(),
            pgh_context__user=self.author.pk,
        )

    def _changed(self, model: type[Any]) -> Any:
        return self._written(model).values("pgh_obj_id")

    def _changes(self, model: type[Any], most: int) -> list[Change]:
        after = {event.pgh_obj_id: event for event in self._written(model).order_by("-pgh_id")[: most * 2]}
        earlier = _events(model).filter(pgh_obj_id__in=after, pgh_id__lte=self.before[model])
        before = {e.pgh_obj_id: e for e in earlier.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")}
        return [
            Change(event.accession, field.verbose_name, _said(old), _said(new))
            for key, event in sorted(after.items())
            if (start := before.get(key))
            for field in event._meta.concrete_fields  # noqa: SLF001 - the documented way to a model's columns
            if field.name not in SILENT
            and (old := getattr(start, field.attname)) != (new := getattr(event, field.attname))
        ]


def _events(model: type[Any]) -> Any:
    return model.pgh_event_models["update"].objects


def _said(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
