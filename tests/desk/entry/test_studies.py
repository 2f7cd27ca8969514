"""A study is entered by its identifier, or by hand, and never twice."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from apps.claims.models import Claim
from apps.people.models import Role
from apps.studies.models import Study
from tests.citations.server import Fault, Server, Store
from tests.desk.entry.sending import controls, filled_in, told
from tests.makers import a_claim, a_preparation, a_study, a_user, signed_in

pytestmark = pytest.mark.django_db
START, ADD = "/admin/entry/", "/admin/entry/add/"


@pytest.fixture
def services(settings):
    with Server(Store(20)) as server:
        settings.CITATION_SERVICES = {
            name: {**one, "base_url": server.url(name), "requests_per_second": 1000.0}
            for name, one in settings.CITATION_SERVICES.items()
        }
        settings.LOOKUP_TIMEOUT = 0.5
        yield server


def screen_of(study):
    study.refresh_from_db()
    return reverse("admin:entry-study", args=[study.accession])


def test_a_study_that_is_here_opens_at_once_and_nobody_is_asked(client, alice, services):
    study = a_study(doi="10.9999/synthetic.5")

    answer = client.post(START, {"identifier": "https://doi.org/10.9999/SYNTHETIC.5"})

    assert answer.url == screen_of(study)
    assert "in ExoDB already" in str(next(iter(get_messages(answer.wsgi_request))))
    assert services.statistics()["europepmc"]["requests"] == 0


def test_a_study_that_is_here_by_another_identifier_is_known_when_the_service_tells(client, alice, services):
    study = a_study(pmid="900000005")

    assert client.post(START, {"identifier": "10.9999/synthetic.5"}).url == screen_of(study)


def test_a_new_study_is_filled_in_and_saved(client, alice, services):
    page = client.post(START, {"identifier": "10.9999/synthetic.5"})
    assert "Filled in from Europe PMC" in told(page)
    sent = filled_in(page, journal="Journal of Synthetic Results", year="2021", kind="primary", depth="full_text")
    assert (sent["title"], sent["pmid"], sent["pmcid"]) == (["A synthetic study"], ["900000005"], ["PMC900000005"])

    answer = client.post(ADD, sent)
    assert answer.status_code == 302, answer.context["form"].errors

    study = Study.objects.get()
    assert (study.doi, study.pmid, study.title) == ("10.9999/synthetic.5", "900000005", "A synthetic study")
    assert study.pages_read == ["https://doi.org/10.9999/synthetic.5"]
    assert answer.url.startswith(reverse("admin:entry-preparation-add", args=[study.accession]))
    assert study.events.get().pgh_context["user"] == alice.pk


def test_where_nobody_answers_the_form_opens_by_hand_with_the_identifier(client, alice, services):
    services.misbehave(Fault("hang-up"))

    page = client.post(START, {"identifier": "10.9999/synthetic.5"})

    assert page.status_code == 200
    assert "Europe PMC can't be reached" in told(page)
    assert "Crossref can't be reached" in told(page)
    assert controls(page)["doi"] == ["10.9999/synthetic.5"]


def test_a_trial_is_entered_by_hand_with_its_number(client, alice):
    page = client.post(START, {"identifier": "https://clinicaltrials.gov/study/NCT03235687"})

    assert "entered by hand" in told(page)
    assert controls(page)["nct"] == ["NCT03235687"]
    assert controls(page)["pages_read"] == ["https://clinicaltrials.gov/study/NCT03235687"]


@pytest.mark.parametrize("typed", ["", "exosomes", "' OR 1=1 --", "<script>alert(1)</script>", "\0", "x" * 5000])
def test_what_is_no_identifier_is_said_and_kept_in_the_box(client, alice, typed):
    page = client.post(START, {"identifier": typed})

    assert page.status_code == 200
    assert "identifier" in told(page)
    assert "<script>alert" not in page.content.decode()


SENT = {
    "title": "Synthetic vesicles and the made-up stomach",
    "journal": "Journal of Synthetic Results",
    "year": "2020",
    "kind": "primary",
    "authors": "Doe J\nRoe R",
    "depth": "abstract",
    "curated_on": "2026-11-01",
    "pmid": "900111222",
}


def a_sent_study(**changes):
    return SENT | changes


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pmid": ""}, "A study needs a PMID, PMCID, DOI or NCT number."),
        ({"pmid": "12x"}, "“12x” is no PMID"),
        ({"doi": "10.1"}, "“10.1” is no DOI"),
        ({"pmcid": "5482839"}, "“5482839” is no PMCID"),
        ({"nct": "NCT1"}, "“NCT1” is no NCT number"),
        ({"year": "2399"}, "2399 has not come yet."),
        ({"year": "1066"}, "year"),
        ({"curated_on": "2999-01-01"}, "2999-01-01 has not come yet"),
        ({"title": "  "}, "This field is required."),
        ({"pages_read": "javascript:alert(1)"}, "is not an address"),
        ({"kind": "poem"}, "Select a valid choice"),
    ],
)
def test_a_fault_names_field_value_and_way_out_and_nothing_is_saved(client, alice, changes, said):
    page = client.post(ADD, a_sent_study(**changes))

    assert page.status_code == 200
    assert said in told(page)
    assert "made-up stomach" in told(page) or "title" in changes
    assert not Study.objects.exists()


def test_an_identifier_belongs_to_one_study(client, alice):
    other = a_study(pmid="900111222")
    other.refresh_from_db()

    assert f"{other.accession} ({other}) has this PMID" in told(client.post(ADD, a_sent_study()))
    assert Study.objects.count() == 1


def test_a_title_that_is_nearly_the_same_is_asked_about_with_a_link(client, alice):
    twin = a_study(title="Synthetic vesicles and the made up stomach")

    page = client.post(ADD, a_sent_study())
    assert screen_of(twin) in told(page)
    assert Study.objects.count() == 1

    client.post(ADD, a_sent_study(another="on"))
    assert Study.objects.count() == 2


def facts_of(study):
    return reverse("admin:entry-facts", args=[study.accession])


def test_the_kind_of_a_study_reaches_the_levels_of_its_claims(client, alice):
    claim = a_claim(models_used=["patient_samples"], state="draft")
    study = claim.preparation.study
    study.refresh_from_db()
    page = client.get(facts_of(study))

    client.post(facts_of(study), filled_in(page, kind="meta_analysis", why="it pools nine cohorts"))

    claim = Claim.objects.get()
    study.refresh_from_db()
    assert (study.kind, claim.level) == ("meta_analysis", "B")
    assert study.events.order_by("pgh_id").last().pgh_context["reason"] == "it pools nine cohorts"


def test_what_public_claims_rest_on_is_an_editors_to_change(client, alice):
    claim = a_claim()
    study, made = claim.preparation.study, claim.preparation
    for record in (study, made):
        record.refresh_from_db()
    addresses = (facts_of(study), reverse("admin:entry-preparation", args=[study.accession, made.accession]))

    assert "an editor changes it" in told(client.get(screen_of(study)))
    for address in addresses:
        assert client.get(address).status_code == 302
        assert client.post(address, {"title": "changed", "term": "changed"}).status_code == 302
    signed_in(client, a_user("erin", role=Role.EDITOR))
    for address in addresses:
        assert client.get(address).status_code == 200
    study.refresh_from_db()
    assert study.title != "changed"


def test_two_who_change_one_study_lose_nothing(client, alice):
    study = a_study(title="Synthetic title", journal="Old Journal", year=2019)
    study.refresh_from_db()
    alices = client.get(facts_of(study))
    bob = a_user("bob")
    signed_in(client, bob)
    client.post(facts_of(study), filled_in(client.get(facts_of(study)), year="2021", journal="Bob's Journal"))
    signed_in(client, alice)

    page = client.post(facts_of(study), filled_in(alices, title="Better title", journal="Alice's Journal"))

    assert page.status_code == 409
    rows = {each.name: each for each in page.context["page"].differences}
    assert set(rows) == {"title", "journal", "year"}
    assert (rows["year"].began, rows["year"].now, rows["year"].take) == ("2019", "2021", "theirs")
    assert (rows["title"].take, rows["journal"].take) == ("mine", "mine")
    assert "bob" in page.context["page"].who
    study.refresh_from_db()
    assert study.title == "Synthetic title"

    merged = filled_in(page, take__title="mine", take__journal="mine", take__year="theirs")
    merged = {("take-" + name[6:] if name.startswith("take__") else name): value for name, value in merged.items()}
    client.post(facts_of(study), merged)

    study.refresh_from_db()
    assert (study.title, study.journal, study.year) == ("Better title", "Alice's Journal", 2021)


@pytest.mark.parametrize("address", [START, ADD, "/admin/entry/EXST0000001/", "/admin/guide/"])
def test_a_reader_and_a_stranger_stay_outside(client, address):
    assert client.get(address).status_code == 302
    signed_in(client, a_user("charlie", role=Role.READER))
    assert client.get(address).status_code == 302


def test_the_screen_costs_the_same_for_one_claim_and_for_twenty(client, alice, django_assert_max_num_queries):
    study = a_study()
    counts = []
    for number in (1, 19):
        for _ in range(number):
            a_claim(
                preparation=a_preparation(study=study),
                state="draft",
                author=alice,
                therapies=("a", "b"),
                measures=({"name": "AUC", "value": 0.9},),
            )
        with django_assert_max_num_queries(40) as queries:
            assert client.get(screen_of(study)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]
