import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("studies", "0008_titles_alike"),  # which brings pg_trgm
    ]

    operations = [
        migrations.CreateModel(
            name="KnownName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=20)),
                ("value", models.CharField(max_length=80)),
                ("label", models.CharField(max_length=500)),
                ("claims", models.PositiveIntegerField()),
                ("texts", models.TextField(help_text="all that it goes by, a line each, the label first")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("field", "value"), name="known_name_once")],
            },
        ),
        migrations.CreateModel(
            name="NameKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=100)),
                ("text", models.CharField(max_length=500)),
                ("whole", models.BooleanField(help_text="whether the key is that of the whole name")),
                (
                    "name",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="finding.knownname"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["key"], name="name_key_by_key"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("key", name="gin_trgm_ops"), name="name_key_by_likeness"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("name", "key"), name="name_key_once")],
            },
        ),
    ]
