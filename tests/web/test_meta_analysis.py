"""Meta-analyses on pages and in the API."""

import pytest
from django.test import Client

from apps.synthesis import meta
from apps.web.funnel import funnel, roc
from tests.api.asking import get, problem
from tests.makers import a_notice, a_study
from tests.synthesis.test_meta import SIZES, a_number, a_pair, auc

pytestmark = pytest.mark.django_db


def page(address):
    answer = Client().get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def question():
    """Three studies that are pooled, one that is not."""
    for value in (0.7, 0.8, 0.9):
        a_number(auc(value, note="validation cohort", **SIZES))
    a_number(auc(1.0, **SIZES), study=a_study(authors=["Nasty <b>N"]))
    (found,) = meta.analyses()
    return found


def test_the_list_leads_to_every_question(question):
    text = page("/synthesis/meta-analysis/")

    assert f'href="/synthesis/meta-analysis/{question.question.slug}/"' in text
    assert "1 of them has enough that can be pooled" in text


def test_the_page_shows_forest_table_and_what_is_left_out(question):
    text = page(f"/synthesis/meta-analysis/{question.question.slug}/")

    assert text.count('class="forest-square"') == 3
    assert 'class="forest-diamond"' in text
    assert text.count("validation cohort") == 3
    assert "over 3 studies" in text
    assert "Not pooled, and why" in text
    assert "An area of exactly 0 or 1 has no logit" in text
    assert "<b>N" not in text
    assert text.count("<li>without ") == 3


def test_ratios_are_drawn_on_a_logarithmic_axis():
    for value in (1.5, 3):
        a_number({"name": "HR", "value": value, "ci_low": value / 2, "ci_high": value * 2, "note": "overall survival"})
    (found,) = meta.analyses()

    text = page(f"/synthesis/meta-analysis/{found.question.slug}/")

    assert ">1</text>" in text
    assert "1.50 (0.75 to 3.00)" in text


def test_pairs_have_a_table():
    for value in (0.8, 0.85, 0.9, 0.7):
        a_number(*a_pair(value, 0.9, **SIZES))
    (found,) = meta.analyses()

    text = page(f"/synthesis/meta-analysis/{found.question.slug}/")

    assert "over 4 studies" in text
    assert '<td class="n">50</td><td class="n">40</td>' in text


def test_pairs_that_are_pooled_have_their_summary_roc():
    for value in (0.8, 0.85, 0.9, 0.7):
        a_number(*a_pair(value, 0.9, **SIZES))
    (found,) = meta.analyses()
    drawn = roc(found)

    text = page(f"/synthesis/meta-analysis/{found.question.slug}/")

    assert text.count('class="plot-point"') == 4
    assert text.count('class="plot-mean"') == 1
    assert '<title id="roc-title">Summary ROC</title><desc id="roc-desc">' in text
    # The highest sensitivity of the four lies highest, and the mean between the ends.
    heights = {point.text: point.y for point in drawn.points}
    assert min(heights, key=heights.get).startswith("sensitivity 0.90")
    assert min(heights.values()) < drawn.mean[1] < max(heights.values())
    assert len(drawn.confidence.split()) == len(drawn.prediction.split()) == 60


@pytest.mark.parametrize("studies", [9, 10])
def test_a_funnel_is_drawn_from_ten_studies_on(studies):
    for number in range(studies):
        value = 1.2 + number / 10
        ends = {"ci_low": value / (1.2 + number / 20), "ci_high": value * (1.2 + number / 20)}
        a_number({"name": "HR", "value": value, **ends, "note": "overall survival"})
    (found,) = meta.analyses()

    text = page(f"/synthesis/meta-analysis/{found.question.slug}/")

    assert text.count('class="plot-point"') == (studies if studies == 10 else 0)
    assert ("Egger’s test" in text) == (studies == 10)
    if studies == 10:
        drawn = funnel(found)
        # The surest stands at the top, the least sure at the bottom.
        surest, least = (each(drawn.points, key=lambda point: point.y) for each in (min, max))
        assert surest.text.startswith("1.20")
        assert least.text.startswith("2.10")


def test_a_single_number_is_not_pooled():
    a_number(auc(**SIZES))
    (found,) = meta.analyses()

    assert "one study alone has a number that can be" in page(f"/synthesis/meta-analysis/{found.question.slug}/")


def test_the_api_tells_what_the_page_tells(question):
    (row,) = get("meta-analysis/")["results"]
    assert (row["studies"], row["refused"]) == (3, 1)

    whole = get(row["url"].removeprefix("http://testserver/api/v1/"))
    assert whole["pooled"]["estimate"] == question.pooled.estimate
    assert whole["pooled"]["prediction"] == list(question.pooled.prediction)
    assert [entry["value"] for entry in whole["entries"]] == [entry.effect.value for entry in question.entries]
    assert len(whole["without"]) == 3
    assert whole["refused"][0]["reason"].startswith("An area of exactly 0 or 1")
    assert whole["accuracy"] is None


def test_a_retraction_is_told_at_once(question):
    a_notice(study=question.entries[0].number.study)

    assert "over 2 studies" in page(f"/synthesis/meta-analysis/{question.question.slug}/")
    assert get(f"meta-analysis/{question.question.slug}/")["pooled"]["k"] == 2


@pytest.mark.parametrize("slug", ["no-such", "EXCG0000001--x", "a%00b"])
def test_what_is_not_known_is_404(slug):
    problem(f"meta-analysis/{slug}/", 404)
    assert Client().get(f"/synthesis/meta-analysis/{slug}/").status_code == 404


def test_parameters_that_are_unknown_are_refused(question):
    assert problem("meta-analysis/", 400, marker="GPC1")["errors"][0]["field"] == "marker"
    assert problem("meta-analysis/", 404, page="99")
