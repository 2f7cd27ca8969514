"""What a search finds, as a file."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.finding.answering import answer
from apps.finding.asking import Search
from apps.finding.downloads import FORMATS, STREAMS, WORKBOOK, Download, TooMany, write_workbook


@require_safe
def download(request: HttpRequest) -> HttpResponseBase:
    """All that the search finds, in its order, in the format asked for."""
    kind = request.GET.get("format", "csv")
    if kind not in FORMATS:
        why = f"There is no format '{kind[:20]}'. There are: {', '.join(FORMATS)}."
        return _refused(request, why)
    search = Search.read(request.GET)
    now = timezone.now()
    found = Download.of(
        answer(search),
        search=request.build_absolute_uri(reverse("search") + search.address()),
        site=request.build_absolute_uri("/"),
        now=now,
    )
    words = re.sub(r"[^a-z0-9]+", "-", search.words.lower())[:40].strip("-") or "claims"
    name = f"exodb-{words}-{now:%Y-%m-%d}.{kind}"
    if kind == "xlsx":
        return _workbook(request, found, name)
    content_type, write = STREAMS[kind]
    response = StreamingHttpResponse(write(found), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-ExoDB-Claims"] = str(len(found.keys))
    return response


def _workbook(request: HttpRequest, found: Download, name: str) -> HttpResponseBase:
    with tempfile.TemporaryDirectory(prefix="download-") as folder:
        file = Path(folder) / name
        try:
            write_workbook(found, file)
        except TooMany as refusal:
            return _refused(request, str(refusal))
        # Open, it outlives its folder; the response closes it.
        return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=WORKBOOK)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    back = Search.read(request.GET).address()
    return render(request, "web/no_download.html", {"why": why, "back": back}, status=400)
