"""Studies that share authors count once; names that many people bear link nobody."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.models import Study
from apps.synthesis import tasks
from apps.synthesis.independence import groups, is_current, linked, regroup
from apps.synthesis.models import StudyGroup
from tests.makers import a_study

LABORATORY = ["Gu H", "Ji R", "Qian H", "Xu W"]
COMMON = ["Li J", "Wang Y", "Zhang Y"]


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        (LABORATORY, ["Zhou Y", "Qian H", "Xu W"], True),  # the last author of both, and one more
        (["Gu H", "Ji R", "Li J"], ["Gu H", "Ji R", "Wang Y"], True),  # the first
        (["A B", "Gu H", "Ji R", "Qian H", "C D"], ["E F", "Ji R", "Gu H", "Qian H", "G H"], True),  # three
        (["A B", "Zhang Y", "Wang Y", "C D"], ["E F", "Wang Y", "Zhang Y", "G H"], False),  # two, in the middle
        (LABORATORY, ["Xu W", "Other A"], False),  # one name says nothing, even an end's
        (["Zhang Y"], ["Zhang Y"], False),
        ([], [], False),
    ],
)
def test_what_links_two_studies(one, other, are):
    assert linked(one, other) is linked(other, one) is are


def test_links_chain_and_the_group_is_named_for_its_first_study():
    studies = {
        7: ["Gu H", "Ji R", "Xu W"],
        3: ["Other A", "Ji R", "Xu W"],
        5: ["Other A", "Third B", "Xu W"],
        9: COMMON,
    }

    assert groups(studies) == {3: 3, 5: 3, 7: 3, 9: 9}


names = st.lists(st.sampled_from([*LABORATORY, *COMMON, "Other A"]), unique=True, max_size=6)


@given(st.dictionaries(st.integers(1, 30), names, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_studies_makes_no_difference(studies, chance: random.Random):
    mixed = list(studies.items())
    chance.shuffle(mixed)

    assert groups(dict(mixed)) == groups(studies)


@pytest.mark.django_db
def test_the_task_groups_what_came_and_what_changed_and_nothing_twice(django_assert_max_num_queries):
    one, other, third = (a_study(authors=authors) for authors in (LABORATORY, ["Zhou Y", "Qian H", "Xu W"], COMMON))
    tasks.group_studies()
    assert dict(StudyGroup.objects.values_list("study", "first")) == {
        one.pk: one.pk,
        other.pk: one.pk,
        third.pk: third.pk,
    }
    assert is_current()
    assert regroup() == []

    Study.objects.filter(pk=other.pk).update(authors=["Somebody E"])
    assert not is_current()
    tasks.group_studies()
    assert StudyGroup.objects.get(study=other).first_id == other.pk
    with django_assert_max_num_queries(1):
        tasks.group_studies()
