"""Names that were looked up in vain are looked up again."""

import pytest

from apps.claims import search
from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation.regrounding import reground_names
from apps.people.models import Role
from apps.terms.models import Name
from tests.makers import a_claim, a_name, a_term, a_user, signed_in

pytestmark = pytest.mark.django_db
LIST = "/admin/terms/name/?to_do=all"


@pytest.fixture
def eve(client):
    eve = a_user("eve", role=Role.EDITOR)
    signed_in(client, eve)
    return eve


def act(client, *names):
    return client.post(
        LIST, {"action": "reground_selected", "_selected_action": [name.pk for name in names]}, follow=True
    ).content.decode()


def test_names_whose_term_has_come_are_decided_and_their_claims_found_by_it(client, eve):
    claim = a_claim(disease=a_name("disease", "synthetic disease"))
    other = a_name("disease", "nobody knows this")
    above = a_term("DOID:90", "made-up group of diseases")
    a_term("DOID:91", "synthetic disease", parents=(above,))
    search.index(Claim.objects.all())

    said = act(client, claim.disease, other)

    claim.disease.refresh_from_db()
    assert "1 decided, 1 stay on the work list; 1 claims are found by their terms now." in said
    assert claim.disease.grounding == "grounded"
    assert [str(term.curie) for term in claim.disease.terms.all()] == ["DOID:91"]
    event = claim.disease.events.order_by("pgh_id").last()
    assert (event.pgh_context["user"], event.pgh_context["reason"]) == (eve.pk, "looked up again")


def test_what_somebody_decided_stays(client, eve):
    decided = a_name("disease", "synthetic disease", (a_term("DOID:90", "another"),))
    a_term("DOID:91", "synthetic disease")

    said = act(client, decided)

    assert "0 decided, 0 stay on the work list; 1 had been decided before" in said
    assert [term.curie for term in decided.terms.all()] == ["DOID:90"]


def test_only_editors_are_offered_it_and_may(client):
    signed_in(client, a_user("charlie", role=Role.CURATOR))
    name = a_name("disease", "synthetic disease")
    a_term("DOID:91", "synthetic disease")

    assert "reground_selected" not in client.get(LIST).content.decode()
    act(client, name)
    with pytest.raises(NotAllowed, match="Editors decide"):
        reground_names(name_ids=[name.pk], by=a_user("charlie"))

    name.refresh_from_db()
    assert name.grounding == "unknown"


def test_it_costs_the_same_for_any_number_of_names(eve, django_assert_max_num_queries):
    costs = []
    for number in (1, 12):
        names = [a_name("disease", f"synthetic {number} {at}") for at in range(number)]
        for name in names:
            a_term(f"DOID:9{number}{name.pk}", name.text)
            a_claim(disease=name)
        with django_assert_max_num_queries(40) as queries:
            reground_names(name_ids=[name.pk for name in names], by=eve)
        costs.append(len(queries))
        assert not Name.objects.filter(pk__in=[n.pk for n in names], grounding="unknown").exists()

    assert costs[0] == costs[1]


def test_more_than_can_be_tried_at_once_is_said(eve):
    with pytest.raises(NotAllowed, match="At most 5,000"):
        reground_names(name_ids=range(5_001), by=eve)
