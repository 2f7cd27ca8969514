"""What editors decide about notices and alerts. A verdict holds for its one notice, and for nothing reported later.

The status of the study follows in the same statement, by the trigger on notices: with it its claims leave every balance
or come back, on every page, in the API and in the feed.
"""

from __future__ import annotations

import pghistory
from django.db import transaction
from django.utils import timezone

from apps.citations.models import Alert, AlertQuerySet
from apps.people.models import Role, User
from apps.studies.models import Notice, Study

VERDICT = ["overruled_at", "overruled_by", "overruled_reason"]


class NotAllowed(Exception):
    """Why this person may not do this, or why it can't be done: a sentence for them."""


def require_editor(person: User, to_do: str) -> None:
    if not (person.is_active and person.at_least(Role.EDITOR)):
        raise NotAllowed(f"Only an editor may {to_do}; {person.username} is a {person.role}.")


@transaction.atomic
def overrule(*, notice_id: int, by: User, reason: str) -> Notice:
    """Rule a notice wrong: it counts no more, and nobody needs to look at its alert any longer.

    Where it was overruled already, the new reason takes the place of the old, which stays in the history.
    """
    require_editor(by, "overrule a notice")
    if not reason.strip():
        raise NotAllowed("Write why the notice is wrong: the reason stands beside it for everybody to read.")
    notice = _locked(notice_id)
    notice.overruled_at, notice.overruled_by, notice.overruled_reason = timezone.now(), by, reason.strip()
    with pghistory.context(user=by.pk, reason=notice.overruled_reason):
        notice.save(update_fields=VERDICT)
        _see(Alert.objects.filter(notice=notice), by)
    return notice


@transaction.atomic
def take_back(*, notice_id: int, by: User) -> Notice:
    """Let an overruled notice count again. The history keeps that it was overruled, by whom and why."""
    require_editor(by, "take a verdict back")
    notice = _locked(notice_id)
    if notice.overruled_at is None:
        raise NotAllowed(f"This {notice.get_nature_display()} is not overruled: there is nothing to take back.")
    notice.overruled_at, notice.overruled_by, notice.overruled_reason = None, None, ""
    with pghistory.context(user=by.pk, reason="the verdict is taken back"):
        notice.save(update_fields=VERDICT)
    return notice


@transaction.atomic
def mark_seen(*, alert_ids: list[int], by: User) -> int:
    """Note that an editor has looked at alerts. Return how many nobody had looked at before."""
    require_editor(by, "mark an alert as seen")
    with pghistory.context(user=by.pk):
        return _see(Alert.objects.filter(pk__in=alert_ids), by)


def _locked(notice_id: int) -> Notice:
    """The notice, after its study: a refresh takes them in that order, and neither may wait for the other."""
    study = Study.objects.select_for_update(of=("self",)).get(notices=notice_id)
    return study.notices.select_for_update().get(pk=notice_id)


def _see(alerts: AlertQuerySet, by: User) -> int:
    """Who saw an alert first stays."""
    return alerts.to_do().update(seen_at=timezone.now(), seen_by=by)
