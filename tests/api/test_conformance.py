"""Schemathesis asks every operation of the OpenAPI document for what it allows and for what it does not.

`EXODB_API_EXAMPLES` sets how many examples each operation meets.
"""

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from apps.people.models import Scope
from exodb.wsgi import application
from tests.api.test_budgets import a_full_claim
from tests.api.writing import a_token
from tests.makers import a_claim, a_user, an_interest

EXAMPLES = int(os.environ.get("EXODB_API_EXAMPLES", "5"))
# What a schema can't say (a question that can be read, a cursor that was given) is refused in its own way.
REFUSED = ["2xx", "301", "400", "401", "403", "404", "410", "422"]

described = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json",
    app=application,
    config=SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}}}),
)


@pytest.fixture
def _evidence(db):
    a_full_claim()
    a_claim(state="withdrawn")
    # As Django's own client does: the end of a request would close the connection that the test works on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_evidence")
@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_is_as_it_is_described(case):
    # What is compressed it takes for broken.
    case.call_and_validate(headers={"Accept-Encoding": "identity"})


@pytest.fixture
def token(db):
    """One that may all, of a person with a draft and with another's submission to decide on."""
    bob = a_user("bob")
    an_interest(bob)
    a_claim(state="draft", author=bob)
    a_claim(state="submitted")
    return a_token(bob, *Scope.values)


@pytest.mark.usefixtures("_evidence")
@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_is_as_it_is_described_to_who_brings_a_token(case, token):
    case.call_and_validate(headers={"Accept-Encoding": "identity", "Authorization": f"Bearer {token}"})


def test_every_operation_is_a_test_of_its_own(request):
    names = [item.nodeid for item in request.session.items]

    assert len(names) == len(set(names))
