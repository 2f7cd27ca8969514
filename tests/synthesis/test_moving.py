"""What moves a balance or a contradiction is told once, dated, with the claims that it came by."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.synthesis import balance
from apps.synthesis.choosing import chosen
from apps.synthesis.contradicting import rebuild, take_in
from apps.synthesis.models import Move, Weighed
from apps.synthesis.moving import because
from tests.api.asking import get, problem
from tests.makers import a_notice
from tests.records.refusals import refused
from tests.synthesis.evidence import a_disease, of_cargo, says
from tests.synthesis.test_contradicting import withdrawn

pytestmark = pytest.mark.django_db


def moves(of="balance"):
    return [
        (move.curie and move.disease, move.count_before, move.count_after, move.because)
        for move in Move.objects.filter(of=of).order_by("pk")
    ]


def test_a_claim_that_is_accepted_moves_the_balance_of_its_cargo_in_its_disease():
    first = of_cargo("harm")
    take_in()
    second = of_cargo("benefit")
    take_in()

    assert moves() == [
        ("synthetic carcinoma", 0, 1, [f"{first.accession} accepted"]),
        ("synthetic carcinoma", 1, 2, [f"{second.accession} accepted"]),
    ]
    last = Move.objects.filter(of="balance").latest("pk")
    assert last.before == pytest.approx(-0.25)
    assert last.after == 0


def test_what_is_kept_is_what_the_page_of_the_balance_says():
    disease = a_disease()
    of_cargo("harm", disease=disease, models_used=["animal"])
    of_cargo("harm", disease=a_disease("narrower carcinoma", "synthetic carcinoma"))
    of_cargo("benefit", disease=disease)
    take_in()

    assert Weighed.objects.count() == 2
    for row in Weighed.objects.select_related("cargo", "disease"):
        asked = chosen({"cargo": row.cargo.accession, "disease": row.disease.curie})
        said = balance.of(asked.claims())
        assert (row.claims, row.groups, row.mean) == (said.total, said.groups, said.index.mean)


def test_a_retraction_is_told_and_its_return_too():
    claim, _ = of_cargo("harm"), of_cargo("benefit")
    take_in()
    notice = a_notice(study=claim.preparation.study)
    take_in()
    type(notice).objects.filter(pk=notice.pk).update(
        overruled_at=notice.changed_at, overruled_by=claim.author, overruled_reason="another paper"
    )
    take_in()

    last = Move.objects.order_by("-pk")
    back, gone = last.filter(of="balance")[:2]
    assert (back.count_before, back.count_after) == (1, 2)
    assert (gone.count_before, gone.count_after) == (2, 1)
    assert gone.because == [f"{claim.accession} of a retracted study"]
    assert [(each.count_before, each.count_after) for each in last.filter(of="contradiction")] == [
        (0, 2),
        (2, 0),
        (0, 2),
    ]


def test_a_claim_that_was_accepted_before_the_change_is_not_told_as_accepted():
    claim = of_cargo("harm")

    then, later = (because({claim.pk: claim.accepted_at + timedelta(seconds=by)}) for by in (-1, 1))

    assert then.of([claim.pk]) == ([f"{claim.accession} accepted"], 0)
    assert later.of([claim.pk]) == ([f"{claim.accession} counts as its record says now"], 0)


def test_a_withdrawal_ends_a_balance():
    claim = of_cargo("harm")
    take_in()
    withdrawn(claim)
    take_in()

    assert moves()[-1] == ("synthetic carcinoma", 1, 0, [f"{claim.accession} withdrawn"])
    assert Move.objects.latest("pk").after is None
    assert not Weighed.objects.exists()


def test_nothing_is_told_twice():
    of_cargo("harm")
    of_cargo("benefit")
    take_in()
    before = Move.objects.count()

    take_in()
    rebuild()

    assert Move.objects.count() == before


def test_what_changes_no_number_is_no_news():
    claim = of_cargo("harm")
    take_in()
    type(claim.preparation).objects.filter(pk=claim.preparation_id).update(loading="")
    take_in()

    assert len(moves()) == 1


def test_a_claim_without_a_cargo_moves_no_kept_balance():
    says("harm", source={"category": "mesenchymal_stem_cell"})
    take_in()

    assert moves() == []


def test_many_claims_are_named_five_at_most():
    for _ in range(7):
        of_cargo("harm")
    take_in()

    move = Move.objects.get(of="balance")
    assert (len(move.because), move.more) == (5, 2)


def test_weighing_costs_the_same_for_any_number_of_claims(django_assert_max_num_queries):
    for _ in range(12):
        of_cargo("harm", cargo="miR-96")
    with django_assert_max_num_queries(30):
        take_in()


@pytest.fixture
def told():
    """A balance that moved twice, and a contradiction."""
    of_cargo("harm")
    take_in()
    of_cargo("benefit")
    take_in()


def test_the_page_tells_them_the_newest_first(told):
    text = Client().get("/synthesis/changes/").content.decode()

    assert "Balance of miR-21 in synthetic carcinoma" in text
    assert "from −0.25 to 0.00" in text
    assert "Contradiction: miR-21 in synthetic carcinoma: tumour progression" in text
    assert "accepted</span>" in text
    only = Client().get("/synthesis/changes/?of=contradiction").content.decode()
    assert "Balance of miR-21" not in only


def test_as_of_a_day_is_what_had_moved_by_its_end(told):
    today = timezone.now().date()
    yesterday = today - timedelta(days=1)

    assert get("changes/", as_of=today.isoformat())["count"] == 3
    assert get("changes/", as_of=yesterday.isoformat())["count"] == 0
    assert "Nothing" in Client().get(f"/synthesis/changes/?as_of={yesterday}").content.decode()
    assert "is no day" in Client().get("/synthesis/changes/?as_of=soon").content.decode()
    assert problem("changes/", 400, as_of="soon")["errors"][0]["field"] == "as_of"


def test_programs_read_the_same(told):
    rows = get("changes/", of="balance")["results"]

    assert [(row["before"], row["after"], row["count_before"], row["count_after"]) for row in rows] == [
        (-0.25, 0.0, 1, 2),
        (None, -0.25, 0, 1),
    ]
    accession = rows[0]["cargo"]
    assert get("changes/", cargo=accession)["count"] == 3
    assert get("changes/", cargo="EXCG9999999")["count"] == 0
    assert get("changes/", disease=rows[0]["curie"])["count"] == 3


def test_the_feed_has_them_in_sentences(told):
    answer = Client().get("/synthesis/changes/feed/?of=balance")

    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    text = answer.content.decode()
    assert "<title>Balance of miR-21 in synthetic carcinoma moved from −0.25 to 0.00</title>" in text
    assert text.count("<entry>") == 2
    assert "accepted" in text


def test_the_page_of_a_balance_leads_to_how_it_moved(told):
    text = Client().get("/synthesis/balance/?cargo=miR-21&disease=synthetic+carcinoma").content.decode()

    assert "/synthesis/changes/?cargo=EXCG" in text


@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("address", ["/synthesis/changes/", "/synthesis/changes/feed/", "/api/v1/changes/"])
def test_a_list_costs_the_same_for_any_number(address, rows, django_assert_max_num_queries):
    for number in range(rows):
        Move.objects.create(of="balance", key=f"k{number}", subject="miR-21", count_before=0, count_after=1, after=0)

    with django_assert_max_num_queries(4):
        assert Client().get(address).status_code == 200


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("weighed_mean_is_index", "mean = 2"),
        ("weighed_takes_a_claim", "claims = 0"),
    ],
)
def test_a_kept_balance_is_well_formed(told, rule, change):
    refused(rule, f"UPDATE synthesis_weighed SET {change}")


def test_a_balance_is_kept_once(told):
    refused(
        "weighed_once",
        "INSERT INTO synthesis_weighed (cargo_id, disease_id, claims, groups, mean) "
        "SELECT cargo_id, disease_id, 1, 1, 0 FROM synthesis_weighed",
    )


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("move_of_known", "'weather', 'k', 's', 0, 1, NULL, 0.5"),
        ("move_has_subject", "'balance', 'k', ' ', 0, 1, NULL, 0.5"),
        ("move_moves", "'balance', 'k', 's', 1, 1, 0.5, 0.5"),
        ("move_from_nothing_has_no_number", "'balance', 'k', 's', 0, 1, 0.5, 0.5"),
        ("move_to_nothing_has_no_number", "'balance', 'k', 's', 1, 0, 0.5, 0.5"),
    ],
)
def test_a_move_is_well_formed(rule, values):
    refused(
        rule,
        "INSERT INTO synthesis_move (of, key, subject, count_before, count_after, before, after, "
        f"cargo, disease, curie, because, more) VALUES ({values}, '', '', '', '{{}}', 0)",
    )


def test_what_has_moved_is_kept_as_it_was(told):
    refused("move_not_changed", "UPDATE synthesis_move SET after = 0.9")
    refused("move_not_deleted", "DELETE FROM synthesis_move")
