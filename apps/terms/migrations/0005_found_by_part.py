import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    # Writers are not held up while an index is built.
    atomic = False

    dependencies = [
        ("terms", "0004_stricter_rules"),
        ("studies", "0008_titles_alike"),  # which brings pg_trgm
    ]

    operations = [
        AddIndexConcurrently(
            model_name="name",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"), name="name_by_part"
            ),
        ),
        AddIndexConcurrently(
            model_name="synonym",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"), name="synonym_by_part"
            ),
        ),
        AddIndexConcurrently(
            model_name="term",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"), name="term_by_part"
            ),
        ),
    ]
