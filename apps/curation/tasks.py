"""What curation does in the background."""

from __future__ import annotations

import logging
from time import time

from celery import shared_task
from django.utils import timezone

from apps.curation import agreement, answering, autosaves, likenesses
from apps.curation.uploads.tasks import check_upload, find_left_uploads, store_upload
from apps.finding import names
from apps.finding.index import forgetting

__all__ = [
    "check_upload",
    "compute_agreement",
    "find_left_uploads",
    "find_likenesses",
    "purge_answers",
    "purge_autosaves",
    "purge_changes",
    "refresh_names",
    "store_upload",
]

log = logging.getLogger(__name__)

TURN_SECONDS = 3_600


@shared_task(soft_time_limit=540, time_limit=600)
def refresh_names() -> None:
    """Bring the names that suggestions come from up to date. May run twice: the second finds little."""
    changed = names.refresh_if_changed()
    if changed:
        log.info("%s names of accepted evidence changed", changed)


@shared_task(time_limit=600)
def find_likenesses() -> None:
    """Look for records that may be the same; each hour takes its turn of the studies."""
    new = likenesses.find(turn=int(time() // TURN_SECONDS))
    if new:
        log.info("%s new pairs of records that may be the same", new)


@shared_task(soft_time_limit=240, time_limit=300)
def purge_autosaves() -> None:
    """Remove input that nobody came back for. May run twice: the second finds nothing."""
    autosaves.purge(timezone.now())


@shared_task(soft_time_limit=240, time_limit=300)
def purge_answers() -> None:
    """Forget what programs were answered a week ago. May run twice: the second finds nothing."""
    answering.purge(timezone.now())


@shared_task(soft_time_limit=240, time_limit=300)
def purge_changes() -> None:
    """Forget which records changed days ago. May run twice: the second finds nothing."""
    forgetting.purge()


@shared_task(soft_time_limit=100, time_limit=120)
def compute_agreement() -> None:
    """Count gradings that came since. May run twice: the second finds nothing new."""
    agreement.compute()
