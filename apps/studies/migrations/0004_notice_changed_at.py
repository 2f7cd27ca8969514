"""When there was last news of a notice: feeds and readers that follow the notices go by it.

Notices are few beside studies (thousands at most), so that dating the ones that are there takes a moment.
"""

import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

# A bookkeeping of what is known already is no change of a notice: it makes no history and derives no status.
DATE_THOSE_THERE = """
ALTER TABLE studies_notice DISABLE TRIGGER USER;
UPDATE studies_notice SET changed_at = GREATEST(
    first_seen::timestamp AT TIME ZONE 'UTC', vanished_on::timestamp AT TIME ZONE 'UTC', overruled_at
);
ALTER TABLE studies_notice ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("studies", "0003_studies_not_emptied"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="notice",
            name="update_update",
        ),
        migrations.AddField(
            model_name="notice",
            name="changed_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                editable=False,
                help_text="when there was last news of it",
            ),
        ),
        migrations.RunSQL(DATE_THOSE_THERE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["-first_seen", "-id"], name="notice_by_day"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["-changed_at", "-id"], name="notice_by_change"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="notice_dates_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF TG_OP = 'INSERT'\n    OR (OLD.dated, OLD.reason, OLD.vanished_on, OLD.overruled_at, OLD.overruled_reason)\n    IS DISTINCT FROM (NEW.dated, NEW.reason, NEW.vanished_on, NEW.overruled_at, NEW.overruled_reason)\nTHEN\n    NEW.changed_at = now();\nELSE\n    NEW.changed_at = OLD.changed_at;\nEND IF;\n RETURN NEW;",
                    hash="090772351217eb2e2ca2f2816f4cfde450c415e5",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_notice_dates_change_47e68",
                    table="studies_notice",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="notice",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."dated" IS DISTINCT FROM (NEW."dated") OR OLD."first_seen" IS DISTINCT FROM (NEW."first_seen") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."identifier" IS DISTINCT FROM (NEW."identifier") OR OLD."last_seen" IS DISTINCT FROM (NEW."last_seen") OR OLD."nature" IS DISTINCT FROM (NEW."nature") OR OLD."overruled_at" IS DISTINCT FROM (NEW."overruled_at") OR OLD."overruled_by_id" IS DISTINCT FROM (NEW."overruled_by_id") OR OLD."overruled_reason" IS DISTINCT FROM (NEW."overruled_reason") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."service" IS DISTINCT FROM (NEW."service") OR OLD."study_id" IS DISTINCT FROM (NEW."study_id") OR OLD."vanished_on" IS DISTINCT FROM (NEW."vanished_on"))',
                    func='INSERT INTO "studies_noticeevent" ("dated", "first_seen", "id", "identifier", "last_seen", "nature", "overruled_at", "overruled_by_id", "overruled_reason", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "service", "study_id", "vanished_on") VALUES (NEW."dated", NEW."first_seen", NEW."id", NEW."identifier", NEW."last_seen", NEW."nature", NEW."overruled_at", NEW."overruled_by_id", NEW."overruled_reason", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'update\', NEW."id", NEW."reason", NEW."service", NEW."study_id", NEW."vanished_on"); RETURN NULL;',
                    hash="5cb1863bc370ba5b6e1badd7c93d846d54b78b17",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_81c4d",
                    table="studies_notice",
                    when="AFTER",
                ),
            ),
        ),
    ]
