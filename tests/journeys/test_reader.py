"""What a reader does in a real browser, and whether everybody can: keyboard, screen reader, narrow screen, dark."""

import re

import pytest

from tests.makers import a_cargo, a_notice, a_preparation, a_study
from tests.web.evidence import LISTINGS, TEXTS, another_claim, some_evidence

axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def evidence():
    found = some_evidence()
    another_claim(cargo=a_cargo("miR-96"), edge="benefit", aspect="safety")
    retracted = a_study()
    another_claim(preparation=a_preparation(study=retracted), cargo=a_cargo("miR-21"), edge="mixed")
    a_notice(study=retracted, identifier="10.1000/notice")
    return found


@pytest.fixture
def pages(evidence):
    return [
        *evidence.records,
        *LISTINGS,
        *TEXTS,
        "/search/?q=paclitxel",
        "/search/?q=miR-21&edge=harm",
        "/no-such-page",
    ]


def test_a_reader_finds_a_claim_and_follows_it_to_all_that_it_rests_on(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url)
    page.get_by_label("Search cargos, diseases").fill("mir 21")
    page.keyboard.press("Enter")
    assert "2 claims for" in page.get_by_role("status").inner_text()

    page.get_by_role("link", name="Harm 1").click()
    assert "1 claim for" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name=evidence.claim.statement).click()
    assert page.get_by_role("heading", level=1).inner_text() == evidence.claim.statement
    assert "miR-21" in page.get_by_label("The claim in a line").inner_text()

    for record, name in (
        (evidence.study, str(evidence.study)),
        (evidence.cargo, "miR-21"),
        (evidence.source, "synthetic colon cells"),
    ):
        page.goto(live_server.url + evidence.claim.get_absolute_url())
        page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
        assert page.url == live_server.url + record.get_absolute_url()
        assert page.locator(f"main a[href='{evidence.claim.get_absolute_url()}']").is_visible()


def test_an_identifier_typed_on_any_page_goes_straight_there(live_server, browser_page, evidence):
    browser_page.goto(live_server.url + "/about/")
    browser_page.get_by_label("Search the evidence").fill(f"PMID {evidence.study.pmid}")
    browser_page.get_by_role("button", name="Search").click()

    assert browser_page.url == live_server.url + evidence.study.get_absolute_url()


def test_the_keyboard_reaches_the_content_first(live_server, browser_page):
    browser_page.goto(live_server.url)
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.textContent") == "Skip to the content"
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(live_server, browser, pages, scheme):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page, axe = context.new_page(), axe_playwright.Axe()
    for address in pages:
        page.goto(live_server.url + address)
        results = axe.run(page)
        assert results.violations_count == 0, f"{address}, {scheme}: {results.generate_report()}"
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280, 3840])
def test_no_page_scrolls_sideways(live_server, browser, pages, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    for address in pages:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()


def test_pages_ask_only_their_own_host_and_break_no_policy(live_server, browser_context, pages):
    page = browser_context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for address in pages:
        page.goto(live_server.url + address)

    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
    assert [text for text in said if re.search(r"polic|refused", text, re.IGNORECASE)] == []
