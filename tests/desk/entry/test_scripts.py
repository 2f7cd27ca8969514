"""What the scripts of entry ask, and input that outlives a session."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from apps.claims.levels import assess
from apps.claims.models import Claim
from apps.curation.models import Autosave
from apps.people.models import Role
from apps.terms.models import Synonym
from apps.vesicles.models import CargoSynonym, CargoXref
from tests.desk.entry.sending import controls, filled_in, told
from tests.desk.entry.test_claims import WHOLE
from tests.makers import a_cargo, a_name, a_preparation, a_source, a_study, a_term, a_user, signed_in

pytestmark = pytest.mark.django_db
SUGGEST, LEVEL, KEEP = "/admin/entry/suggest/", "/admin/entry/level/", "/admin/entry/autosave/"


def offered(client, what, typed, **more):
    results = client.get(SUGGEST, {"what": what, "q": typed, **more}).json()["results"]
    return [(each["text"], each["choice"], each["detail"]) for each in results]


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_terms_are_offered_by_label_synonym_and_curie_with_their_parents(client, alice):
    above = a_term("DOID:1", "stomach disease")
    term = a_term("DOID:10534", "stomach cancer", parents=(above,))
    Synonym.objects.create(term=term, text="gastric cancer", key="gastric cancer")
    written = ("as-written", "goes to the vocabulary work list")

    assert offered(client, "disease", "stomach c") == [
        ("stomach cancer", "DOID:10534", "under stomach disease"),
        ("stomach c", *written),
    ]
    assert offered(client, "disease", "Gastric")[0] == (
        "stomach cancer",
        "DOID:10534",
        "also gastric cancer · under stomach disease",
    )
    assert offered(client, "disease", "doid:10534")[0][1] == "DOID:10534"
    assert offered(client, "tissue", "stomach") == [("stomach", *written)], "no disease is a tissue"


def test_the_nearest_comes_first(client, alice):
    for number, label in enumerate(["early stomach cancer", "stomach cancer", "stomach cancer of the made-up kind"]):
        a_term(f"DOID:{number}", label)

    assert [text for text, choice, _ in offered(client, "disease", "stomach cancer") if choice != "as-written"] == [
        "stomach cancer",
        "stomach cancer of the made-up kind",
        "early stomach cancer",
    ]


def test_names_that_were_written_before_are_offered_with_what_they_mean(client, alice):
    a_name("recipient", "synthetic gastric cells", (a_term("CL:1", "epithelial cell", "cell_type"),))

    assert offered(client, "recipient", "gastric")[0] == (
        "synthetic gastric cells",
        "",
        "used before · epithelial cell (CL:1)",
    )


def test_cargos_are_offered_by_name_synonym_and_cross_reference(client, alice):
    cargo = a_cargo("miR-21-5p")
    CargoSynonym.objects.create(cargo=cargo, text="oncomir 21")
    CargoXref.objects.create(cargo=cargo, curie="mirbase:MIMAT0000076")

    assert offered(client, "cargo", "mir 21")[0] == ("miR-21-5p", "miRNA", "mirbase:MIMAT0000076")
    assert offered(client, "cargo", "ONCOMIR")[0] == ("miR-21-5p", "miRNA", "also oncomir 21 · mirbase:MIMAT0000076")
    assert offered(client, "cargo", "mirbase:MIMAT0000076")[0][0] == "miR-21-5p"
    assert offered(client, "cargo", "new one") == [("new one", "", "a new cargo: choose its kind")]


def test_sources_are_offered_and_before_anything_is_typed_those_of_the_study(client, alice):
    study, source = a_study(), a_source(name="synthetic stem cells")
    a_preparation(study=study, source=source)
    for record in (study, source):
        record.refresh_from_db()
    text = f"synthetic stem cells · {source.accession}"

    assert offered(client, "source", "", study=study.accession)[0][0] == text
    assert offered(client, "source", "STEM")[0][0] == text
    assert offered(client, "source", source.accession.lower())[0][0] == text
    assert offered(client, "source", "") == []


@pytest.mark.parametrize("what", ["disease", "target", "recipient", "cargo", "source"])
def test_a_menu_is_bounded_and_costs_the_same_whatever_it_finds(client, alice, what, django_assert_max_num_queries):
    counts = []
    for number in (1, 25):
        for _ in range(number):
            at = a_cargo(f"synthetic {CargoSynonym.objects.count()}").pk
            CargoSynonym.objects.create(cargo_id=at, text=f"synthetic other {at}")
            a_source(name=f"synthetic {at}")
            for kind, vocabulary in (("disease", "disease"), ("target", "molecule"), ("recipient", "cell_type")):
                a_term(f"{vocabulary}:{at}", f"synthetic {at}", vocabulary)
                a_name(kind, f"synthetic word {at}")
        with django_assert_max_num_queries(12) as queries:
            assert len(offered(client, what, "synthetic")) <= 11
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "\0", "'; DROP TABLE", "é" * 400, "   ", "💊", "(((", "DOID:"])
@pytest.mark.parametrize("what", ["disease", "cargo", "source", "nonsense", ""])
def test_odd_input_finds_nothing_and_breaks_nothing(client, alice, what, typed):
    a_term("DOID:1", "stomach cancer")

    assert not [each for each in offered(client, what, typed) if each[1] not in ("", "as-written")]


# --- the level --------------------------------------------------------------------------------------------------------


def test_the_level_is_the_rules_own(client, alice):
    for models, kind, validation in (
        (["patient_samples"], "primary", "shown"),
        (["patient_samples"], "meta_analysis", "not_curated"),
        (["in_vitro", "animal"], "primary", "not_curated"),
        (["in_vitro"], "primary", "not_curated"),
    ):
        found = client.get(LEVEL, {"models_used": models, "kind": kind, "validation": validation}).json()
        rule = assess(models=models, study_kind=kind, validation=validation)
        assert (found["level"], found["reason"]) == (rule.level, rule.reason)
    assert client.get(LEVEL, {"models_used": "nonsense"}).json()["level"] == ""


# --- input that is not saved ------------------------------------------------------------------------------------------


@pytest.fixture
def add(client, alice):
    study = a_study()
    a_preparation(study=study, key="p1")
    study.refresh_from_db()
    return reverse("admin:entry-claim-add", args=[study.accession])


def keep(client, form, pairs, **more):
    return client.post(KEEP, json.dumps({"form": form, "pairs": pairs}), content_type="application/json", **more)


def test_input_is_offered_back_restored_and_forgotten_when_it_is_saved(client, alice, add):
    sent = filled_in(client.get(add), **WHOLE)
    pairs = [[name, value] for name, values in sent.items() for value in values]
    assert keep(client, add, pairs).json()["saved_at"].endswith("UTC")

    assert "You have unsaved input of" in told(client.get(add))
    restored = client.get(add, {"restore": "1"})
    assert typed(controls(restored)) == typed(sent)
    assert "errornote" not in told(restored)

    client.post(add, controls(restored))
    assert Claim.objects.get().outcome == "cisplatin resistance"
    assert not Autosave.objects.exists()


def typed(sent):
    """What was typed, without empty rows."""
    filled = {name: [value for value in values if value] for name, values in sent.items() if name[:4] != "csrf"}
    return {name: values for name, values in filled.items() if values}


def test_input_is_discarded_when_its_person_says_so(client, alice, add):
    keep(client, add, [["statement", "half a sentence"]])

    client.post(reverse("admin:entry-discard"), {"form": add})

    assert "unsaved input" not in told(client.get(add))


def test_nobody_sees_the_input_of_another(client, alice, add):
    keep(client, add, [["statement", "half a sentence"]])
    signed_in(client, a_user("bob"))

    assert "half a sentence" not in told(client.get(add, {"restore": "1"}))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("[]", 400),
        ('{"form": 1, "pairs": []}', 400),
        ('{"form": "https://elsewhere/", "pairs": []}', 400),
        ('{"form": "/a/", "pairs": "text"}', 400),
        (json.dumps({"form": "/a/", "pairs": [["a", "x" * 300_000]]}), 413),
    ],
)
def test_what_is_no_input_is_not_kept(client, alice, body, status):
    assert client.post(KEEP, body, content_type="application/json").status_code == status
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("address", [SUGGEST, LEVEL, "/admin/entry/alive/"])
@pytest.mark.parametrize("role", [None, Role.READER])
def test_scripts_are_told_that_the_session_has_ended(client, address, role):
    if role:
        signed_in(client, a_user("charlie", role=role))
    assert client.get(address).status_code == 401
    assert keep(client, "/a/", []).status_code == 401


# --- a session that ended ---------------------------------------------------------------------------------------------


def test_a_form_sent_without_a_session_comes_back_whole_and_is_saved_after_signing_in(alice, add):
    browser = Client(enforce_csrf_checks=True)
    signed_in(browser, alice)
    sent = filled_in(browser.get(add), **WHOLE)
    browser.cookies.pop("sessionid")

    held = browser.post(add, sent)
    assert held.status_code == 401
    assert "What you typed is not lost" in told(held)
    assert "Synthetic vesicles made synthetic cells resist cisplatin." in told(held)
    assert not Claim.objects.exists()

    signed_in(browser, alice)
    browser.get(reverse("admin:entry-signed-in"))
    pairs = held.context["pairs"]
    again = {name: [value for key, value in pairs if key == name] for name, _ in pairs}
    again["csrfmiddlewaretoken"] = ["x" * 64]  # signing in gave the session another token
    shown = browser.post(add, again)
    assert "You signed in meanwhile" in told(shown)
    assert not Claim.objects.exists()

    assert browser.post(add, controls(shown)).status_code == 302
    assert Claim.objects.get().statement == WHOLE["statement"]


@pytest.mark.parametrize("name", ["entry-discard", "entry", "entry-study-add"])
def test_nothing_is_done_for_a_form_of_another_site(alice, name, add):
    browser = Client(enforce_csrf_checks=True)
    signed_in(browser, alice)
    Autosave.objects.create(person=alice, form=add, payload=[])

    browser.post(reverse(f"admin:{name}"), {"form": add, "identifier": "123", "title": "x", "pmid": "1"})

    assert Autosave.objects.exists()
    assert not Claim.objects.exists()
    assert keep(browser, add, [["a", "b"]]).status_code == 403


def test_no_act_is_done_for_a_form_of_another_site(alice, add, client):
    client.post(add, filled_in(client.get(add), **WHOLE))
    claim = Claim.objects.get()
    browser = Client(enforce_csrf_checks=True)
    signed_in(browser, alice)
    where = (claim.preparation.study.accession, claim.accession, claim.version)

    for act in ("submit", "discard-draft"):
        browser.post(reverse(f"admin:entry-{act}", args=where))

    claim.refresh_from_db()
    assert claim.state == "draft"


# --- the guide --------------------------------------------------------------------------------------------------------


def test_the_guide_has_the_section_that_each_form_links_to(client, alice):
    from apps.desk.entry.claims import ClaimForm
    from apps.desk.entry.forms import EntryForm, PreparationForm, StudyForm

    page = client.get(reverse("admin:guide")).content.decode()

    for form in (EntryForm, StudyForm, PreparationForm, ClaimForm):
        assert f'id="{form.guide}"' in page
