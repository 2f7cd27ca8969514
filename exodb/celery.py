"""The Celery application; its settings are the `CELERY_…` ones of `exodb.settings`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

app = Celery("exodb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
