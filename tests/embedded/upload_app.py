"""Acts on the uploads of a running server, for its worker to be killed in the middle: `upload ROWS`, `confirm`."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")

import django


def main(act: str, rows: str = "0") -> None:
    django.setup()

    from apps.curation.models import Upload
    from apps.curation.uploads import jobs, tasks
    from apps.people.models import Role, User
    from tests.curation.sheets import csv_of, of_studies

    if act == "upload":
        alice = User.objects.create_user("alice", role=Role.CONTRIBUTOR)
        upload = jobs.receive(name="synthetic.csv", content=csv_of(*of_studies(int(rows))), by=alice)
    else:
        upload = Upload.objects.get()
        upload = jobs.confirm(upload_id=upload.pk, by=upload.by)
    tasks.hand_over(upload)


main(*sys.argv[1:])
