"""What a service answered, into the database: counts, notices, identifiers and the state of each check, at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.citations.clients import Answer, Client, Gives, Ids, Outcome
from apps.citations.models import YOUNG_YEARS, Alert, Check, Feed
from apps.studies.models import CitationCount, Nature, Notice, Study

# What an editor is told of, and what comes to the same thing.
GRAVE = {
    Nature.RETRACTION: "retracted",
    Nature.WITHDRAWAL: "retracted",
    Nature.CONCERN: "concern",
    Nature.REINSTATEMENT: "reinstated",
}
# A check that failed is made again the next day, however old the study.
AGAIN = timedelta(days=1)


@transaction.atomic
def store(feed: Feed, client: Client, answers: Sequence[Answer], now: datetime) -> None:
    """Store one batch of answers: all of it or nothing, and the same batch twice is the same as once."""
    studies = {
        study.pk: study
        for study in Study.objects.filter(pk__in=[answer.ref for answer in answers]).order_by("pk").select_for_update()
    }
    known = [answer for answer in answers if answer.outcome != Outcome.NOT_KNOWN and answer.ref in studies]
    if Gives.COUNTS in client.gives:
        store_counts(feed.service, known, now.date())
    if Gives.NOTICES in client.gives:
        store_notices(feed.service, known, now.date())
    if Gives.IDS in client.gives:
        filled = [answer.ref for answer in known if fill_identifiers(studies[answer.ref], answer.ids)]
        # Who could not be asked for want of an identifier can be now.
        Check.objects.filter(study__in=filled, known_at=None).exclude(feed=feed).update(due_at=now)
    store_checks(feed, client, [answer for answer in answers if answer.ref in studies], studies, now)


def store_counts(service: str, answers: Iterable[Answer], day: date) -> None:
    """One count a day; a second one of the day changes nothing. A number that drops is as good as any."""
    CitationCount.objects.bulk_create(
        (
            CitationCount(study_id=answer.ref, service=service, day=day, count=answer.citations, ratio=answer.ratio)
            for answer in answers
            if answer.citations is not None
        ),
        ignore_conflicts=True,
    )


def store_notices(service: str, answers: Sequence[Answer], day: date) -> None:
    """Add what is new, note what is still there, and mark what the service no longer shows."""
    here = Notice.objects.filter(service=service, study__in=[answer.ref for answer in answers])
    known = {(notice.study_id, notice.nature, notice.identifier): notice for notice in here}
    seen = {
        (answer.ref, str(record.nature), record.identifier): record for answer in answers for record in answer.notices
    }
    told = told_already({study for study, *_ in seen.keys() - known.keys()})
    new = Notice.objects.bulk_create(
        Notice(
            study_id=study,
            service=service,
            nature=nature,
            identifier=identifier,
            dated=seen[study, nature, identifier].dated,
            reason=seen[study, nature, identifier].reason,
            first_seen=day,
            last_seen=day,
        )
        for study, nature, identifier in sorted(seen.keys() - known.keys())
    )
    Alert.objects.bulk_create(alerts(new, told))
    still = [known[key].pk for key in seen.keys() & known.keys()]
    here.filter(pk__in=still).exclude(last_seen=day, vanished_on=None).update(last_seen=day, vanished_on=None)
    here.exclude(pk__in=[*still, *(notice.pk for notice in new)]).filter(vanished_on=None).update(vanished_on=day)


def told_already(studies: Iterable[int]) -> set[tuple[int, str]]:
    """What is said of these studies by anybody and counts: editors have heard of it."""
    counting = Notice.objects.filter(study__in=studies, nature__in=GRAVE, overruled_at=None)
    return {(study, GRAVE[Nature(nature)]) for study, nature in counting.values_list("study_id", "nature")}


def alerts(new: Iterable[Notice], told: set[tuple[int, str]]) -> Iterator[Alert]:
    """One alert for each piece of news: that a second service says the same is none, unless the first was overruled."""
    for notice in new:
        news = (notice.study_id, GRAVE.get(Nature(notice.nature), ""))
        if news[1] and news not in told:
            told.add(news)
            yield Alert(notice=notice)


def fill_identifiers(study: Study, learned: Mapping[str, str]) -> bool:
    """Fill what the study lacks; never overwrite, and never take what another study has. Return whether it changed."""
    missing = {name: value for name, value in learned.items() if not getattr(study, name)}
    taken = Q(pk__in=[])
    for name, value in missing.items():
        taken |= Q(**{name: value})
    others = Study.objects.filter(taken).values(*missing) if missing else []
    free = {name: value for name, value in missing.items() if value not in {other[name] for other in others}}
    for name, value in free.items():
        setattr(study, name, value)
    if free:
        study.save(update_fields=list(free))
    return bool(free)


def store_checks(
    feed: Feed, client: Client, answers: Iterable[Answer], studies: Mapping[int, Study], now: datetime
) -> None:
    """Note how each check ended and when it is due again. What was known stays known when a later check fails."""
    # Locked in one order, for an editor may be asking for the same ones.
    locked = Check.objects.filter(feed=feed, study__in=studies).order_by("pk").select_for_update()
    checks = {check.study_id: check for check in locked}
    changed = []
    for answer in answers:
        check = checks.get(answer.ref) or Check(study_id=answer.ref, feed=feed)
        check.outcome, check.asked_at = str(answer.outcome), now
        check.message = answer.message[:300]
        known = answer.outcome != Outcome.NOT_KNOWN
        if known:
            check.known_at = now
        check.due_at = now + (interval(feed, studies[answer.ref], now) if known else AGAIN)
        if not answer.askable and client.group(ids_of(studies[answer.ref])):
            check.due_at = now  # an identifier was filled while it was being asked about without
        changed.append(check)
    Check.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["study", "feed"],
        update_fields=["outcome", "asked_at", "known_at", "due_at", "message"],
    )


def ids_of(study: Study) -> Ids:
    return Ids(study.pk, study.pmid, study.pmcid, study.doi)


def interval(feed: Feed, study: Study, now: datetime) -> timedelta:
    """How long until the study is due again at the service."""
    young = study.year > now.year - YOUNG_YEARS
    return timedelta(days=feed.young_every if young else feed.old_every)
