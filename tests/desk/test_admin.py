import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from apps.citations.models import Alert, RefreshRun
from apps.claims.models import Claim, State
from apps.curation import agreement
from apps.desk.meanwhile import token
from apps.people.models import Role
from apps.studies.models import Study
from tests.makers import (
    a_cargo,
    a_claim,
    a_merge,
    a_name,
    a_notice,
    a_preparation,
    a_release,
    a_study,
    a_term,
    a_user,
    signed_in,
)

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CURATOR)
    signed_in(client, alice)
    return alice


@pytest.fixture
def root(client):
    root = a_user("root", role=Role.ADMINISTRATOR)
    signed_in(client, root)
    return root


def listing(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def form_of(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def seen_of(record):
    """What the form of a record shows of it as it is now, to be sent back with the form."""
    kept = admin.site.get_model_admin(type(record))
    return token(type(record)._default_manager.get(pk=record.pk), kept.history_parts)


def save(client, record, form):
    """Send the form of a record, opened just now."""
    return client.post(form_of(record), {"seen": seen_of(record), **form})


def some_of_everything(number=1):
    a_release()
    RefreshRun.objects.create(feed_id="crossref", asked_by="schedule", state="done", ended_at=timezone.now())
    a_merge(a_cargo("miR-9999 twice"), a_cargo("miR-9999"))
    for each in range(number):
        term = a_term(f"DOID:9{each}", f"synthetic disease {each}")
        cargo = a_cargo(f"miR-9999{each}")
        a_claim(
            disease=a_name("disease", f"synthetic {each}", (term,)),
            cargo=cargo,
            therapies=("synthetic drug",),
            measures=({"name": "AUC", "value": 0.9},),
            preparation=a_preparation(study=a_study(status="retracted")),
        )
        Alert.objects.create(notice=a_notice(study=a_study(), service="crossref"))
    agreement.draw(size=1, seed=1, by=a_user("erin"))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_answers_and_can_be_searched(client, root, model):
    some_of_everything()

    answer = client.get(listing(model), {"q": "synthetic"} if admin.site._registry[model].search_fields else {})

    assert answer.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_form_and_its_history_answer(client, root, model):
    some_of_everything()
    record = model.objects.first()
    assert record, "the makers make one of each"

    assert client.get(form_of(record)).status_code == 200
    assert client.get(form_of(record).replace("change", "history")).status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_list_costs_the_same_for_one_row_and_for_thirty(client, root, model, django_assert_max_num_queries):
    counts = []
    for number in (1, 12):
        some_of_everything(number)
        with django_assert_max_num_queries(60) as queries:
            client.get(listing(model))
        counts.append(len(queries))

    assert counts[1] <= counts[0] + 1, "the page of a longer list may count once more"


@pytest.mark.parametrize("address", ["admin:index", "admin:claims_claim_changelist", "admin:claims_claim_add"])
def test_a_reader_can_not_come_in(client, address):
    signed_in(client, a_user("charlie", role=Role.READER))

    answer = client.get(reverse(address))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("admin:login"))


def test_an_accepted_claim_opens_to_read_only(client, alice):
    claim = a_claim(author=alice)

    page = client.get(form_of(claim))

    assert page.status_code == 200
    assert b'name="statement"' not in page.content
    assert client.post(form_of(claim), {"statement": "changed"}).status_code == 403


def test_the_draft_of_another_opens_to_read_only(client, alice):
    claim = a_claim(author=a_user("bob"), state=State.DRAFT)

    assert b'name="statement"' not in client.get(form_of(claim)).content


def test_a_draft_opens_to_read_only_with_a_link_to_the_form_of_entry(client, alice):
    claim = a_claim(author=alice, state=State.DRAFT, measures=({"name": "AUC", "value": 0.87},))
    claim.refresh_from_db()

    page = client.get(form_of(claim)).content.decode()

    assert 'name="statement"' not in page
    assert "0.87" in page
    entry = reverse("admin:entry-claim", args=[claim.preparation.study.accession, claim.accession, 1])
    assert f"{entry}#form" in page


def test_an_administrator_has_no_door_to_the_words_of_another(client, root):
    """Who wrote another's draft anew could accept their own words."""
    claim = a_claim(author=a_user("alice"), state=State.DRAFT)

    assert client.post(form_of(claim), {"statement": "changed", "seen": "{}"}).status_code == 403
    assert client.post(form_of(claim).replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert "Edit in the form" not in client.get(form_of(claim)).content.decode()
    claim.refresh_from_db()
    assert "changed" not in claim.statement


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_add_a_claim_leads_to_entry(client, alice, method):
    answer = getattr(client, method)(reverse("admin:claims_claim_add"), {"statement": "Synthetic."}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("admin:entry")
    assert not Claim.objects.exists()


def test_history_says_who_changed_what_before_and_after(client, root):
    study = a_study(year=2019)
    Study.objects.filter(pk=study.pk).update(year=2020)

    page = client.get(form_of(study).replace("change", "history")).content.decode()

    assert "2019" in page
    assert "2020" in page
    assert "the system" in page


def test_the_first_page_counts_what_there_is_to_do(client, alice):
    a_claim(state=State.SUBMITTED, author=a_user("bob"))

    page = client.get(reverse("admin:index")).content.decode()

    assert "Waiting for my review" in page
    assert reverse("admin:review") in page


def test_the_desk_keeps_the_strict_policy(client, alice):
    policy = client.get(reverse("admin:index")).headers["Content-Security-Policy"]

    assert "unsafe" not in policy
