"""Indexes for the queues of the desk, built while the site runs."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("claims", "0006_stricter_rules")]

    operations = [
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state", "submitted")), fields=["submitted_at", "id"], name="claim_waiting"
            ),
        ),
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state", "draft")), fields=["author", "-written_at"], name="claim_drafts"
            ),
        ),
    ]
