"""A rule without a test that breaks it fails here."""

import re
from pathlib import Path

import pytest
from django.apps import apps

TESTS = Path(__file__).resolve().parent.parent
# pghistory's own, met for each tracked table in test_history.py.
HISTORY = {"insert_insert", "update_update", "delete_delete", "append_only", "not_emptied"}


def rules():
    """The name of every constraint and trigger that the models state."""
    models = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    named = {rule.name for model in models for rule in model._meta.constraints}
    named |= {rule.name for model in models for rule in getattr(model._meta, "triggers", [])}
    return sorted(named - HISTORY)


@pytest.fixture(scope="module")
def sources():
    files = [path for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("rule", rules())
def test_a_test_meets_the_rule_by_its_name(rule, sources):
    assert re.search(rf'"{rule}"', sources), f"no test breaks the rule {rule}"
