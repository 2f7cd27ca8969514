"""Each client reads the real services' recorded answers."""

from datetime import date
from pathlib import Path

import pytest

from apps.citations.clients import (
    Answer,
    Ids,
    Nature,
    Nonsense,
    NoticeRecord,
    Outcome,
    Patience,
    ServiceError,
    Unavailable,
    client_for,
)
from tests.citations.server.recorded import RECORDED, WHY_NOT, Exchange, Replay, exchange, recorded

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=WHY_NOT)
HASTY = Patience(attempts=1)
OTHER = Ids(0, pmid="999999999", pmcid="PMC999999999", doi="10.9999/synthetic.other")


def names(service: str) -> list[str]:
    return [str(path.relative_to(RECORDED)) for path in recorded(service)]


def ask(service: str, answer: Exchange, *batch: Ids) -> list[Answer]:
    with (
        Replay(answer.status, answer.body.encode(), answer.content_type) as server,
        client_for(service, server.endpoint, lambda: None, HASTY) as client,
    ):
        return client.fetch(batch)


def the(service: str, start: str) -> Exchange:
    return exchange(next(path for path in recorded(service) if path.name.startswith(start)))


@pytest.mark.parametrize("name", names("crossref"))
def test_crossref_reads_works_and_takes_nothing_else_for_one(name: str) -> None:
    answer = exchange(RECORDED / name)
    body = answer.json if isinstance(answer.json, dict) else {}
    kind, message = body.get("message-type"), body.get("message")
    if answer.status == 200 and kind == "work":
        (found,) = ask("crossref", answer, Ids(1, doi=message["DOI"]))
        assert (found.outcome, found.citations) == (Outcome.FOUND, message["is-referenced-by-count"])
        assert len(found.notices) == len(message.get("updated-by", ()))
    elif answer.status == 200 and kind == "work-list" and message["items"]:
        dois = [item["DOI"] for item in message["items"]]
        found = ask("crossref", answer, *(Ids(place, doi=doi) for place, doi in enumerate(dois, 1)), OTHER)
        assert {one.outcome for one in found[:-1]} == {Outcome.FOUND}
        assert [one.citations for one in found[:-1]] == [
            item.get("is-referenced-by-count") for item in message["items"]
        ]
        whole = message["total-results"] == len(dois)
        assert found[-1].outcome is (Outcome.ABSENT if whole else Outcome.NOT_KNOWN)
    elif answer.status == 200 and kind == "work-list" and message["total-results"] == 0:
        assert {one.outcome for one in ask("crossref", answer, OTHER, Ids(1, doi="10.9999/synthetic.1"))} == {
            Outcome.ABSENT
        }
    elif answer.body.strip() == "Resource not found.":
        (found,) = ask("crossref", answer, OTHER)
        assert found.outcome is Outcome.ABSENT
    else:
        assert_never_a_value("crossref", answer)


@pytest.mark.parametrize("name", names("openalex"))
def test_openalex_reads_works_and_takes_nothing_else_for_one(name: str) -> None:
    answer = exchange(RECORDED / name)
    body = answer.json if isinstance(answer.json, dict) else {}
    works = body.get("results", [body])
    if answer.status == 200 and all("cited_by_count" in work and work.get("doi") for work in works):
        batch = [Ids(place, doi=work["doi"]) for place, work in enumerate(works, 1)]
        found = ask("openalex", answer, *batch, *([OTHER] if "results" in body else []))
        expected = [work["cited_by_count"] for work in works]
        assert [one.citations for one in found[: len(works)]] == expected
        assert not any(one.notices for one in found)
    elif answer.status == 404:
        (found,) = ask("openalex", answer, OTHER)
        assert found.outcome is Outcome.ABSENT
    else:
        assert_never_a_value("openalex", answer)


@pytest.mark.parametrize("name", names("europepmc"))
def test_europepmc_reads_core_records_and_takes_nothing_else_for_one(name: str) -> None:
    answer = exchange(RECORDED / name)
    results = ((answer.json or {}).get("resultList") or {}).get("result")
    if results and "citedByCount" in results[0]:
        batch = [Ids(place, pmid=one.get("pmid"), doi=one.get("doi")) for place, one in enumerate(results, 1)]
        found = [one for one in ask("europepmc", answer, *batch, OTHER) if one.ref]
        known = {one.ref: one for one in found if one.outcome is Outcome.FOUND}
        assert len(known) == sum(1 for ids in batch if ids.pmid or ids.doi)
        assert all(one.citations == results[ref - 1]["citedByCount"] for ref, one in known.items())
    elif results == []:
        (found,) = ask("europepmc", answer, OTHER)
        assert found.outcome is Outcome.ABSENT
    else:
        assert_never_a_value("europepmc", answer)


def assert_never_a_value(service: str, answer: Exchange) -> None:
    """No failure and no foreign answer says that a study is there, or that it isn't."""
    for batch in ([OTHER], [OTHER, Ids(1, pmid="1", doi="10.9999/synthetic.1")]):
        try:
            outcomes = {one.outcome for one in ask(service, answer, *batch)}
        except ServiceError:
            continue
        assert outcomes == {Outcome.NOT_KNOWN}


@pytest.mark.parametrize("name", ["semantic_scholar", "unpaywall", "ncbi_eutils", "retraction_tracker"])
@pytest.mark.parametrize("service", ["europepmc", "crossref", "openalex", "icite", "idconv"])
def test_the_answers_of_another_service_are_never_believed(service: str, name: str) -> None:
    for answer in map(exchange, recorded(name)):
        if service == "icite" and answer.json == {"data": []}:
            continue  # nobody could tell it from iCite's own "none of these"
        assert_never_a_value(service, answer)


def test_a_correction_alone_is_no_retraction() -> None:
    (found,) = ask("crossref", the("crossref", "001"), Ids(1, doi="10.1371/journal.pone.0033693"))

    assert found.notices == (
        NoticeRecord(
            Nature.CORRECTION,
            "10.1371/annotation/c76da2c1-ccb8-4797-94c1-359d3ceceeda",
            date(2012, 5, 8),
            "Correction (publisher)",
        ),
    )


def test_the_lancet_paper_of_1998_has_its_correction_and_its_retraction() -> None:
    (found,) = ask("crossref", the("crossref", "002"), Ids(1, doi="10.1016/S0140-6736(97)11096-0"))

    assert {(one.nature, one.identifier, one.dated) for one in found.notices} == {
        (Nature.CORRECTION, "10.1016/s0140-6736(04)15715-2", date(2004, 3, 6)),
        (Nature.RETRACTION, "10.1016/s0140-6736(10)60175-4", date(2010, 2, 6)),
    }
    assert found.citations == 1992


def test_europe_pmcs_erratum_leaves_its_own_record_clean() -> None:
    (found,) = [
        one for one in ask("europepmc", the("europepmc", "004"), Ids(1, pmid="39709208"), OTHER) if one.ref == 1
    ]

    assert (found.outcome, found.notices) == (Outcome.FOUND, ())


def test_icites_answer_gives_count_and_ratio() -> None:
    found, other = ask("icite", the("icite", "001"), Ids(1, pmid="32162448"), OTHER)

    assert (found.citations, found.ratio) == (17, pytest.approx(2.18475199552701))
    assert other.outcome is Outcome.ABSENT


def test_the_old_id_converter_tells_what_is_missing() -> None:
    (found,) = ask("idconv", the("ncbi_idconv", "001"), Ids(1, doi="10.1038/NG.590"))

    assert found.ids == {"pmid": "20495566", "pmcid": "PMC2883744"}


def test_the_new_id_converter_says_not_in_pmc() -> None:
    (found,) = ask("idconv", the("ncbi_idconv", "002"), Ids(1, doi="10.1016/s0140-6736(97)11096-0"))

    assert (found.outcome, found.ids) == (Outcome.ABSENT, {})


@pytest.mark.parametrize("status", [200, 429])
def test_ncbis_rate_limit_is_one_whatever_its_status(status: int) -> None:
    answer = the("ncbi_eutils", "006")

    with pytest.raises(Unavailable):
        ask("idconv", Exchange(answer.path, answer.url, status, answer.body, answer.content_type), OTHER)


def test_a_404_of_somebody_in_between_is_not_crossrefs() -> None:
    html = the("openalex", "002")

    with pytest.raises(Nonsense):
        ask("crossref", html, OTHER)


def test_the_recorded_folder_was_read() -> None:
    assert Path(RECORDED, "MANIFEST.tsv").is_file()
    assert len(names("crossref")) > 80
