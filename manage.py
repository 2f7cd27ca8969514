#!/usr/bin/env python
"""Run one of ExoDB's or Django's commands: `manage.py help` lists them."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")
    execute_from_command_line(sys.argv)
