"""Numbers that are counted once for each state of the evidence."""

import pytest
from django.core.cache import cache
from django.db import transaction

from apps.claims.models import Claim
from apps.finding.remembering import remembered
from tests.makers import a_claim, a_notice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counted():
    """How often it was counted, and what remembers."""
    cache.clear()
    times = []

    def count() -> int:
        times.append(1)
        return Claim.objects.counting().count()

    yield times, lambda: remembered("claims that count", count)
    cache.clear()


def test_what_has_not_changed_is_not_counted_again(counted):
    times, ask = counted
    a_claim()
    assert [ask(), ask(), ask()] == [1, 1, 1]
    assert len(times) == 1


def test_what_changes_is_counted_at_once(counted):
    times, ask = counted
    claim = a_claim()
    assert ask() == 1

    a_claim()
    assert ask() == 2
    a_notice(study=claim.preparation.study)
    assert ask() == 1
    assert len(times) == 3


def test_what_is_not_committed_is_remembered_for_nobody(counted):
    _, ask = counted
    a_claim()
    assert ask() == 1

    with transaction.atomic():
        a_claim()
        assert ask() == 2
        transaction.set_rollback(True)
    assert ask() == 1
