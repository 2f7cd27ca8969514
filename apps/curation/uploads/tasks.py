"""Celery's way to the uploads."""

from __future__ import annotations

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.curation.models import Upload, UploadState
from apps.curation.uploads import jobs

log = logging.getLogger(__name__)

# Longer than any file that is taken in needs; a worker that is given one twice finds it locked.
SECONDS = 7_200


@shared_task(acks_late=True, time_limit=SECONDS, soft_time_limit=SECONDS - 60)
def check_upload(*, upload_id: int) -> None:
    jobs.check(upload_id=upload_id)


@shared_task(acks_late=True, time_limit=SECONDS, soft_time_limit=SECONDS - 60)
def store_upload(*, upload_id: int) -> None:
    jobs.store(upload_id=upload_id)


@shared_task(soft_time_limit=50, time_limit=60)
def find_left_uploads() -> None:
    """Give out again what a dead worker left."""
    for upload in jobs.left():
        hand_over(upload)


def begin(upload: Upload) -> None:
    """Do what is due for an upload: at once where it is small, else in a worker."""
    if not jobs.is_small(upload):
        hand_over(upload)
    elif upload.state == UploadState.WAITING:
        jobs.check(upload_id=upload.pk, watched=False)
    else:
        jobs.store(upload_id=upload.pk, watched=False)


def hand_over(upload: Upload) -> None:
    """Ask a worker. Where the broker is away, the schedule asks again."""
    task = check_upload if upload.state in (UploadState.WAITING, UploadState.CHECKING) else store_upload
    try:
        task.delay(upload_id=upload.pk)
    except OperationalError as problem:
        log.warning("Upload %s waits, for the broker is away: %s", upload.pk, problem)
