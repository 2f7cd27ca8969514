"""Which paper is meant, and what the services say that it is: by their recorded answers, and where they fail."""

import time

import pytest

from apps.citations.clients import Ids, Nature, Patience, client_for
from apps.citations.clients.bibliography import initials, kind_of, plain
from apps.citations.models import Feed
from apps.curation import papers
from apps.curation.papers import Identifier, read_identifier
from tests.citations.server import Fault, Server, Store
from tests.citations.server.recorded import RECORDED, WHY_NOT, Exchange, Replay, exchange, recorded
from tests.makers import a_study

HASTY = Patience(attempts=1)

# --- what was typed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("28646161", "pmid", "28646161"),
        (" PMID: 28646161 ", "pmid", "28646161"),
        ("https://pubmed.ncbi.nlm.nih.gov/28646161/", "pmid", "28646161"),
        ("https://www.ncbi.nlm.nih.gov/pubmed/28646161?dopt=Abstract", "pmid", "28646161"),
        ("https://europepmc.org/article/MED/28646161", "pmid", "28646161"),
        ("pmc5482839", "pmcid", "PMC5482839"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC5482839/#sec1", "pmcid", "PMC5482839"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC5482839/", "pmcid", "PMC5482839"),
        ("10.1038/S41598-017-04386-1", "doi", "10.1038/s41598-017-04386-1"),
        ("doi: 10.1038/s41598-017-04386-1.", "doi", "10.1038/s41598-017-04386-1"),
        ("https://doi.org/10.1038/s41598-017-04386-1", "doi", "10.1038/s41598-017-04386-1"),
        ("https://doi.org/10.1002%2F1873-3468.12722", "doi", "10.1002/1873-3468.12722"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/jev2.12404", "doi", "10.1002/jev2.12404"),
        ("https://www.frontiersin.org/articles/10.3389/fonc.2020.00001/full", "doi", "10.3389/fonc.2020.00001"),
        ("https://journals.plos.org/x/10.1371/journal.pone.0033693?page=1#s2", "doi", "10.1371/journal.pone.0033693"),
        ("(10.1016/S0140-6736(97)11096-0)", "doi", "10.1016/s0140-6736(97)11096-0"),
        ("<https://doi.org/10.1038/S41598-017-04386-1>.", "doi", "10.1038/s41598-017-04386-1"),
        (
            "10.1002/(SICI)1097-0142(19960101)77:1<1::AID-CNCR1>3.0.CO;2-#",
            "doi",
            "10.1002/(sici)1097-0142(19960101)77:1<1::aid-cncr1>3.0.co;2-#",
        ),
        ("nct03235687", "nct", "NCT03235687"),
        ("https://clinicaltrials.gov/study/NCT03235687?tab=results", "nct", "NCT03235687"),
    ],
)
def test_an_identifier_is_read_from_what_people_paste(typed, kind, value):
    assert read_identifier(typed) == Identifier(kind, value)


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "exosomes in cancer", "0", "PMC", "NCT123", "10.1038", "1\0", "x" * 9999, "10.1038/" + 999 * "x"],
)
def test_what_holds_no_identifier_is_none(typed):
    assert read_identifier(typed) is None


# --- what it is -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Brooks B.", "BB"), ("Jean-Pierre", "JP"), ("AJ", "AJ"), ("A. J.", "AJ"), ("THOMAS E.", "TE"), ("", "")],
)
def test_given_names_become_initials(given, expected):
    assert initials(given) == expected


def test_markup_in_titles_is_taken_out():
    assert (
        plain("Life of &lt;i&gt;C. elegans&lt;/i&gt;,<sup>2</sup>\n&amp; <b>more</b>") == "Life of C. elegans,2 & more"
    )
    assert plain("p < 0.05 and n > 3") == "p < 0.05 and n > 3"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["Journal Article"], ""),
        (["Review", "Journal Article"], "review"),
        (["Systematic Review", "Meta-Analysis", "Journal Article"], "meta_analysis"),
        (["Clinical Trial, Phase II", "Journal Article"], "clinical_trial"),
        (["Randomized Controlled Trial"], "clinical_trial"),
    ],
)
def test_the_kind_is_only_taken_where_the_publication_type_says_so(types, kind):
    assert kind_of(types) == kind


def told(service: str, answer: Exchange, ids: Ids):
    with (
        Replay(answer.status, answer.body.encode(), answer.content_type) as server,
        client_for(service, server.endpoint, lambda: None, HASTY) as client,
    ):
        return client.bibliography(ids)


def the(service: str, start: str) -> Exchange:
    return exchange(next(path for path in recorded(service) if path.name.startswith(start)))


recorded_answers = pytest.mark.skipif(not RECORDED.is_dir(), reason=WHY_NOT)


@recorded_answers
def test_europe_pmc_says_what_a_paper_is():
    found = told("europepmc", the("europepmc", "004"), Ids(1, pmid="40437959"))

    assert found.title.startswith("Co-Designed Culturally Tailored Cancer Screening Promotion Program")
    assert not found.title.endswith(".")
    assert (found.authors, found.year, found.kind) == (("Kwok C", "Xu X"), 2025, "")
    assert found.journal.startswith("Health promotion journal of Australia")
    assert (found.pmid, found.pmcid, found.doi) == ("40437959", "PMC12120539", "10.1002/hpja.70059")
    assert told("europepmc", the("europepmc", "004"), Ids(1, pmid="40464630")).kind == "review"


@recorded_answers
def test_a_short_record_of_europe_pmc_gives_what_it_has():
    found = told("europepmc", the("europepmc", "005"), Ids(1, pmid="39950089"))

    assert found.title.endswith("neurodegeneration in Caenorhabditis elegans")
    assert (found.authors, found.journal, found.year) == (("Redweik G", "Xue D"), "MicroPubl Biol", 2025)


@recorded_answers
def test_crossref_says_what_a_paper_is_and_that_it_was_retracted():
    found = told("crossref", the("crossref", "002"), Ids(1, doi="10.1016/s0140-6736(97)11096-0"))

    assert (found.journal, found.year, found.authors[0]) == ("The Lancet", 1998, "Wakefield AJ")
    assert Nature.RETRACTION in {notice.nature for notice in found.notices}
    other = told("crossref", the("crossref", "001"), Ids(1, doi="10.1371/journal.pone.0033693"))
    assert other.authors[1] == "Pond BB"


@recorded_answers
def test_crossref_does_not_know_a_doi():
    assert told("crossref", the("crossref", "018"), Ids(1, doi="10.9999/blblbl")) is None


# --- looking up, as a person waits ------------------------------------------------------------------------------------


@pytest.fixture
def services(settings):
    with Server(Store(20)) as server:
        settings.CITATION_SERVICES = {
            name: {**one, "base_url": server.url(name), "requests_per_second": 1000.0}
            for name, one in settings.CITATION_SERVICES.items()
        }
        settings.LOOKUP_TIMEOUT = 0.5
        yield server


DOI = Identifier("doi", "10.9999/synthetic.3")


@pytest.mark.django_db
def test_europe_pmc_is_asked_first_and_crossref_only_where_it_fails(services):
    looked = papers.look_up(DOI)
    assert (looked.by, looked.paper.pmid, looked.troubles) == ("Europe PMC", "900000003", [])
    assert services.requests("crossref") == []

    services.misbehave(Fault("hang-up", "europepmc"))
    looked = papers.look_up(DOI)
    assert (looked.by, looked.paper.title, looked.troubles) == ("Crossref", "A synthetic study", [])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["hang-up", "slow", "html"])
def test_where_nobody_answers_it_says_so_within_seconds_and_never_raises(services, kind):
    services.misbehave(Fault(kind, "europepmc", seconds=5), Fault(kind, "crossref", seconds=5))
    began = time.monotonic()

    looked = papers.look_up(DOI)

    assert looked.paper is None
    assert [trouble.partition(" can't")[0] for trouble in looked.troubles] == ["Europe PMC", "Crossref"]
    assert time.monotonic() - began < 4


@pytest.mark.django_db
def test_a_service_that_is_switched_off_is_not_asked(services):
    Feed.objects.filter(pk="europepmc").update(enabled=False)

    looked = papers.look_up(Identifier("pmid", "900000003"))

    assert looked.paper is None
    assert looked.troubles == ["Europe PMC is switched off here."]
    assert services.requests("europepmc") == []


@pytest.mark.django_db
def test_a_trial_and_an_unknown_paper_are_entered_by_hand(services):
    assert papers.look_up(Identifier("nct", "NCT03235687")).paper is None
    assert papers.look_up(Identifier("pmid", "1")).troubles == ["Europe PMC does not know it."]
    assert services.requests("crossref") == []


@pytest.mark.django_db
def test_titles_that_are_nearly_the_same_are_found():
    twin = a_study(title="Exosomal miR-21 of gastric cancer cells makes synthetic cells resist cisplatin")
    a_study(title="Milk and its vesicles in the made-up gut")

    assert papers.alike("Exosomal miR-21 of gastric-cancer cells make synthetic cells resist Cisplatin.") == [twin]
    assert papers.alike(twin.title, but=twin) == []
    assert papers.alike("") == []
