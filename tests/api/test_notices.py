"""Notices, citation counts and checks, as programs read them."""

from datetime import UTC, date, datetime

import pytest

from apps.citations.models import Check
from apps.citations.verdicts import overrule
from apps.people.models import Role
from apps.studies.models import CitationCount
from tests.api.asking import found, get, pages, problem
from tests.makers import a_claim, a_merge, a_notice, a_preparation, a_study, a_user

pytestmark = pytest.mark.django_db


def a_public_study(**fields):
    study = a_study(**fields)
    a_claim(preparation=a_preparation(study=study))
    return study


def seen(day, **fields):
    return a_notice(first_seen=day, last_seen=day, **{"study": fields.pop("study", None) or a_public_study(), **fields})


def listed(**parameters):
    return [(row["nature"], row["service"]) for row in get("notices/", **parameters)["results"]]


def test_notices_are_listed_with_their_studies_the_newest_first():
    seen(date(2026, 11, 1), nature="correction", service="crossref")
    newest = seen(date(2026, 11, 9), service="europepmc", identifier="10.1000/notice", reason="made up")

    row, older = get("notices/")["results"]

    assert older["nature"] == "correction"
    assert row["study"]["accession"] == newest.study.accession
    assert row["study"]["status"] == "retracted"
    assert (row["identifier"], row["reason"], row["overruled"]) == ("10.1000/notice", "made up", None)
    assert row["id"] == newest.urn
    assert row["id"].startswith("urn:uuid:")
    assert older["reason"] is None


def test_each_filter_keeps_what_it_says():
    study = a_public_study()
    kept = seen(date(2026, 11, 5), service="crossref", dated=date(2026, 10, 1), study=study)
    seen(date(2026, 11, 1), nature="correction", service="europepmc", vanished_on=date(2026, 11, 8))
    wanted = [("retraction", "crossref")]

    for parameters in (
        {"nature": "retraction,withdrawal"},
        {"service": "crossref"},
        {"study": study.pmid},
        {"study": study.accession},
        {"status": "retracted"},
        {"vanished": "false"},
        {"seen_min": "2026-11-05"},
        {"dated_max": "2026-10-01"},
        {"ordering": "-first_seen", "page_size": 1},
    ):
        assert listed(**parameters) == wanted, parameters
    assert listed(vanished="true") == listed(seen_max="2026-11-04") == [("correction", "europepmc")]
    assert listed(dated_min="2026-10-02") == listed(overruled="true") == []

    overrule(notice_id=kept.pk, by=a_user("erin", role=Role.EDITOR), reason="another paper")
    assert listed(overruled="true") == wanted
    assert get("notices/", overruled="true")["results"][0]["overruled"]["reason"] == "another paper"


@pytest.mark.parametrize(("ordering", "dates"), [("dated", (1, 2, None)), ("-dated", (2, 1, None))])
def test_undated_notices_come_last_whichever_way(ordering, dates):
    for day in (None, 2, 1):
        seen(date(2026, 11, 1), dated=day and date(2026, 10, day))

    shown = [row["dated"] for row in get("notices/", ordering=ordering)["results"]]

    assert shown == [day and f"2026-10-0{day}" for day in dates]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"nature": "bad"}, "'bad' is none of retraction"),
        ({"seen_min": "2026-02-30"}, "is not a day like 2026-11-24"),
        ({"seen_min": "yesterday"}, "is not a day like 2026-11-24"),
        ({"service": "google"}, "is none of"),
        ({"overruled": "perhaps"}, "is none of true, false"),
    ],
)
def test_a_bad_value_is_refused_with_the_way_out(parameters, said):
    assert said in problem("notices/", 400, **parameters)["detail"]


def test_pages_of_notices_hold_each_once():
    study = a_public_study()
    for number in range(7):
        seen(date(2026, 11, 1), study=study, identifier=f"10.1000/{number}")

    rows = [row["id"] for page in pages("notices/", page_size=3) for row in page["results"]]

    assert len(rows) == len(set(rows)) == 7


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "withdrawn"])
def test_a_study_that_is_not_public_shows_no_notice_and_no_count(state):
    study = a_study()
    a_claim(state=state, preparation=a_preparation(study=study))
    a_notice(study=study)
    CitationCount.objects.create(study=study, service="crossref", day=date(2026, 11, 1), count=3)

    assert get("notices/")["count"] == 0
    problem(f"studies/{study.accession}/citations/", 404)


def counted(study, service, *counts, ratio=None):
    for day, count in enumerate(counts, 1):
        CitationCount.objects.create(study=study, service=service, day=date(2026, 11, day), count=count, ratio=ratio)


def test_a_study_says_its_latest_counts_and_when_each_service_was_asked():
    study = a_public_study()
    counted(study, "crossref", 10, 12, 11)
    counted(study, "icite", 8, ratio=1.25)
    asked = datetime(2026, 11, 3, tzinfo=UTC)
    Check.objects.create(study=study, feed_id="crossref", outcome="found", asked_at=asked, known_at=asked)
    Check.objects.create(study=study, feed_id="openalex", outcome="not_known", asked_at=asked, message="500")
    Check.objects.create(study=study, feed_id="europepmc")

    shown = get(f"studies/{study.accession}/")

    assert shown["citations"] == [
        {"service": "crossref", "day": "2026-11-03", "count": 11, "ratio": None},
        {"service": "icite", "day": "2026-11-01", "count": 8, "ratio": 1.25},
    ]
    assert [(check["service"], check["outcome"], check["message"]) for check in shown["checks"]] == [
        ("crossref", "found", None),
        ("openalex", "not_known", "500"),
    ]


def test_every_count_of_a_study_is_listed_and_can_be_narrowed():
    study, other = a_public_study(), a_public_study()
    counted(study, "crossref", 10, 12, 11)
    counted(study, "openalex", 14)
    counted(other, "crossref", 99)
    address = f"studies/{study.accession}/citations/"

    def counts(**parameters):
        return [row["count"] for row in get(address, **parameters)["results"]]

    assert counts() == [11, 12, 10, 14]
    assert counts(service="openalex") == [14]
    assert counts(service="crossref", day_min="2026-11-02") == [11, 12]
    assert counts(day_max="2026-11-01", ordering="-service") == [14, 10]
    assert get(f"studies/{study.accession}/")["links"]["citations"].endswith(address)
    assert get(f"studies/{other.accession}/citations/")["count"] == 1
    assert "is none of" in problem(address, 400, service="idconv")["detail"]


def test_the_citations_of_a_study_that_nobody_counted_are_an_empty_list():
    assert get(f"studies/{a_public_study().accession}/citations/")["results"] == []


def test_the_citations_of_what_is_no_study_are_a_problem_that_says_so():
    assert "is not the accession of a study" in problem("studies/EXCL0000001/citations/", 404)["detail"]
    assert "No public study" in problem("studies/EXST9999999/citations/", 404)["detail"]


def test_the_citations_of_a_merged_study_are_those_of_the_other(client):
    kept, gone = a_public_study(), a_study(pmid=None, nct="NCT99999999")
    accession = a_merge(gone, kept).gone_id

    answer = client.get(f"/api/v1/studies/{accession}/citations/")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"http://testserver/api/v1/studies/{kept.accession}/citations/"


@pytest.mark.parametrize("kind", ["claims", "studies"])
def test_the_retracted_can_be_left_out(kind):
    for status in ("published", "corrected", "concern", "retracted"):
        a_public_study(status=status)

    def statuses(**parameters):
        rows = get(f"{kind}/", **parameters)["results"]
        return {row["status"] if kind == "studies" else row["study"]["status"] for row in rows}

    assert statuses(retracted="false") == {"published", "corrected", "concern"}
    assert statuses(retracted="true") == {"retracted"}
    assert statuses(status="concern,corrected") == {"concern", "corrected"}
    assert len(found(f"{kind}/")) == 4
