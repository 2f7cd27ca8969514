from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from apps.citations.models import Feed
from apps.citations.refresh import AlreadyRunning, NotNow, ask_again, due, plan, refresh, why_not
from apps.studies.models import Study


class Command(BaseCommand):
    help = "Ask the citation services about the studies that are due, or about all or some of them now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--due", action="store_true", help="what is due (the default)")
        which.add_argument("--all", action="store_true", dest="everything", help="every study, due or not")
        which.add_argument("--study", action="append", default=[], metavar="ACC", help="this study; may be repeated")
        parser.add_argument("--service", action="append", default=[], metavar="S", help="only this service; repeatable")
        parser.add_argument(
            "--despite-pause", action="store_true", help="ask also a service that is left in peace just now"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be asked, and ask nothing")

    def handle(self, *, everything: bool, study: list[str], service: list[str], dry_run: bool, **options: Any) -> None:
        feeds = feeds_named(service)
        studies = studies_named(study)
        failed = False
        for feed in feeds:
            if dry_run:
                self.stdout.write(forecast(feed, studies, everything=everything))
                continue
            if everything or studies:
                ask_again(feed, studies)
            failed |= self.refresh(
                feed, studies, despite_pause=options["despite_pause"], quiet=options["verbosity"] == 0
            )
        if failed:
            raise CommandError("Not every service answered; what was not asked stays due.", returncode=1)

    def refresh(self, feed: Feed, studies: list[int] | None, *, despite_pause: bool, quiet: bool) -> bool:
        """Refresh one service with a progress bar. Return whether it failed."""
        total = plan(feed) if studies is None else len(studies)
        with tqdm(total=total, desc=feed.service, unit="study", disable=quiet or None) as bar:
            try:
                run = refresh(
                    feed, asked_by="command", studies=studies, despite_pause=despite_pause, progress=bar.update
                )
            except (AlreadyRunning, NotNow) as why:
                self.stderr.write(str(why))
                return True
        self.stdout.write(
            f"{feed}: {run.get_state_display()}; {run.wanted} wanted, {run.found} found, {run.absent} absent, "
            f"{run.not_known} not known, {run.requests} requests{'; ' + run.message if run.message else ''}"
        )
        return run.state != run.State.DONE


def forecast(feed: Feed, studies: list[int] | None, *, everything: bool) -> str:
    """What a run would do."""
    number = wanted(feed, studies, everything=everything)
    reason = why_not(feed, timezone.now())
    return f"{feed}: {number} studies would be asked about" + (f", but not now: {reason}" if reason else "")


def feeds_named(services: list[str]) -> list[Feed]:
    feeds = {feed.service: feed for feed in Feed.objects.all()}
    if unknown := [service for service in services if service not in feeds]:
        raise CommandError(f"--service {unknown[0]}: not one of {', '.join(sorted(feeds))}.", returncode=2)
    return [feeds[service] for service in services] or [feed for feed in feeds.values() if feed.enabled]


def studies_named(accessions: list[str]) -> list[int] | None:
    """The studies, or None where none are named."""
    found = dict(Study.objects.filter(accession__in=accessions).values_list("accession", "pk"))
    if unknown := [accession for accession in accessions if accession not in found]:
        raise CommandError(f"--study {unknown[0]}: no such study.", returncode=2)
    return list(found.values()) or None


def wanted(feed: Feed, studies: list[int] | None, *, everything: bool) -> int:
    """How many studies would be asked about. Writes nothing."""
    if studies:
        return len(studies)
    if everything:
        return Study.objects.count()
    return len(due(feed)) + Study.objects.exclude(checks__feed=feed).count()
