"""Editors merge duplicates at the desk."""

import re

import pytest
from django.urls import reverse

from apps.curation.models import Merge
from apps.people.models import Role
from apps.vesicles.models import Cargo, CargoXref
from tests.makers import a_cargo, a_claim, a_merge, a_preparation, a_study, a_user, signed_in
from tests.web.test_pages import text_of

pytestmark = pytest.mark.django_db

PROPOSE, MERGES = reverse("admin:curation_merge_propose"), reverse("admin:curation_merge_changelist")


@pytest.fixture
def erin(client):
    return signed_in(client, a_user("erin", role=Role.EDITOR)) and a_user("erin")


@pytest.fixture
def pair():
    gone, into = a_cargo("miR-21 twice"), a_cargo("miR-21")
    a_claim(cargo=gone)
    for cargo in (gone, into):
        cargo.refresh_from_db()
    return gone, into


def hidden(page, name):
    return re.search(f'name="{name}" value="([^"]*)"', page.content.decode()).group(1)


def merged_at_the_desk(client, pair, reason="the same molecule, made up"):
    gone, into = pair
    page = client.get(PROPOSE, {"gone": gone.accession.lower(), "into": into.accession})
    given = {name: hidden(page, name) for name in ("gone", "into", "seen") if f'name="{name}" value' in text(page)}
    return page, client.post(PROPOSE, {**given, "reason": reason}, follow=True)


def text(page):
    return page.content.decode()


def test_a_record_leads_to_merging_it(client, erin, pair):
    page = client.get(reverse("admin:vesicles_cargo_change", args=[pair[0].pk]))

    assert f'href="{PROPOSE}?gone={pair[0].accession}"' in text(page)
    claim = reverse("admin:claims_claim_change", args=[pair[0].claims.get().pk])
    assert "Merge into" not in text(client.get(claim))


def test_an_editor_sees_what_would_move_merges_and_undoes_it(client, erin, pair):
    gone, into = pair

    page, answer = merged_at_the_desk(client, pair)

    assert "1 claim version rests on" in text_of(page)
    assert "synonym: miR-21 twice" in text_of(page)
    assert f"{gone.accession} was merged into {into.accession}." in text_of(answer)
    assert into.claims.count() == 1
    merge = Merge.objects.get()
    assert (merge.by, merge.reason) == (erin, "the same molecule, made up")
    assert gone.accession in text_of(client.get(MERGES))

    answer = client.post(reverse("admin:curation_merge_undo", args=[merge.pk]), {"reason": "two"}, follow=True)

    assert f"{gone.accession} is back" in text_of(answer)
    assert Cargo.objects.get(accession=gone.accession).claims.count() == 1
    assert "Undone by erin" in text_of(answer)


def test_conflicts_are_named_and_there_is_no_button(client, erin, pair):
    gone, into = pair
    CargoXref.objects.create(cargo=gone, curie="miRBase:MIMAT1")
    CargoXref.objects.create(cargo=into, curie="miRBase:MIMAT2")

    page = client.get(PROPOSE, {"gone": gone.accession, "into": into.accession})
    client.post(PROPOSE, {"gone": gone.accession, "into": into.accession, "reason": "made up"})

    assert "two molecules" in text_of(page)
    assert 'name="reason"' not in text(page)
    assert not Merge.objects.exists()


def test_without_the_plan_that_was_read_nothing_is_merged(client, erin, pair):
    gone, into = pair

    answer = client.post(PROPOSE, {"gone": gone.accession, "into": into.accession, "reason": "typed already"})

    assert "has changed since you looked" in text_of(answer)
    assert "typed already" in text_of(answer), "what was typed stays"
    assert not Merge.objects.exists()


def test_a_curator_looks_and_does_not_merge(client, pair):
    signed_in(client, a_user("carol", role=Role.CURATOR))
    gone, into = pair

    page = client.get(PROPOSE, {"gone": gone.accession, "into": into.accession})
    answer = client.post(PROPOSE, {"gone": gone.accession, "into": into.accession, "reason": "made up", "seen": ""})

    assert "An editor merges records" in text_of(page)
    assert "takes the role of editor" in text_of(answer)
    merge = a_merge(gone, into)
    client.post(reverse("admin:curation_merge_undo", args=[merge.pk]), {"reason": "two"})
    merge.refresh_from_db()
    assert merge.undone_at is None


@pytest.mark.parametrize("typed", ["", "EXCG9999999", "<script>alert(1)</script>", "x" * 500, "EXPR0000001", "\0"])
def test_what_is_no_record_is_said_so(client, erin, pair, typed):
    answer = client.get(PROPOSE, {"gone": typed, "into": pair[1].accession})

    assert answer.status_code == 200
    assert "<script>alert" not in text(answer)
    assert 'name="reason"' not in text(answer)


def test_nobody_comes_in_from_outside(client, pair):
    assert client.get(PROPOSE).status_code == 302
    assert client.get(MERGES).status_code == 302


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_of_merges_takes_as_many_questions_for_any_number(client, erin, django_assert_max_num_queries, rows):
    for number in range(rows):
        a_merge(a_cargo(f"made-up {number} twice"), a_cargo(f"made-up {number}"))

    with django_assert_max_num_queries(8):
        assert client.get(MERGES).status_code == 200


@pytest.mark.parametrize("claims", [1, 30])
def test_the_preview_takes_as_many_questions_for_any_number(client, erin, django_assert_max_num_queries, claims):
    gone, into = a_study(), a_study(pmid=None, doi="10.9999/synthetic.1")
    for study in (gone, into):
        study.refresh_from_db()
        for _ in range(claims):
            a_claim(preparation=a_preparation(study=study))

    with django_assert_max_num_queries(32):
        assert "What moves" in text_of(client.get(PROPOSE, {"gone": gone.accession, "into": into.accession}))
