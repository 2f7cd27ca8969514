import pytest

from apps.citations.clients import Patience, client_for
from apps.citations.models import Feed
from tests.citations.server import Server, Store


@pytest.fixture
def services():
    """All citation services, on this machine, each knowing 400 synthetic studies."""
    with Server(Store(400)) as server:
        yield server


@pytest.fixture
def feed():
    return Feed.objects.get(pk="europepmc")


@pytest.fixture
def client_of(services):
    """Clients of the services that lose no time."""
    impatient = Patience(attempts=2, first=0.001, longest=0.01)
    return lambda name: client_for(name, services.endpoint(name), lambda: None, impatient)
