"""Tokens for programs, which end when the password of their person changes or the account is closed."""

import datetime as dt

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.lookups
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_powers_by_role"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="what it is for, in the person's words", max_length=60)),
                (
                    "digest",
                    models.CharField(editable=False, help_text="SHA-256 of the token", max_length=64, unique=True),
                ),
                (
                    "begins",
                    models.CharField(editable=False, help_text="how it begins, to tell it from others", max_length=12),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "read your own drafts, and what is said about claims"),
                                ("draft", "write, change and discard your own drafts"),
                                ("submit", "hand your drafts in for review, and take them back"),
                                ("comment", "comment on claims"),
                                ("decide", "decide on submissions of others"),
                            ],
                            max_length=7,
                        )
                    ),
                ),
                (
                    "factor_since",
                    models.DateTimeField(
                        editable=False,
                        help_text="since when the person had the second factor that it was made with",
                        null=True,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(editable=False, help_text="to the minute", null=True)),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                ("revoked_because", models.CharField(blank=True, editable=False, max_length=60)),
            ],
            options={
                "verbose_name": "API token",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ApiTokenEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(help_text="what it is for, in the person's words", max_length=60)),
                (
                    "begins",
                    models.CharField(editable=False, help_text="how it begins, to tell it from others", max_length=12),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read", "read your own drafts, and what is said about claims"),
                                ("draft", "write, change and discard your own drafts"),
                                ("submit", "hand your drafts in for review, and take them back"),
                                ("comment", "comment on claims"),
                                ("decide", "decide on submissions of others"),
                            ],
                            max_length=7,
                        )
                    ),
                ),
                (
                    "factor_since",
                    models.DateTimeField(
                        editable=False,
                        help_text="since when the person had the second factor that it was made with",
                        null=True,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False),
                ),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(editable=False, null=True)),
                ("revoked_because", models.CharField(blank=True, editable=False, max_length=60)),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="user",
            trigger=pgtrigger.compiler.Trigger(
                name="user_tokens_end",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."password" IS DISTINCT FROM NEW."password" OR (OLD."is_active" AND NOT NEW."is_active"))',
                    func="UPDATE people_apitoken SET revoked_at = now(), revoked_because =\n                    CASE WHEN NEW.is_active THEN 'the password was changed' ELSE 'the account was closed' END\n                    WHERE person_id = NEW.id AND revoked_at IS NULL; RETURN NULL;",
                    hash="a96a43e7d678e7a3fc7b77fc7fb71ccac174e457",
                    operation="UPDATE",
                    pgid="pgtrigger_user_tokens_end_c2d24",
                    table="people_user",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="apitokenevent",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="apitokenevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="people.apitoken",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("name__regex", "[^[:space:]]")), name="token_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="token_is_digested"
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scopes__contained_by", ["read", "draft", "submit", "comment", "decide"]), ("scopes__len__gt", 0)
                ),
                name="token_scopes_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.GreaterThan(models.F("expires_at"), models.F("created_at")),
                    django.db.models.lookups.LessThanOrEqual(
                        models.F("expires_at"),
                        django.db.models.expressions.CombinedExpression(
                            models.F("created_at"), "+", models.Value(dt.timedelta(days=366))
                        ),
                    ),
                ),
                name="token_ends_within_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at", None), ("revoked_because", "")),
                    models.Q(("revoked_at__isnull", False), models.Q(("revoked_because", ""), _negated=True)),
                    _connector="OR",
                ),
                name="token_revoked_with_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="token_not_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((TRUE) AND (OLD."person_id" IS DISTINCT FROM NEW."person_id" OR OLD."name" IS DISTINCT FROM NEW."name" OR OLD."digest" IS DISTINCT FROM NEW."digest" OR OLD."begins" IS DISTINCT FROM NEW."begins" OR OLD."scopes" IS DISTINCT FROM NEW."scopes" OR OLD."factor_since" IS DISTINCT FROM NEW."factor_since" OR OLD."created_at" IS DISTINCT FROM NEW."created_at" OR OLD."expires_at" IS DISTINCT FROM NEW."expires_at"))',
                    func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'token_not_changed', MESSAGE = 'A token stays what it was made as: revoke it, and make another.';",
                    hash="d269b3c1e820cc89e4d0519867b2c48a5f596638",
                    operation="UPDATE",
                    pgid="pgtrigger_token_not_changed_3516d",
                    table="people_apitoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="token_stays_revoked",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD."revoked_at" IS NOT NULL) AND (OLD."revoked_at" IS DISTINCT FROM NEW."revoked_at" OR OLD."revoked_because" IS DISTINCT FROM NEW."revoked_because"))',
                    func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'token_stays_revoked', MESSAGE = 'A revoked token stays revoked: make another.';",
                    hash="d271a82bfdd107f3dbef5506ce1782c3db8d44b0",
                    operation="UPDATE",
                    pgid="pgtrigger_token_stays_revoked_7a00d",
                    table="people_apitoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF current_setting('exodb.may_empty', true) IS DISTINCT FROM 'on' THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'not_emptied', MESSAGE = 'What is kept is never emptied.'; END IF; RETURN NULL;",
                    hash="875152fa5107eefc3c8dd1159125a66787f27814",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_c1479",
                    table="people_apitoken",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "people_apitokenevent" ("begins", "created_at", "expires_at", "factor_since", "id", "name", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_because", "scopes") VALUES (NEW."begins", NEW."created_at", NEW."expires_at", NEW."factor_since", NEW."id", NEW."name", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'insert\', NEW."id", NEW."revoked_at", NEW."revoked_because", NEW."scopes"); RETURN NULL;',
                    hash="5a4781a826ab2f51f0825260bc3cb8eaf1cad641",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_89aa6",
                    table="people_apitoken",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."begins" IS DISTINCT FROM (NEW."begins") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."factor_since" IS DISTINCT FROM (NEW."factor_since") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."revoked_at" IS DISTINCT FROM (NEW."revoked_at") OR OLD."revoked_because" IS DISTINCT FROM (NEW."revoked_because") OR OLD."scopes" IS DISTINCT FROM (NEW."scopes"))',
                    func='INSERT INTO "people_apitokenevent" ("begins", "created_at", "expires_at", "factor_since", "id", "name", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_because", "scopes") VALUES (NEW."begins", NEW."created_at", NEW."expires_at", NEW."factor_since", NEW."id", NEW."name", NEW."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."revoked_at", NEW."revoked_because", NEW."scopes"); RETURN NULL;',
                    hash="9006639fd5336d4d7ae950cf06e86b4f24d7db67",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bd2cc",
                    table="people_apitoken",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitoken",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "people_apitokenevent" ("begins", "created_at", "expires_at", "factor_since", "id", "name", "person_id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revoked_at", "revoked_because", "scopes") VALUES (OLD."begins", OLD."created_at", OLD."expires_at", OLD."factor_since", OLD."id", OLD."name", OLD."person_id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."revoked_at", OLD."revoked_because", OLD."scopes"); RETURN NULL;',
                    hash="63785f2a051a77342c6f6b6658ccdada95712ec7",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9a9d9",
                    table="people_apitoken",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitokenevent",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF current_setting('exodb.may_empty', true) IS DISTINCT FROM 'on' THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'not_emptied', MESSAGE = 'What is kept is never emptied.'; END IF; RETURN NULL;",
                    hash="0ae6cb76278d331bce0e4ed9f710a86c305f5b1b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_db8dc",
                    table="people_apitokenevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apitokenevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dab5900c05fb254af0d1ead19722d5134e31809b",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f2ca8",
                    table="people_apitokenevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
