"""What pages of the desk show beside their own matter: warnings, the guide, where a paper is read."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from apps.citations import health
from apps.curation import papers
from apps.studies.models import Study

register = template.Library()

# The section of the guide for each page, by the beginning of its name; the longest that fits.
SECTIONS = {
    "": "what-the-desk-shows",
    "entry": "entering-a-paper",
    "entry-study-add": "adding-a-study",
    "entry-facts": "adding-a-study",
    "entry-preparation": "preparations",
    "entry-claim": "claims-and-measures",
    "review": "reviewing",
    "review_unread": "discussion",
    "review_alike": "merging",
    "claims_claim": "reviewing",
    "claims_claim_history": "history",
    "upload": "spreadsheets",
    "curation_merge": "merging",
    "curation_sample": "agreement",
    "curation_grade": "agreement",
    "citations": "the-services",
    "citations_alert": "notices-alerts-and-verdicts",
    "studies_notice": "notices-alerts-and-verdicts",
    "studies_study": "adding-a-study",
    "vesicles": "preparations",
    "terms": "claims-and-measures",
}


@register.simple_tag(takes_context=True)
def guide_here(context: dict[str, Any]) -> str:
    """The address of the guide's section on this page."""
    match = context["request"].resolver_match
    name = str(match.url_name or "") if match else ""
    begun = max((each for each in SECTIONS if name.startswith(each)), key=len)
    return f"{reverse('admin:guide')}#{SECTIONS[begun]}"


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
