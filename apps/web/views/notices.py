"""Notices as they come in, and how the services that report them are doing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.citations.clients import SERVICES, Gives
from apps.citations.health import health
from apps.citations.services import NAMES
from apps.studies.models import Nature, Notice

PER_PAGE = 50
# Who can report a notice: the services that tell of them, and people.
REPORTERS = [
    (service, name)
    for service, name in NAMES.items()
    if service not in SERVICES or Gives.NOTICES in SERVICES[service].gives
]


@dataclass(frozen=True)
class Narrowing:
    """Which notices are wanted: one nature, one service, or all."""

    nature: str = ""
    service: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> Narrowing:
        """Take what is known from the address and leave the rest."""
        nature, service = asked.get("nature", ""), asked.get("service", "")
        return cls(nature if nature in Nature.values else "", service if service in dict(REPORTERS) else "")

    def of(self, notices: QuerySet[Notice]) -> QuerySet[Notice]:
        wanted = {name: value for name, value in vars(self).items() if value}
        return notices.filter(**wanted)

    @property
    def query(self) -> str:
        """The query string that holds to this; empty for all."""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in vars(self).items() if value})
        return f"?{query.urlencode()}" if query else ""

    def menus(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """For each way to narrow: its title, and its values as (label, address, whether chosen)."""
        natures = [(value, str(label).lower()) for value, label in Nature.choices]
        return [
            (
                "Notices of",
                [
                    (label, Narrowing(value, self.service).query or "?", value == self.nature)
                    for value, label in [("", "any nature"), *natures]
                ],
            ),
            (
                "Reported by",
                [
                    (label, Narrowing(self.nature, value).query or "?", value == self.service)
                    for value, label in [("", "anybody"), *REPORTERS]
                ],
            ),
        ]


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice on a study that can be read here, the newest first."""
    wanted = Narrowing.read(request.GET)
    found = wanted.of(Notice.objects.public().select_related("study")).order_by("-first_seen", "-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "web/notices.html", {"page": page, "wanted": wanted})


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    """How each service answers, how old the figures are, and an alarm where one has been silent for too long."""
    every = health()
    newest = [each.newest for each in every if each.newest]
    context: dict[str, Any] = {
        "services": every,
        "alarms": [each.alarm for each in every if each.alarm],
        "newest": max(newest, default=None),
    }
    return render(request, "web/services.html", context)
