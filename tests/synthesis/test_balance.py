"""A balance counts what stands, weighs it by level, and says what it rests on."""

import pytest

from apps.claims.models import Claim, State
from apps.synthesis import balance, independence
from apps.synthesis.index import index
from tests.makers import a_cargo, a_claim, a_notice, a_preparation, a_study

pytestmark = pytest.mark.django_db


def claims(*edges, study=None, preparation=None, **fields):
    made = preparation or a_preparation(study=study or a_study(authors=[]))
    return [a_claim(edge=edge, preparation=made, **fields) for edge in edges]


def weighed():
    return balance.of(Claim.objects.all())


def test_each_claim_counts_by_level_and_outcome():
    claims("harm", "benefit", "benefit", models_used=["animal"])
    claims("mixed", "neutral")
    claims("neutral", effect="no_effect")
    claims("benefit", effect="no_effect")

    found = weighed()

    assert [(row.level, row.weight, row.total) for row in found.rows] == [("D", 2, 3), ("E", 1, 4)]
    assert found.counts == {"harm": 1, "mixed": 1, "no_effect": 1, "neutral": 1, "benefit": 3}
    assert (found.total, found.studies, found.groups) == (7, 4, 4)
    assert found.index == index((2, 5, 10), 4)


def test_studies_that_share_authors_are_one_group_once_they_are_grouped():
    for _ in range(3):
        claims("benefit", study=a_study(authors=["Doe J", "Roe R"]))
    assert weighed().groups == 3
    independence.regroup()

    found = weighed()

    assert (found.studies, found.groups) == (3, 1)
    assert found.index == index((0, 3, 3), 1)


def test_only_accepted_claims_count():
    claims("harm")
    for state in (State.DRAFT, State.SUBMITTED, State.REJECTED, State.WITHDRAWN, State.SUPERSEDED):
        claims("benefit", state=state)

    assert weighed().counts["benefit"] == 0


def test_claims_of_a_retracted_study_stand_apart_and_come_back():
    claims("harm", "harm", study=a_study(authors=[]))
    study = a_study(authors=[])
    claims("benefit", study=study)
    before = weighed()
    notice = a_notice(study=study)

    apart = weighed()

    assert (apart.counts["benefit"], apart.total, apart.studies, apart.groups) == (0, 2, 1, 1)
    assert dict(apart.retracted) == {"benefit": 1}
    type(notice).objects.filter(pk=notice.pk).update(
        overruled_at=notice.changed_at, overruled_by=Claim.objects.first().author, overruled_reason="another paper"
    )
    assert weighed() == before


def test_what_it_rests_on():
    poor = a_preparation(study=a_study(authors=[]), metric_antibodies="not_reported", metric_lysate="not_reported")
    well = a_preparation(study=a_study(authors=[], status="concern"), metric_antibodies="reported")
    claims("harm", preparation=poor)
    claims("harm", "harm", preparation=well, models_used=["in_vitro", "animal"])
    claims("harm")

    shares = weighed().shares

    assert (shares["in_vitro"].count, shares["in_vitro"].of) == (2, 4)
    assert (shares["poorly_reported"].count, shares["poorly_reported"].of) == (1, 3), "what nobody curated is not known"
    assert (shares["concern"].count, shares["concern"].share) == (2, 0.5)


def test_the_study_that_moves_it_most_is_named():
    for _ in range(4):
        claims("harm")
    trial = a_study(kind="clinical_trial", authors=[])
    claims("benefit", "benefit", study=trial, models_used=["clinical_trial"])

    found = weighed()

    assert found.without.study == trial
    assert found.without.claims == 2
    assert found.without.index == index((4, 0, 4), 4)
    assert found.without.moves == found.without.index.mean - found.index.mean < 0


def test_a_single_study_has_nothing_left_without_it():
    claims("harm", "benefit")

    assert weighed().without is None


def test_nothing_says_nothing():
    empty = weighed()

    assert (empty.total, empty.rows, empty.without, empty.index.as_counted) == (0, [], None, None)


@pytest.mark.parametrize("studies", [2, 12])
def test_the_number_of_queries_does_not_grow(studies, django_assert_num_queries):
    for number in range(studies):
        claims("harm" if number else "benefit", cargo=a_cargo(f"miR-{number}"))

    with django_assert_num_queries(5):
        weighed()
