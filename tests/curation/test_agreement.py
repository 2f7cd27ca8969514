"""How far curators agree: drawn by chance, graded blind, counted by a statistics library."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.claims.acts import NotAllowed
from apps.claims.models import Claim
from apps.curation import agreement, kappa
from apps.curation.models import Agreement, Grading, Sample, SampledClaim
from apps.curation.tasks import compute_agreement
from tests.makers import a_claim, a_preparation, a_user
from tests.records.refusals import refused

pytestmark = pytest.mark.django_db

GRADES = {"edge": "harm", "aspect": "tumour_growth", "effect": "promotes", "level": "E"}


@pytest.fixture
def erin():
    return a_user("erin", role="editor")


@pytest.fixture
def carol():
    return a_user("carol", role="curator")


def claims(number):
    made = a_preparation()
    return [a_claim(preparation=made) for _ in range(number)]


def drawn(erin, number=1):
    claims(number)
    return list(agreement.draw(size=number, seed=7, by=erin).drawn.all())


# --- kappa -----------------------------------------------------------------------------------------------------------

# Two dermatologists on 88 patients: the example of SAS/STAT's FREQ procedure, "Agreement Study". SAS gives a simple
# kappa of 0.3449 with 95 % limits 0.2030 and 0.4868.
DERMATOLOGISTS = ((10, 4, 1, 0), (5, 10, 12, 2), (2, 4, 12, 5), (0, 2, 6, 13))


def pairs(table, classes):
    return [
        (one, other)
        for one, row in zip(classes, table, strict=True)
        for other, number in zip(classes, row, strict=True)
        for _ in range(number)
    ]


def test_kappa_is_that_of_a_published_example():
    found = kappa.of_pairs(pairs(DERMATOLOGISTS, "abcd"), "abcd")

    assert (found.n, found.agreed) == (88, 45)
    assert found.kappa == pytest.approx(0.3449, abs=5e-5)
    assert found.low == pytest.approx(0.2030, abs=5e-5)
    assert found.high == pytest.approx(0.4868, abs=5e-5)


def test_classes_that_nobody_used_change_nothing():
    assert kappa.of_pairs(pairs(DERMATOLOGISTS, "abcd"), "xabcdyz") == kappa.of_pairs(
        pairs(DERMATOLOGISTS, "abcd"), "abcd"
    )


@pytest.mark.parametrize("other", ["harm", "benefit"])
def test_where_one_only_ever_says_one_thing_there_is_no_kappa(other):
    agreed = 30 + (other == "harm")

    found = kappa.of_pairs([("harm", "harm")] * 30 + [("harm", other)], ["harm", "benefit"])

    assert found == (31, agreed, None, None, None)
    assert kappa.of_pairs([(one, two) for two, one in [("harm", other)]], ["harm", "benefit"]).kappa is None


def test_perfect_agreement_is_1():
    assert kappa.of_pairs([("harm", "harm"), ("benefit", "benefit")] * 10, ["harm", "benefit"])[:3] == (20, 20, 1)


# --- drawing ---------------------------------------------------------------------------------------------------------


def test_whoever_has_seed_and_moment_draws_the_same(erin):
    claims(30)
    sample = agreement.draw(size=10, seed=7, by=erin)
    a_claim()

    again = agreement.in_order(agreement.population(sample.at), sample.seed)[:10]

    assert [one.pk for one in again] == list(sample.drawn.order_by("position").values_list("claim", flat=True))
    other_seed = agreement.in_order(agreement.population(sample.at), 8)[:10]
    assert [one.pk for one in again] != [one.pk for one in other_seed]
    assert (sample.size, sample.population) == (10, 30)


def test_only_public_claims_are_drawn_and_each_once(erin):
    public = {claim.pk for claim in claims(4)}
    for state in ("draft", "submitted", "rejected", "withdrawn"):
        a_claim(state=state)

    agreement.draw(size=2, seed=1, by=erin)
    agreement.draw(size=2, seed=1, by=erin)

    assert set(SampledClaim.objects.values_list("claim", flat=True)) == public
    with pytest.raises(NotAllowed, match="too few"):
        agreement.draw(size=1, seed=1, by=erin)


def test_only_editors_draw(carol):
    claims(2)

    with pytest.raises(NotAllowed, match="takes the role of editor"):
        agreement.draw(size=1, seed=1, by=carol)
    assert not Sample.objects.exists()


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_sample_has_a_sensible_size(erin, size):
    with pytest.raises(NotAllowed, match="1 to 500"):
        agreement.draw(size=size, seed=1, by=erin)


# --- grading ---------------------------------------------------------------------------------------------------------


def test_a_second_curator_grades_and_the_worker_counts(erin, carol):
    for each in drawn(erin, 3):
        agreement.grade(drawn_id=each.pk, by=carol, **GRADES)
    assert agreement.figures() == []

    compute_agreement()

    found = agreement.figures()
    assert [each.field for each in found] == ["edge", "aspect", "effect", "level"]
    assert {(each.n, each.agreed) for each in found} == {(3, 3)}


def test_the_figures_compare_the_claim_with_the_grading(erin, carol):
    harm, benefit = a_claim(edge="harm"), a_claim(edge="benefit")
    graded = {harm.pk: "harm", benefit.pk: "mixed"}
    for each in agreement.draw(size=2, seed=1, by=erin).drawn.all():
        agreement.grade(drawn_id=each.pk, by=carol, **GRADES | {"edge": graded[each.claim_id]})

    agreement.compute()

    edge = Agreement.objects.get(field="edge")
    assert (edge.n, edge.agreed) == (2, 1)
    # harm/harm and benefit/mixed: observed 1/2, by chance 1/4, so kappa is 1/3.
    assert edge.kappa == pytest.approx(1 / 3)


def test_nothing_new_is_not_counted_again(erin, carol):
    (one,) = drawn(erin)
    agreement.grade(drawn_id=one.pk, by=carol, **GRADES)

    assert agreement.compute()
    assert not agreement.compute()


def test_nobody_grades_what_they_wrote_or_decided_on(erin):
    (one,) = drawn(erin)
    for name in ("alice", "bob"):  # the author, and who accepted it
        person = a_user(name)
        assert not agreement.open_to(person).exists()
        with pytest.raises(NotAllowed, match="can't grade it blind"):
            agreement.grade(drawn_id=one.pk, by=person, **GRADES)
    assert not Grading.objects.exists()


def test_a_contributor_does_not_grade(erin):
    (one,) = drawn(erin)

    with pytest.raises(NotAllowed, match="takes the role of curator"):
        agreement.grade(drawn_id=one.pk, by=a_user("dave", role="contributor"), **GRADES)


def test_a_claim_is_graded_once(erin, carol):
    (one,) = drawn(erin)
    agreement.grade(drawn_id=one.pk, by=carol, **GRADES)

    with pytest.raises(NotAllowed, match="graded by somebody else meanwhile"):
        agreement.grade(drawn_id=one.pk, by=erin, **GRADES)


@pytest.mark.parametrize("field", GRADES)
def test_a_grade_that_is_none_is_refused(erin, carol, field):
    (one,) = drawn(erin)

    with pytest.raises(NotAllowed, match=f"is no {field}"):
        agreement.grade(drawn_id=one.pk, by=carol, **GRADES | {field: "nonsense"})


# --- the database ----------------------------------------------------------------------------------------------------


def grading(drawn_id, by, **grades):
    given = GRADES | grades
    columns = ", ".join(given)
    return (
        f"INSERT INTO curation_grading (drawn_id, grader_id, at, {columns}) VALUES (%s, %s, now(), %s, %s, %s, %s)",
        [drawn_id, by.pk, *given.values()],
    )


def test_the_rules_of_gradings(erin, carol):
    (one,) = drawn(erin)

    refused("grading_by_a_second_person", *grading(one.pk, a_user("alice")))
    refused("grading_by_a_second_person", *grading(one.pk, a_user("bob")))
    refused("grading_by_a_curator", *grading(one.pk, a_user("dave", role="contributor")))
    refused("grading_edge_known", *grading(one.pk, carol, edge="x"))
    refused("grading_aspect_known", *grading(one.pk, carol, aspect="x"))
    refused("grading_effect_known", *grading(one.pk, carol, effect="x"))
    refused("grading_level_known", *grading(one.pk, carol, level="F"))
    agreement.grade(drawn_id=one.pk, by=carol, **GRADES)
    refused("grading_not_changed", "UPDATE curation_grading SET edge = 'benefit'")
    refused("grading_not_deleted", "DELETE FROM curation_grading")


def test_the_rules_of_samples(erin, carol):
    (one,) = drawn(erin)
    into = "INSERT INTO curation_sample (seed, size, population, at, by_id) VALUES (1, %s, 5, now(), %s)"

    refused("sample_by_an_editor", into, [1, carol.pk])
    refused("sample_size_sensible", into, [0, erin.pk])
    refused("sample_size_sensible", into, [6, erin.pk])
    refused("sample_not_changed", "UPDATE curation_sample SET seed = 8")
    refused("sample_not_deleted", "DELETE FROM curation_sample")
    refused("sampled_claim_not_changed", "UPDATE curation_sampledclaim SET position = 9")
    refused("sampled_claim_not_deleted", "DELETE FROM curation_sampledclaim")
    draws = "INSERT INTO curation_sampledclaim (sample_id, claim_id, position) VALUES (%s, %s, %s)"
    refused("sampled_claim_was_accepted", draws, [one.sample_id, a_claim(state="draft").pk, 5])
    refused("sampled_position_once", draws, [one.sample_id, a_claim().pk, one.position])


def test_the_rules_of_agreement():
    into = (
        "INSERT INTO curation_agreement (field, n, agreed, kappa, low, high, at) VALUES (%s, 5, %s, %s, %s, %s, now())"
    )

    refused("agreement_field_known", into, ["other", 5, None, None, None])
    refused("agreement_counts_add_up", into, ["edge", 6, None, None, None])
    refused("agreement_kappa_in_range", into, ["edge", 5, 1.5, 0.5, 1])
    refused("agreement_kappa_in_range", into, ["edge", 5, 0.5, None, None])


def test_the_population_is_what_was_public_then(erin):
    claim = a_claim()
    Claim.objects.filter(pk=claim.pk).update(state="superseded", left_at=timezone.now())

    assert not agreement.population(timezone.now()).exists()
    assert not agreement.population(timezone.now() - timedelta(days=1)).exists()
