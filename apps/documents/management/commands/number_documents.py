from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.documents.management.commands._readings import readings_under
from apps.documents.numbering import number


class Command(BaseCommand):
    help = "Write accessions into starter documents that have none. For those who make a release of the collection."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a document, or a folder of documents")

    def handle(self, *, paths: list[str], **options: Any) -> None:
        given = number(readings_under(paths, self.stderr, quiet=options["verbosity"] == 0))
        self.stdout.write(f"{given} accessions given")
