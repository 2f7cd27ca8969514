import pghistory
import pytest
from django.urls import reverse

from apps.claims.models import Claim, Measure
from apps.desk.history import MOST_EVENTS, Part, history
from apps.people.models import Role
from apps.studies.models import Study
from tests.makers import a_claim, a_name, a_study, a_term, a_user, signed_in

pytestmark = pytest.mark.django_db
MEASURES = (Part(Measure, "claim_id", "measure"),)


def rows(entry):
    return [tuple(change) for change in entry.changes]


def test_an_entry_says_who_and_why_and_what_was_before_and_after():
    alice, study = a_user("alice"), a_study(year=2019)

    with pghistory.context(user=alice.pk, reason="as printed"):
        Study.objects.filter(pk=study.pk).update(year=2020)

    newest = history(study)[0]
    assert (newest.who, newest.why) == ("alice", "as printed")
    assert rows(newest) == [("", "changed", "Year", "2019", "2020")]


def test_the_parts_of_a_record_have_their_place_in_its_history():
    claim = a_claim(state="draft", measures=({"name": "AUC", "value": 0.8},))

    with pghistory.context(reason="misread"):
        claim.measures.update(value=0.9)
    with pghistory.context(reason="not in the paper"):
        claim.measures.all().delete()

    deleted, changed = history(claim, MEASURES)[:2]
    assert (changed.why, rows(changed)) == ("misread", [("Measure", "changed", "Value", "0.8", "0.9")])
    assert deleted.why == "not in the paper"
    assert ("Measure", "removed", "Value", "0.9", "") in rows(deleted)


def test_history_shows_words_not_numbers_of_rows():
    claim = a_claim(state="draft", disease="synthetic disease")

    with pghistory.context(reason="read again"):
        Claim.objects.filter(pk=claim.pk).update(disease=a_name("disease", "another disease"), edge="benefit")

    assert set(rows(history(claim)[0])) == {
        ("", "changed", "Disease", "synthetic disease", "another disease"),
        ("", "changed", "Edge", "Harm", "Benefit"),
    }


def test_what_a_name_was_taken_to_mean_is_in_its_history(client):
    name, term = a_name("tissue", "liver"), a_term("UBERON:0002107", "liver", "tissue")
    name.terms.add(term)
    signed_in(client, a_user("alice", role=Role.EDITOR))

    page = client.get(reverse("admin:terms_name_history", args=[name.pk])).content.decode()

    assert "liver (UBERON:0002107)" in page


def test_the_history_page_is_bounded():
    study = a_study()
    for year in range(MOST_EVENTS + 20):
        Study.objects.filter(pk=study.pk).update(year=1950 + year % 2)

    entries = history(study)

    assert sum(len(entry.changes) for entry in entries) <= MOST_EVENTS
    assert rows(entries[-1]), "the oldest that is shown knows what was before"


def test_a_long_history_costs_few_queries(django_assert_max_num_queries):
    claim = a_claim(state="draft", measures=tuple({"name": f"m{n}", "value": n} for n in range(20)))
    with pghistory.context(user=a_user("alice").pk):
        Measure.objects.update(n=3)

    with django_assert_max_num_queries(12):
        history(claim, MEASURES)


def test_history_can_not_bring_script_into_the_page(client):
    signed_in(client, a_user("alice"))
    study = a_study(title="<script>alert(1)</script>")

    page = client.get(reverse("admin:studies_study_history", args=[study.pk])).content.decode()

    assert "<script>alert(1)</script>" not in page
    assert "&lt;script&gt;alert(1)" in page
