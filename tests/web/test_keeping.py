"""Pages that are kept for strangers: made once, and made anew as soon as the evidence changes."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.studies.models import StudyStatus
from tests.makers import a_notice, a_user, signed_in
from tests.web.evidence import another_claim, some_evidence

pytestmark = pytest.mark.django_db(transaction=True)
# Which database this is, and whether anything changed since.
ASKED_ANEW = 1


@pytest.fixture
def evidence():
    cache.clear()
    return some_evidence()


def pages(evidence):
    return [each.get_absolute_url() for each in (evidence.cargo, evidence.source, evidence.term)]


def test_a_page_that_was_made_is_not_made_again(client, evidence, django_assert_num_queries):
    for address in pages(evidence):
        first = client.get(address)
        with django_assert_num_queries(ASKED_ANEW):
            again = client.get(address)
        assert (again.status_code, again.content, again["Content-Type"]) == (200, first.content, first["Content-Type"])


def test_a_claim_more_and_a_retraction_show_at_once(client, evidence):
    address = evidence.cargo.get_absolute_url()
    assert "RETRACTED" not in client.get(address).content.decode()

    more = another_claim(cargo=evidence.cargo, statement="A synthetic claim came later.")
    assert more.statement in client.get(address).content.decode()

    a_notice(study=evidence.study)
    evidence.study.refresh_from_db()
    assert evidence.study.status == StudyStatus.RETRACTED
    assert "flag-retracted" in client.get(address).content.decode()


def test_whoever_may_be_somebody_has_a_page_of_their_own(client, evidence):
    address = evidence.cargo.get_absolute_url()
    client.get(address)
    alice = signed_in(Client(), a_user("alice"))

    with CaptureQueriesContext(connection) as asked:
        alice.get(address)
    assert len(asked) > ASKED_ANEW


def test_other_addresses_and_what_is_no_page_are_not_mistaken_for_it(client, evidence):
    address = evidence.cargo.get_absolute_url()
    client.get(address)

    assert client.get(address.lower()).status_code == 301
    assert client.get("/cargos/EXCG9999999/").status_code == 404
    assert client.get("/cargos/EXCG9999999/").status_code == 404
    assert client.post(address).status_code == 405
    assert client.head(address).status_code == 200
