"""The services that ExoDB asks, with how often. Editors change them in the admin."""

from typing import Any

from django.db import migrations

FEEDS: dict[str, dict[str, Any]] = {
    "europepmc": {},
    "crossref": {},
    "openalex": {"daily_budget": 10_000},
    "icite": {"young_every": 30},
    "idconv": {"young_every": 30, "old_every": 180},
    # Needs a file or an address of its own: CITATIONS_RETRACTION_WATCH_URL.
    "retraction_watch": {"enabled": False, "young_every": 7, "old_every": 7},
}
# Retractions can come for a paper of any age, so what tells of them is asked weekly for all.
WEEKLY = ("europepmc", "crossref")


def make(apps: Any, _schema_editor: Any) -> None:
    feed = apps.get_model("citations", "Feed")
    for service, values in FEEDS.items():
        weekly = {"old_every": 7} if service in WEEKLY else {}
        feed.objects.get_or_create(service=service, defaults={**values, **weekly})


class Migration(migrations.Migration):
    dependencies = [("citations", "0001_feeds_checks_runs")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
