from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Model

PATH = Path(settings.BASE_DIR) / "docs" / "data-model.md"
# Rules that every kept table has.
GENERAL = {"`insert_insert`", "`update_update`", "`delete_delete`", "`not_emptied`"}
MARK = "<!-- The rest is written by `manage.py write_data_model`. -->\n"


class Command(BaseCommand):
    help = "Write the tables and their rules into docs/data-model.md, as the models have them."

    def handle(self, *args: Any, **options: Any) -> None:
        PATH.write_text(written(), encoding="utf-8")
        self.stdout.write(f"{PATH.name} written")


def written() -> str:
    """The page: what a person wrote, and behind the mark what the models say."""
    above = PATH.read_text(encoding="utf-8").partition(MARK)[0]
    return above + MARK + "\n" + "\n".join(part for model in our_models() for part in described(model)) + "\n"


def our_models() -> list[type[Model]]:
    return [
        model
        for config in apps.get_app_configs()
        if config.name.startswith("apps.")
        for model in config.get_models()
        if not model.__name__.endswith("Event")
    ]


def described(model: type[Model]) -> Iterator[str]:
    meta = model._meta  # noqa: SLF001 - the documented way to what a model is made of
    yield f"### `{meta.db_table}`: {meta.verbose_name}\n"
    yield (model.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ") + "\n"
    rules = [f"`{rule.name}`" for rule in [*meta.constraints, *getattr(meta, "triggers", [])]]
    kept = [name for name in rules if name not in GENERAL]
    yield f"Rules: {', '.join(sorted(kept))}.\n" if kept else "No rules of its own.\n"
