"""`python -m exodb.embedded.prepare`: schema, starter evidence and static files up to date, in one process.

The only module here that needs Django; nothing imports it. The served way does the same three by `manage.py`.
"""

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

from exodb.embedded import places


def main() -> None:
    """Bring an installation up to date; quick when it is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exodb.settings")
    django.setup()
    try:
        call_command("migrate", interactive=False, verbosity=0)
        # A release that does not go together with what was curated here must not keep the server down.
        call_command("load_starter", or_keep_earlier=True)
    except CommandError as problem:
        sys.exit(str(problem))
    if not settings.DEBUG:
        collect_static()


def collect_static() -> None:
    """Collect the static files, unless they are the ones collected last."""
    note = places.run_dir(settings.DATA_DIR) / "static.txt"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    found = static_fingerprint()
    if manifest.exists() and note.exists() and note.read_text() == found:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(found)


def static_fingerprint() -> str:
    """What tells one set of static files from another without reading them: names, sizes and times."""
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            path = Path(storage.path(name))
            facts = path.stat()
            seen.update(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()


if __name__ == "__main__":
    main()
