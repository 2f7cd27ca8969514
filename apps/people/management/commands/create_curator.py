import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.people.models import Role, User
from apps.people.second_factor import required_of

ROLES = [role.value for role in Role if role != Role.READER]


class Command(BaseCommand):
    help = "Make an account for somebody who writes, reviews or administers evidence."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", choices=ROLES, default=Role.CURATOR.value)
        parser.add_argument("--name", default="", help="as shown beside accepted evidence")
        parser.add_argument("--email", default="")
        parser.add_argument("--orcid", help="such as 0000-0002-1825-0097")

    def handle(self, *, username: str, role: str, name: str, email: str, orcid: str | None, **options: Any) -> None:
        user = User(username=username, role=role, public_name=name, email=email, orcid=orcid)
        try:
            user.full_clean(exclude=["password"])
            password = asked_password()
            validate_password(password, user)
        except ValidationError as problem:
            raise CommandError(spoken(problem), returncode=1) from None
        user.set_password(password)
        user.save()
        self.stdout.write(f"{username} can sign in at /admin/ now, as {role}.")
        if required_of(user):
            self.stdout.write(
                "The first sign-in sets up a second factor: have an authenticator app at hand (phone or computer).\n"
                "Do it soon: until then, whoever has the password can."
            )


def asked_password() -> str:
    """The password, from EXODB_PASSWORD or asked for twice; it is never shown."""
    if password := os.environ.get("EXODB_PASSWORD"):
        return password
    try:
        first, second = getpass.getpass("Password: "), getpass.getpass("Password again: ")
    except EOFError:
        raise CommandError("No terminal to ask on: set EXODB_PASSWORD.", returncode=1) from None
    if first != second:
        raise CommandError("The two passwords differ; nobody was made.", returncode=1)
    return first


def spoken(problem: ValidationError) -> str:
    """The messages, each behind the field that it is about."""
    if hasattr(problem, "error_dict"):
        return " ".join(f"{field}: {' '.join(words)}" for field, words in problem.message_dict.items())
    return "password: " + " ".join(problem.messages)
