"""What the first page of the desk counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.urls import reverse

from apps.citations import health
from apps.citations.models import Alert
from apps.claims.models import Claim, State
from apps.studies.models import Study, StudyStatus
from apps.terms.models import Name
from apps.vesicles.models import Cargo

register = template.Library()


class Task(NamedTuple):
    label: str
    how_many: int
    address: str


@register.simple_tag(takes_context=True)
def alarms(context: dict[str, Any]) -> list[str]:
    """What is wrong with the services, for who can do something about it."""
    user = context["request"].user
    return health.alarms() if user.has_perm("citations.change_feed") else []


@register.simple_tag
def tasks() -> list[Task]:
    """Each kind of work with how much of it there is, and where it is done."""
    claims, studies = reverse("admin:claims_claim_changelist"), reverse("admin:studies_study_changelist")
    names, cargos = reverse("admin:terms_name_changelist"), reverse("admin:vesicles_cargo_changelist")
    alerts = reverse("admin:citations_alert_changelist")
    of_state = Claim.objects.filter
    return [
        Task("drafts", of_state(state=State.DRAFT).count(), f"{claims}?state__exact=draft"),
        Task("waiting for review", of_state(state=State.SUBMITTED).count(), f"{claims}?state__exact=submitted"),
        Task("names to ground", Name.objects.to_do().count(), f"{names}?to_do=yes"),
        Task("cargos to ground", Cargo.objects.to_do().count(), f"{cargos}?to_do=yes"),
        Task("alerts that nobody has seen", Alert.objects.to_do().count(), alerts),
        Task(
            "retracted studies",
            Study.objects.filter(status=StudyStatus.RETRACTED).count(),
            f"{studies}?status__exact=retracted",
        ),
    ]
