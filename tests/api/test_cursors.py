"""Who pages through a list while evidence comes and goes meets each record that stays, and none twice."""

import random
from datetime import date
from itertools import count

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.api import reads
from apps.api.cursors import Order, Place
from apps.claims import search, workflow
from apps.claims.models import Claim
from apps.studies.models import Notice
from apps.synthesis.models import Contradiction
from tests.api.asking import found, get, pages, problem
from tests.makers import a_cargo, a_claim, a_merge, a_notice, a_preparation, a_study, a_user, an_interest

pytestmark = pytest.mark.django_db

numbers = count(1)
ORDERS = {
    "claims": ["", "accepted", "-accepted", "year", "-year", "level", "-level,year", "accession", "-accession"],
    "studies": ["", "year", "-year", "title", "-title", "accession", "-accession"],
    "cargos": ["", "name", "-name", "kind", "-accession"],
    "sources": ["", "-name", "category"],
    "preparations": ["", "-accession", "year"],
}


def an_editor():
    erin = a_user(f"erin-{next(numbers)}", "editor")
    an_interest(erin)
    return erin


def rows_of(page):
    return [row["accession"] for row in page["results"]]


def follow(address):
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(("kind", "ordering"), [(kind, each) for kind, orders in ORDERS.items() for each in orders])
def test_pages_by_cursor_hold_what_one_page_holds_both_ways(kind, ordering):
    for number in range(7):
        made = a_preparation(study=a_study(year=2015 + number % 3))
        a_claim(preparation=made, cargo=a_cargo(f"miR-{number}", "miRNA" if number % 2 else "protein"))
    asked = {"ordering": ordering} if ordering else {}
    whole = found(f"{kind}/", **asked)

    walked = list(pages(f"{kind}/", page_size=2, **asked))

    assert [row for page in walked for row in rows_of(page)] == whole
    back, page = list(reversed(rows_of(walked[-1]))), walked[-1]
    while page["previous"]:
        page = follow(page["previous"])
        back += reversed(rows_of(page))
    assert back[::-1] == whole


@pytest.mark.parametrize("ordering", ["dated", "-dated", "-changed", "first_seen"])
def test_records_without_a_date_have_their_place(ordering):
    study = a_claim().preparation.study
    for day in (None, date(2025, 1, 1), None, date(2024, 5, 5), date(2025, 1, 1), None):
        a_notice(study=study, nature="correction", dated=day, identifier=f"10.1000/synthetic.{next(numbers)}")
    whole = [row["id"] for row in get("notices/", ordering=ordering)["results"]]

    walked = [row["id"] for page in pages("notices/", ordering=ordering, page_size=1) for row in page["results"]]

    assert walked == whole
    assert len(whole) == Notice.objects.count() == 6


def test_the_best_match_first_goes_on_where_it_ended():
    for number in range(6):
        a_claim(
            cargo=a_cargo("miR-21" if number == 3 else f"miR-{number}00"),
            statement=f"Synthetic miR-21 {'miR-21 ' * number}",
        )
    search.index()
    asked = {"q": "miR-21", "as": "words"}

    walked = [row for page in pages("claims/", page_size=2, **asked) for row in rows_of(page)]

    assert walked == found("claims/", **asked)
    assert len(walked) == 6


def test_a_list_of_what_is_derived_goes_on_too():
    assert get("contradictions/", page_size=1)["results"] == []
    order = Order(Contradiction.objects.ranked())
    assert [(step.field.name, step.falling) for step in order.steps] == [("rank", True), ("slug", False)]


@pytest.mark.parametrize("seed", range(12))
def test_what_was_there_throughout_is_met_once_while_evidence_comes_and_goes(seed):
    chance = random.Random(seed)
    ordering = chance.choice(ORDERS["claims"])
    size = chance.choice([1, 2, 3, 5])
    erin = an_editor()
    for number in range(9):
        a_claim(preparation=a_preparation(study=a_study(year=2015 + number % 4)), cargo=a_cargo(f"miR-{number}"))
    start = set(Claim.objects.accepted().values_list("accession", flat=True))
    gone, met = set(), []

    page = get("claims/", page_size=size, **({"ordering": ordering} if ordering else {}))
    for _ in range(60):
        met += rows_of(page)
        _disturb(chance, erin, gone)
        if not page["next"]:
            break
        page = follow(page["next"])
    else:
        pytest.fail("the list has no end")

    assert len(met) == len(set(met)), "a claim was met twice"
    assert start - gone <= set(met), "a claim that stayed was missed"


def _disturb(chance, erin, gone):
    """Somebody accepts, withdraws or merges while the list is read."""
    accepted = list(Claim.objects.accepted().select_related("cargo", "preparation"))
    match chance.choice(["accept", "withdraw", "merge", "nothing"]):
        case "accept":
            made = a_preparation(study=a_study(year=2014 + chance.randrange(6)))
            a_claim(preparation=made, cargo=a_cargo(f"let-{chance.random()}"))
        case "withdraw" if accepted:
            claim = chance.choice(accepted)
            workflow.withdraw(claim_id=claim.pk, by=erin, reason="Synthetic reason")
            gone.add(claim.accession)
        case "merge":
            cargos = list({claim.cargo for claim in accepted if claim.cargo})
            if len(cargos) > 1:
                a_merge(*chance.sample(sorted(cargos, key=lambda cargo: cargo.accession), 2))


def test_a_page_whose_claims_are_gone_leads_back_to_those_that_are_there():
    erin = an_editor()
    claims = [a_claim() for _ in range(4)]
    first = get("claims/", page_size=2, ordering="accession")
    for claim in claims[2:]:
        workflow.withdraw(claim_id=claim.pk, by=erin, reason="Synthetic reason")

    behind = follow(first["next"])

    assert (behind["results"], behind["count"], behind["next"]) == ([], 2, None)
    assert rows_of(follow(behind["previous"])) == rows_of(first)


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_a_page_far_behind_costs_what_the_first_does():
    for _ in range(12):
        a_claim()
    with CaptureQueriesContext(connection) as first:
        page = get("claims/", page_size=1)
    for _ in range(9):
        page = follow(page["next"])
    with CaptureQueriesContext(connection) as far:
        follow(page["next"])

    assert len(far) == len(first)
    assert not any("OFFSET" in query["sql"] for query in far)


def test_the_newest_claims_behind_a_place_are_found_by_their_index():
    for _ in range(3):
        a_claim()
    order = Order(reads.claims())
    (first, *_) = order.page(1)
    behind = order.listed.filter(order.beyond(Place(order.values(first)))).values("pk")[:50]

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = behind.explain()

    assert "claim_newest" in plan
    assert "Index Cond: (ROW(accepted_at, id) <" in plan
    assert "Sort" not in plan


# --- what is no cursor ------------------------------------------------------------------------------------------------


def test_a_cursor_is_of_its_list_its_filters_and_its_order():
    for _ in range(3):
        a_claim(edge="harm")
    cursor = get("claims/", edge="harm", page_size=1)["next"].partition("cursor=")[2].partition("&")[0]

    for path, asked in (
        ("claims/", {}),
        ("claims/", {"edge": "benefit"}),
        ("studies/", {}),
        ("claims/", {"ordering": "year"}),
    ):
        body = problem(path, 400, cursor=cursor, **asked)
        assert body["errors"][0]["field"] == "cursor"
    assert len(get("claims/", edge="harm", page_size=2, cursor=cursor.replace("%3A", ":"))["results"]) == 2


@pytest.mark.parametrize("cursor", ["", "x", "a:b", "\0", "é", "9" * 5_000, "WzFd:1"])
def test_what_is_no_cursor_is_refused(cursor):
    assert problem("claims/", 400, cursor=cursor)["errors"][0]["field"] == "cursor"


def test_a_cursor_and_a_number_are_one_too_many():
    for _ in range(3):
        a_claim()
    address = get("claims/", page_size=1)["next"]

    answer = Client().get(f"{address}&page=2")
    assert answer.status_code == 400
    assert Client().get(f"{address}&cursor=x").status_code == 400


def test_a_page_by_number_leads_on_by_cursor():
    for _ in range(5):
        a_claim()
    whole = found("claims/")

    second = get("claims/", page=2, page_size=2)

    assert rows_of(second) == whole[2:4]
    assert rows_of(follow(second["next"])) == whole[4:]
    assert rows_of(follow(second["previous"])) == whole[:2]
    assert get("claims/", page=1, page_size=2)["previous"] is None


def test_the_same_page_has_the_same_address_each_time():
    for _ in range(3):
        a_claim()

    assert get("claims/", page_size=1)["next"] == get("claims/", page_size=1)["next"]
