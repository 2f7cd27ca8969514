import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curation", "0003_uploads"),
        ("terms", "0005_found_by_part"),
    ]

    operations = [
        migrations.AlterField(
            model_name="namenote",
            name="name",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="terms.name"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="namenote",
            trigger=pgtrigger.compiler.Trigger(
                name="name_note_not_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'name_note_not_deleted', MESSAGE = 'A note is kept as it was written.';",
                    hash="07ec5adb1ff387bcb17f4cbbfd785d601875bfdc",
                    operation="DELETE",
                    pgid="pgtrigger_name_note_not_deleted_66ed9",
                    table="curation_namenote",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="upload",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF current_setting('exodb.may_empty', true) IS DISTINCT FROM 'on' THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'not_emptied', MESSAGE = 'What is kept is never emptied.'; END IF; RETURN NULL;",
                    hash="8e2da91421cafa7bbffbb43c9ea674a7e95951ef",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_00536",
                    table="curation_upload",
                    when="BEFORE",
                ),
            ),
        ),
    ]
