"""Upload a file, read what is wrong with it or what it does, and say the word."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.curation.models import Upload, UploadState
from apps.curation.uploads import jobs, tasks
from apps.curation.uploads import template as empty
from apps.desk.uploads.downloads import XLSX

A_PAGE = 25
ACCEPTED = ".xlsx,.csv,.tsv,.txt,.yaml,.yml"


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label="File",
        help_text="XLSX, CSV, TSV, or one YAML document",
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPTED}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; at most {settings.UPLOAD_BYTES:,} are taken. Upload it in parts."
            )
        return file


@require_http_methods(["GET", "HEAD", "POST"])
def uploads(request: HttpRequest) -> HttpResponse:
    """One's own uploads, and the form for another."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = jobs.receive(name=file.name, content=file.read(), by=request.user)  # type: ignore[arg-type]
        except jobs.NotAllowed as refusal:
            form.add_error("file", str(refusal))
        else:
            tasks.begin(upload)
            return redirect(upload)
    page = Paginator(Upload.objects.of(request.user), A_PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    context = {**admin.site.each_context(request), "title": "Uploads", "form": form, "page": page}
    return render(request, "desk/uploads/list.html", context)


@require_GET
def template(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for all
    """The empty spreadsheet."""
    return HttpResponse(
        empty.template(),
        content_type=XLSX,
        headers={"Content-Disposition": 'attachment; filename="exodb-claims.xlsx"'},
    )


@require_GET
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an upload stands: its progress, its faults, or what storing it does."""
    found = _own(request, pk)
    context = {**admin.site.each_context(request), "title": found.name, "upload": found, "State": UploadState}
    return render(request, "desk/uploads/upload.html", context)


@require_GET
def progress(request: HttpRequest, pk: int) -> JsonResponse:
    """How far it is, for the page that watches."""
    found = _own(request, pk)
    return JsonResponse(
        {
            "state": found.state,
            "at_work": found.is_at_work,
            "said": found.get_state_display(),
            "step": found.step,
            "done": found.done,
            "total": found.total,
        },
        headers={"Cache-Control": "no-store"},
    )


@require_POST
def store(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    try:
        tasks.begin(jobs.confirm(upload_id=found.pk, by=request.user))  # type: ignore[arg-type]
    except jobs.NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    try:
        jobs.cancel(upload_id=found.pk, by=request.user)  # type: ignore[arg-type]
    except jobs.NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


def _own(request: HttpRequest, pk: int) -> Upload:
    return get_object_or_404(Upload.objects.of(request.user), pk=pk)  # type: ignore[arg-type]
