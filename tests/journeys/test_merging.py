"""An editor merges two cargos in a real browser, and undoes it."""

import os
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.curation.models import Merge
from apps.people.models import Role
from apps.vesicles.models import CargoSynonym, CargoXref
from tests.makers import a_cargo, a_claim, a_merge, a_preparation, a_study, a_user, signed_in

expect = pytest.importorskip("playwright.sync_api").expect
axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def seen(page, name):
    """Keep a picture where EXODB_SCREENSHOTS names a folder, for people to look at."""
    if folder := os.environ.get("EXODB_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def cookie(url):
    client = signed_in(Client(), a_user("erin", role=Role.EDITOR))
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


def two_cargos():
    gone, into = a_cargo("miR-21 (made up)"), a_cargo("miR-21-5p")
    CargoSynonym.objects.create(cargo=gone, text="microRNA 21")
    CargoXref.objects.create(cargo=gone, curie="miRBase:MIMAT0000076")
    a_claim(cargo=gone)
    a_claim(cargo=gone, state="draft")
    for cargo in (gone, into):
        cargo.refresh_from_db()
    return gone, into


def test_an_editor_merges_two_cargos_and_undoes_it(live_server, browser_context):
    gone, into = two_cargos()
    browser_context.add_cookies([cookie(live_server.url)])
    page = browser_context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(live_server.url + reverse("admin:vesicles_cargo_change", args=[gone.pk]))
    page.get_by_role("link", name="Merge into…").click()
    page.get_by_label("The record that stays").fill(into.accession.lower())
    page.get_by_role("button", name="Show what would move").click()
    expect(page.get_by_role("main")).to_contain_text("miRBase:MIMAT0000076")
    page.get_by_label("Why are they one?").fill("the same molecule, made up")
    page.get_by_role("button", name=f"Merge {gone.accession} into {into.accession}").click()
    expect(page.locator(".messagelist")).to_contain_text("was merged into")

    public = browser_context.new_page()
    public.goto(f"{live_server.url}/{gone.accession}")
    expect(public).to_have_url(live_server.url + into.get_absolute_url())

    page.get_by_label("Why are they two?").fill("two after all")
    page.get_by_role("button", name="Undo the merge").click()
    expect(page.locator(".messagelist")).to_contain_text("is back")
    public.goto(f"{live_server.url}/{gone.accession}")
    expect(public).to_have_url(live_server.url + gone.get_absolute_url())
    assert Merge.objects.get().undone_reason == "two after all"
    assert [text for text in said if "olicy" in text or "refused" in text] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_of_merging_are_for_everybody(live_server, browser, scheme, width):
    gone, into = two_cargos()
    one, other = a_study(title="A synthetic study with quite a long title " * 4), a_study()
    for study in (one, other):
        a_claim(preparation=a_preparation(study=study, key="p1"))
        study.refresh_from_db()
    done = a_merge(a_cargo("miR-22 (made up)"), a_cargo("miR-22"))
    propose = reverse("admin:curation_merge_propose")
    pages = {
        "merge-preview": f"{propose}?gone={gone.accession}&into={into.accession}",
        "merge-conflict": f"{propose}?gone={one.accession}&into={other.accession}",
        "merge-done": reverse("admin:curation_merge_change", args=[done.pk]),
        "merges": reverse("admin:curation_merge_changelist"),
    }
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    context.add_cookies([cookie(live_server.url)])
    page, axe = context.new_page(), axe_playwright.Axe()
    for name, address in pages.items():
        page.goto(live_server.url + address)
        seen(page, f"{name}-{scheme}-{width}")
        results = axe.run(page)
        assert results.violations_count == 0, f"{address}, {scheme}: {results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    context.close()
