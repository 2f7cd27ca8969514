"""An index for titles that are alike but not the same, built while the site runs."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("studies", "0007_undated_retractions_stand")]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name="study",
            index=GinIndex(OpClass("title", name="gin_trgm_ops"), name="study_by_title"),
        ),
    ]
