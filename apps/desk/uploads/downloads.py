"""The list of claims, as it is filtered, as a spreadsheet of the columns that an upload takes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from apps.curation.uploads.exporting import Download, TooMany

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Downloads(admin.ModelAdmin):
    """Adds the downloads to a list of claims."""

    change_list_template = "desk/uploads/claims.html"

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        return [
            path("claims.csv", site.admin_view(self.as_csv), name="claims_csv"),
            path("claims.xlsx", site.admin_view(self.as_workbook), name="claims_xlsx"),
            *super().get_urls(),
        ]

    def as_csv(self, request: HttpRequest) -> HttpResponseBase:
        found = self.download(request)
        if isinstance(found, HttpResponse):
            return found
        return StreamingHttpResponse(
            found.as_csv(),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="claims.csv"', "Cache-Control": "no-store"},
        )

    def as_workbook(self, request: HttpRequest) -> HttpResponseBase:
        found = self.download(request)
        if isinstance(found, HttpResponse):
            return found
        with tempfile.TemporaryDirectory(prefix="download-") as folder:
            file = Path(folder) / "claims.xlsx"
            try:
                found.write_workbook(file)
            except TooMany as refusal:
                return self.back(request, str(refusal))
            # Open, it outlives its folder; the response closes it.
            return FileResponse(file.open("rb"), as_attachment=True, filename="claims.xlsx", content_type=XLSX)

    def download(self, request: HttpRequest) -> Download | HttpResponse:
        """What the list shows, over all its pages; or the way back to it, with the reason."""
        try:
            listed = self.get_changelist_instance(request).get_queryset(request)
            return Download(listed)
        except IncorrectLookupParameters:
            return self.back(request, "The list can't be filtered so.")
        except TooMany as refusal:
            return self.back(request, str(refusal))

    def back(self, request: HttpRequest, why: str) -> HttpResponse:
        self.message_user(request, why, messages.ERROR)
        return redirect("admin:claims_claim_changelist")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        filters = f"?{query}" if (query := request.GET.urlencode()) else ""
        return super().changelist_view(request, {"filters": filters, **(extra_context or {})})
