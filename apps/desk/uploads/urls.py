from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from apps.desk.uploads import views


def urls(admin_view: Callable[..., Any]) -> list[URLPattern]:
    """The addresses of the uploads, each for who may come in to the desk."""
    return [
        path("uploads/", admin_view(views.uploads), name="uploads"),
        path("uploads/template.xlsx", admin_view(views.template), name="upload_template"),
        path("uploads/<int:pk>/", admin_view(views.upload), name="upload"),
        path("uploads/<int:pk>/progress/", admin_view(views.progress), name="upload_progress"),
        path("uploads/<int:pk>/store/", admin_view(views.store), name="upload_store"),
        path("uploads/<int:pk>/cancel/", admin_view(views.cancel), name="upload_cancel"),
    ]
