from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finding", "0001_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="namekey",
            name="claims",
            field=models.PositiveIntegerField(
                db_default=0, help_text="as of the name, for beginnings that very many share"
            ),
        ),
        migrations.AddIndex(
            model_name="namekey",
            index=models.Index(fields=["-claims", "key"], name="name_key_by_claims"),
        ),
    ]
