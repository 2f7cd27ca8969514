"""What happens to a form of entry, whatever it is about: restored, merged, refused, or saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms.utils import ErrorDict
from django.http import QueryDict

from apps.claims.acts import ChangedMeanwhile, NotAllowed
from apps.curation import autosaves
from apps.curation.entering import MayNot, RecordChanged
from apps.curation.models import Autosave
from apps.desk.door import read_json
from apps.desk.entry.access import Person
from apps.desk.entry.fields import to_data
from apps.desk.entry.forms import EntryForm
from apps.desk.history import history
from apps.desk.kept import plainly
from apps.vesicles.cargos import CargoConflict

TAKE = "take-"
MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True)
class Editing:
    """One form and what it edits: how it is made, what the record says now, and how it is saved."""

    part: str  # "study", "preparation" or "claim"
    title: str
    make: Callable[..., EntryForm]
    # What the record says now, in the form's shape, and the digest of it.
    now: Callable[[], tuple[dict[str, Any], str]]
    save: Callable[[EntryForm, str], Any]
    record: Any = None
    similar_to: str = ""


@dataclass(frozen=True)
class Difference:
    """A field that was changed meanwhile, or that is to be changed now."""

    name: str
    label: str
    began: str
    now: str
    mine: str

    @property
    def take(self) -> str:
        """What is proposed: the other's change where one has none of one's own."""
        return THEIRS if self.mine == self.began else MINE


@dataclass
class Filled:
    """A form as it is shown: its token, what was left in it, and what to compare."""

    form: EntryForm
    key: str
    seen: str
    began: str
    said: str = ""
    left: Autosave | None = None
    differences: list[Difference] = field(default_factory=list)
    who: str = ""
    saved: Any = None


def filled(request: Person, editing: Editing) -> Filled:
    """The form for this request; where it was sent and is right, the record is saved and stands in `saved`."""
    if request.method != "POST":
        return opened(request, editing, request.path)
    values, _ = editing.now()
    if not request.trusted:
        said = "You signed in meanwhile. This is what you typed: look at it, and save again."
        return _shown(request.path, editing, request.POST, values, said)
    data = _merged(request.POST, editing.make(initial=values), values)
    form = editing.make(data=data, initial=values)
    page = Filled(form, request.path, data.get("seen", ""), data.get("began", ""))
    if form.is_valid():
        _save(request, editing, page)
    return page


def opened(request: Person, editing: Editing, key: str) -> Filled:
    """The form as it is first shown, or with what the person left in it; `key` is its address."""
    values, digest = editing.now()
    left = autosaves.kept_of(request.user, key)
    if left and "restore" in request.GET:
        data = QueryDict(mutable=True)
        for name, value in left.payload:
            data.appendlist(name, value)
        page = _shown(key, editing, data, values, "This is what you had typed. It is not saved yet.")
        page.left = left
        return page
    form = editing.make(initial=values)
    return Filled(form, key, digest, form.began, left=left)


def _shown(key: str, editing: Editing, data: QueryDict, values: dict[str, Any], said: str) -> Filled:
    """Input that is shown, not judged: nothing is wrong with it before it is sent."""
    form = editing.make(data=data, initial=values)
    setattr(form, "_errors", ErrorDict())  # noqa: B010 - the one way to fill in a form without validating it
    return Filled(form, key, data.get("seen", ""), data.get("began", ""), said=said)


def _merged(sent: QueryDict, form: EntryForm, values: Mapping[str, Any]) -> QueryDict:
    """What was sent, with the other's text in the fields where the person chose it."""
    data = sent.copy()
    for name in form.compared:
        if sent.get(f"{TAKE}{name}") == THEIRS:
            for key, listed in to_data(name, form.fields[name], values.get(name)).items():
                data.setlist(key, listed)
    return data


def _save(request: Person, editing: Editing, page: Filled) -> None:
    form = page.form
    try:
        with transaction.atomic():
            page.saved = editing.save(form, page.seen)
            autosaves.forget(person=request.user, form=page.key)
    except (RecordChanged, ChangedMeanwhile) as changed:
        _compare(editing, page, str(changed))
    except (NotAllowed, MayNot, CargoConflict) as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as refusal:
        form.add_error(None, refusal)
    except IntegrityError as problem:
        form.add_error(None, plainly(problem))


def _compare(editing: Editing, page: Filled, said: str) -> None:
    """Lay what is there now beside what the person has, field by field; the next save is against what is there now."""
    form = page.form
    values, digest = editing.now()
    began, now, mine = _read(page.began), form.told(values), form.told(form.cleaned_data)
    page.differences = [
        Difference(name, str(form[name].label), began.get(name, ""), now[name], mine[name])
        for name in form.compared
        if now[name] != mine[name]
    ]
    page.said, page.seen, page.began = said, digest, json.dumps(now, ensure_ascii=False)
    latest = history(editing.record)[:1]
    page.who = f"{latest[0].who}, {latest[0].at:%Y-%m-%d %H:%M} UTC" if latest else ""


def _read(began: str) -> dict[str, str]:
    """What the form began from, as the page sent it back; only what is proposed depends on it."""
    try:
        read = read_json(began)
    except ValueError:
        return {}
    return {str(name): str(text) for name, text in read.items()} if isinstance(read, dict) else {}
