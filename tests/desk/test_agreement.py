"""Grading blind at the desk, and the figures there and at /methods/."""

import re

import pytest
from django.urls import reverse

from apps.curation import agreement
from apps.curation.models import Agreement, Grading, Sample
from apps.people.models import Role
from tests.makers import a_claim, a_preparation, a_user, signed_in
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db

OVERVIEW, GRADE = reverse("admin:curation_sample_changelist"), reverse("admin:curation_grade")
GRADES = {"edge": "harm", "aspect": "tumour_growth", "effect": "promotes", "level": "E"}


@pytest.fixture
def erin(client):
    erin = a_user("erin", role=Role.EDITOR)
    signed_in(client, erin)
    return erin


@pytest.fixture
def sample():
    made = a_preparation()
    for _ in range(3):
        a_claim(
            preparation=made,
            statement="The statement that gives it away.",
            level_override="A",
            level_override_reason="The reason that gives it away.",
            measures=({"name": "AUC", "value": 0.8714},),
        )
    return agreement.draw(size=3, seed=7, by=a_user("erin", role=Role.EDITOR))


def test_an_editor_draws_a_sample(client, erin):
    a_claim()

    answer = client.post(reverse("admin:curation_sample_draw"), {"size": 1, "seed": ""}, follow=True)

    assert Sample.objects.get().by == erin
    assert "Drawn: 1 of 1, seed" in text_of(answer)


@pytest.mark.parametrize("given", [{"size": "x"}, {"size": 9}, {"size": 1, "seed": "-1"}, {}])
def test_a_sample_that_can_not_be_drawn_says_why(client, erin, given):
    a_claim()

    answer = client.post(reverse("admin:curation_sample_draw"), given)

    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not Sample.objects.exists()


def test_a_curator_draws_none(client, sample):
    signed_in(client, a_user("carol", role=Role.CURATOR))

    assert "Draw a sample" not in text_of(client.get(OVERVIEW))
    client.post(reverse("admin:curation_sample_draw"), {"size": 1})
    assert Sample.objects.count() == 1


def test_the_grader_sees_the_finding_and_not_the_grades(client, sample):
    signed_in(client, a_user("carol", role=Role.CURATOR))

    page = client.get(GRADE)

    told = text_of(page)
    claim = sample.drawn.first().claim
    assert claim.preparation.study.title in told
    assert claim.outcome in told
    assert "gives it away" not in told.replace("which would give them away", "")
    assert "0.8714" not in told
    assert claim.accession not in told
    assert "checked" not in page.content.decode()


def test_a_curator_grades_one_after_the_other(client, sample):
    carol = a_user("carol", role=Role.CURATOR)
    signed_in(client, carol)
    for left in (3, 2, 1):
        page = client.get(GRADE)
        assert f"{left} to grade" in text_of(page)
        drawn = re.search(r'name="drawn" value="(\d+)"', page.content.decode()).group(1)
        client.post(GRADE, {**GRADES, "drawn": drawn})

    assert Grading.objects.filter(grader=carol).count() == 3
    assert "nothing for you to grade" in text_of(client.get(GRADE))


def test_what_is_missing_is_asked_for_and_what_was_chosen_stays(client, sample):
    signed_in(client, a_user("carol", role=Role.CURATOR))
    drawn = sample.drawn.last()

    page = client.post(GRADE, {"drawn": drawn.pk, "edge": "harm"}).content.decode()

    assert page.count("This field is required.") == 3
    assert f'name="drawn" value="{drawn.pk}"' in page
    assert re.search(r'value="harm"[^>]*checked', page)
    assert not Grading.objects.exists()


def test_a_contributor_and_the_author_find_nothing_to_grade(client, sample):
    signed_in(client, a_user("dave", role=Role.CONTRIBUTOR))
    assert "takes the role of curator" in text_of(client.get(GRADE))
    client.post(GRADE, {**GRADES, "drawn": sample.drawn.first().pk})
    signed_in(client, a_user("alice"))
    assert "nothing for you to grade" in text_of(client.get(GRADE))
    client.post(GRADE, {**GRADES, "drawn": sample.drawn.first().pk})

    assert not Grading.objects.exists()


def test_readers_see_the_figures_when_there_are_enough(client):
    few = [Agreement(field=field, n=19, agreed=15, kappa=0.6789, low=0.5, high=0.8) for field in GRADES]
    assert "Not enough yet: 0 of 20" in text_of(client.get("/methods/"))
    Agreement.objects.bulk_create(few)
    assert "Not enough yet: 19 of 20" in text_of(client.get("/methods/"))
    assert "0.68" not in text_of(client.get("/methods/"))

    Agreement.objects.update(n=20)

    told = text_of(client.get("/methods/"))
    assert "Not enough" not in told
    assert "0.68" in told
    assert "0.50 to 0.80" in told


def test_the_dashboard_says_what_waits_to_be_graded_and_how_far_the_gradings_agree(client, sample):
    Agreement.objects.create(field="edge", n=19, agreed=15, kappa=0.6789, low=0.5, high=0.8)
    Agreement.objects.create(field="effect", n=19, agreed=19)
    signed_in(client, a_user("carol", role=Role.CURATOR))

    told = text_of(client.get("/admin/"))

    assert "To grade blind 3" in told
    assert "Agreement on edge: 15 of 19 kappa 0.68, 95 % interval 0.50 to 0.80" in told
    assert "Agreement on effect: 19 of 19 kappa not defined" in told
    signed_in(client, a_user("dave", role=Role.CONTRIBUTOR))
    assert "To grade blind" not in text_of(client.get("/admin/"))


def test_the_pages_take_as_many_questions_for_any_number(client, erin, sample, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        client.get(OVERVIEW)
    with django_assert_max_num_queries(9):
        client.get(GRADE)
