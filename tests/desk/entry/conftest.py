import pytest

from apps.people.models import Role
from tests.makers import a_user, signed_in


@pytest.fixture
def alice(client):
    alice = a_user("alice", role=Role.CURATOR)
    signed_in(client, alice)
    return alice
