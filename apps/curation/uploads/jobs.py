"""An upload on its way: received, checked, confirmed, stored. Each step may be begun twice and ends once.

Whoever works on an upload holds a lock that goes when they die, whatever way: so a step that was left in the middle is
known for one, and is begun again.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pghistory
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from apps.curation.models import Upload, UploadFile, UploadState
from apps.curation.uploads import checking
from apps.curation.uploads.problems import Problem, Problems, Unreadable
from apps.curation.uploads.tables import check_archive
from apps.people.models import Role, User

log = logging.getLogger(__name__)

# Small enough to be dealt with while the person waits: a few hundred rows.
SMALL, SMALL_UNPACKED = 60_000, 2_000_000
MOST_ATTEMPTS = 3
SECONDS_BETWEEN_WORDS = 0.5
LONGEST_NAME = 200
# Nobody confirmed it for so long: it is cancelled, and its content let go.
FORGOTTEN = timedelta(days=14)
UNTOUCHED = timedelta(minutes=2)
# Any number will do, as long as it is always the same, and no other lock's.
LOCKS = 2_026_112

Step = Callable[[int], None]


class NotAllowed(Exception):
    """What can't be done with an upload, in a sentence."""


class Stopped(Exception):
    """Somebody cancelled the upload while it was being checked."""


@transaction.atomic
def receive(*, name: str, content: bytes, by: User) -> Upload:
    """Take a file in; nothing of it is read yet."""
    if not by.is_active or not by.at_least(Role.CONTRIBUTOR):
        raise NotAllowed(f"To upload claims takes the role of contributor; {by} is {by.role}.")
    if not content:
        raise NotAllowed("The file is empty.")
    if len(content) > settings.UPLOAD_BYTES:
        raise NotAllowed(
            f"The file has {len(content):,} bytes; at most {settings.UPLOAD_BYTES:,} are taken. Upload it in parts."
        )
    plain = "".join(c for c in name if c.isprintable()).strip()[-LONGEST_NAME:]
    upload = Upload.objects.create(by=by, name=plain or "without name", size=len(content))
    UploadFile.objects.create(upload=upload, content=content)
    return Upload.objects.get(pk=upload.pk)


@transaction.atomic
def confirm(*, upload_id: int, by: User) -> Upload:
    """Say that what was checked is to be stored."""
    upload = _own(upload_id, by)
    if upload.state != UploadState.CHECKED:
        raise NotAllowed(f"{upload} can't be stored now ({upload.get_state_display()}).")
    return _to(upload, UploadState.CONFIRMED, done=0, step="", attempts=0)


@transaction.atomic
def cancel(*, upload_id: int, by: User) -> Upload:
    """Give an upload up, before it is being stored; nothing of it stays."""
    upload = _own(upload_id, by)
    if not upload.can_be_cancelled:
        raise NotAllowed(f"{upload} can't be cancelled now ({upload.get_state_display()}).")
    return _ended(upload, UploadState.CANCELLED)


def is_small(upload: Upload) -> bool:
    """Whether a person can wait for it."""
    if upload.size > SMALL:
        return False
    with _on_disk(upload) as path:
        try:
            return not path.read_bytes().startswith(b"PK") or check_archive(path) <= SMALL_UNPACKED
        except Unreadable:
            return True


def check(*, upload_id: int, watched: bool = True) -> None:
    """Check an upload that waits for it, or whose check was left in the middle."""
    with _alone(upload_id) as mine:
        upload = _begun(upload_id, UploadState.WAITING, UploadState.CHECKING) if mine else None
        if upload is None:
            return
        try:
            with _on_disk(upload) as path, _progress(upload, watched=watched) as progress:
                problems, effect = checking.check(path, upload.name, author=upload.by, progress=progress)
        except Stopped:
            return
        except Exception:
            log.exception("Upload %s could not be finished.", upload_id)
            _failed(upload)
            return
        with transaction.atomic():
            upload = Upload.objects.select_for_update().get(pk=upload_id)
            if upload.state != UploadState.CHECKING:
                return
            if effect is None:
                _refused(upload, problems)
            else:
                _to(upload, UploadState.CHECKED, effect=effect.as_json(), step="", done=0, total=0)


def store(*, upload_id: int, watched: bool = True) -> None:
    """Store an upload that was confirmed, or whose storing was left in the middle: in one transaction with its end."""
    with _alone(upload_id) as mine:
        upload = _begun(upload_id, UploadState.CONFIRMED, UploadState.STORING) if mine else None
        if upload is None:
            return
        try:
            with _on_disk(upload) as path, _progress(upload, watched=watched) as progress:
                problems = _store(upload, path, progress)
        except Exception:
            log.exception("Upload %s could not be finished.", upload_id)
            _failed(upload)
            return
        if problems:
            _refused(upload, problems)


def _store(upload: Upload, path: Path, progress: checking.Progress) -> Problems:
    with transaction.atomic(), pghistory.context(upload=upload.pk, file=upload.name):
        problems, effect = checking.store(path, upload.name, author=upload.by, progress=progress)
        if effect is not None:
            _ended(upload, UploadState.STORED, effect=effect.as_json())
    return problems


def left() -> list[Upload]:
    """Uploads that nobody is at, though somebody should be: their worker died, or never heard of them."""
    now = timezone.now()
    _forget(now - FORGOTTEN)
    found = []
    for upload in Upload.objects.at_work().filter(touched_at__lt=now - UNTOUCHED).order_by("touched_at")[:50]:
        with _alone(upload.pk) as nobody_else:
            if nobody_else:
                found.append(upload)
    Upload.objects.filter(pk__in=[upload.pk for upload in found]).update(touched_at=now)
    return found


def _forget(before: object) -> None:
    for upload in Upload.objects.filter(state=UploadState.CHECKED, touched_at__lt=before).order_by("pk")[:50]:
        with transaction.atomic():
            locked = Upload.objects.select_for_update().get(pk=upload.pk)
            if locked.state == UploadState.CHECKED:
                _ended(locked, UploadState.CANCELLED)


# --- what they share -------------------------------------------------------------------------------------------------


def _own(upload_id: int, by: User) -> Upload:
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if upload.by_id != by.pk:
        raise NotAllowed(f"{upload} is {upload.by}'s.")
    return upload


@contextmanager
def _alone(upload_id: int) -> Iterator[bool]:
    """Hold the lock of an upload, if nobody does; it goes with the connection, so also when the process is killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, upload_id])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, upload_id])


@transaction.atomic
def _begun(upload_id: int, waiting: UploadState, at_work: UploadState) -> Upload | None:
    """The upload, if this step is due; begun too often in vain, it fails."""
    upload = Upload.objects.select_for_update(of=("self",)).select_related("by").filter(pk=upload_id).first()
    if upload is None or upload.state not in (waiting, at_work):
        return None
    if upload.attempts >= MOST_ATTEMPTS:
        log.error("Upload %s was begun %s times and never ended.", upload_id, upload.attempts)
        _ended(upload, UploadState.FAILED)
        return None
    return _to(upload, at_work, attempts=F("attempts") + 1, done=0, total=0, step="")


def _to(upload: Upload, state: UploadState, **values: object) -> Upload:
    upload.state = state
    for column, value in {"touched_at": timezone.now(), **values}.items():
        setattr(upload, column, value)
    upload.save(update_fields=["state", "touched_at", *values])
    return upload


def _ended(upload: Upload, state: UploadState, **values: object) -> Upload:
    """An upload that has ended needs its content no more."""
    UploadFile.objects.filter(upload=upload).delete()
    return _to(upload, state, **{"step": "", "done": 0, "total": 0, **values})


def _refused(upload: Upload, problems: Problems) -> None:
    kept = [problem._asdict() for problem in sorted(problems.kept, key=_place)]
    with transaction.atomic():
        _ended(upload, UploadState.REFUSED, problems=kept, problem_count=problems.total)


def _place(problem: Problem) -> tuple[int, str]:
    return problem.row, problem.column


def _failed(upload: Upload) -> None:
    """What nobody foresaw: the log has it, the person is told, and nothing was stored."""
    with transaction.atomic():
        locked = Upload.objects.select_for_update().get(pk=upload.pk)
        if locked.is_at_work:
            _ended(locked, UploadState.FAILED)


@contextmanager
def _on_disk(upload: Upload) -> Iterator[Path]:
    """The content as a file, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        path = Path(folder) / "file"
        path.write_bytes(UploadFile.objects.values_list("content", flat=True).get(upload=upload))
        yield path


@contextmanager
def _progress(upload: Upload, *, watched: bool) -> Iterator[checking.Progress]:
    """A way to say how far it is, on a connection of its own: what is being stored is not to be seen before its end."""
    if not watched:
        yield checking.silent
        return
    teller = Teller(upload.pk)
    try:
        yield teller
    finally:
        teller.connection.close()


class Teller:
    """Says how far an upload is, twice a second at most; and hears whether somebody cancelled it."""

    SQL = """UPDATE curation_upload SET step = %s, done = %s, total = %s, touched_at = now()
             WHERE id = %s RETURNING state"""

    def __init__(self, upload_id: int) -> None:
        self.upload_id, self.last, self.step = upload_id, 0.0, ""
        self.connection = connection.copy()

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < SECONDS_BETWEEN_WORDS and step == self.step:
            return
        self.last, self.step = now, step
        with self.connection.cursor() as cursor:
            cursor.execute(self.SQL, [step, done, total, self.upload_id])
            told = cursor.fetchone()
        if told and told[0] == UploadState.CANCELLED:
            raise Stopped
