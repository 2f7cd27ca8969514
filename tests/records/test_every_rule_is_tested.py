"""The check that a run of all tests makes at its end (`tests/rules_met.py`): it can fail."""

import pytest

from tests import rules_met
from tests.makers import a_user
from tests.records import refusals
from tests.records.refusals import refused


@pytest.mark.django_db
def test_a_rule_is_met_when_the_database_has_refused_by_it(monkeypatch):
    monkeypatch.setattr(refusals, "MET", set())

    refused("user_role_known", "UPDATE people_user SET role = 'emperor' WHERE id = %s", [a_user("alice").pk])

    assert {"user_role_known"} == refusals.MET
    assert "user_role_known" not in rules_met.unmet(refusals.MET)


def test_a_rule_that_a_test_only_names_is_not_met():
    """As "claim_two_people" is named here."""
    assert "claim_two_people" in rules_met.unmet({"user_role_known"})
    assert rules_met.unmet(rules_met.rules()) == []


@pytest.mark.parametrize("met", [False, True])
def test_a_run_of_all_tests_fails_without_every_rule(a_whole_run, met, monkeypatch):
    monkeypatch.setattr(rules_met, "MET", rules_met.rules() if met else set())
    monkeypatch.setattr(refusals, "MET", set())

    rules_met.pytest_sessionfinish(a_whole_run)

    assert a_whole_run.exitstatus == (pytest.ExitCode.OK if met else pytest.ExitCode.TESTS_FAILED)


@pytest.fixture
def a_whole_run():
    """A session that ran all tests, none of which failed."""

    class Option:
        every_rule, keyword, markexpr, collectonly = True, "", "", False

    class Config:
        option = Option

    class Session:
        config, exitstatus = Config, pytest.ExitCode.OK

    return Session()


def test_what_workers_met_is_put_together(monkeypatch):
    monkeypatch.setattr(rules_met, "MET", set())

    class Node:
        workeroutput = {"rules_met": ["claim_two_people"]}

    rules_met.pytest_testnodedown(Node())
    rules_met.pytest_testnodedown(object())

    assert {"claim_two_people"} == rules_met.MET
