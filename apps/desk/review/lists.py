"""Lists that the dashboard leads to: one's own claims, unread comments, studies that are due, possible duplicates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from apps.claims.acts import NotAllowed
from apps.curation import discussion, likenesses, queues, recuration
from apps.curation import numbers as work
from apps.curation.models import Likeness
from apps.desk.review.shared import is_editor, page, paged, person
from apps.records.text import number
from apps.studies.models import Study
from apps.vesicles.models import Cargo, VesicleSource

MINE = {
    "drafts": ("My drafts", queues.begun_by),
    "sent_back": ("Changes requested of me", queues.sent_back_to),
    "handed_in": ("Mine, waiting for review", queues.handed_in_by),
    "decided": ("Decided against", queues.decided_against),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own claims: drafts, what came back, what was handed in, and what was decided against of late."""
    which = request.GET.get("which", "")
    which = which if which in MINE else "drafts"
    title, claims = MINE[which]
    rows = paged(request, queues.for_rows(claims(person(request))))
    choices = [(key, heading) for key, (heading, _) in MINE.items()]
    return page(request, "desk/review_mine.html", title, rows=rows, choices=choices, which=which)


@require_safe
def unread(request: HttpRequest) -> HttpResponse:
    return page(
        request, "desk/review_unread.html", "Unread comments", rows=paged(request, discussion.unread(person(request)))
    )


@require_safe
def due(request: HttpRequest) -> HttpResponse:
    """Studies to read again, with the rule that says so."""
    rows = paged(request, recuration.due(timezone.now().date()))
    return page(request, "desk/review_due.html", "Studies due for re-curation", rows=rows, rule=recuration.RULE)


@require_http_methods(["GET", "HEAD", "POST"])
def alike(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one record; an editor rules out those that are not."""
    if request.method == "POST":
        return _rule_out(request)
    rows = paged(request, Likeness.objects.to_do())
    names = _names([accession for pair in rows for accession in (pair.one_id, pair.other_id)])
    pairs = [(pair, names.get(pair.one_id), names.get(pair.other_id)) for pair in rows]
    return page(
        request, "desk/review_alike.html", "Possible duplicates", rows=rows, pairs=pairs, may_rule=is_editor(request)
    )


def _rule_out(request: HttpRequest) -> HttpResponse:
    pair = get_object_or_404(Likeness, pk=number(request.POST.get("pair")))
    try:
        likenesses.rule_out(likeness_id=pair.pk, by=person(request))
        messages.success(request, f"{pair} are not the same; they are not proposed again.")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("admin:review_alike")


def _names(accessions: list[str]) -> dict[str, object]:
    """The records by accession, in one query a kind."""
    kinds: tuple[Any, ...] = (Study, Cargo, VesicleSource)
    records = [record for kind in kinds for record in kind.objects.filter(accession__in=accessions)]
    return {record.accession: record for record in records}


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """The work of everybody for editors, one's own for all."""
    rows = work.numbers(None if is_editor(request) else [person(request)])
    return page(request, "desk/review_numbers.html", "Numbers", rows=rows, all=is_editor(request))
