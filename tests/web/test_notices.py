"""Notices, citations and services, as readers see them."""

import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone

from apps.citations.models import Check, Feed, RefreshRun, RequestCount
from apps.citations.verdicts import overrule, take_back
from apps.people.models import Role
from apps.studies.models import CitationCount, Notice
from apps.web import citing
from tests.makers import a_claim, a_notice, a_preparation, a_study, a_user
from tests.owner import without_triggers
from tests.web import test_pages
from tests.web.evidence import another_claim

pytestmark = pytest.mark.django_db


def text_of(response):
    """What a reader sees; signs stand where they are seen, after the word before them."""
    return re.sub(r" ([,.;:)])", r"\1", test_pages.text_of(response)).replace("\xa0", " ")


ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def erin():
    return a_user("erin", role=Role.EDITOR)


def a_public_study(**fields):
    study = a_study(**fields)
    a_claim(preparation=a_preparation(study=study))
    return study


def page_of(client, study):
    return client.get(study.get_absolute_url())


def counted(study, service, counts, ratio=None, first=date(2026, 1, 1)):
    CitationCount.objects.bulk_create(
        CitationCount(study=study, service=service, day=first + timedelta(days=7 * number), count=count, ratio=ratio)
        for number, count in enumerate(counts)
    )


def test_each_service_has_its_own_count_with_its_day_and_nothing_is_added_up(client):
    study = a_public_study()
    counted(study, "crossref", [12345])
    counted(study, "openalex", [30000])

    seen = text_of(page_of(client, study))

    assert "Crossref citations, notices 12345 2026-01-01" in seen
    assert "OpenAlex citations, notices 30000 2026-01-01" in seen
    assert "42345" not in seen
    assert "Europe PMC citations, notices – –" in seen


def test_the_ratio_is_shown_with_its_day_and_what_it_means(client):
    study = a_public_study()
    assert "Relative citation ratio: not known" in text_of(page_of(client, study))

    counted(study, "icite", [9], ratio=2.345)

    seen = text_of(page_of(client, study))
    assert "Relative citation ratio: 2.35 (NIH iCite, on 2026-01-01)" in seen or "2.34 (NIH iCite" in seen
    assert "average paper funded by the NIH" in seen


def test_who_was_asked_when_and_how_that_ended(client):
    study = a_public_study()
    asked = datetime(2026, 11, 3, tzinfo=UTC)
    known = datetime(2026, 10, 1, tzinfo=UTC)
    for service, outcome, known_at, message in (
        ("crossref", "found", asked, ""),
        ("openalex", "absent", asked, ""),
        ("europepmc", "not_known", known, "503 from the service"),
    ):
        Check.objects.create(
            study=study, feed_id=service, outcome=outcome, asked_at=asked, known_at=known_at, message=message
        )
    Check.objects.create(study=study, feed_id="icite")  # planned, and never asked

    seen = text_of(page_of(client, study))

    assert "Crossref citations, notices – – 2026-11-03 found" in seen
    assert "OpenAlex citations, notices – – 2026-11-03 confirmed absent it does not hold this study" in seen
    assert "2026-11-03 not known: 503 from the service last known on 2026-10-01" in seen
    assert "NIH iCite citations – – – never asked" in seen
    assert "Retraction Watch switched off here notices – – – never asked" in seen
    assert "clean" not in seen


def test_a_count_over_time_is_drawn_and_its_numbers_stand_behind_it(client):
    study = a_public_study()
    counted(study, "crossref", [10, 14, 12])
    counted(study, "openalex", [7])

    body = page_of(client, study).content.decode()
    (chart,) = re.findall(r'<svg class="course".*?</svg>', body, re.DOTALL)
    drawing = ET.fromstring(chart)  # noqa: S314 - our own

    assert drawing.find("title").text == "Crossref: citations over time"
    assert drawing.find("desc").text.startswith("From 10 on 2026-01-01 to 12 on 2026-01-15; at most 14.")
    points = [tuple(map(float, point.split(","))) for point in drawing.find("polyline").get("points").split()]
    assert [x for x, _ in points] == [citing.LEFT, (citing.LEFT + citing.RIGHT) / 2, citing.RIGHT]
    assert points[1][1] == citing.TOP
    assert points[0][1] > points[2][1] > points[1][1]
    table = body[body.index("<details") : body.index("</details>")]
    assert re.findall(r'<td>(2026[^<]+)</td><td class="n">(\d+)</td>', table) == [
        ("2026-01-01", "10"),
        ("2026-01-08", "14"),
        ("2026-01-15", "12"),
    ]


def test_a_count_that_never_was_above_zero_is_drawn_on_the_axis():
    study = a_public_study()
    counted(study, "crossref", [0, 0])

    (course,) = citing.citing(study)["courses"]

    assert [point.y for point in course.points] == [citing.BOTTOM, citing.BOTTOM]


def test_a_long_course_is_thinned_and_keeps_its_ends():
    study = a_public_study()
    counted(study, "crossref", range(500))

    (course,) = citing.citing(study)["courses"]

    assert len(course.points) == citing.MOST_POINTS
    assert (course.first.count, course.last.count) == (0, 499)


def test_a_notice_tells_nature_service_date_reason_and_leads_to_itself(client):
    study = a_public_study()
    a_notice(study=study, service="crossref", identifier="10.1000/notice", dated=date(2026, 10, 2), reason="made up")

    response = page_of(client, study)

    seen = text_of(response)
    assert "Standing: retracted" in seen
    assert "Retraction of 2026-10-02 notice: 10.1000/notice Reason: made up Reported by Crossref" in seen
    assert 'href="https://doi.org/10.1000/notice"' in response.content.decode()


def test_overruled_and_vanished_notices_say_so(client, erin):
    study = a_public_study()
    wrong = a_notice(study=study, service="openalex", vanished_on=date(2026, 11, 9))
    overrule(notice_id=wrong.pk, by=erin, reason="It is about another paper.")
    a_notice(study=study, nature="correction", service="crossref", vanished_on=date(2026, 11, 8))

    seen = text_of(page_of(client, study))

    assert "RETRACTED" not in seen
    assert "Ruled wrong by an editor on" in seen
    assert "does not count: It is about another paper." in seen
    assert "No longer shown by OpenAlex since 2026-11-09." in seen
    assert "No longer shown by Crossref since 2026-11-08; it counts until an editor rules it wrong." in seen


def test_a_study_without_notices_is_not_called_clean(client):
    seen = text_of(page_of(client, a_public_study()))

    assert "No notice has been reported. That is only as good as the last checks" in seen


# --- the list of notices ----------------------------------------------------------------------------------------------


@pytest.fixture
def some_notices():
    day = date(2026, 11, 1)
    kinds = [("retraction", "crossref"), ("correction", "europepmc"), ("concern", "crossref")]
    return [
        a_notice(
            study=a_public_study(),
            nature=nature,
            service=service,
            identifier=f"10.1000/{number}",
            first_seen=day + timedelta(days=number),
            last_seen=day + timedelta(days=9),
        )
        for number, (nature, service) in enumerate(kinds)
    ]


def in_order(response, notices):
    body = response.content.decode()
    found = [notice for notice in notices if f"#{notice.study.accession}" in body or notice.study.accession in body]
    return sorted(found, key=lambda notice: body.index(notice.study.accession))


def test_notices_stand_with_the_newest_first(client, some_notices):
    assert in_order(client.get("/notices/"), some_notices) == some_notices[::-1]


def test_notices_are_narrowed_by_nature_and_service_and_the_address_holds_both(client, some_notices):
    first, second, third = some_notices

    assert in_order(client.get("/notices/?nature=correction"), some_notices) == [second]
    assert in_order(client.get("/notices/?service=crossref"), some_notices) == [third, first]
    response = client.get("/notices/?service=crossref&nature=concern")
    assert in_order(response, some_notices) == [third]
    assert 'href="?nature=retraction&amp;service=crossref"' in response.content.decode()
    assert 'href="/notices/feed/?nature=concern&amp;service=crossref"' in response.content.decode()
    assert len(in_order(client.get("/notices/?nature=nonsense"), some_notices)) == 3


def test_notices_come_in_pages(client):
    study = a_public_study()
    for number in range(51):
        a_notice(study=study, nature="correction", identifier=f"10.1000/{number}")

    assert "Page 1 of 2" in text_of(client.get("/notices/"))
    assert "?nature=correction&amp;page=2" in client.get("/notices/?nature=correction").content.decode()


def test_where_there_are_no_notices_the_page_says_what_that_is_worth(client):
    assert "No such notice is known." in text_of(client.get("/notices/"))


# --- the feed ---------------------------------------------------------------------------------------------------------


def the_feed(client, address="/notices/feed/"):
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(response.content)  # noqa: S314 - our own


def entries(feed):
    return feed.findall(f"{ATOM}entry")


def test_the_feed_has_all_that_atom_demands(client, some_notices):
    """RFC 4287, sections 4.1.1 and 4.1.2."""
    feed = the_feed(client)

    assert feed.tag == f"{ATOM}feed"
    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1, name
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "ExoDB"
    (own,) = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own.get("href") == "http://testserver/notices/feed/"
    assert len(entries(feed)) == 3
    for entry in entries(feed):
        for name in ("id", "title", "updated", "summary"):
            assert len(entry.findall(ATOM + name)) == 1, name
        assert entry.find(f"{ATOM}id").text.startswith("urn:uuid:")
        assert entry.find(f"{ATOM}link[@rel='alternate']").get("href").startswith("http://testserver/studies/EXST")
        assert datetime.fromisoformat(entry.find(f"{ATOM}updated").text).tzinfo
    assert len({entry.find(f"{ATOM}id").text for entry in entries(feed)}) == 3


def test_the_feed_is_narrowed_as_the_page_is(client, some_notices):
    assert len(entries(the_feed(client, "/notices/feed/?service=crossref"))) == 2
    feed = the_feed(client, "/notices/feed/?service=crossref&nature=concern")
    assert len(entries(feed)) == 1
    assert feed.find(f"{ATOM}link[@rel='alternate']").get("href").endswith("/notices/?nature=concern&service=crossref")


def test_news_of_a_notice_moves_its_entry_up_and_its_name_stays(client, some_notices, erin):
    with_dates(some_notices)
    before = {entry.find(f"{ATOM}id").text for entry in entries(the_feed(client))}
    oldest = some_notices[0]

    overrule(notice_id=oldest.pk, by=erin, reason="It is about another paper.")

    first, *_ = entries(the_feed(client))
    assert first.find(f"{ATOM}id").text == oldest.urn
    assert first.find(f"{ATOM}title").text.startswith("Retraction (ruled wrong): ")
    assert "It is about another paper." in first.find(f"{ATOM}summary").text
    assert {entry.find(f"{ATOM}id").text for entry in entries(the_feed(client))} == before
    changed = Notice.objects.get(pk=oldest.pk).changed_at
    assert datetime.fromisoformat(first.find(f"{ATOM}updated").text) == changed


def with_dates(notices):
    """As if each had been stored on the day that it was first seen."""
    with without_triggers("studies_notice"):
        for notice in notices:
            seen = datetime(*notice.first_seen.timetuple()[:3], tzinfo=UTC)
            Notice.objects.filter(pk=notice.pk).update(changed_at=seen)


def test_who_has_the_feed_already_is_told_that_nothing_is_new(client, some_notices):
    response = client.get("/notices/feed/")

    again = client.get("/notices/feed/", headers={"If-None-Match": response.headers["ETag"]})

    assert again.status_code == 304


def test_the_feed_can_only_be_read(client):
    assert client.post("/notices/feed/").status_code == 405


def test_text_of_a_notice_breaks_no_feed(client):
    nasty = "<script>&\x0b</script>"
    a_notice(study=a_public_study(title=nasty), reason=nasty)

    (entry,) = entries(the_feed(client))

    # The summary is HTML: what stands in it as text is escaped once more.
    assert entry.find(f"{ATOM}summary").text.startswith("“&lt;script&gt;&amp; &lt;/script&gt;”")


# --- the services -----------------------------------------------------------------------------------------------------


def test_the_page_of_services_tells_how_each_has_been_answering(client):
    study = a_public_study()
    now = timezone.now()
    Feed.objects.update(last_success=now)
    Feed.objects.filter(pk="crossref").update(
        failures=3,
        last_success=now - timedelta(days=20),
        last_failure=now,
        last_message="503 from crossref",
        paused_until=now + timedelta(hours=2),
    )
    known = now - timedelta(days=20)
    Check.objects.create(
        study=study, feed_id="crossref", outcome="found", asked_at=known, known_at=known, due_at=now - timedelta(days=9)
    )
    RequestCount.objects.create(feed_id="openalex", day=now.date(), requests=41)
    RefreshRun.objects.create(feed_id="openalex", asked_by="schedule", wanted=40, found=10)

    seen = text_of(client.get("/services/"))

    assert "Figures are growing old." in seen
    assert f"Crossref has not answered since {known:%Y-%m-%d} (on {now:%Y-%m-%d}: 503 from crossref)." in seen
    assert "Crossref silent for too long" in seen
    assert "Failures in a row 3" in seen
    assert "Not asked before" in seen
    assert "Due now 1 of 1 studies" in seen
    assert "1 found · 0 confirmed absent · 0 not known · 0 never asked" in seen
    assert "41 of 10000" in seen
    assert "Asking now 10 of 40" in seen
    assert "Retraction Watch switched off" in seen
    assert "The newest answer came 2 weeks, 6 days ago." in seen


def test_without_any_answer_the_page_says_so(client):
    a_public_study()

    seen = text_of(client.get("/services/"))

    assert "No service has answered yet" in seen
    assert "Crossref has never answered." in seen


def test_while_all_is_well_there_is_no_alarm(client):
    a_public_study()
    Feed.objects.update(last_success=timezone.now())

    assert "growing old" not in text_of(client.get("/services/"))


# --- the search -------------------------------------------------------------------------------------------------------


@pytest.fixture
def of_every_standing():
    return {
        status: another_claim(preparation=a_preparation(study=a_study(status=status)))
        for status in ("published", "corrected", "concern", "retracted")
    }


def test_the_search_leaves_out_the_retracted_or_keeps_the_doubtful_in_plain_words(client, of_every_standing):
    def follow(words, address="/search/?q=synthetic"):
        body = client.get(address).content.decode()
        (query,) = re.findall(rf'<a href="([^"]+)"[^>]*><span class="facet-label">{words}', body)
        return "/search/" + query.replace("&amp;", "&")

    without, doubtful = follow("without the retracted"), follow("concern or corrected")

    assert "3 claims" in text_of(client.get(without))
    assert "RETRACTED" not in text_of(client.get(without))
    assert "2 claims" in text_of(client.get(doubtful))
    assert without.count("status=") == 3
    assert "4 claims" in text_of(client.get(follow("without the retracted", without)))


def test_the_standing_of_the_study_is_a_facet_with_true_counts(client, of_every_standing):
    body = client.get("/search/?q=synthetic&status=retracted").content.decode()

    assert "1 claim" in text_of(client.get("/search/?q=synthetic&status=retracted"))
    assert len(re.findall(r'<a href="[^"]*status=[^"]*"[^>]*aria-current="true"', body)) <= 1
    for label in ("no notice known", "corrected", "expression of concern", "retracted"):
        assert re.search(rf'<span class="facet-label">{label}.{{0,60}}</span> <span class="count">1<', body), label


def test_a_verdict_that_is_taken_back_shows_again(client, erin):
    study = a_public_study()
    notice = a_notice(study=study)
    overrule(notice_id=notice.pk, by=erin, reason="mistaken")
    assert "RETRACTED" not in text_of(page_of(client, study))

    take_back(notice_id=notice.pk, by=erin)

    assert "RETRACTED" in text_of(page_of(client, study))
