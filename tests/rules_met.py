"""A pytest plugin: a run of all tests fails where a rule of the database was met by none of them.

Tests note the rules that they meet (`refused` and `met` in `tests/records/refusals.py`); a name in a comment meets
nothing. A run of some of the tests is not asked, unless by `--every-rule`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

# pghistory's own, and the one against TRUNCATE: met for each table in `tests/records/test_history.py`.
OF_EVERY_TABLE = {"insert_insert", "update_update", "delete_delete", "append_only", "not_emptied"}
MET: set[str] = set()


def rules() -> set[str]:
    """The name of every constraint and trigger that the models state."""
    from django.apps import apps

    models = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
    named = {rule.name for model in models for rule in model._meta.constraints}
    named |= {rule.name for model in models for rule in getattr(model._meta, "triggers", [])}
    return named - OF_EVERY_TABLE


def unmet(met: Iterable[str]) -> list[str]:
    return sorted(rules() - set(met))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-rule", action="store_true", help="fail where a rule of the database was not met")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands over what it met; who began the run looks whether that was all."""
    config: Any = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput["rules_met"] = sorted(_noted())
    elif asked(config) and session.exitstatus == pytest.ExitCode.OK and unmet(MET | _noted()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    MET.update(getattr(node, "workeroutput", {}).get("rules_met", []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if asked(terminalreporter.config) and (missing := unmet(MET | _noted())):
        terminalreporter.section("rules of the database that no test met", red=True)
        terminalreporter.line(", ".join(missing))


def asked(config: pytest.Config) -> bool:
    """Whether all tests were to run."""
    if config.option.every_rule:
        return True
    option = config.option
    chosen = option.keyword or option.markexpr or option.collectonly or getattr(option, "lf", False)
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not chosen


def _noted() -> set[str]:
    from tests.records import refusals

    return refusals.MET
