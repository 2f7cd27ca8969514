"""All addresses of ExoDB; `docs/decisions/` says why none may ever move."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
