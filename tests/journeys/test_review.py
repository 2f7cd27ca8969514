"""Two people at the desk in a real browser: a claim is submitted, sent back, accepted, revised, accepted again."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.claims import workflow
from apps.claims.content import content_of
from apps.claims.models import Claim
from apps.curation.discussion import comment
from apps.people.models import Role
from tests import makers
from tests.makers import a_cargo, a_claim, a_notice, a_preparation, a_study, a_user, an_interest

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def signed_in(context, live_server, person):
    """Give the browser a session of the person's."""
    client = Client()
    makers.signed_in(client, person)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    return page


@pytest.fixture
def desk(browser, live_server):
    """Opens the desk for a person, each in a browser of their own."""
    contexts = []

    def opened(person, **options):
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        return signed_in(contexts[-1], live_server, person)

    yield opened
    for context in contexts:
        context.close()


def pictured(page, name):
    """Keep a picture where EXODB_SCREENSHOTS names a folder: those of docs/curation.md are made so."""
    if folder := os.environ.get("EXODB_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def screen(live_server, claim):
    return f"{live_server.url}/admin/review/{claim.accession}/{claim.version}/"


def pressed(page, name, words, reason=""):
    """Open the act's box, write the reason, and press its button."""
    box = page.locator(f"details.act-{name}")
    box.locator("summary").click()
    if reason:
        box.locator("textarea").fill(reason)
    with page.expect_navigation():
        box.get_by_role("button", name=words).click()


def test_two_people_take_a_claim_from_draft_to_its_second_version(live_server, desk):  # noqa: PLR0915 - one walk
    alice, bob = a_user("alice", public_name="Synthetic Alice"), a_user("bob", public_name="Synthetic Bob")
    draft = a_claim(state="draft", author=alice, measures=({"name": "AUC", "value": 0.87},))
    draft.refresh_from_db()
    hers, his = desk(alice), desk(bob)

    # Submitted by who wrote it, who then can't accept it.
    hers.goto(screen(live_server, draft))
    pressed(hers, "submit", "Submit for review")
    refused = hers.get_by_role("button", name="Accept")
    expect(refused).to_be_disabled()
    expect(hers.locator("#why-accept")).to_contain_text("Whoever wrote a claim can't decide on it", use_inner_text=True)

    # Changes are requested, after the statement of interests, with the reason kept on the way.
    his.goto(live_server.url + "/admin/")
    pictured(his, "dashboard")
    his.get_by_role("link", name=re.compile("Synthetic vesicles made")).click()
    his.wait_for_url(f"**/admin/review/{draft.accession}/**")
    his.keyboard.press("c")
    his.keyboard.type("Give the group sizes, @alice.")
    his.locator("details.act-request_changes").get_by_role("button").click()
    his.get_by_label("I have no competing interests").check()
    his.get_by_role("button", name="State this and go on").click()
    assert his.locator("#reason-request_changes").input_value() == "Give the group sizes, @alice."
    his.locator("details.act-request_changes").get_by_role("button").click()
    expect(his.locator(".messagelist")).to_contain_text("Nothing waits for your review.", use_inner_text=True)

    # The author reads why, edits, and hands it in again.
    hers.goto(live_server.url + "/admin/")
    hers.get_by_role("link", name=re.compile("Synthetic vesicles made")).first.click()
    hers.wait_for_url(f"**/admin/review/{draft.accession}/**")
    expect(hers.locator(".timeline")).to_contain_text("Give the group sizes, @alice.", use_inner_text=True)
    seen = content_of(Claim.objects.get(pk=draft.pk))
    sized = replace(seen, measures=[{**seen.measures[0], "n_cases": 40, "n_controls": 38}])
    workflow.edit(claim_id=draft.pk, content=sized, seen=seen.digest, by=alice)
    hers.reload()
    pressed(hers, "submit", "Submit for review", "They are in now.")

    # Accepted by the second person, and public.
    his.goto(screen(live_server, draft))
    expect(his.locator(".fields")).to_contain_text("40 cases")
    his.keyboard.press("a")
    his.keyboard.type("Checked figure 2.")
    his.keyboard.press("Tab")
    his.keyboard.press("Enter")
    his.wait_for_url("**/admin/review/")
    public = his.context.new_page()
    public.goto(f"{live_server.url}/claims/{draft.accession}/")
    expect(public.locator("main")).to_contain_text("by Synthetic Bob, a second person", use_inner_text=True)

    # A revision is compared side by side, and accepted.
    hers.goto(screen(live_server, draft))
    pressed(hers, "revise", "Revise", "Figure 3 shows the contrary.")
    revision = Claim.objects.get(accession=draft.accession, state="draft")
    hers.wait_for_url(f"**/claims/{revision.accession}/2/**")
    seen = content_of(revision)
    turned = {**seen.columns, "edge": "benefit", "statement": seen.columns["statement"].replace("grow", "shrink")}
    workflow.edit(claim_id=revision.pk, content=replace(seen, columns=turned), seen=seen.digest, by=alice)
    hers.goto(screen(live_server, revision))
    pressed(hers, "submit", "Submit for review")
    his.goto(screen(live_server, revision))
    changes = his.locator(".differences")
    expect(changes.locator("del")).to_have_text(["grow", "harm"], use_inner_text=True)
    expect(changes.locator("ins")).to_have_text(["shrink", "benefit"], use_inner_text=True)
    pictured(his, "review")
    pressed(his, "accept", "Accept")

    # Everybody reads what changed, why, and on whose word.
    public.goto(f"{live_server.url}/claims/{draft.accession}/history/")
    told = public.locator("main").inner_text()
    assert told.index("Version 2") < told.index("Figure 3 shows the contrary.") < told.index("Version 1")
    assert "Synthetic Alice" in told
    assert "Checked figure 2." in told
    assert "Give the group sizes" not in told
    expect(public.locator(".differences ins")).to_have_text(["shrink", "benefit"], use_inner_text=True)


def test_keys_lead_through_the_queue_and_rest_while_one_types(live_server, desk):
    bob = a_user("bob")
    an_interest(bob)
    first, second = (a_claim(state="submitted", author=a_user("alice")) for _ in range(2))
    first.refresh_from_db(), second.refresh_from_db()
    page = desk(bob)
    page.goto(screen(live_server, first))

    page.keyboard.press("j")
    page.wait_for_url(screen(live_server, second))
    page.keyboard.press("k")
    page.wait_for_url(screen(live_server, first))
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_have_attribute("open", "")
    page.keyboard.press("m")
    page.keyboard.type("jkar?")
    expect(page).to_have_url(screen(live_server, first))
    expect(page.locator("#comment-text")).to_have_value("jkar?")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("details.act-reject")).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.id") == "reason-reject"


def test_a_claim_is_reviewed_without_a_script(live_server, desk):
    bob = a_user("bob")
    an_interest(bob)
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    page = desk(bob, java_script_enabled=False)
    page.goto(live_server.url + "/admin/review/")
    page.get_by_role("link", name="Begin with the first").click()

    pressed(page, "accept", "Accept")

    expect(page.locator(".messagelist")).to_contain_text("accepted", use_inner_text=True)
    assert Claim.objects.accepted().get() == claim


def work(live_server):
    """The addresses of the pages of review, with something on each."""
    erin = a_user("erin", role=Role.EDITOR)
    an_interest(erin)
    cargo, study = a_cargo("miR-21"), a_study(pmcid="PMC9000001")
    public = a_claim(author=a_user("zoe"), cargo=cargo, preparation=a_preparation(study=study), targets=("PTEN",))
    public.refresh_from_db()
    a_claim(cargo=cargo, edge="benefit"), a_claim(cargo=cargo)
    alice = a_user("alice", public_name="Synthetic Alice", orcid="0000-0002-1825-0097")
    for words in ("shrink", "grow slowly"):
        draft = workflow.revise(accession=public.accession, by=alice, reason="Figure 3 says more.")
        seen = content_of(draft)
        columns = {**seen.columns, "statement": seen.columns["statement"].replace("grow", words)}
        content = replace(seen, columns=columns, targets=[])
        workflow.edit(claim_id=draft.pk, content=content, seen=seen.digest, by=alice)
        workflow.submit(claim_id=draft.pk, by=alice)
        if words == "shrink":
            workflow.accept(claim_id=draft.pk, by=erin, reason="Checked.")
    a_notice(study=study, reason="Synthetic notice")
    comment(accession=public.accession, by=alice, text="Which, @erin? See https://example.org/figure")
    a_claim(state="draft", author=erin)
    return erin, [
        "/admin/",
        "/admin/review/",
        f"/admin/review/{public.accession}/3/",
        f"/admin/review/{public.accession}/3/act/reject/",
        f"/admin/review/{public.accession}/compare/",
        *(f"/admin/review/{name}/" for name in ("mine", "unread", "due", "alike", "numbers", "interests")),
        f"/claims/{public.accession}/history/",
        f"/claims/{public.accession}/?as_of={Claim.objects.accepted().first().accepted_at:%Y-%m-%d}",
        f"/claims/{public.accession}/?as_of=2020-01-01",
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_of_review(live_server, desk, scheme):
    erin, addresses = work(live_server)
    page, axe = desk(erin, color_scheme=scheme), axe_playwright.Axe()
    for address in addresses:
        page.goto(live_server.url + address)
        results = axe.run(page)
        assert results.violations_count == 0, f"{address}, {scheme}: {results.generate_report()}"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_review_scrolls_sideways_or_breaks_the_policy(live_server, desk, width):
    erin, addresses = work(live_server)
    page, said = desk(erin, viewport={"width": width, "height": 800}), []
    page.on("console", lambda message: said.append(message.text))
    for address in addresses:
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address

    assert [text for text in said if re.search(r"polic|refused", text, re.IGNORECASE)] == []
