"""A new curator comes in for the first time, in a real browser: second factor, signing out and in, and the lock."""

import os
import re
from pathlib import Path

import pytest
from django.test import Client

from tests.accounts.entering import PASSWORD, a_person, comes_in
from tests.makers import a_code

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
PAGES = [
    "/account/",
    "/account/password/",
    "/account/sessions/",
    "/account/second-factor/recovery-codes/new/",
    "/account/second-factor/remove/",
    "/account/logout/",
    "/account/tokens/",
    "/account/tokens/new/",
]


def seen(page, name):
    """Keep a picture where EXODB_SCREENSHOTS names a folder, for people to look at."""
    if folder := os.environ.get("EXODB_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def at(page, heading):
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def types(page, name="alice", password=PASSWORD):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password:").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def test_a_new_curator_comes_in(live_server, browser_context):
    a_person()
    page = browser_context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(live_server.url + "/admin/")
    at(page, "Sign in")
    seen(page, "login")
    types(page)

    at(page, "Set up your second factor")
    assert page.get_by_alt_text("QR code").evaluate("image => image.complete && image.naturalWidth") > 50
    seen(page, "set-up")
    secret = page.locator(".secret").inner_text()
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("main")).to_contain_text("This code is not right")
    assert page.locator(".secret").inner_text() == secret, "the same picture, else one would scan again"
    page.get_by_label("Authenticator code").fill(a_code(secret))
    page.keyboard.press("Enter")

    at(page, "Recovery codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    seen(page, "recovery-codes")
    page.get_by_role("link", name="to the desk").click()
    expect(page.locator("body")).to_contain_text("What there is to do")
    seen(page, "desk")

    page.get_by_role("button", name="Log out").click()
    page.goto(live_server.url + "/admin/claims/claim/")
    types(page)
    at(page, "Your code")
    seen(page, "code")
    page.get_by_label("Code:").fill("999999")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("main")).to_contain_text("This code is not right")
    seen(page, "wrong-code")
    page.get_by_label("Code:").fill(a_code(secret, later=1))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(live_server.url + "/admin/claims/claim/")

    page.goto(live_server.url + "/account/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(live_server.url + "/account/login/")
    types(page)
    page.get_by_label("Code:").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(live_server.url + "/admin/")
    assert [text for text in said if re.search(r"polic|refused", text, re.IGNORECASE)] == []


def test_who_guesses_is_locked_and_told_until_when(live_server, browser_page):
    a_person(app=True)
    browser_page.goto(live_server.url + "/account/login/")
    for guess in range(5):
        types(browser_page, password=f"a guess {guess}")
        if guess == 0:
            expect(browser_page.get_by_role("main")).to_contain_text("do not go together")
            seen(browser_page, "wrong-password")

    at(browser_page, "Too many failed attempts")
    assert re.search(
        r"locked until \d\d:\d\d UTC,\s+in 15 minutes",
        browser_page.get_by_role("alert").inner_text().replace("\n", " "),
    )
    seen(browser_page, "locked")
    browser_page.get_by_role("link", name="Back to the sign-in").click()
    types(browser_page)
    at(browser_page, "Too many failed attempts")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_an_account_are_for_everybody(live_server, browser, client, scheme, width):
    alice = a_person(app=True, email="alice.with.a.rather.long.address@department-of-synthetic-vesicles.example.org")
    comes_in(Client(headers={"User-Agent": "Another browser, with a long name " * 9}), later=-1)
    comes_in(client)
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page, axe = context.new_page(), axe_playwright.Axe()

    def fine(address):
        page.goto(live_server.url + address)
        fine_here(address.strip("/").replace("/", "-"))

    def fine_here(name):
        seen(page, f"{name}-{scheme}-{width}")
        results = axe.run(page)
        assert results.violations_count == 0, f"{name}, {scheme}: {results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    for address in ("/account/login/", "/account/password/reset/"):
        fine(address)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    for address in PAGES:
        fine(address)
    page.goto(f"{live_server.url}/account/tokens/new/")
    page.get_by_label("Name:").fill("A notebook of a laboratory with a name as long as may be")
    page.get_by_label("decide:").check()
    page.get_by_role("button", name="Make the token").click()
    at(page, "Your new token")
    secret = page.locator("#token").inner_text()
    fine_here("token-made")
    page.get_by_role("link", name="I have kept it").click()
    expect(page.get_by_text(secret[:10])).to_be_visible()
    expect(page.get_by_text(secret)).to_have_count(0)
    fine_here("token-listed")
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("its person revoked it")).to_be_visible()
    fine_here("token-revoked")
    alice.authenticator_set.all().delete()
    fine("/account/second-factor/set-up/")
    context.close()
