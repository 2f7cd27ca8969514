"""What the planner knows of the tables, taken anew when much has come at once.

The server does so by itself after a minute, but not for rows of a transaction that is still open; until then a question
over many tables may be planned as if they were empty, and take minutes.
"""

from django.apps import apps
from django.db import connection


def analyze() -> None:
    """Sample each table that the application writes. About a second, however many rows there are."""
    models = [model for model in apps.get_models() if not hasattr(model, "pgh_tracked_model")]
    tables = sorted({model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy})  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables))}")
