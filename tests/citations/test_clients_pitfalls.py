"""What is easily read wrongly in good answers, in their real shape."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from itertools import starmap

import pytest

from apps.citations.clients import (
    SERVICES,
    Answer,
    Client,
    Crossref,
    Ids,
    Nature,
    NoticeRecord,
    Outcome,
    Patience,
    batches,
    client_for,
)
from apps.citations.clients import europepmc as epmc
from apps.citations.clients import openalex as oa
from apps.citations.clients.natures import day_in_reference, day_of, doi_of, merged, nature_of, pmid_of, us_day
from apps.studies import models
from tests.citations.server import Server, Store
from tests.citations.server.store import AWKWARD_DOIS, LANCET, PAIR_NOTICE, PAIR_NOTICE_PMID, PAIR_PAPER, Study, Update

STUDIES = 300
PAPER = Ids(1, doi=PAIR_PAPER)
NOTICE = Ids(2, pmid=PAIR_NOTICE_PMID, doi=PAIR_NOTICE)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Store(STUDIES)) as server:
        yield server


@pytest.fixture
def services(server: Server) -> Iterator[dict[str, Client]]:
    patience = Patience(attempts=1)
    with ExitStack() as stack:
        made = {name: client_for(name, server.endpoint(name), lambda: None, patience) for name in SERVICES}
        yield {name: stack.enter_context(client) for name, client in made.items()}


def everybody(server: Server) -> list[Ids]:
    return [Ids(study.number, study.pmid, study.pmcid, study.doi) for study in server.store.studies]


def natures(answer: Answer) -> set[str]:
    return {notice.nature for notice in answer.notices}


def test_the_words_for_notices_are_those_of_the_studies() -> None:
    assert {nature.value for nature in Nature} == set(models.Nature.values)


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "retraction_watch"])
def test_the_paper_is_retracted_and_its_notice_is_clean(services: dict[str, Client], service: str) -> None:
    paper, notice = services[service].fetch([PAPER, NOTICE])

    assert natures(paper) == {Nature.RETRACTION}
    assert notice.notices == ()
    assert notice.outcome is (Outcome.ABSENT if service == "retraction_watch" else Outcome.FOUND)


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "retraction_watch"])
def test_the_notice_asked_about_alone_is_clean_as_well(services: dict[str, Client], service: str) -> None:
    (notice,) = services[service].fetch([NOTICE])

    assert notice.notices == ()


@pytest.mark.parametrize("service", ["europepmc", "crossref", "retraction_watch"])
def test_a_correction_never_overwrites_a_retraction(services: dict[str, Client], service: str) -> None:
    (found,) = services[service].fetch([Ids(1, doi=LANCET)])

    assert natures(found) == {Nature.CORRECTION, Nature.RETRACTION}
    assert {notice.dated for notice in found.notices} == {date(2004, 3, 6), date(2010, 2, 6)}


def test_a_retraction_put_in_the_papers_own_place_counts(services: dict[str, Client]) -> None:
    doi = "10.9999/synthetic.retracted.in.place"

    (found,) = services["crossref"].fetch([Ids(1, doi=doi)])

    assert [(notice.nature, notice.identifier) for notice in found.notices] == [(Nature.RETRACTION, doi)]


def test_a_retraction_that_only_the_notice_tells_of_is_found_by_the_updates(server: Server) -> None:
    server.store.change(LANCET, updates=())
    notice = Study(0, None, None, "10.9999/synthetic.only.notice", {"crossref": 0})
    with Crossref(server.endpoint("crossref"), lambda: None) as client:
        assert client.updates([LANCET]) == {}
        server.store.change(LANCET, updates=(Update("retraction", notice.doi or "", None, (2010, 2, 6)),))
        (found,) = client.updates([LANCET])[LANCET]
    assert (found.nature, found.identifier) == (Nature.RETRACTION, notice.doi)


def test_the_updates_are_merged_into_the_batch_without_doubles(server: Server) -> None:
    with Crossref(server.endpoint("crossref"), lambda: None, with_updates=True) as client:
        paper, lancet = client.fetch([PAPER, Ids(3, doi=LANCET)])

    assert [notice.identifier for notice in paper.notices] == [PAIR_NOTICE]
    assert len(lancet.notices) == 2


@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex"])
def test_a_doi_with_signs_of_the_query_language_is_found(services: dict[str, Client], service: str) -> None:
    batch = [Ids(place, doi=doi) for place, doi in enumerate([*AWKWARD_DOIS, PAIR_PAPER])]

    together = services[service].fetch(batch)
    alone = [services[service].fetch([ids])[0] for ids in batch]

    assert {answer.outcome for answer in together} == {Outcome.FOUND}
    assert alone == together
    if service != "europepmc":
        assert [answer.citations for answer in together[:5]] == [40, 41, 42, 43, 44]


def test_a_doi_with_a_comma_goes_alone_and_the_rest_together(server: Server, services: dict[str, Client]) -> None:
    services["crossref"].fetch([Ids(1, doi=AWKWARD_DOIS[1]), *everybody(server)[:20]])

    assert sorted(seen.ids for seen in server.requests("crossref")) == [1, 20]


def test_europe_pmc_is_asked_by_a_form_where_the_address_would_grow_too_long(server: Server) -> None:
    long = [Ids(place, doi=f"10.9999/{'x' * 250}.{place}") for place in range(2, 42)]
    with client_for("europepmc", server.endpoint("europepmc"), lambda: None) as client:
        answers = client.fetch([PAPER, *long])

    assert [seen.method for seen in server.requests("europepmc")] == ["POST"]
    assert [answer.outcome for answer in answers] == [Outcome.FOUND] + [Outcome.ABSENT] * 40


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_all_studies_are_answered_once_in_order_and_rightly(
    server: Server, services: dict[str, Client], service: str
) -> None:
    client = services[service]
    studies = {study.number: study for study in server.store.studies if study.number > 0}
    for batch in batches(client, [ids for ids in everybody(server) if ids.ref > 0]):
        answers = client.fetch(batch)
        assert [answer.ref for answer in answers] == [ids.ref for ids in batch]
        for answer in answers:
            assert_true(service, studies[answer.ref], answer)


def assert_true(service: str, study: Study, answer: Answer) -> None:
    known = bool(study.updates) if service == "retraction_watch" else study.known_to(service)
    assert answer.outcome is (Outcome.FOUND if known else Outcome.ABSENT)
    if not known:
        assert (answer.citations, answer.ratio, answer.notices) == (None, None, ())
        return
    assert answer.citations == study.counts.get(service)
    if service in {"europepmc", "crossref", "retraction_watch"}:
        assert natures(answer) == {update.nature for update in study.updates}
        assert all(notice.dated for notice in answer.notices)
    if service == "openalex":
        assert natures(answer) == ({"retraction"} if study.retracted else set())
    if service == "icite":
        assert answer.ratio == study.ratio


@pytest.mark.parametrize(
    ("service", "fewest"), [("europepmc", 3), ("crossref", 6), ("openalex", 3), ("icite", 1), ("idconv", 2)]
)
def test_the_fewest_requests_are_made(server: Server, services: dict[str, Client], service: str, fewest: int) -> None:
    for batch in batches(services[service], [ids for ids in everybody(server) if ids.ref > 0]):
        services[service].fetch(batch)

    assert len(server.requests(service)) == fewest


def test_studies_that_cannot_share_a_request_do_not_share_a_batch(services: dict[str, Client]) -> None:
    mixed = [
        Ids(n, pmid=str(900_000_000 + n)) if n % 2 else Ids(n, doi=f"10.9999/synthetic.{n}") for n in range(1, 201)
    ]
    cut = list(batches(services["openalex"], mixed))

    assert [len(batch) for batch in cut] == [100, 100]
    assert {answer.outcome for batch in cut for answer in services["openalex"].fetch(batch)} == {
        Outcome.FOUND,
        Outcome.ABSENT,
    }


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_study_without_a_fitting_identifier_is_not_known_and_costs_no_request(
    server: Server, services: dict[str, Client], service: str
) -> None:
    (answer,) = services[service].fetch([Ids(7, pmcid=None)])

    assert answer.outcome is Outcome.NOT_KNOWN
    assert "no " in answer.message
    assert server.requests(service) == []


def test_a_merged_work_is_followed_to_the_one_that_took_it_in(server: Server, services: dict[str, Client]) -> None:
    (found,) = services["openalex"].fetch([Ids(1, doi="10.9999/synthetic.merged")])

    assert (found.outcome, found.citations) == (
        Outcome.FOUND,
        server.store.by["doi", "10.9999/synthetic.1"].counts["openalex"],
    )


def test_icite_is_read_with_old_and_new_flags(services: dict[str, Client]) -> None:
    found = services["icite"].fetch([Ids(n, pmid=str(900_000_000 + n)) for n in (1, 2)])

    assert [answer.citations for answer in found] == [1, 2]


def test_the_id_converter_tells_only_what_is_missing(services: dict[str, Client]) -> None:
    n = 5
    full = Ids(1, f"{900_000_000 + n}", f"PMC{900_000_000 + n}", f"10.9999/synthetic.{n}")
    found = services["idconv"].fetch([full, Ids(2, pmid=full.pmid), Ids(3, pmid=full.pmid, doi="10.9999/synthetic.6")])

    assert found[0].ids == {}
    assert found[1].ids == {"pmcid": full.pmcid, "doi": full.doi}
    assert found[2].ids == {}, "a record that contradicts the study is not believed"


def test_a_doi_is_the_same_in_any_case_and_with_its_resolver(services: dict[str, Client]) -> None:
    found = services["crossref"].fetch([Ids(1, doi="https://doi.org/" + LANCET.upper()), PAPER])

    assert [answer.citations for answer in found] == [14, 14]


@pytest.mark.parametrize(
    ("types", "links", "expected"),
    [
        (["Retraction of Publication"], [("Retraction of", "1")], []),
        (["Journal Article", "Retracted Publication"], [], [("retraction", "")]),
        (["Retracted Publication"], [("Retraction in", "9")], [("retraction", "9")]),
        ([], [("Expression of concern in", "9"), ("Retraction in", "10")], [("concern", "9"), ("retraction", "10")]),
        (["Expression of Concern"], [("Expression of concern for", "1")], []),
        (["Published Erratum"], [("Erratum for", "1")], []),
        (
            [],
            [("Erratum in", "9"), ("Comment in", "8"), ("Update in", "7"), ("Preprint of", "6")],
            [("correction", "9")],
        ),
        ([], [("Corrected and republished in", "9")], [("correction", "9")]),
        ([], [("Corrected and republished from", "9")], []),
        ([], [("Partial retraction in", "9")], [("concern", "9")]),
        # A notice that was itself retracted is both.
        (["Retraction of Publication", "Retracted Publication"], [("Retraction of", "1")], [("retraction", "")]),
    ],
)
def test_europe_pmc_says_what_a_record_is(
    types: list[str], links: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    record = epmc.Record.model_validate(
        {
            "source": "MED",
            "pmid": "1",
            "pubTypeList": {"pubType": types},
            "commentCorrectionList": {"commentCorrection": [{"type": kind, "id": pmid} for kind, pmid in links]},
        }
    )

    assert [(notice.nature.value, notice.identifier) for notice in epmc.notices_of(record)] == expected


@pytest.mark.parametrize(
    ("title", "kind", "marked"),
    [
        ("RETRACTED: Exosomes do it", "article", True),
        ("Exosomes do it", "article", True),
        ("Retraction of the nictitating membrane by exosomes", "article", True),
        ("RETRACTION: Exosomes do it", "article", False),
        ("Retraction Note: Exosomes do it", "article", False),
        ("Retraction notice to Exosomes do it", "article", False),
        ("Exosomes do it", "retraction", False),
        (None, None, True),
    ],
)
def test_openalexs_flag_on_a_notice_is_not_believed(title: str | None, kind: str | None, marked: bool) -> None:  # noqa: FBT001
    work = oa.Work(doi="10.9999/synthetic.1", title=title, type=kind, is_retracted=True)

    assert bool(oa.notices_of(work)) is marked


@pytest.mark.parametrize(
    ("words", "nature"),
    [
        ("retraction", "retraction"),
        ("retration", "retraction"),
        ("partial_retraction", "concern"),
        ("Expression of concern", "concern"),
        ("expression-of-concern", "concern"),
        ("expression_of_concern", "concern"),
        ("Erratum", "correction"),
        ("err", "correction"),
        ("corrigendum", "correction"),
        ("addendum", "correction"),
        ("removal", "withdrawal"),
        ("withdrawal", "withdrawal"),
        ("reinstatement", "reinstatement"),
        ("removal_of_expression_of_concern", None),
        ("Retraction of an expression of concern", None),
        ("new_version", None),
        ("new_edition", None),
        ("", None),
    ],
)
def test_many_words_mean_few_things(words: str, nature: str | None) -> None:
    assert nature_of(words) == nature


def test_days_are_never_invented() -> None:
    assert us_day("7/12/2023 0:00") == date(2023, 7, 12)
    assert us_day("13/12/2023 0:00") is None
    assert day_of([[2010, 2, 6]]) == date(2010, 2, 6)
    assert [
        day_of(parts) for parts in ([[2010, 2]], [[None]], [], None, "2010", [[2010, 2, 31]], [[10**30, 1, 1]])
    ] == [None] * 7
    assert day_in_reference("Lancet. 2024 Sep 28;404(10459):1227-1239.") == date(2024, 9, 28)
    assert day_in_reference("Atherosclerosis. 2016 Mar;246:385") is None


def test_identifiers_are_read_in_all_their_spellings() -> None:
    spellings = ("37476288.0", "37476288", 37476288, "https://pubmed.ncbi.nlm.nih.gov/37476288", "PMID: 37476288")
    assert {pmid_of(value) for value in spellings} == {"37476288"}
    assert [pmid_of(value) for value in ("0", "0.0", "", None, "x", "-1", "1e7")] == [None] * 7
    assert [doi_of(value) for value in ("unavailable", "", None, "10.1/x", "10.9999/with space")] == [None] * 5


def test_a_notice_told_twice_is_one() -> None:
    early, late = date(2010, 2, 6), date(2011, 1, 1)
    told = [("a", late, ""), ("a", early, "why"), ("", None, "flag")]

    notices = merged(starmap(lambda name, day, why: NoticeRecord(Nature.RETRACTION, name, day, why), told))

    assert notices == (NoticeRecord(Nature.RETRACTION, "a", early, "why"),)
