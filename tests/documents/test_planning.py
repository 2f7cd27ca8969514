"""An import of many documents tells the database's planner of them before others are asked to read them."""

import pytest
from django.db import connection

from apps.documents import storing
from apps.documents.reading import read
from apps.people.models import User
from apps.records.statistics import analyze
from tests.documents.synthetic import a_file
from tests.makers import a_claim

pytestmark = pytest.mark.django_db


def planned_for():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public' AND tablename LIKE 'claims%'"
        )
        return {name for (name,) in cursor.fetchall()}


def test_the_application_may_tell_the_planner():
    a_claim(therapies=("made-up drug",))
    analyze()
    assert {"claims_claim", "claims_claimtherapy"} <= planned_for()


def test_an_import_of_many_does_so_and_of_few_does_not(tmp_path, monkeypatch):
    document, faults = read(a_file(tmp_path))
    assert not faults
    told = []
    monkeypatch.setattr(storing, "analyze", lambda: told.append(True))

    storing.import_documents([document], author=User.objects.get(username="import"))
    assert not told
    monkeypatch.setattr(storing, "MANY", 1)
    storing.import_documents([document], author=User.objects.get(username="import"))
    assert told
