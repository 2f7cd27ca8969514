from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from apps.records import roles


class Command(migrate.Command):
    """Django's own, as the owner of the schema; then each role gets what it may do with the tables there are."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with roles.as_owner(connection):
            only_looking = options["plan"] or options["check_unapplied"]
            if not only_looking and not roles.may_migrate(connection):
                raise CommandError(
                    "The role that ExoDB connects to PostgreSQL as may not change the schema. Name the role that owns "
                    "it in DATABASE_OWNER_URL: see 'Two roles' in docs/operations.md."
                )
            super().handle(*args, **options)
            if not only_looking:
                roles.settle(connection)
