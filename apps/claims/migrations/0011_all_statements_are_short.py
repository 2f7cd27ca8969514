from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0010_statements_are_short"),
    ]

    operations = [
        ValidateConstraint(model_name="claim", name="claim_statement_is_short"),
    ]
