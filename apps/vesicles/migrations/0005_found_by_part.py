import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    # Writers are not held up while an index is built.
    atomic = False

    dependencies = [
        ("terms", "0005_found_by_part"),  # which brings pg_trgm
        ("vesicles", "0004_stricter_rules"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="cargo",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"), name="cargo_by_part"
            ),
        ),
        AddIndexConcurrently(
            model_name="cargosynonym",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("text"), name="gin_trgm_ops"
                ),
                name="cargo_synonym_by_part",
            ),
        ),
        AddIndexConcurrently(
            model_name="vesiclesource",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("name"), name="gin_trgm_ops"
                ),
                name="source_by_part",
            ),
        ),
    ]
