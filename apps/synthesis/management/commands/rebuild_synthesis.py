from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.synthesis import independence


class Command(BaseCommand):
    help = "Derive anew all that synthesis keeps: the groups of studies that share authors."

    def handle(self, *args: Any, **options: Any) -> None:
        moved = independence.regroup()
        self.stdout.write(f"{moved} studies have another group than before.")
