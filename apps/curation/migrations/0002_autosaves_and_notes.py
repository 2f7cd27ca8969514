import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0001_discussion_assignments_likenesses"),
        ("terms", "0005_found_by_part"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Autosave",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("form", models.CharField(help_text="the address of the form", max_length=200)),
                ("payload", models.JSONField(help_text="the input, as pairs of name and value")),
                ("saved_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="autosaves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-saved_at", "pk"],
                "indexes": [models.Index(fields=["saved_at"], name="autosave_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("person", "form"), name="autosave_once_a_form"),
                    models.CheckConstraint(condition=models.Q(("form", ""), _negated=True), name="autosave_has_form"),
                    models.CheckConstraint(
                        condition=django.db.models.lookups.LessThanOrEqual(
                            models.Func(
                                django.db.models.functions.comparison.Cast("payload", models.TextField()),
                                function="octet_length",
                                output_field=models.IntegerField(),
                            ),
                            262144,
                        ),
                        name="autosave_of_sane_size",
                        violation_error_message="That is more input than a form of the desk holds.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NameNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=500)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "name",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="terms.name"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="name_note_has_text")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="namenote",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF current_setting('exodb.may_empty', true) IS DISTINCT FROM 'on' THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'not_emptied', MESSAGE = 'What is kept is never emptied.'; END IF; RETURN NULL;",
                    hash="f18dfa574e66c6e1ac0cf7dd6eaa7a1a3302ad29",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_208ac",
                    table="curation_namenote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="namenote",
            trigger=pgtrigger.compiler.Trigger(
                name="name_note_not_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((TRUE) AND (OLD."name_id" IS DISTINCT FROM NEW."name_id" OR OLD."by_id" IS DISTINCT FROM NEW."by_id" OR OLD."text" IS DISTINCT FROM NEW."text" OR OLD."at" IS DISTINCT FROM NEW."at"))',
                    func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'name_note_not_changed', MESSAGE = 'A note is kept as it was written.';",
                    hash="76741e36dc427718a38363f1e30dd15361334dd9",
                    operation="UPDATE",
                    pgid="pgtrigger_name_note_not_changed_beeb6",
                    table="curation_namenote",
                    when="BEFORE",
                ),
            ),
        ),
    ]
