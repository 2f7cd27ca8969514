"""Releases: what they hold is put in once, and then they are closed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from apps.claims.models import Claim, Release, ReleaseMember, State


class ReleaseClosed(Exception):
    """A closed release that was to take more, with the reason in a sentence; nothing was written."""


@transaction.atomic
def fill_and_close(*, release_id: int, new: Collection[Claim], kept: Collection[Claim], moment: datetime) -> None:
    """Accept the new claims with the release, let it hold them and those kept, and close it.

    A release that is closed already takes nothing more; what it holds already may be named again.
    """
    release = Release.objects.select_for_update().get(pk=release_id)
    wanted = {claim.pk for claim in (*new, *kept)}
    missing = wanted - set(release.members.filter(claim__in=wanted).values_list("claim", flat=True))
    if release.closed_at is not None:
        if missing:
            raise ReleaseClosed(
                f"Release {release} is closed, and holds what it held that day: {len(missing)} claims are new or "
                "changed since. Give the number of the next release."
            )
        return
    Claim.objects.filter(pk__in=[claim.pk for claim in new]).update(
        state=State.ACCEPTED, accepted_at=moment, accepted_with=release
    )
    ReleaseMember.objects.bulk_create(ReleaseMember(release=release, claim_id=claim) for claim in sorted(missing))
    release.closed_at = moment
    release.save(update_fields=["closed_at"])
