"""Any two versions of a claim side by side."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.claims.comparing import compared
from apps.claims.models import Claim
from apps.desk.review.shared import page, person

MOST = 200


@require_safe
def compare(request: HttpRequest, accession: str) -> HttpResponse:
    """The two versions asked for; else the newest with the one that it was written against."""
    readable = Claim.objects.readable_by(person(request)).filter(accession=accession)
    versions = list(readable.order_by("-version").select_related("author")[:MOST])
    if not versions:
        raise Http404(f"No claim is known as {accession}.")
    newest = versions[0]
    later = _chosen(request, "later", versions) or newest
    earlier = _chosen(request, "earlier", versions) or _before(later, versions)
    records = Claim.objects.for_record().defer("search").in_bulk([later.pk, earlier.pk])
    fields = compared(records[earlier.pk], records[later.pk])
    return page(
        request,
        "desk/compare.html",
        f"Versions of {accession}",
        accession=accession,
        versions=versions,
        earlier=records[earlier.pk],
        later=records[later.pk],
        heads=[f"Version {earlier.version}", f"Version {later.version}"],
        changed=[field for field in fields if field.changed],
        unchanged=[field for field in fields if not field.changed],
    )


def _chosen(request: HttpRequest, name: str, versions: list[Claim]) -> Claim | None:
    asked = request.GET.get(name, "")
    return next((claim for claim in versions if str(claim.version) == asked), None)


def _before(later: Claim, versions: list[Claim]) -> Claim:
    """What a version was written against; the version itself, where it is the first."""
    return next((claim for claim in versions if claim.pk == later.basis_id), later)
