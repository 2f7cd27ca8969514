"""A curator uploads a spreadsheet in a real browser: faults, then progress, then drafts; with and without scripts."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.urls import reverse

from apps.claims.models import Claim
from apps.curation.models import Upload
from apps.curation.uploads import jobs, tasks
from apps.people.models import Role
from tests.curation.sheets import a_row, another_row, csv_of
from tests.makers import a_user, signed_in

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("EXODB_SCREENSHOTS")
SCRIPT = "<script>document.title='run'</script>"


@pytest.fixture
def alice(client, browser_context, live_server):
    alice = a_user("alice", role=Role.CONTRIBUTOR)
    signed_in(client, alice)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    browser_context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    return alice


@pytest.fixture
def by_a_worker(monkeypatch):
    """Every file counts as large, and waits for somebody to play the worker."""
    monkeypatch.setattr(jobs, "SMALL", 0)
    monkeypatch.setattr(tasks, "hand_over", lambda _: None)


def send(page, live_server, content, name="synthetic.csv"):
    page.goto(live_server.url + reverse("admin:uploads"))
    page.get_by_label("File").set_input_files([{"name": name, "mimeType": "text/csv", "buffer": content}])
    page.get_by_role("button", name="Upload and check").click()


def looked_at(page, name):
    """Nothing that axe finds fault with; a picture in light and dark, wide and narrow, where somebody asks for them."""
    found = Axe().run(page).response["violations"]
    assert not found, [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found]
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=Path(PICTURES) / f"uploads-{name}-{scheme}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="light")


def test_faults_are_read_mended_and_the_file_stored(browser_page, live_server, alice):
    page = browser_page
    send(page, live_server, csv_of(a_row(outcome=SCRIPT, measure_1_value="0,87"), another_row(2, edge="good")))
    expect(page.get_by_role("heading", name="2 faults: nothing was stored")).to_be_visible()
    expect(page.get_by_text("has a decimal comma: write 0.87")).to_be_visible()
    looked_at(page, "faults")

    page.get_by_role("link", name="Upload another file").click()
    looked_at(page, "list")
    send(page, live_server, csv_of(a_row(outcome=SCRIPT), another_row(2, disease="another synthetic cancer")))
    expect(page.get_by_role("heading", name="What storing it does")).to_be_visible()
    looked_at(page, "checked")
    page.get_by_role("button", name="Store as my drafts").click()

    page.get_by_role("heading", name="What was stored").wait_for()
    assert page.title() != "run"
    assert Claim.objects.filter(author=alice).count() == 2


def test_the_page_follows_a_worker_and_shows_the_end(browser_page, live_server, alice, by_a_worker):
    page = browser_page
    send(page, live_server, csv_of(a_row(), another_row()))
    found = Upload.objects.get()
    Upload.objects.filter(pk=found.pk).update(state="checking", step="checking", done=1_200, total=50_000)

    page.get_by_text("checking: 1,200 of 50,000").wait_for()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "1200")
    looked_at(page, "progress")
    jobs.check(upload_id=found.pk)

    page.get_by_role("heading", name="What storing it does").wait_for()


def test_without_scripts_one_looks_again(browser, live_server, alice, client, by_a_worker):
    context = browser.new_context(java_script_enabled=False)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()
    send(page, live_server, csv_of(a_row()))
    jobs.check(upload_id=Upload.objects.get().pk)

    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Cancel this upload").click()

    expect(page.get_by_text("cancelled; nothing was stored")).to_be_visible()
    context.close()
