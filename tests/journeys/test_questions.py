"""The eleven questions, asked in a real browser of the starter collection.

Each answer was found by reading the documents first; the document is named beside what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
import yaml
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from apps.documents import starter
from apps.finding import names

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("questions")]


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker, browser) -> Iterator[str]:
    """A server with the starter collection, loaded once for all questions."""
    with django_db_blocker.unblock():
        starter.load_starter(lambda things, _: things)
        names.refresh()
        server = LiveServer("localhost")
        # The first request loads what later ones find loaded.
        httpx.get(server.url, timeout=60)
        yield server.url
        server.stop()
        call_command("flush", verbosity=0, interactive=False)


def claim(document: str, key: str) -> str:
    """The accession of a claim of a document of the starter collection."""
    found = yaml.safe_load((starter.EVIDENCE / f"{document}.yaml").read_text(encoding="utf-8"))
    return next(each["accession"] for each in found["claims"] if each["id"] == key)


class Answer(NamedTuple):
    """A claim that must stand in a part of the answer, and what its row must say."""

    part: str
    document: str
    key: str
    says: tuple[str, ...]


ASKED = [
    # Prospective cohort: 60 patients against 29 with chronic pancreatitis; AUC 0.96, sensitivity 0.983.
    (
        "Diagnosis",
        {"Cancer or other disease": "pancreatic cancer", "Marker": "glypican-1"},
        [Answer("markers", "pmid34840127", "c1", ("GPC1", "blood", "60 / 29", "0.96", "0.983", "0.862", "2021"))],
    ),
    # One makes gastric cancer resist cisplatin, the other makes ovarian cancer sensitive again.
    (
        "Drug resistance",
        {"Cancer or other disease": "gastric cancer", "Drug or treatment": "cisplatin"},
        [Answer("harm", "doi-10.3748-wjg.v27.i36.6079", "c1", ("miR-588", "cisplatin resistance", "CYLD"))],
    ),
    (
        "Drug resistance",
        {"Cancer or other disease": "ovarian cancer", "Drug or treatment": "cisplatin"},
        [Answer("benefit", "pmc9172103", "c1", ("human mesenchymal stem cells", "miR-18a-5p", "NACC1"))],
    ),
    # Doxorubicin in MSC exosomes kills osteosarcoma cells; the same exosomes spare heart cells.
    (
        "Drug delivery",
        {"Cancer or other disease": "osteosarcoma"},
        [
            Answer(
                "deliveries",
                "doi-10.2147-IJN.S218988",
                "c1",
                (
                    "doxorubicin (Exo-Dox)",
                    "MG63 osteosarcoma cells",
                    "suppresses toxicity of doxorubicin to heart cells",
                ),
            )
        ],
    ),
    # miR-21 of omental fibroblasts makes ovarian cancer resist paclitaxel; that of cord MSCs curbs lung fibrosis.
    (
        "microRNA",
        {"microRNA": "mir 21"},
        [
            Answer("harm", "doi-10.1038-ncomms11150", "c1", ("ovarian cancer", "paclitaxel resistance", "APAF1")),
            Answer("benefit", "doi-10-1186-s13287-021-02296-8", "c2", ("pulmonary fibrosis", "TGF-beta signalling")),
        ],
    ),
    # Gastric cancer cells turn blood-derived macrophages M2-like by STAT3.
    (
        "Tumour microenvironment",
        {"Recipient": "macrophages"},
        [
            Answer(
                "signals",
                "pmid33509150",
                "c1",
                ("gastric cancer cells", "STAT3", "peripheral blood", "M2-like", "Harm"),
            )
        ],
    ),
    # Glioma stem cells feed vessels by miR-21; heparin blocks the uptake of glioma vesicles.
    (
        "Cancer stem cells",
        {"Cancer or other disease": "glioma"},
        [
            Answer(
                "inhibits", "doi-10.1007-s11060-013-1235-y", "c1", ("heparin", "suppresses uptake of tumour vesicles")
            )
        ],
    ),
    (
        "Cancer stem cells",
        {"Cancer or other disease": "glioblastoma"},
        [Answer("feeds", "doi-10-18632-oncotarget-16661", "c1", ("glioma stem cells", "miR-21", "brain endothelial"))],
    ),
    # Hepatocyte exosomes bring sphingosine kinase 2 and make hepatocytes divide; those of other liver cells do not.
    (
        "Regeneration",
        {"Tissue or condition": "liver"},
        [
            Answer("benefit", "pmc4843792", "c1", ("primary murine hepatocytes", "SPHK2", "liver regeneration")),
            Answer("none", "pmc4843792", "c2", ("liver cell types other than hepatocytes",)),
        ],
    ),
    # MSC exosomes ease colitis, and bring miR-142-3p that makes colon cancer stem cells more frequent.
    (
        "Healing that turns",
        {"Tissue": "colon"},
        [
            Answer("heals", "pmc5447283", "c1", ("umbilical cord mesenchymal stem cells", "DSS colitis")),
            Answer(
                "feeds", "doi-10-1038-s41416-018-0254-z", "c1", ("bone marrow mesenchymal", "colon cancer stem cells")
            ),
        ],
    ),
    # Umbilical cord MSC exosomes protect the kidney from cisplatin.
    (
        "Less harm from treatment",
        {"Treatment": "cisplatin"},
        [Answer("lower", "pmc3707035", "c1", ("umbilical cord", "cisplatin-induced acute kidney injury", "animal"))],
    ),
    # Exosomes of irradiated MSCs make radiotherapy kill more melanoma.
    (
        "Less harm from treatment",
        {"Treatment": "radiotherapy"},
        [Answer("raise", "doi-10-1186-s12943-018-0867-0", "c1", ("mesenchymal stem cells irradiated", "melanoma"))],
    ),
    # Glypican-1 worked as a marker of pancreatic cancer in one study, and failed in two others.
    (
        "The sword itself",
        {"Cargo": "GPC1"},
        [Answer("claims", "pmid30800217", "c1", ("has no effect on separation of pancreatic cancer", "Neutral"))],
    ),
    # A study on miR-128-3p and oxaliplatin that was retracted.
    (
        "Trust",
        {"Study (PMID, DOI, accession)": "10.1186/s12943-019-0981-7"},
        [Answer("claims", "doi-10.1186-s12943-019-0981-7", "c1", ("RETRACTED", "retracted", "not curated"))],
    ),
]


def ask(page, site: str, name: str, entries: dict[str, str]) -> None:
    """From the search box on the first page: one click to the question, one to the answer."""
    page.goto(site)
    page.get_by_role("region", name="Eleven questions").get_by_role("link", name=name).first.click()
    for label, text in entries.items():
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Show").click()


def row_of(page, answer: Answer) -> str:
    """The row of the claim in its part of the answer, in one line."""
    accession = claim(answer.document, answer.key)
    row = page.get_by_role("region", name=page.locator(f"h2#{answer.part}").inner_text()).get_by_role("row")
    return " ".join(row.filter(has_text=accession).inner_text().split())


@pytest.mark.parametrize(("name", "entries", "answers"), ASKED, ids=[f"{each[0]}, {each[1]}" for each in ASKED])
def test_a_question_is_answered_from_the_documents(site, browser_page, name, entries, answers):
    ask(browser_page, site, name, entries)

    for answer in answers:
        row = row_of(browser_page, answer)
        for words in answer.says:
            assert words in row, (words, row)


@pytest.mark.parametrize(("name", "entries", "answers"), ASKED, ids=[f"{each[0]}, {each[1]}" for each in ASKED])
def test_the_search_and_the_api_behind_an_answer_find_the_same_claims(site, browser_page, name, entries, answers):
    page = browser_page
    ask(page, site, name, entries)
    part = page.get_by_role("region", name=page.locator(f"h2#{answers[0].part}").inner_text())
    total = int(part.locator("h2 .count").inner_text())
    behind, programs = (part.get_by_role("link", name=text).get_attribute("href") for text in ("The search", "the API"))

    told = page.request.get(site + programs.replace("&amp;", "&")).json()
    assert told["count"] == total
    page.goto(site + behind)
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^\s*{total} claim"))


def test_glypican_1_is_named_as_a_contradiction_with_both_sides(site, browser_page):
    ask(browser_page, site, "The sword itself", {"Cargo": "GPC1"})

    named = browser_page.get_by_role("region", name="Where the evidence disagrees")
    row = named.get_by_role("row").filter(has_text="pancreatic ductal adenocarcinoma").filter(has_text="diagnosis")
    assert claim("pmid34840127", "c1") in row.inner_text()
    assert claim("pmid30800217", "c1") in row.inner_text()


def test_the_picture_of_an_answer_leads_to_its_claims(site, browser_page):
    page = browser_page
    ask(page, site, "microRNA", {"microRNA": "miR-21"})
    page.get_by_role("region", name="Map").get_by_role("row").filter(has_text="miR-21-5p").get_by_role(
        "link", name="harm"
    ).first.click()

    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\s*3 claims"))


def test_what_nobody_curated_is_told_as_that_and_names_alike_are_offered(site, browser_page):
    ask(browser_page, site, "Diagnosis", {"Cancer or other disease": "pancreatc cancer"})

    seen = browser_page.get_by_role("main").inner_text()
    assert "what has been curated here, not what is known" in seen
    expect(browser_page.get_by_role("link", name="pancreatic cancer", exact=True)).to_be_visible()
