"""A second curator grades blind in a real browser; the pages are for everybody."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.curation import agreement
from apps.curation.models import Grading
from apps.people.models import Role
from tests.journeys.test_merging import seen
from tests.makers import a_cargo, a_claim, a_user, signed_in

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def cookie(url, person):
    client = signed_in(Client(), person)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


def a_sample(size):
    for number in range(size):
        a_claim(cargo=a_cargo(f"made-up cargo {number}"), therapies=("made-up drug",), targets=("PTEN",))
    return agreement.draw(size=size, seed=7, by=a_user("erin", role=Role.EDITOR))


def test_a_second_curator_grades_by_keyboard(live_server, browser_context):
    a_sample(1)
    carol = a_user("carol")
    browser_context.add_cookies([cookie(live_server.url, carol)])
    page = browser_context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(live_server.url + reverse("admin:curation_sample_changelist"))
    page.get_by_role("link", name="Grade the next of 1").click()
    expect(page.get_by_role("main")).to_contain_text("made-up cargo 0")
    page.get_by_label("benefit").press("Space")
    page.get_by_label("What it is about").select_option("drug_resistance")
    page.get_by_label("suppresses").press("Space")
    page.get_by_label("E: cells in culture only").press("Space")
    page.get_by_role("button", name="Note my grades").press("Enter")
    expect(page.get_by_role("main")).to_contain_text("nothing for you to grade")

    grading = Grading.objects.get()
    assert (grading.grader, grading.edge, grading.effect, grading.level) == (carol, "benefit", "suppresses", "E")
    assert [text for text in said if "olicy" in text or "refused" in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_agreement_are_for_everybody(live_server, browser, scheme, width):
    sample, carol = a_sample(21), a_user("carol")
    for number, drawn in enumerate(sample.drawn.all()[:20]):
        grades = {"edge": "benefit" if number % 5 == 0 else "harm", "aspect": "tumour_growth", "effect": "promotes"}
        agreement.grade(drawn_id=drawn.pk, by=carol, level="D" if number % 4 == 0 else "E", **grades)
    agreement.compute()
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.add_cookies([cookie(live_server.url, a_user("erin"))])
    page, axe = context.new_page(), axe_playwright.Axe()
    for name, address in {
        "agreement": reverse("admin:curation_sample_changelist"),
        "grade": reverse("admin:curation_grade"),
        "methods": reverse("methods"),
    }.items():
        page.goto(live_server.url + address)
        seen(page, f"{name}-{scheme}-{width}")
        results = axe.run(page)
        assert results.violations_count == 0, f"{address}, {scheme}: {results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()
