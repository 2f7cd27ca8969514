"""`manage.py report_grounding`: how far what accepted claims name is grounded, in figures."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.documents import grounded
from apps.vesicles.models import CargoXref


class Command(BaseCommand):
    help = "Print how much of what accepted claims name has a term or cross-reference, and why the rest has none."

    def handle(self, *args: Any, **options: Any) -> None:
        self.diseases()
        self.cargos(grounded.cargos_named())
        self.stdout.write("Names, each once:")
        for kind, counts in grounded.names_by_kind().items():
            told = ", ".join(f"{count} {grounding}" for grounding, count in counts.most_common())
            self.stdout.write(f"  {kind:<10} {counts.total():>5}: {told}")

    def diseases(self) -> None:
        claims = grounded.claims_by_disease()
        self.stdout.write(f"Claims with their disease grounded: {share(claims['grounded'], claims.total())}")

    def cargos(self, found: grounded.Cargos) -> None:
        self.stdout.write(f"Cargos that claims name: {found.all}")
        self.stdout.write(f"  with a cross-reference of their own: {share(found.with_own, found.all)}")
        for relation in grounded.RELATIONS:
            self.stdout.write(f"    {relation:<7} {found.own[relation]:>4}  {CargoXref.Relation(relation).label}")
        self.stdout.write(f"  panels, known by their members: {share(found.panels, found.all)}")
        for what, cargos in (
            ("panels of which some members are known", found.partly),
            ("without, with a reason", found.reasoned),
            ("without, to be looked at", found.to_do),
        ):
            self.stdout.write(f"  {what}: {share(len(cargos), found.all)}")
            for cargo in cargos:
                reason = f": {cargo.ungrounded_reason}" if cargo.ungrounded_reason else ""
                self.stdout.write(f"    {cargo.accession} {cargo}{reason}")


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"
