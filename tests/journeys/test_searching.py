"""Search in a real browser: suggestions by the keyboard, names taken back, the table, and access for everybody."""

import re

import pytest

from apps.finding import names
from tests.makers import a_cargo
from tests.web.evidence import another_claim, some_evidence

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def evidence():
    found = some_evidence()
    another_claim(cargo=a_cargo("miR-96"), disease=found.claim.disease)
    names.refresh()
    return found


def test_suggestions_are_reached_chosen_and_left_by_the_keyboard(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url + "/search/?edge=harm")
    box = page.get_by_role("combobox", name="Search cargos, diseases")
    box.press_sequentially("colon can")
    option = page.get_by_role("option", name="colon cancer")
    option.wait_for()
    expect(box).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("Escape")
    expect(option).to_be_hidden()
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    option.wait_for()
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    results = axe_playwright.Axe().run(page)
    assert results.response["violations"] == []

    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?edge=harm&disease=DOID%3A219")
    expect(page.get_by_label("Narrowed to").get_by_text("colon cancer")).to_be_visible()


def test_the_box_sends_what_is_typed_where_no_suggestion_is_chosen(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url)
    page.get_by_label("Search cargos, diseases").press_sequentially("miR-96 cisplatin")
    page.keyboard.press("Enter")

    page.wait_for_url("**q=miR-96+cisplatin*")
    expect(page.get_by_role("status")).to_contain_text("1 claim for", use_inner_text=True)


def test_a_name_that_was_read_is_taken_back(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url + "/search/?q=miR-96+colon+cancer")
    expect(page.get_by_role("status")).to_contain_text("1 claim for", use_inner_text=True)

    page.get_by_role("link", name="Without miR-96").click()
    expect(page.get_by_role("status")).to_contain_text("2 claims for", use_inner_text=True)
    page.get_by_role("link", name="search as words instead").click()
    expect(page).to_have_url(re.compile(r"as=words"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["?q=miR-96+colon+cancer", "?view=table", "?q=miR-21+edge:good", "?q=zebra"])
def test_nobody_is_shut_out_of_the_search(live_server, browser_page, evidence, scheme, address):
    browser_page.emulate_media(color_scheme=scheme)
    browser_page.goto(f"{live_server.url}/search/{address}")

    results = axe_playwright.Axe().run(browser_page)
    assert results.response["violations"] == []


def test_the_columns_of_the_table_are_chosen(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url + "/search/?view=table&edge=harm")
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("PMID").check()
    page.get_by_role("button", name="Show these columns").click()

    expect(page.get_by_role("columnheader", name="PMID")).to_be_visible()
    expect(page).to_have_url(re.compile(r"edge=harm"))
