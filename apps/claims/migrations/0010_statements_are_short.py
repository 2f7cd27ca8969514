from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0009_decisions_on_what_waits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="claim",
            name="statement",
            field=models.TextField(help_text="the claim in one or two sentences of your own words", max_length=2000),
        ),
        migrations.AlterField(
            model_name="claimevent",
            name="statement",
            field=models.TextField(help_text="the claim in one or two sentences of your own words", max_length=2000),
        ),
        # New rows obey from now on; the next migration reads the old ones, under a lock that lets others write.
        AddConstraintNotValid(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=LessThanOrEqual(Length("statement"), 2000),
                name="claim_statement_is_short",
                violation_error_message="A statement has at most 2,000 characters.",
            ),
        ),
    ]
