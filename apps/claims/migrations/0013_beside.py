"""Find the claims beside a claim without reading all of its aspect."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("claims", "0012_changes_are_told"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("state", "accepted")),
                fields=["cargo", "aspect", "disease"],
                name="claim_beside",
            ),
        ),
    ]
