"""Two versions side by side: what differs, in words, and what does not."""

import pytest

from apps.claims import comparing
from apps.claims.comparing import changes, compared
from apps.claims.models import Claim
from tests.makers import a_claim

pytestmark = pytest.mark.django_db

AUC = {"name": "AUC", "value": 0.87, "ci_low": 0.8, "ci_high": 0.93, "p": 0.001, "p_relation": "<", "n_cases": 40}


def whole(**fields):
    made = a_claim(state="draft", **fields)
    return Claim.objects.for_record().get(pk=made.pk)


def test_only_what_differs_changed():
    study = a_claim(state="draft").preparation
    before, after = whole(preparation=study), whole(preparation=study, edge="benefit")

    assert [each.label for each in changes(before, after)] == ["Edge"]
    assert sum(not each.changed for each in compared(before, after)) > 15


def test_words_are_marked_inside_a_text_and_put_together_again():
    preparation = a_claim(state="draft").preparation
    before = whole(preparation=preparation, statement="Vesicles feed the tumour, slowly.")
    after = whole(preparation=preparation, statement="Vesicles starve the tumour.")

    (field,) = changes(before, after)

    assert "".join(piece.text for piece in field.before) == before.statement
    assert "".join(piece.text for piece in field.after) == after.statement
    assert [piece.text for piece in field.before if piece.is_ == "gone"] == ["feed", ", slowly"]
    assert [piece.text for piece in field.after if piece.is_ == "new"] == ["starve"]


def test_lists_are_compared_entry_by_entry_in_their_order():
    preparation = a_claim(state="draft").preparation
    before = whole(preparation=preparation, targets=("PTEN", "AKT"), measures=(AUC,), therapies=("cisplatin",))
    after = whole(preparation=preparation, targets=("AKT", "CYLD"), measures=(AUC, {"name": "HR", "value": 2.0}))

    found = {each.label: each for each in changes(before, after)}

    assert set(found) == {"Targets", "Measures", "Therapies"}
    assert [(p.is_, p.text) for p in found["Targets"].before] == [("gone", "PTEN"), ("same", "AKT")]
    assert [(p.is_, p.text) for p in found["Targets"].after] == [("same", "AKT"), ("new", "CYLD")]
    assert [p.text for p in found["Measures"].after] == ["AUC 0.87 (0.8 to 0.93), p < 0.001, 40 cases", "HR 2"]
    assert found["Therapies"].after == []


def test_a_text_beyond_all_measure_is_shown_whole(monkeypatch):
    monkeypatch.setattr(comparing, "MOST_WORDS", 300)
    preparation = a_claim(state="draft").preparation
    before = whole(preparation=preparation, statement="a " * 300)
    after = whole(preparation=preparation, statement="b " * 300)

    (field,) = changes(before, after)
    assert [piece.is_ for piece in field.after] == ["new"]


def test_a_first_version_changes_nothing(django_assert_num_queries):
    claim = whole(targets=("PTEN",), measures=(AUC,))

    with django_assert_num_queries(0):
        assert changes(None, claim) == []
        compared(None, claim)
