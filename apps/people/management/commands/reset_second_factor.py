from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.people import second_factor


class Command(BaseCommand):
    help = "Take away the second factor of somebody who lost it; at the next sign-in they set up a new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="how you made sure who asks; it stands in the history")

    def handle(self, *, username: str, reason: str, **options: Any) -> None:
        try:
            second_factor.reset(username=username, reason=reason)
        except second_factor.NotAllowed as refusal:
            raise CommandError(str(refusal), returncode=1) from None
        self.stdout.write(f"{username} signs in with the password and sets up a new second factor; all sessions ended.")
