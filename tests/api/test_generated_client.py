"""A client that openapi-python-client makes of the reference asks what the guide asks, and reads every record whole."""

import importlib
import json
import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.api import schema
from tests.api.test_budgets import a_full_claim
from tests.api.writing import a_token
from tests.makers import a_claim, a_notice, a_user

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("claims", "studies", "notices", "sources", "preparations", "cargos", "terms", "releases")


def alike(document):
    """The same text for the same values: UTC has two names."""
    return json.dumps(document, sort_keys=True).replace('+00:00"', 'Z"')


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The name of the package that was made."""
    folder = tmp_path_factory.mktemp("client")
    reference = folder / "openapi.json"
    reference.write_bytes(json.dumps(schema.document()).encode())
    beside = Path(sys.executable).parent
    made = subprocess.run(
        [
            *(beside / "openapi-python-client", "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", reference, "--output-path", folder / "exodb_client"),
        ],
        env={"PATH": f"{beside}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield "exodb_client"
    sys.path.remove(str(folder))


@pytest.fixture
def ask(package, live_server):
    """Ask an operation by its module; its typed answer."""
    client = importlib.import_module(package).Client(base_url=live_server.url)

    def ask(operation, **asked):
        module = importlib.import_module(f"{package}.api.{operation}")
        answer = module.sync_detailed(client=client, **asked)
        assert answer.status_code == HTTPStatus.OK, answer.content
        # What was read into types is what was said.
        assert alike(answer.parsed.to_dict()) == alike(json.loads(answer.content))
        return answer.parsed

    ask.models = importlib.import_module(f"{package}.models")
    with client:
        yield ask


def test_the_questions_of_the_guide_have_typed_answers(ask):
    call_command("load_starter", verbosity=0)
    models = ask.models

    resisting = ask(
        "claims.list_claims",
        aspect=[models.ListClaimsAspectItem.DRUG_RESISTANCE],
        disease=["DOID:10534"],
        therapy=["cisplatin"],
    )
    (claim,) = resisting.results
    weighed = ask("about.balance", cargo=["miR-21"])
    markers = ask(
        "claims.list_claims",
        aspect=[models.ListClaimsAspectItem.DIAGNOSIS],
        disease=["pancreatic cancer"],
        has_measures=[True],
        ordering=[models.ListClaimsOrderingItem.LEVEL],
    )
    (corrected,) = ask("studies.list_studies", doi=["10.1038/nature14581"]).results
    looked_up = ask("about.look_up", body=models.LookupRequest(ids=["10.1111/cas.15337", "miR-21", "miR-21x", "PMC"]))

    assert (claim.accession, claim.edge, claim.cargo.name) == ("EXCL0000175", "harm", "miR-588")
    assert weighed.count == 6
    assert (markers.count, markers.results[0].measures[0].value) == (22, 0.79)
    assert corrected.status == "corrected"
    assert [found.outcome for found in looked_up.results] == ["known", "known", "unknown", "malformed"]


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_and_its_records_are_read_whole(ask, kind):
    a_notice(study=a_claim(cargo=None).preparation.study)
    a_full_claim()

    (row, *_) = ask(f"{kind}.list_{kind}").results

    if kind != "notices":
        one = {"studies": "study"}.get(kind, kind.removesuffix("s"))
        key = {"terms": "curie", "releases": "number"}.get(kind, "accession")
        assert ask(f"{kind}.get_{one}", **{key: getattr(row, key)}).to_dict() == row.to_dict()


def test_a_refusal_is_a_typed_problem(package, live_server):
    listed = importlib.import_module(f"{package}.api.claims.list_claims")

    with importlib.import_module(package).Client(base_url=live_server.url) as client:
        answer = listed.sync(client=client, cursor="made up")

    assert answer.status == 400
    assert answer.errors[0].field == "cursor"


def test_drafts_are_listed_with_a_token(package, live_server):
    carol = a_user("carol", role="contributor")
    claim = a_claim(state="draft", author=carol)
    made = importlib.import_module(package)
    listed = importlib.import_module(f"{package}.api.drafts.list_drafts")

    with made.AuthenticatedClient(base_url=live_server.url, token=a_token(carol)) as client:
        answer = listed.sync(client=client)

    assert [draft.accession for draft in answer.results] == [claim.accession]
