import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from tqdm import tqdm

from apps.claims.models import RELEASE_NUMBER, Release
from apps.claims.releases import ReleaseClosed
from apps.documents.management.commands._readings import readings_under, refuse
from apps.documents.storing import Refused, Summary, import_documents
from apps.people.models import Role, User

MOST_SHOWN = 40
LONGEST_NUMBER = 20


class Command(BaseCommand):
    help = (
        "Store evidence documents: all of them, or none. Claims come in as drafts for review; with --release they are "
        "accepted as part of that release of the starter collection."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a document, or a folder of documents")
        parser.add_argument("--dry-run", action="store_true", help="check and count everything, write nothing")
        parser.add_argument(
            "--as", dest="username", default="import", metavar="USER", help="who wrote the claims (default: import)"
        )
        parser.add_argument("--release", metavar="NUMBER", help="such as 2026.1: accept the claims with this release")

    def handle(self, *, paths: list[str], username: str, release: str | None, dry_run: bool, **options: Any) -> None:
        quiet = options["verbosity"] == 0
        author = author_named(username)
        readings = readings_under(paths, self.stderr, quiet=quiet)
        try:
            with transaction.atomic():
                summary = import_documents(
                    readings,
                    author=author,
                    release=release_numbered(release) if release else None,
                    progress=lambda all_of_them: tqdm(all_of_them, desc="storing", unit="doc", disable=quiet or None),
                )
                transaction.set_rollback(dry_run)
        except Refused as refused:
            refuse(refused.faults, self.stderr)
        except ReleaseClosed as closed:
            raise CommandError(f"{closed} Nothing was written.", returncode=1) from None
        else:
            self.report(summary, len(readings), dry_run=dry_run)

    def report(self, summary: Summary, documents: int, *, dry_run: bool) -> None:
        """Say what was done, and what could not be grounded."""
        self.stdout.write(f"{documents} documents read" + ("; a dry run, nothing was written" if dry_run else ""))
        for what in ("studies", "sources", "preparations", "claims"):
            made, changed, same = summary.made[what], summary.changed[what], summary.unchanged[what]
            self.stdout.write(f"  {what:<13} {made:>6} new {changed:>6} changed {same:>6} unchanged")
        for remark in summary.remarks:
            self.stdout.write(f"  note: {remark}")
        if summary.ungrounded:
            self.stdout.write(f"{len(summary.ungrounded)} names kept as written (the work list in the admin has all):")
        for kind, text, uses, reason in summary.ungrounded[:MOST_SHOWN]:
            self.stdout.write(f"  {kind:<10} {text!r} ({uses}×): {reason}")
        if len(summary.ungrounded) > MOST_SHOWN:
            self.stdout.write(f"  … and {len(summary.ungrounded) - MOST_SHOWN} more")


def author_named(username: str) -> User:
    try:
        user = User.objects.get(username=username)
    except User.DoesNotExist:
        raise CommandError(
            f"--as {username}: no such user; make one with `manage.py create_curator {username}`.", returncode=2
        ) from None
    if not user.at_least(Role.CONTRIBUTOR):
        raise CommandError(f"--as {username}: a {user.role} may not write claims.", returncode=2)
    return user


def release_numbered(number: str) -> Release:
    if not re.fullmatch(RELEASE_NUMBER, number) or len(number) > LONGEST_NUMBER:
        raise CommandError(f"--release {number}: a release has a number such as 2026.1.", returncode=2)
    release, _ = Release.objects.get_or_create(
        number=number, defaults={"title": "Starter collection", "released_on": timezone.now().date()}
    )
    return release
