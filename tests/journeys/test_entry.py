"""A curator enters a paper by keyboard alone; what the hands do is counted. And nothing that was typed gets lost."""

import json
import re
import time

import pytest

from apps.claims.models import Claim
from apps.people.models import Role
from apps.studies.models import Study
from tests.accounts.entering import PASSWORD, a_person
from tests.citations.server import Server, Store
from tests.journeys import hands
from tests.journeys.hands import Hands, enter_claim, enter_preparation
from tests.makers import a_code, a_preparation, a_study, signed_in

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def services(settings):
    with Server(Store(20)) as server:
        settings.CITATION_SERVICES = {
            name: {**one, "base_url": server.url(name), "requests_per_second": 1000.0}
            for name, one in settings.CITATION_SERVICES.items()
        }
        yield server


@pytest.fixture
def alice():
    return a_person("alice", role=Role.CURATOR, app=True)


@pytest.fixture
def words():
    hands.terms()


def sign_in(page, client, live_server, person):
    """The session of the person, as a login would leave it."""
    signed_in(client, person)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def enter_study(page, hands):
    hands.type("10.9999/synthetic.5")
    hands.press("Enter")
    page.wait_for_selector("#form")
    # The synthetic record gives title and identifiers only, so that journal, year and kind are typed.
    page.locator("[name=journal]").focus()
    hands.type("J Synth")
    hands.press("Tab")
    hands.type("2021")
    hands.into({"kind": "pri", "depth": "full"})
    hands.press("Control+Enter")
    page.wait_for_url("**/preparations/add/**")


def enter_similar_claim(page, hands):
    hands.cargo("PTEN", "prot")
    hands.into({"effect": "supp", "outcome": "apoptosis", "aspect": "drug r", "edge": "harm"})
    hands.into({"statement": "Synthetic vesicles kept synthetic cells from apoptosis.", "locator": "figure 4"})
    hands.press("Control+Enter")
    page.locator(".claim-card").nth(1).wait_for()


def test_a_complete_paper_is_entered_by_keyboard_within_bounds(
    live_server, browser_page, client, alice, words, services, record_property, capsys
):
    page, figures = browser_page, {}
    sign_in(page, client, live_server, alice)
    page.goto(live_server.url + "/admin/entry/")
    for enter in (enter_study, enter_preparation, enter_claim, enter_similar_claim):
        if "claim" in enter.__name__:
            page.wait_for_function("document.activeElement.name === 'cargo'")  # the cursor stands on what differs
        hands, began = Hands(page), time.monotonic()
        enter(page, hands)
        figures[enter.__name__] = (hands.strokes, hands.fields, round(time.monotonic() - began, 1))

    claims = list(Claim.objects.order_by("pk"))
    assert [claim.outcome for claim in claims] == ["cisplatin resistance", "apoptosis"]
    assert [(m.name, m.value, m.p_relation, m.p) for m in claims[0].measures.all()] == [("IC50_ratio", 2.4, "<", 0.001)]
    assert [term.curie for term in claims[0].disease.terms.all()] == ["DOID:10534"]
    for claim in claims:
        assert (claim.disease.text, [name.text for name in claim.therapy_names]) == ("stomach cancer", ["cisplatin"])
    assert Study.objects.get().preparations.get().source.species.grounding == "grounded"
    record_property("strokes, fields, seconds", json.dumps(figures))
    with capsys.disabled():
        print(f"\nstrokes, fields, seconds: {figures}")  # noqa: T201 - figures are what it is run for
    # The statement and the outcome are a third of a claim's strokes; the rest is what the form costs.
    assert figures["enter_claim"][0] <= 260
    assert figures["enter_similar_claim"][0] <= 130


# --- nothing is lost --------------------------------------------------------------------------------------------------


@pytest.fixture
def add(alice):
    study = a_study(title="Synthetic study of what is kept")
    a_preparation(study=study, key="p1")
    study.refresh_from_db()
    return f"/admin/entry/{study.accession}/claims/add/"


def test_input_outlives_a_session_that_ended(live_server, browser_page, client, alice, add):
    page = browser_page
    page.context.clear_cookies()
    page.goto(live_server.url + "/admin/login/?next=" + add)
    log_in(page, a_code())
    page.wait_for_url("**" + add)
    page.fill("[name=statement]", "Half a claim, typed with care.")
    page.fill("[name=outcome]", "growth")
    page.context.clear_cookies(name="sessionid")

    page.get_by_role("button", name="Save draft").click()
    page.get_by_text("What you typed is not lost").wait_for()
    assert not Claim.objects.exists()

    with page.context.expect_page() as opened:
        page.get_by_role("link", name=re.compile("Sign in")).click()
    log_in(opened.value, a_code(later=1))
    opened.value.get_by_text("go back to the one in which your work waits").wait_for()
    opened.value.close()

    page.get_by_role("button", name="I have signed in: continue").click()
    page.get_by_text("You signed in meanwhile").wait_for()
    assert page.input_value("[name=statement]") == "Half a claim, typed with care."
    expect(page.locator("[name=outcome]")).to_have_value("growth")


def log_in(page, code):
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[name=code]").fill(code)
    page.keyboard.press("Enter")


def test_input_outlives_a_browser_that_crashed(live_server, browser_page, client, alice, add):
    page = browser_page
    sign_in(page, client, live_server, alice)
    page.goto(live_server.url + add)
    page.locator("[name=statement]").press_sequentially("Half a claim")
    page.get_by_text("Unsaved input kept at").wait_for()
    fresh = page.context.browser.new_context()
    page = fresh.new_page()
    sign_in(page, client, live_server, alice)

    page.goto(live_server.url + add)
    page.get_by_role("link", name="Restore it").click()
    page.get_by_text("It is not saved yet").wait_for()

    expect(page.locator("[name=statement]")).to_have_value("Half a claim")
    fresh.close()


def test_input_that_only_the_browser_has_is_offered_too(live_server, browser_page, client, alice, add):
    page = browser_page
    sign_in(page, client, live_server, alice)
    page.route("**/autosave/", lambda route: route.abort())
    page.goto(live_server.url + add)
    page.locator("[name=statement]").press_sequentially("Half a claim")
    page.get_by_text("Your input is kept in this browser").wait_for()
    page.unroute("**/autosave/")
    page.on("dialog", lambda dialog: dialog.accept())

    page.goto(live_server.url + add)
    page.get_by_role("link", name="Restore it").click()
    page.get_by_text("It is not saved yet").wait_for()

    expect(page.locator("[name=statement]")).to_have_value("Half a claim")


def test_leaving_with_unsaved_input_warns_and_saving_does_not(live_server, browser_page, client, alice, add):
    page, warned = browser_page, []
    sign_in(page, client, live_server, alice)
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    page.goto(live_server.url + add)
    page.goto(live_server.url + add)
    assert warned == []

    page.locator("[name=statement]").press_sequentially("Half")
    page.goto(live_server.url + "/admin/")
    assert warned == ["beforeunload"]

    page.goto(live_server.url + add)
    page.locator("[name=statement]").press_sequentially("Half")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_text("Nothing is saved yet").wait_for()
    assert warned == ["beforeunload"]


# --- for everybody ----------------------------------------------------------------------------------------------------


@pytest.fixture
def addresses(alice, add):
    screen = add.removesuffix("claims/add/")
    return [
        "/admin/entry/",
        "/admin/entry/add/",
        screen,
        f"{screen}facts/",
        f"{screen}preparations/add/",
        add,
        "/admin/guide/",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_entry(live_server, browser, client, alice, addresses, scheme):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page, axe = context.new_page(), axe_playwright.Axe()
    sign_in(page, client, live_server, alice)
    for address in addresses:
        page.goto(live_server.url + address)
        results = axe.run(page)
        assert results.violations_count == 0, f"{address}, {scheme}: {results.generate_report()}"
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_entry_scrolls_sideways_or_breaks_the_policy(live_server, browser, client, alice, addresses, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, client, live_server, alice)
    for address in addresses:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert [text for text in said if re.search(r"polic|refused", text, re.IGNORECASE)] == []
    context.close()
