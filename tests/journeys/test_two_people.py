"""The whole way of a claim through two people's browsers: from sign-in and a DOI to the public history of its revision.

Nothing is done behind the forms. What Europe PMC says of the paper is its recorded answer; what is claimed is made up.
"""

import re

import pytest

from apps.claims.models import Claim
from apps.people.models import Role
from apps.studies.models import Study
from tests.accounts.entering import a_person
from tests.citations.server.recorded import RECORDED, WHY_NOT, Replay, exchange, recorded
from tests.journeys import hands
from tests.journeys.hands import STATEMENT, Hands, enter_claim, enter_preparation
from tests.journeys.test_signing_in import seen, types
from tests.makers import a_code

expect = pytest.importorskip("playwright.sync_api").expect
pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(not RECORDED.is_dir(), reason=WHY_NOT),
]
DOI = "10.1002/hpja.70059"
TITLE = "Co-Designed Culturally Tailored Cancer Screening Promotion Program"


@pytest.fixture
def europe_pmc(settings):
    """Europe PMC, as it once answered."""
    answer = exchange(next(path for path in recorded("europepmc") if path.name.startswith("004")))
    with Replay(answer.status, answer.body.encode(), answer.content_type) as server:
        one = settings.CITATION_SERVICES["europepmc"]
        settings.CITATION_SERVICES = {
            **settings.CITATION_SERVICES,
            "europepmc": {**one, "base_url": server.endpoint.base_url, "requests_per_second": 1000.0},
        }
        yield


@pytest.fixture
def desk(browser, live_server):
    """Signs a person in by password and code, in a browser of their own."""
    contexts = []

    def opened(name):
        a_person(name, role=Role.CURATOR, app=True, public_name=f"Synthetic {name.title()}")
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.goto(live_server.url + "/admin/")
        types(page, name)
        page.get_by_label("Code:").fill(a_code())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(live_server.url + "/admin/")
        return page

    yield opened
    for context in contexts:
        context.close()


def says(page, words):
    page.get_by_text(words).first.wait_for()


def decide(page, act, words, reason=""):
    """Open the box of an act, write the reason, press its button."""
    box = page.locator(f"details.act-{act}")
    box.locator("summary").click()
    if reason:
        box.locator("textarea").fill(reason)
    with page.expect_navigation():
        box.get_by_role("button", name=words).click()


def hand_in(page):
    """Save and submit; what a reviewer would ask is shown first, and left as it is."""
    page.get_by_role("button", name="Save and submit").click()
    page.get_by_role("button", name="Submit").click()
    page.locator(".claim-card").get_by_text("submitted").wait_for()


def from_dashboard(page, live_server, claim):
    page.goto(live_server.url + "/admin/")
    page.locator(f"a[href*='{claim.accession}']").first.click()
    page.wait_for_url(f"**{claim.accession}/**")


def test_two_people_take_a_paper_from_its_doi_to_a_public_revision(live_server, desk, europe_pmc):  # noqa: PLR0915
    hands.terms()
    hers, his = desk("alice"), desk("bob")

    # The paper, by DOI: what the service knows is not typed again.
    hers.goto(live_server.url + "/admin/entry/")
    hers.get_by_label("PMID, PMCID, DOI or NCT number").fill(DOI)
    hers.keyboard.press("Enter")
    hers.wait_for_selector("#form")
    assert hers.input_value("[name=title]").startswith(TITLE)
    assert (hers.input_value("[name=year]"), hers.input_value("[name=pmid]")) == ("2025", "40437959")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", hers.input_value("[name=curated_on]"))
    seen(hers, "journey-1-study")
    hers.locator("[name=kind]").select_option("primary")
    hers.locator("[name=depth]").select_option("full_text")
    hers.get_by_role("button", name="Save", exact=True).click()
    hers.wait_for_url("**/preparations/add/**")

    enter_preparation(hers, Hands(hers))
    hers.wait_for_function("document.activeElement.name === 'cargo'")
    enter_claim(hers, Hands(hers))
    draft, study = Claim.objects.get(), Study.objects.get()
    assert (draft.state, draft.statement, study.doi, study.kind) == ("draft", STATEMENT, DOI, "primary")
    hers.goto(f"{live_server.url}/admin/entry/{study.accession}/")
    seen(hers, "journey-2-entered")

    # Handed in by who wrote it, who can't accept it.
    hers.get_by_role("link", name="Submit", exact=False).first.click()
    hers.get_by_role("button", name="Submit").click()
    hers.goto(f"{live_server.url}/admin/review/{draft.accession}/1/")
    expect(hers.get_by_role("button", name="Accept")).to_be_disabled()
    expect(hers.locator("#why-accept")).to_contain_text("Whoever wrote a claim can't decide on it", use_inner_text=True)
    seen(hers, "journey-3-own-claim")

    # Changes requested, with the statement of interests asked first.
    from_dashboard(his, live_server, draft)
    seen(his, "journey-4-review")
    decide(his, "request_changes", "Request changes", "Give the group sizes, @alice.")
    his.get_by_label("I have no competing interests").check()
    his.get_by_role("button", name="State this and go on").click()
    assert his.locator("#reason-request_changes").input_value() == "Give the group sizes, @alice."
    his.locator("details.act-request_changes").get_by_role("button").click()
    says(his, "Nothing waits for your review.")

    # She reads why, mends it in the form, hands it in again.
    from_dashboard(hers, live_server, draft)
    says(hers, "Give the group sizes, @alice.")
    seen(hers, "journey-5-changes-requested")
    hers.keyboard.press("e")
    hers.wait_for_selector("#form")
    hers.locator("[name='measures-n_cases']").first.fill("40")
    hers.locator("[name='measures-n_controls']").first.fill("38")
    hand_in(hers)

    # A second person accepts it, and everybody reads it.
    his.goto(f"{live_server.url}/admin/review/{draft.accession}/1/")
    expect(his.locator(".fields")).to_contain_text("40 cases")
    decide(his, "accept", "Accept", "Checked figure 3.")
    public = his.context.new_page()
    public.goto(f"{live_server.url}/claims/{draft.accession}/")
    told = public.locator("main").inner_text()
    assert STATEMENT in told
    assert "by Synthetic Bob, a second person" in told
    seen(public, "journey-6-public")

    # A revision, made in the form; the public text stays until it is accepted.
    hers.goto(f"{live_server.url}/admin/review/{draft.accession}/1/")
    decide(hers, "revise", "Revise", "Figure 3 shows the contrary.")
    hers.wait_for_selector("#form")
    revision = Claim.objects.get(accession=draft.accession, state="draft")
    hers.locator("[name=statement]").fill(STATEMENT.replace("resisted", "obeyed"))
    hers.locator("[name=edge]").select_option("benefit")
    hand_in(hers)
    public.reload()
    expect(public.locator("main")).to_contain_text(STATEMENT, use_inner_text=True)

    from_dashboard(his, live_server, revision)
    changes = his.locator(".differences")
    expect(changes.locator("del")).to_have_text(["resisted", "harm"], use_inner_text=True)
    expect(changes.locator("ins")).to_have_text(["obeyed", "benefit"], use_inner_text=True)
    seen(his, "journey-7-side-by-side")
    decide(his, "accept", "Accept")

    public.goto(f"{live_server.url}/claims/{draft.accession}/history/")
    told = public.locator("main").inner_text()
    assert told.index("Version 2") < told.index("Figure 3 shows the contrary.") < told.index("Version 1")
    assert "Synthetic Alice" in told
    assert "Give the group sizes" not in told
    seen(public, "journey-8-history")
    public.goto(f"{live_server.url}/claims/{draft.accession}/")
    expect(public.locator("main")).to_contain_text("then obeyed cisplatin", use_inner_text=True)
