"""All addresses of ExoDB: the API, the admin, accounts, and the pages at the root."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("apps.api.urls")),
    path("account/", include("apps.accounts.urls")),
    path("", include("apps.web.urls")),
]
