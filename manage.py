#!/usr/bin/env python
"""Run one of ExoDB's or Django's commands: `manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")
    try:
        execute_from_command_line(sys.argv)
    except OperationalError as problem:
        if "connection" not in str(problem):
            raise
        sys.exit(
            f"The database does not answer: {str(problem).strip()}\n"
            "Start it with `script/server`, run one command with `script/manage COMMAND`, or set DATABASE_URL."
        )


if __name__ == "__main__":
    main()
