"""The account that imported documents are attributed to, where no person is named."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import migrations


def make(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("people", "User").objects.get_or_create(
        username="import",
        defaults={"role": "contributor", "public_name": "document import", "password": make_password(None)},
    )


def unmake(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("people", "User").objects.filter(username="import").delete()


class Migration(migrations.Migration):
    dependencies = [("people", "0001_users")]

    operations = [migrations.RunPython(make, unmake)]
