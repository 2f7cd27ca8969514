"""The WSGI application that granian serves."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

# Where the web server's processes keep what they count together; it must be there before the first of them counts.
if counts := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(counts).mkdir(parents=True, exist_ok=True)

application = get_wsgi_application()
# Else the first reader whom each process meets would wait until all pages and their libraries are loaded.
_ = get_resolver().url_patterns
