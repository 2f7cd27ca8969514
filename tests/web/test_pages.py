"""Pages: each kind says what the record says, no more and no less."""

import re
from html import escape, unescape

import pytest

from apps.claims.models import State
from apps.terms.models import AlternativeId
from apps.vesicles.models import CargoXref
from tests.makers import a_cargo, a_claim, a_merge, a_name, a_notice, a_preparation, a_source, a_study, a_term, a_user
from tests.web.evidence import LISTINGS, TEXTS, another_claim, some_evidence

pytestmark = pytest.mark.django_db


def text_of(response):
    """What a reader sees, in one line."""
    body = re.sub(r"<(script|style|title).*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_every_page_kind_answers(client):
    evidence = some_evidence()

    for address in [*evidence.records, *LISTINGS, *TEXTS]:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "Not for clinical decisions" in text_of(response)


def test_the_first_page_tells_what_is_inside(client):
    some_evidence()
    another_claim(cargo=a_cargo("miR-96"), edge="benefit")

    seen = text_of(client.get("/"))

    for words in ("2 claims", "2 studies", "2 cargos", "1 disease ", "tumour growth"):
        assert words in seen


def test_numbers_of_the_first_page_are_those_that_their_links_hold(client):
    some_evidence()
    another_claim(aspect="safety", preparation=a_preparation(study=a_study(status="retracted")))
    another_claim(aspect="safety")
    page = client.get("/").content.decode()

    linked = re.findall(r'<a href="([^"]+)"><strong>(\d+)</strong> (?:claim|cargo|stud)', page)
    for address, number in linked:
        held = text_of(client.get(unescape(address)))
        assert re.search(rf"\b{number} claim|(Cargos|Studies) {number}\b", held), address
    safety = unescape(re.search(r'href="([^"]+aspect=safety[^"]*)"', page)[1])
    assert "1 claim" in text_of(client.get(safety))
    assert len(linked) == 3


def test_an_empty_database_has_a_first_page_and_a_search(client):
    assert client.get("/").status_code == 200
    assert "0 claims" in text_of(client.get("/search/"))
    assert client.get("/search/?q=cisplatin").status_code == 200


def test_the_claim_page_tells_the_whole_claim(client):
    evidence = some_evidence()

    seen = text_of(client.get(evidence.claim.get_absolute_url()))

    for words in (
        evidence.claim.statement,
        *("synthetic colon cells", "miR-21", "synthetic macrophages", "promotes", "growth in a made-up experiment"),
        *("Level E", "Shown in cultured cells only.", "Harm", "0.87", "0.8 to 0.93", "< 0.001", "40", "\u22122.5"),
        *("cisplatin", "paclitaxel", "PTEN", "PDCD4", "DOID:219", evidence.study.title, evidence.study.pmid),
        *("abstract", "https://example.org/synthetic", "version 1", f"/api/v1/claims/{evidence.claim.accession}/"),
        *("cargo observed in the vesicles", "EV density", "by a curator, a second person"),
    ):
        assert words in seen, words


def test_a_claim_without_cargo_is_about_the_vesicle_as_a_whole(client):
    claim = a_claim(cargo=None)

    assert "the vesicle as a whole" in text_of(client.get(claim.get_absolute_url()))


def test_unknown_is_never_shown_as_no(client):
    claim = a_claim()

    seen = text_of(client.get(claim.get_absolute_url()))

    assert "Reporting score (EV-METRIC): not curated" in seen
    assert "MISEV2023 class not curated" in seen
    assert "Isolation not curated" in seen
    assert "Markers found not curated" in seen
    assert "recipient not stated or not curated" in seen
    assert "Independent cohort not curated" in seen
    assert "not reported" not in seen


def test_reported_not_reported_and_not_curated_stay_apart(client):
    preparation = a_preparation(
        metric_electron_microscopy="reported", metric_ev_density="not_reported", isolation=[], methods=["tem"]
    )
    a_claim(preparation=preparation)

    seen = text_of(client.get(preparation.get_absolute_url()))

    assert "electron microscopy, wide field and close-up reported" in seen
    assert "EV density not reported" in seen
    assert "density gradient not curated" in seen
    assert "50 % (1 of 2 items curated)" in seen
    assert "Isolation none reported" in seen
    assert "transmission electron microscopy" in seen


def test_a_name_that_means_no_term_is_marked_as_written(client):
    claim = a_claim(disease=a_name("disease", "quaggaoma"))

    assert "quaggaoma as written" in text_of(client.get(claim.get_absolute_url()))


def test_a_term_lists_only_names_that_public_claims_write(client):
    term = a_term("DOID:1612", "breast cancer")
    public, draft, nobodys = (
        a_name("disease", f"synthetic breast tumour {who}", (term,)) for who in ("published", "drafted", "added")
    )
    a_claim(disease=public)
    a_claim(state="draft", disease=draft)

    shown = text_of(client.get("/terms/DOID:1612/"))

    assert public.text in shown
    assert draft.text not in shown
    assert nobodys.text not in shown


def test_what_the_study_does_not_say_is_not_stated(client):
    species = a_name("species", "not stated")
    species.grounding = "not_stated"
    species.save()
    source = a_source(species=species)
    a_claim(preparation=a_preparation(source=source))

    assert "Species not stated" in text_of(client.get(source.get_absolute_url()))


def test_what_the_abstract_does_not_say_is_told_in_the_words_it_was_written_in(client):
    line = a_name("cell_line", "not stated in the abstract")
    line.grounding = "not_stated"
    line.save()
    source = a_source(cell_line=line)
    a_claim(preparation=a_preparation(source=source))

    assert "not stated in the abstract" in text_of(client.get(source.get_absolute_url()))


@pytest.mark.parametrize(
    ("depth", "said"), [("abstract", "noted (only the abstract was read)"), ("full_text", "noted")]
)
def test_a_list_without_entries_says_how_much_was_read(client, depth, said):
    claim = a_claim(preparation=a_preparation(study=a_study(depth=depth)), measures=[{"name": "AUC", "value": 0.9}])

    seen = text_of(client.get(claim.get_absolute_url()))

    assert f"Therapy none {said} Targets none {said} Measures" in " ".join(seen.split())
    assert f"A dash: not {said}." in seen
    assert "none stated" not in seen


@pytest.mark.parametrize(
    ("nature", "banner"),
    [("retraction", "RETRACTED"), ("concern", "EXPRESSION OF CONCERN"), ("correction", "CORRECTED")],
)
def test_a_notice_stands_on_every_page_of_its_study_with_a_link(client, nature, banner):
    evidence = some_evidence()
    a_notice(study=evidence.study, nature=nature, identifier="10.1000/notice", reason="made-up reason")

    for record in (evidence.claim, evidence.study, evidence.preparation):
        response = client.get(record.get_absolute_url())
        assert banner in text_of(response)
        assert "https://doi.org/10.1000/notice" in response.content.decode()
        assert "made-up reason" in text_of(response)


def test_an_overruled_notice_raises_no_banner(client):
    evidence = some_evidence()
    notice = a_notice(study=evidence.study)
    notice.overruled_by, notice.overruled_reason = a_user("bob"), "mistaken"
    notice.overruled_at = "2026-11-02T00:00Z"
    notice.save()

    seen = text_of(client.get(evidence.study.get_absolute_url()))

    assert "RETRACTED" not in seen
    assert "mistaken" in seen


def test_retracted_claims_are_marked_in_listings_and_left_out_of_bars(client):
    retracted = another_claim(preparation=a_preparation(study=a_study(status="retracted")), cargo=a_cargo("miR-21"))
    another_claim(cargo=a_cargo("miR-21"), edge="benefit")

    assert "RETRACTED" in text_of(client.get("/search/?q=miR-21"))
    seen = text_of(client.get(retracted.cargo.get_absolute_url()))
    assert "0 Harm" in seen
    assert "1 Benefit" in seen
    assert "left out" in seen


def test_a_level_set_by_hand_says_why(client):
    claim = a_claim(level_override="A", level_override_reason="in the 2025 guideline")

    seen = text_of(client.get(claim.get_absolute_url()))

    assert "in the 2025 guideline" in seen
    assert "computed: E" in seen


def test_a_term_counts_what_is_narrower(client):
    evidence = some_evidence()

    response = client.get("/terms/DOID:9256/")

    assert evidence.claim.statement in text_of(response)
    assert "colon cancer" in text_of(response)


def test_a_long_list_says_how_much_more_there_is(client):
    parent = a_term("DOID:162", "cancer")
    for number in range(103):
        a_term(f"DOID:{9_000_000 + number}", f"synthetic cancer {number:03}", parents=(parent,))

    seen = text_of(client.get(parent.get_absolute_url()))

    assert "synthetic cancer 099" in seen
    assert "synthetic cancer 100" not in seen
    assert "and 3 more" in seen


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC1/", True),
        ("https://doi.org/10.1000/1", True),
        ("http://192.0.2.1:3004/details", False),
        ("https://pmc-ncbi-nlm-nih-gov.proxy.example/articles/PMC1/", False),
        ("https://doi.org.example/10.1000/1", False),
        ("https://evildoi.org/10.1000/1", False),
        ("https://doi.org:8081/10.1000/1", False),
        ("javascript:alert('doi.org')", False),
        ("https://[", False),
    ],
)
def test_only_pages_of_libraries_and_publishers_are_linked(client, address, linked):
    claim = a_claim(preparation=a_preparation(study=a_study(pages_read=[address])))

    page = client.get(claim.get_absolute_url())

    assert address in text_of(page)
    assert (f'href="{escape(address)}"' in page.content.decode()) is linked


def test_an_identifier_that_was_given_up_leads_to_its_successor(client):
    evidence = some_evidence()
    AlternativeId.objects.create(curie="DOID:999", term=evidence.term)

    response = client.get("/terms/DOID:999/")

    assert (response.status_code, response["Location"]) == (301, evidence.term.get_absolute_url())


def test_an_identifier_that_only_cargos_have_lists_them(client):
    evidence = some_evidence()

    assert evidence.cargo.name in text_of(client.get("/terms/mirbase:MI0000077/"))
    assert client.get("/terms/mirbase:MI9999999/").status_code == 404


def test_a_panel_and_its_members_lead_to_each_other(client):
    member = a_cargo("miR-96")
    panel = a_cargo("synthetic panel")
    panel.memberships.create(member=member)
    a_claim(cargo=panel)

    assert "miR-96" in text_of(client.get(panel.get_absolute_url()))
    assert "synthetic panel" in text_of(client.get(member.get_absolute_url()))


@pytest.mark.parametrize("state", [state for state in State if state not in {State.ACCEPTED, State.WITHDRAWN}])
def test_what_is_not_accepted_is_not_there(client, state):
    claim = a_claim(state=state, cargo=a_cargo("secret-9"), statement="secret statement")

    for record in (claim, claim.preparation, claim.preparation.study, claim.preparation.source, claim.cargo):
        assert client.get(record.get_absolute_url()).status_code == 404
        assert client.get(f"/{record.accession}").status_code == 404
    for address in LISTINGS:
        assert "secret" not in text_of(client.get(address))


def test_a_withdrawn_claim_is_gone_and_says_why(client):
    claim = a_claim(state=State.WITHDRAWN)

    for address in (claim.get_absolute_url(), f"/{claim.accession}", f"/{claim.accession.lower()}"):
        response = client.get(address, follow=True)
        assert response.status_code == 410
        assert "withdrawn" in text_of(response)
        assert "synthetic reason" in text_of(response)
        assert claim.statement not in text_of(response)


def test_a_revision_takes_the_place_of_what_it_supersedes(client):
    first = a_claim(statement="The first wording.")
    first.state, first.left_at = State.SUPERSEDED, first.accepted_at
    first.save()
    a_claim(accession=first.accession, version=2, preparation=first.preparation, key=first.key, statement="The second.")

    seen = text_of(client.get(first.get_absolute_url()))

    assert "The second." in seen
    assert "The first wording." not in seen


def test_accessions_lead_to_their_pages_in_any_case(client):
    evidence = some_evidence()

    for record in (evidence.claim, evidence.study, evidence.source, evidence.preparation, evidence.cargo):
        for typed in (record.accession, record.accession.lower()):
            response = client.get(f"/{typed}")
            assert (response.status_code, response["Location"]) == (301, record.get_absolute_url())
        lower = record.get_absolute_url().replace(record.accession, record.accession.lower())
        assert client.get(lower)["Location"] == record.get_absolute_url()
    assert client.get("/EXCL9999999").status_code == 404
    assert client.get("/EXXX0000001").status_code == 404


def test_a_merged_record_leads_to_the_one_that_stayed(client):
    evidence = some_evidence()
    gone = a_cargo("miR-21 duplicate")
    a_merge(gone, evidence.cargo)

    for address in (f"/{gone.accession}", f"/cargos/{gone.accession}/"):
        assert client.get(address)["Location"] == evidence.cargo.get_absolute_url()


def test_an_accession_under_the_wrong_kind_leads_to_the_right_one(client):
    evidence = some_evidence()

    response = client.get(f"/studies/{evidence.claim.accession}/")

    assert response["Location"] == evidence.claim.get_absolute_url()


def test_a_record_that_was_removed_is_gone(client):
    cargo = a_cargo("mistaken")
    cargo.delete()

    assert client.get(f"/{cargo.accession}").status_code == 410


NASTY = "<script>alert('x')</script>"


def test_text_of_evidence_is_escaped_wherever_it_stands(client):
    study = a_study(
        title=NASTY, journal=NASTY, authors=[NASTY], pages_read=[f"https://x/{NASTY}", "javascript:alert(1)"]
    )
    a_notice(study=study, identifier=NASTY, reason=NASTY, service=NASTY[:40])
    term = a_term("DOID:666", NASTY)
    term.synonyms.create(text=NASTY, key="x")
    names = {
        kind: a_name(kind, f"{kind}{NASTY}") for kind in ("species", "cell_line", "cell_type", "tissue", "disease")
    }
    source = a_source(name=NASTY, **names)
    preparation = a_preparation(
        study=study, source=source, term=NASTY, engineered=True, loading=NASTY, surface=NASTY, markers_positive=[NASTY]
    )
    cargo = a_cargo(NASTY, kind="other", ungrounded_reason=NASTY)
    cargo.synonyms.create(text=NASTY)
    CargoXref.objects.create(cargo=cargo, curie=f"x:{NASTY.replace(' ', '')}")
    claim = another_claim(
        preparation=preparation,
        cargo=cargo,
        statement=NASTY,
        outcome=NASTY,
        locator=NASTY,
        disease=a_name("disease", NASTY, (term,)),
        level_override="A",
        level_override_reason=NASTY,
    )
    records = (claim, study, source, preparation, cargo, term)

    for address in [*(record.get_absolute_url() for record in records), *LISTINGS, f"/search/?q={NASTY}"]:
        body = client.get(address).content.decode()
        assert "<script>" not in body, address
        assert 'href="javascript:' not in body, address
        assert "alert" not in body or "&lt;script&gt;" in body, address
