"""`manage.py load_vocabulary KIND FILE`: read a vocabulary from a table, an OBO file or OBO Graphs JSON."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from tqdm import tqdm

from apps.claims import search
from apps.claims.models import Claim
from apps.terms.loading import Summary, VocabularyRefused, load
from apps.terms.models import Vocabulary
from apps.terms.readers import read
from apps.terms.table import BadVocabulary, TermRecord


class Command(BaseCommand):
    help = "Load a vocabulary, all or nothing: KIND is what its terms are, FILE a .tsv, .obo or .json (each also .gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=Vocabulary.values)
        parser.add_argument("file")
        parser.add_argument(
            "--prefix", action="append", default=[], help="keep only terms with this CURIE prefix (DOID); repeatable"
        )
        parser.add_argument(
            "--add", action="store_true", help="leave terms that the file lacks as they are (else they are retired)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            records = tqdm(
                of_prefixes(read(options["file"]), options["prefix"]),
                desc=f"Reading {options['kind']}",
                unit=" terms",
                disable=None if options["verbosity"] else True,
            )
            with transaction.atomic():
                summary = load(options["kind"], records, replace=not options["add"])
                found_anew = search.index(Claim.objects.resting_on(*summary.terms_touched()))
        except (BadVocabulary, VocabularyRefused) as fault:
            raise CommandError(f"{fault}\nNothing was changed. Mend the file and run the command again.") from fault
        self.stdout.write(told(summary))
        if found_anew:
            self.stdout.write(f"The search words of {found_anew:,} claims were looked at again.")


def of_prefixes(records: Iterable[TermRecord], prefixes: list[str]) -> Iterator[TermRecord]:
    wanted = tuple(f"{prefix.rstrip(':')}:" for prefix in prefixes)
    return (record for record in records if not wanted or record.curie.startswith(wanted))


def told(summary: Summary) -> str:
    """The summary in a sentence or two."""
    if summary.nothing_changed:
        line = f"{summary.vocabulary}: {summary.terms:,} terms, nothing changed."
    else:
        line = (
            f"{summary.vocabulary}: {summary.terms:,} terms; {summary.created:,} new, {summary.changed:,} changed, "
            f"{summary.obsoleted:,} now obsolete, {summary.removed:,} removed, {summary.links:,} links rewritten."
        )
    if summary.unknown_parents:
        first = ", ".join(f"{above} (of {curie})" for curie, above in summary.unknown_parents[:3])
        line += f" {len(summary.unknown_parents):,} parents are not in the file and were left out: {first}."
    return line
