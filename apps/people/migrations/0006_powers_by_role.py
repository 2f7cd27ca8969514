"""What Django asks of an account before it asks for the role follows from the role."""

from django.db import migrations, models

import apps.people.models

MEND = """
UPDATE people_user SET is_superuser = (role = 'administrator'), is_staff = (role <> 'reader')
WHERE is_superuser <> (role = 'administrator') OR is_staff <> (role <> 'reader')
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_second_factor_history")]

    operations = [
        migrations.AlterModelManagers(name="user", managers=[("objects", apps.people.models.PersonManager())]),
        migrations.RunSQL(MEND, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_superuser", True), ("role", "administrator"))
                | models.Q(models.Q(("role", "administrator"), _negated=True), ("is_superuser", False)),
                name="user_superuser_by_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_staff", False), ("role", "reader"))
                | models.Q(models.Q(("role", "reader"), _negated=True), ("is_staff", True)),
                name="user_staff_by_role",
            ),
        ),
    ]
