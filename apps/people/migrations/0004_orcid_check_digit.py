"""An ORCID whose check digit is wrong is refused. Where one is stored already, mend it first: this names the rule."""

import django.core.validators
from django.db import migrations, models

import apps.people.orcid


class Migration(migrations.Migration):
    dependencies = [("people", "0003_users_not_emptied")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="orcid",
            field=models.CharField(
                blank=True,
                max_length=19,
                null=True,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$", "An ORCID looks like 0000-0002-1825-0097."
                    ),
                    apps.people.orcid.checked,
                ],
                verbose_name="ORCID",
            ),
        ),
        migrations.AlterField(
            model_name="userevent",
            name="orcid",
            field=models.CharField(
                blank=True,
                max_length=19,
                null=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]$", "An ORCID looks like 0000-0002-1825-0097."
                    ),
                    apps.people.orcid.checked,
                ],
                verbose_name="ORCID",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(apps.people.orcid.CheckDigitFits("orcid")),
                name="user_orcid_check_digit",
                violation_error_message="The last character of this ORCID does not fit the others: one of them is mistyped.",
            ),
        ),
    ]
