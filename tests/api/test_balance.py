"""The balance for programs: of the claims that the filters of their list leave."""

import pytest
from django.test import Client

from apps.claims.models import Claim
from apps.synthesis import balance
from tests.api.asking import get, problem
from tests.makers import a_cargo, a_claim, a_preparation, a_study

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def evidence():
    for edge, cargo in (("harm", "miR-21"), ("benefit", "miR-21"), ("benefit", "miR-155")):
        a_claim(edge=edge, cargo=a_cargo(cargo), preparation=a_preparation(study=a_study(authors=[])))
    gone = a_preparation(study=a_study(status="retracted"))
    a_claim(edge="harm", effect="no_effect", cargo=a_cargo("miR-21"), preparation=gone)


def test_it_is_the_balance_of_the_set():
    told = get("balance/", cargo="miR-21")

    found = balance.of(Claim.objects.filter(cargo__name="miR-21"))
    assert told["counts"] == found.counts == {"harm": 1, "mixed": 0, "no_effect": 0, "neutral": 0, "benefit": 1}
    assert (told["count"], told["studies"], told["groups"]) == (2, 2, 2)
    assert told["index"] == {
        "mean": found.index.mean,
        "low": found.index.low,
        "high": found.index.high,
        "as_counted": 0,
    }
    assert told["levels"] == [{"level": "E", "weight": 1, "counts": found.counts}]
    assert told["shares"]["in_vitro"] == {"count": 2, "of": 2, "share": 1}
    assert told["shares"]["poorly_reported"] == {"count": 0, "of": 0, "share": None}
    assert told["without"]["claims"] == 1
    assert told["without"]["moves"] == told["without"]["index"]["mean"] - told["index"]["mean"]
    assert told["retracted"] == {"harm": 1}


@pytest.mark.parametrize(
    "asked", [{}, {"edge": "benefit"}, {"q": "synthetic"}, {"cargo": "miR-155", "retracted": "false"}]
)
def test_the_claims_behind_it_are_named_by_their_address(asked):
    told = get("balance/", **asked)

    listed = Client().get(told["claims"]).json()
    assert told["count"] + sum(told["retracted"].values()) == listed["count"]


def test_a_single_study_leaves_nothing_without_it():
    assert get("balance/", cargo="miR-155")["without"] is None


def test_an_empty_set_says_nothing():
    told = get("balance/", aspect="safety")

    assert (told["count"], told["levels"], told["without"]) == (0, [], None)
    assert told["index"]["as_counted"] is None


@pytest.mark.parametrize(
    ("name", "value"), [("ordering", "level"), ("page", "2"), ("cargoes", "miR-21"), ("edge", "x")]
)
def test_what_it_can_not_take_is_refused(name, value):
    assert problem("balance/", 400, **{name: value})["errors"][0]["field"] == name


def test_its_parameters_are_described():
    (path,) = [path for path in get("openapi.json")["paths"] if path.endswith("/balance/")]

    described = {each["name"] for each in get("openapi.json")["paths"][path]["get"]["parameters"]}
    assert {"cargo", "disease", "edge", "q"} <= described
    assert "ordering" not in described
