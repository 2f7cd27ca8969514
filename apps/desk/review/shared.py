"""What the pages of review share."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.people.models import Role, User
from apps.records.models import ACCESSION

PER_PAGE = 50
LONGEST_REASON = 2_000


def person(request: HttpRequest) -> User:
    """Who is at the desk: the desk's door lets nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101 - for the types; the door has asked
    return request.user


def reason_of(request: HttpRequest) -> str:
    """The reason that was typed, line ends counted as browsers count them. Raises NotAllowed where it is too long."""
    reason = request.POST.get("reason", "").replace("\r\n", "\n").strip()
    if len(reason) > LONGEST_REASON:
        raise NotAllowed(f"The reason has {len(reason):,} characters; at most {LONGEST_REASON:,} are kept: shorten it.")
    return reason


def is_editor(request: HttpRequest) -> bool:
    return person(request).at_least(Role.EDITOR)


def page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of the desk, with its head and navigation."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), "title": title, **context})


def paged(request: HttpRequest, rows: QuerySet[Any]) -> Any:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def version_of(request: HttpRequest, accession: str, version: int) -> Claim:
    """One version with all that its page shows; 404 in words where there is none that the person may read."""
    if not ACCESSION.fullmatch(accession):
        raise Http404(f"{accession} is no accession.")
    readable = Claim.objects.readable_by(person(request))
    found = readable.filter(accession=accession, version=version).for_record().defer("search")
    claim = found.prefetch_related("preparation__study__notices", "decisions__by").first()
    if claim is None:
        raise Http404(f"There is no version {version} of {accession}.")
    return claim


def address(claim: Claim) -> str:
    """The review screen of a version."""
    return reverse("admin:review_version", args=[claim.accession, claim.version])
