"""Two people at the same records at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation import merging
from apps.curation.models import Merge
from apps.records.models import Accession
from tests.makers import a_cargo, a_claim, a_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """What each act came to, both begun in the same moment."""
    start = Barrier(len(acts))

    def one(act):
        start.wait()
        try:
            return act()
        except NotAllowed as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as people:
        return list(people.map(one, acts))


def merging_of(gone, into):
    erin = a_user("erin", role="editor")
    return lambda: merging.merge(gone=gone, into=into, by=erin, reason="made up")


@pytest.fixture
def pair():
    one, other = a_cargo("made-up 1"), a_cargo("made-up 2")
    for cargo in (one, other):
        a_claim(cargo=cargo)
        cargo.refresh_from_db()
    return one.accession, other.accession


@pytest.mark.parametrize("way_round", [slice(None), slice(None, None, -1)], ids=["the same", "the other way round"])
def test_of_two_merges_of_one_pair_one_wins_and_the_other_is_told(pair, way_round):
    came_to = at_once(merging_of(*pair), merging_of(*pair[way_round]))

    refusals = [each for each in came_to if isinstance(each, NotAllowed)]
    assert len(refusals) == 1
    assert "already" in str(refusals[0])
    merge = Merge.objects.get()
    assert Accession.objects.get(pk=merge.gone_id).merged_into_id == merge.into_id
    assert set(Claim.objects.values_list("cargo__accession", flat=True)) == {merge.into_id}


def test_of_two_people_who_undo_a_merge_one_is_told(pair):
    merge = merging_of(*pair)()
    erin = a_user("erin")

    def undoing():
        return merging.undo(merge_id=merge.pk, by=erin, reason="two after all")

    came_to = at_once(undoing, undoing)

    refusals = [each for each in came_to if isinstance(each, NotAllowed)]
    assert len(refusals) == 1
    assert "It was undone" in str(refusals[0])
    assert Accession.objects.get(pk=merge.gone_id).merged_into_id is None
