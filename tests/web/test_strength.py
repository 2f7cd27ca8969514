"""How strong propositions are, on pages and in the API."""

import pytest
from django.test import Client

from tests.api.asking import get, problem
from tests.synthesis.evidence import of_cargo

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    return of_cargo("harm", transfer_shown="shown")


def page(address, **asked):
    answer = Client().get(address, asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_its_page_names_what_is_there_with_the_claims_and_what_is_missing(claim):
    text = page("/synthesis/strength/", cargo="miR-21", disease="synthetic carcinoma")

    assert "Tumour progression: harms" in text
    assert '<tr class="step-there"><th scope="row">Transfer to the recipient</th><td>there: 1 claim</td>' in text
    assert f'<a class="acc" href="{claim.get_absolute_url()}">' in text
    assert "missing: no claim" in text
    assert "1 group: a second is missing" in text


def test_it_says_what_to_name_and_what_is_not_known(claim):
    assert "Name one disease, and one of these" in page("/synthesis/strength/")
    assert "No cargo is known here as “miR-9999”" in page("/synthesis/strength/", cargo="miR-9999", disease="x")
    empty = page("/synthesis/strength/", cargo="miR-21", disease="synthetic carcinoma", question="safety")
    assert "No claim that counts says this." in empty
    assert page("/synthesis/strength/", cargo="a\0", question="\0")


def test_the_page_of_a_claim_and_of_a_balance_tell_it_too(claim):
    own = page(claim.get_absolute_url())
    balance = page("/synthesis/balance/", cargo="miR-21", disease="synthetic carcinoma")

    assert "How strong the proposition is" in own
    address = "?cargo=miR-21&amp;disease=synthetic+carcinoma&amp;question=progression&amp;says=harm"
    assert f'<a href="/synthesis/strength/{address}">' in balance
    assert "What is said, and how strong it is" not in page("/synthesis/balance/", cargo="miR-21")


def test_programs_read_the_same(claim):
    told = get("propositions/", cargo="miR-21", disease="synthetic carcinoma")

    assert told["count"] == 1
    (found,) = told["results"]
    assert (found["question"], found["says"], found["count"]) == ("progression", "harm", 1)
    step = next(each for each in found["steps"] if each["key"] == "transfer_shown")
    assert step == {
        "key": "transfer_shown",
        "title": "transfer to the recipient",
        "stands": "there",
        "count": 1,
        "claims": [claim.accession],
    }
    assert get("propositions/", cargo="miR-21", disease="synthetic carcinoma", says="benefit")["count"] == 0


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "disease"),
        ({"disease": "synthetic carcinoma"}, "cargo"),
        ({"disease": "nowhere", "cargo": "miR-21"}, "disease"),
        ({"disease": "synthetic carcinoma", "cargo": "miR-21", "says": "maybe"}, "says"),
        ({"disease": "synthetic carcinoma", "cargo": "miR-21", "question": "weather"}, "question"),
    ],
)
def test_programs_are_told_what_is_wrong(claim, asked, field):
    assert problem("propositions/", 400, **asked)["errors"][0]["field"] == field
