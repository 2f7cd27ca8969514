"""All addresses of ExoDB: the API, the admin, accounts, and the pages at the root."""

from django.contrib import admin
from django.urls import include, path

from apps.api.tools.view import Mcp

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("apps.api.urls")),
    path("mcp", Mcp.as_view(), name="mcp"),
    path("account/", include("apps.accounts.urls")),
    path("", include("apps.web.urls")),
]
