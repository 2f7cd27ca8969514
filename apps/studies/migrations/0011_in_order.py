from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Claims by year are read from an index of their studies, the place of a page included, however many there are."""

    # Nobody waits while it is made.
    atomic = False
    dependencies = [("studies", "0010_changes_are_told")]

    operations = [
        AddIndexConcurrently("study", models.Index(name="study_in_order", fields=["year", "accession"])),
    ]
