"""What a reader does in a real browser, and whether everybody can: keyboard, screen reader, narrow screen, dark."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.citations.models import Check, Feed
from apps.citations.verdicts import overrule
from apps.studies.models import CitationCount
from tests.makers import a_cargo, a_notice, a_preparation, a_study, a_user
from tests.web.evidence import LISTINGS, TEXTS, another_claim, some_evidence

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def evidence():
    found = some_evidence()
    another_claim(cargo=a_cargo("miR-96"), edge="benefit", aspect="safety")
    retracted = a_study()
    another_claim(preparation=a_preparation(study=retracted), cargo=a_cargo("miR-21"), edge="mixed")
    a_notice(study=retracted, identifier="10.1000/notice")
    cited_and_doubted(found.study)
    return found


def cited_and_doubted(study):
    """Counts over time, checks of every outcome, and notices of every kind on a study that still counts."""
    first, now = date(2026, 1, 1), timezone.now()
    for service, counts in (("crossref", (10, 14, 12)), ("openalex", (20, 21, 30)), ("icite", (9, 9, 11))):
        for number, count in enumerate(counts):
            day, ratio = first + timedelta(days=30 * number), 1.37 if service == "icite" else None
            CitationCount.objects.create(study=study, service=service, day=day, count=count, ratio=ratio)
    for service, outcome in (("crossref", "found"), ("openalex", "absent"), ("europepmc", "not_known")):
        message = "503 from the service" if outcome == "not_known" else ""
        Check.objects.create(study=study, feed_id=service, outcome=outcome, asked_at=now, message=message)
    Feed.objects.filter(pk="crossref").update(last_success=now, last_failure=now, last_message="503 from the service")
    wrong = a_notice(study=study, service="openalex")
    overrule(notice_id=wrong.pk, by=a_user("erin", role="editor"), reason="It is about another synthetic study.")
    a_notice(
        study=study, nature="correction", service="crossref", identifier="10.1000/9", vanished_on=date(2026, 11, 8)
    )


@pytest.fixture
def pages(evidence):
    return [
        *evidence.records,
        *LISTINGS,
        *TEXTS,
        "/search/?q=paclitxel",
        "/search/?q=miR-21&edge=harm",
        "/search/?status=concern&status=corrected",
        "/notices/?nature=retraction&service=openalex",
        "/notices/?nature=concern",
        "/no-such-page",
    ]


def test_a_reader_finds_a_claim_and_follows_it_to_all_that_it_rests_on(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url)
    page.get_by_label("Search cargos, diseases").fill("mir 21")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("2 claims for", use_inner_text=True)

    page.get_by_role("link", name="Harm 1").click()
    expect(page.get_by_role("status")).to_contain_text("1 claim for", use_inner_text=True)
    page.get_by_role("link", name=evidence.claim.statement).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(evidence.claim.statement, use_inner_text=True)
    expect(page.get_by_label("The claim in a line")).to_contain_text("miR-21", use_inner_text=True)

    for record, name in (
        (evidence.study, str(evidence.study)),
        (evidence.cargo, "miR-21"),
        (evidence.source, "synthetic colon cells"),
    ):
        page.goto(live_server.url + evidence.claim.get_absolute_url())
        page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()
        expect(page).to_have_url(live_server.url + record.get_absolute_url())
        expect(page.locator(f"main a[href='{evidence.claim.get_absolute_url()}']")).to_be_visible()


def test_an_identifier_typed_on_any_page_goes_straight_there(live_server, browser_page, evidence):
    browser_page.goto(live_server.url + "/about/")
    browser_page.get_by_label("Search the evidence").fill(f"PMID {evidence.study.pmid}")
    browser_page.get_by_role("button", name="Search").click()

    expect(browser_page).to_have_url(live_server.url + evidence.study.get_absolute_url())


def test_the_keyboard_reaches_the_content_first(live_server, browser_page):
    browser_page.goto(live_server.url)
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.textContent") == "Skip to the content"
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"


def test_a_reader_leaves_out_the_retracted_and_reads_why(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url + "/search/?q=miR-21")
    expect(page.locator(".flag-retracted")).to_have_count(1)
    page.get_by_role("link", name="without the retracted").click()
    expect(page.locator(".flag-retracted")).to_have_count(0)
    assert page.url.count("status=") == 3

    page.get_by_role("link", name="Notices").click()
    page.get_by_label("Reported by").get_by_role("link", name="a curator").click()
    page.get_by_role("main").get_by_role("link", name="Synthetic study").first.click()
    expect(page).to_have_url(re.compile(r"#notices$"))
    expect(page.get_by_role("note")).to_contain_text("RETRACTED", use_inner_text=True)


def test_the_numbers_behind_a_chart_open_by_the_keyboard(live_server, browser_page, evidence):
    page = browser_page
    page.goto(live_server.url + evidence.study.get_absolute_url())
    expect(page.get_by_role("img", name="Crossref: citations over time")).to_be_visible()
    table = page.get_by_label("Citations over time", exact=True)
    expect(table).to_be_hidden()

    page.get_by_text("The numbers behind the charts").focus()
    page.keyboard.press("Enter")

    assert "Crossref 2026-01-31 14" in " ".join(table.inner_text().split())


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
