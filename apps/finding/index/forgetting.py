"""Changes of days ago are forgotten; an index that has not seen them is made anew."""

from __future__ import annotations

from django.db import connection, transaction

# The kind of the line that says up to which transaction changes were forgotten.
PURGED = "purged"
KEPT_FOR = "1 day"
_PURGE = f"""
WITH gone AS (
    DELETE FROM records_change
    WHERE at < now() - interval '{KEPT_FOR}' AND xid < pg_snapshot_xmin(pg_current_snapshot()) RETURNING xid)
INSERT INTO records_change (kind, record)
SELECT '{PURGED}', max(xid::text::bigint) FROM gone HAVING count(*) > 0
"""  # noqa: S608 -- put together from constants


def purge() -> int:
    """Forget changes of days ago, and leave word up to where. Return how often word was left: once, or not at all."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PURGE)
        return int(cursor.rowcount)
