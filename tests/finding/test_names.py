"""Names of accepted evidence: gathered, kept up to date, and offered while somebody types."""

from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import connection

from apps.finding import names, suggesting
from apps.finding.models import KnownName, NameKey
from apps.finding.suggesting import suggest
from apps.terms.models import Synonym
from apps.vesicles.models import CargoMember, CargoSynonym, CargoXref
from tests.api.asking import get, problem
from tests.makers import a_cargo, a_claim, a_name, a_preparation, a_source, a_study, a_term
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence():
    cancer = a_term("DOID:162", "cancer")
    stomach = a_term("DOID:10534", "stomach cancer", parents=(cancer,))
    Synonym.objects.create(term=stomach, text="gastric cancer", key="gastric cancer")
    colon = a_term("DOID:219", "colon cancer", parents=(cancer,))
    cisplatin = a_term("CHEBI:27899", "cisplatin", "therapy")
    molecule = a_term("HGNC:17635", "CD274", "molecule")
    Synonym.objects.create(term=molecule, text="B7-H1", key="b7 h1")
    pdl1 = a_cargo("PD-L1", kind="protein")
    CargoXref.objects.create(cargo=pdl1, curie="HGNC:17635", relation="gene")
    CargoSynonym.objects.create(cargo=pdl1, text="TGF-β-like synonym")
    panel = a_cargo("synthetic panel")
    CargoMember.objects.create(panel=panel, member=a_cargo("miR-21"))
    study = a_study(title="Synthetic zebras", authors=["Okapi Z"])
    made = a_preparation(study=study, source=a_source(name="gibbon fibroblasts", category="fibroblast"))
    gastric = a_name("disease", "gastric cancer", (stomach,))
    drug = a_name("therapy", "CDDP", (cisplatin,))
    claims = [
        a_claim(cargo=a_cargo("miR-21"), disease=gastric, therapies=(drug,), preparation=made),
        a_claim(cargo=a_cargo("miR-21-5p"), disease=gastric, preparation=made),
        a_claim(cargo=pdl1, disease=a_name("disease", "colon cancer", (colon,))),
        a_claim(cargo=panel, disease="synthetic disease"),
    ]
    a_claim(cargo=a_cargo("miR-2110"), state="draft")
    names.refresh()
    return claims


def offered(typed):
    rest, found = suggest(typed)
    return rest, [(each.field, each.label, each.claims) for each in found]


@pytest.mark.parametrize("typed", ["miR-21", "mir 21", "MIR21", "hsa-miR-21", "microRNA-21", "miR‑21"])
def test_a_microrna_is_offered_in_every_spelling(evidence, typed):
    assert offered(typed) == ("", [("cargo", "miR-21", 1), ("cargo", "miR-21-5p", 1), ("cargo", "synthetic panel", 1)])


@pytest.mark.parametrize("typed", ["PDL1", "PD-L1", "pd l1", "CD274", "cd27", "B7-H1", "b7h"])
def test_a_cargo_is_offered_by_its_molecules_names(evidence, typed):
    assert offered(typed) == ("", [("cargo", "PD-L1", 1)])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("gastric", ("disease", "stomach cancer", 2)),
        ("stomach tumour", ("disease", "stomach cancer", 2)),
        ("colon tumor", ("disease", "colon cancer", 1)),
        ("cance", ("disease", "cancer", 3)),
        ("cispl", ("therapy", "cisplatin", 1)),
        ("gibb", ("source", "gibbon fibroblasts", 2)),
        ("fibrob", ("source_category", "fibroblast", 2)),
        ("zebr", ("study", "Okapi 2020: Synthetic zebras", 2)),
        ("okapi", ("study", "Okapi 2020: Synthetic zebras", 2)),
    ],
)
def test_names_are_offered_by_the_beginnings_of_their_words_with_their_claims(evidence, typed, expected):
    assert expected in offered(typed)[1]


@pytest.mark.parametrize("typed", ["cisplatn", "cysplatin", "cisplattin"])
def test_a_slip_is_forgiven(evidence, typed):
    assert offered(typed) == ("", [("therapy", "cisplatin", 1)])


def test_the_last_words_are_completed_and_the_others_stay(evidence):
    assert offered("miR-21 cispl") == ("miR-21", [("therapy", "cisplatin", 1)])
    assert offered("zzzz miR-21 stomach can")[0] == "zzzz miR-21"


@pytest.mark.parametrize(
    "typed", ["", "m", "%", "_", "\0", "' OR 1=1 --", "zzzzzzzz", "x" * 5_000, "外泌体", "(", "\U0001f9a0"]
)
def test_whatever_is_typed_is_answered(evidence, typed):
    assert offered(typed) == ("", [])


def test_every_suggestion_finds_the_claims_that_it_says(evidence):
    for typed in ("mir21", "cancer", "cispl", "gibbon", "fibro", "zebras", "pdl1"):
        for each in suggest(typed)[1]:
            assert get("claims/", **{each.field: each.value})["count"] == each.claims, each


def test_names_follow_the_evidence(evidence):
    a_claim(cargo=a_cargo("miR-21"), disease="synthetic disease")
    run("UPDATE vesicles_cargo SET name = 'miR-22' WHERE name = 'miR-21-5p'")

    assert names.refresh() > 0
    assert ("cargo", "miR-21", 2) in offered("miR-21")[1]
    assert ("cargo", "miR-22", 1) in offered("miR-22")[1]
    assert ("cargo", "miR-21-5p", 1) not in offered("miR-21")[1]
    assert names.refresh() == 0


def test_what_is_known_no_longer_goes(evidence):
    KnownName.objects.create(field="cargo", value="EXCG9999999", label="gone", claims=1, texts="gone")

    assert names.refresh() == 1
    assert not KnownName.objects.filter(value="EXCG9999999").exists()


@pytest.mark.parametrize("more", [0, 20])
def test_gathering_costs_the_same_for_any_number_of_names(evidence, django_assert_max_num_queries, more):
    for number in range(more):
        a_claim(cargo=a_cargo(f"miR-{number + 500}"), therapies=(f"drug {number}",))
    with django_assert_max_num_queries(19):
        names.gathered()


def test_suggestions_cost_a_query_or_few(evidence, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        suggest("miR-21")
    with django_assert_max_num_queries(6):
        suggest("nothing begins like this at all")


def test_the_api_says_what_to_ask_next(evidence):
    body = get("suggest/", q="miR-21 cispl")

    assert body == {
        "rest": "miR-21",
        "suggestions": [
            {
                "group": "therapies",
                "field": "therapy",
                "value": "CHEBI:27899",
                "name": "cisplatin",
                "through": "",
                "claims": 1,
            }
        ],
    }
    assert get("suggest/", q="\0")["suggestions"] == []
    assert "q is missing" in problem("suggest/", 400)["errors"][0]["message"]
    problem("suggest/", 400, query="miR-21")


def test_of_a_beginning_that_very_many_share_the_most_claimed_are_offered(evidence, monkeypatch):
    expected = offered("miR-2"), offered("c"), offered("ca")
    monkeypatch.setattr(suggesting, "DENSE", 1)

    assert (offered("miR-2"), offered("c"), offered("ca")) == expected
    monkeypatch.setattr(suggesting, "TAKEN", 1)
    assert offered("ca") == ("", [("disease", "cancer", 3)])


def test_a_name_is_known_once(evidence):
    name = KnownName.objects.get(field="therapy")
    refused(
        "known_name_once",
        "INSERT INTO finding_knownname (field, value, label, claims, texts) "
        "VALUES ('therapy', 'CHEBI:27899', 'x', 1, 'x')",
    )
    refused(
        "name_key_once",
        "INSERT INTO finding_namekey (name_id, key, text, whole) VALUES (%s, 'cisplatin', 'cisplatin', true)",
        [name.pk],
    )
    assert NameKey.objects.filter(name=name).exists()


def test_a_beginning_is_looked_up_by_the_index(evidence):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT 1 FROM finding_namekey WHERE key >= 'mir' AND key < 'mis'")
        assert "name_key_by_key" in str(cursor.fetchall())


def test_a_long_refresh_is_followed_by_a_long_rest(monkeypatch):
    cache.clear()
    monkeypatch.setattr(names, "_WRITTEN_SO_FAR", "SELECT concat(clock_timestamp(), %s::text)")
    now = iter([100.0, 130.0, 131.0, 399.0, 401.0, 402.0, 403.0])
    monkeypatch.setattr(names, "time", SimpleNamespace(time=lambda: next(now)))
    a_claim(cargo=a_cargo("miR-21"))

    assert names.refresh_if_changed() > 0, "from 100 to 130"
    a_claim(cargo=a_cargo("miR-96"))
    assert names.refresh_if_changed() == 0, "at 131: it rests"
    assert names.refresh_if_changed() == 0, "at 399: it still does"
    assert names.refresh_if_changed() > 0, "at 401"
