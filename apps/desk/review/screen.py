"""The review screen: one version of one claim, with all that a decision takes, and the decision itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.claims.acts import NotAllowed, StatementNeeded, why_not
from apps.claims.comparing import compared
from apps.claims.models import Claim, State
from apps.claims.neighbours import neighbours
from apps.curation import assigning, deciding, discussion, queues
from apps.curation.models import LONGEST_COMMENT, Assignment
from apps.curation.timeline import timeline
from apps.desk.review import buttons
from apps.desk.review.shared import LONGEST_REASON, address, is_editor, page, person, reason_of, version_of
from apps.people.models import Role, User

# After these the next in the queue is what a reviewer wants.
ONWARD = ("accept", "request_changes", "reject")
TYPED = "review-reason"
MOST_REVIEWERS = 500


@require_safe
def latest(request: HttpRequest, accession: str) -> HttpResponse:
    """The version of a claim that is most likely meant: what waits for review, else the newest."""
    readable = Claim.objects.readable_by(person(request))
    versions = list(readable.filter(accession=accession).only("accession", "version", "state"))
    if not versions:
        raise Http404(f"No claim is known as {accession}.")
    claim = max(versions, key=lambda each: (each.state == "submitted", each.version))
    comments = "#discussion" if "discussion" in request.GET else ""
    return redirect(address(claim) + comments)


@require_safe
def screen(request: HttpRequest, accession: str, version: int) -> HttpResponse:
    """One version, to read and to decide on; its discussion counts as read from now on."""
    claim = version_of(request, accession, version)
    return _shown(request, claim)


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, accession: str, version: int, act: str) -> HttpResponse:
    """Do one act to the version; asked for by GET, the form for it, with a reason that was typed before."""
    claim = version_of(request, accession, version)
    if act not in buttons.DOABLE:
        raise Http404(f"There is no act called {act}.")
    if request.method != "POST":
        reason = request.session.get(TYPED, {}).get(_key(claim, act), "")
        return _shown(request, claim, opened=act, reason=reason)
    return _do(request, claim, act)


def _do(request: HttpRequest, claim: Claim, act: str) -> HttpResponse:
    me, reason = person(request), request.POST.get("reason", "")
    try:
        reason = reason_of(request)
        done = deciding.do(act, claim_id=claim.pk, by=me, reason=reason, seen=request.POST.get("seen", ""))
    except StatementNeeded as needed:
        return _state_interests_first(request, claim, act, reason, str(needed))
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _shown(
            request, version_of(request, claim.accession, claim.version), opened=act, reason=reason, status=409
        )
    request.session.pop(TYPED, None)
    messages.success(request, f"{done}, version {done.version}: {buttons.done(act)}.")
    return redirect(_onward(request, done, act))


def _onward(request: HttpRequest, claim: Claim, act: str) -> str:
    if act == "revise":
        return editing(claim)
    if act in ONWARD and "stay" not in request.POST:
        return f"{reverse('admin:review_next')}?{urlencode({'after': claim.pk})}"
    return address(claim)


def _state_interests_first(request: HttpRequest, claim: Claim, act: str, reason: str, why: str) -> HttpResponse:
    """Lead to the statement and back to the decision, with what was typed."""
    request.session[TYPED] = {_key(claim, act): reason}
    back = reverse("admin:review_act", args=[claim.accession, claim.version, act])
    messages.info(request, why)
    return redirect(f"{reverse('admin:review_interests')}?{urlencode({'next': back})}")


def _key(claim: Claim, act: str) -> str:
    return f"{claim.pk} {act}"


def editing(claim: Claim) -> str:
    """Where a draft is edited: within its study, as it was entered."""
    study = claim.preparation.study.accession
    return f"{reverse('admin:entry-claim', args=[study, claim.accession, claim.version])}#form"


@require_POST
def comment(request: HttpRequest, accession: str, version: int) -> HttpResponse:
    """Add to the discussion. What is refused stays in its box."""
    claim, text = version_of(request, accession, version), request.POST.get("text", "")
    try:
        discussion.comment(accession=accession, by=person(request), text=text)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return _shown(request, claim, comment=text, status=422)
    return redirect(f"{address(claim)}#discussion")


@require_POST
def assign(request: HttpRequest, accession: str, version: int) -> HttpResponse:
    """Ask somebody for the review, or nobody in particular."""
    claim, name = version_of(request, accession, version), request.POST.get("reviewer", "").replace("\0", "")
    try:
        if name:
            reviewer = get_object_or_404(User, username=name)
            assigning.assign(claim_id=claim.pk, reviewer=reviewer, by=person(request))
            messages.success(request, f"The review of {claim} was asked of {reviewer}.")
        else:
            assigning.unassign(claim_id=claim.pk, by=person(request))
            messages.success(request, f"The review of {claim} is asked of nobody in particular.")
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(address(claim))


def _shown(request: HttpRequest, claim: Claim, *, status: int = 200, **typed: Any) -> HttpResponse:
    me = person(request)
    seen_before = discussion.up_to(claim.accession, me)
    happenings = timeline(claim.accession)
    discussion.read(accession=claim.accession, by=me)
    basis = _basis(claim)
    fields = compared(basis, claim)
    preceding, following = queues.around(me, claim) if me.at_least(Role.CURATOR) else (None, None)
    answer = page(
        request,
        "desk/review.html",
        f"Review of {claim.accession}, version {claim.version}",
        claim=claim,
        study=claim.preparation.study,
        basis=basis,
        changed=[field for field in fields if field.changed] if basis else [],
        unchanged=[field for field in fields if not (basis and field.changed)],
        overtaken=_overtaken(claim),
        neighbours=neighbours(claim),
        happenings=happenings,
        seen_before=seen_before,
        buttons=buttons.of(claim, me),
        editing=editing(claim) if claim.state == State.DRAFT and not why_not("edit", claim, me) else "",
        seen=deciding.token_of(claim),
        longest_comment=LONGEST_COMMENT,
        longest_reason=LONGEST_REASON,
        preceding=preceding,
        following=following,
        **_asked(request, claim),
        **typed,
    )
    answer.status_code = status
    return answer


def _basis(claim: Claim) -> Claim | None:
    return Claim.objects.for_record().defer("search").get(pk=claim.basis_id) if claim.basis_id else None


def _overtaken(claim: Claim) -> Claim | None:
    """The version that became public since this one was begun."""
    if claim.state not in {"draft", "submitted"}:
        return None
    accepted = Claim.objects.accepted().filter(accession=claim.accession).first()
    return accepted if accepted and accepted.pk != claim.basis_id else None


def _asked(request: HttpRequest, claim: Claim) -> dict[str, Any]:
    """Who was asked for the review, and whom an editor may ask."""
    asked = Assignment.objects.filter(claim=claim).select_related("reviewer").first()
    if not is_editor(request) or claim.state != "submitted":
        return {"asked": asked}
    reviewers = User.objects.filter(is_active=True, role__in=[Role.CURATOR, Role.EDITOR, Role.ADMINISTRATOR])
    return {"asked": asked, "reviewers": reviewers.exclude(pk=claim.author_id).order_by("username")[:MOST_REVIEWERS]}
