"""What the first page of the desk warns of."""

from __future__ import annotations

from typing import Any

from django import template

from apps.citations import health
from apps.curation import papers
from apps.studies.models import Study

register = template.Library()


@register.simple_tag(takes_context=True)
def alarms(context: dict[str, Any]) -> list[str]:
    """What is wrong with the services, for who can do something about it."""
    user = context["request"].user
    return health.alarms() if user.has_perm("citations.change_feed") else []


@register.filter
def pages(study: Study) -> list[tuple[str, str, str]]:
    """Each identifier of a study with where it is read."""
    return [
        (name.upper(), value, papers.page_of(papers.Identifier(name, value)))
        for name, value in study.identifiers.items()
    ]
