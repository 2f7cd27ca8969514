from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from apps.synthesis import contradicting


class Command(BaseCommand):
    help = "Derive anew all that synthesis keeps: groups of studies that share authors, and contradictions."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{contradicting.rebuild()} contradictions stand.")
