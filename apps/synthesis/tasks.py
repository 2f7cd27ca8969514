"""What keeps synthesis up to date in the background."""

from __future__ import annotations

from celery import shared_task

from apps.synthesis import contradicting, independence


@shared_task(soft_time_limit=240, time_limit=300)
def group_studies() -> None:
    """Group the studies anew where one came or its authors changed. May run twice: the second finds all as it is."""
    if not independence.is_current():
        independence.regroup()


@shared_task(soft_time_limit=840, time_limit=870)
def take_in_changes() -> None:
    """Derive anew what changes concern. May run twice: the second finds nothing."""
    contradicting.take_in()


@shared_task(soft_time_limit=840, time_limit=870)
def rebuild_all() -> None:
    """Derive all anew, also what no trigger saw: a vocabulary loaded, a rule that a release changed."""
    contradicting.rebuild()
