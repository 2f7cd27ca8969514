"""What keeps synthesis up to date in the background."""

from __future__ import annotations

from celery import shared_task

from apps.synthesis import independence


@shared_task(soft_time_limit=240, time_limit=300)
def group_studies() -> None:
    """Group the studies anew where one came or its authors changed. May run twice: the second finds all as it is."""
    if not independence.is_current():
        independence.regroup()
