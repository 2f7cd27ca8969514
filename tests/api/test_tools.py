"""Language models read by tools: asked by the SDK's own client of a real server, and by plain requests."""

import asyncio
import json

import pytest
from django.test import Client
from mcp.client import Client as ModelClient

from apps.claims.models import Claim
from tests.api.asking import PROBLEM
from tests.api.test_budgets import a_full_claim
from tests.makers import a_cargo, a_claim, a_merge, a_preparation, a_study

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ["search_claims", "get_record", "balance", "check_identifiers"]


@pytest.fixture
def ask(live_server):
    """Call a tool of the server: whether it was refused, and what it said, as data and as text."""

    async def called(name, given):
        async with ModelClient(f"{live_server.url}/mcp") as client:
            return await client.call_tool(name, given)

    def ask(tool, /, **given):
        answer = asyncio.run(called(tool, given))
        (content,) = answer.content
        assert json.loads(content.text) == answer.structured_content
        return answer.is_error, answer.structured_content

    ask.url = live_server.url
    return ask


def read(ask, path):
    """What the API says at the address itself."""
    host = ask.url.removeprefix("http://")
    return json.loads(Client(headers={"host": host}).get(f"/api/v1/{path}").content)


def test_the_client_is_told_what_there_is_and_how_to_cite(live_server):
    async def told():
        async with ModelClient(f"{live_server.url}/mcp") as client:
            return client.instructions, (await client.list_tools()).tools

    instructions, tools = asyncio.run(told())

    assert "accession" in instructions
    assert [tool.name for tool in tools] == NAMES
    assert all(tool.annotations.read_only_hint for tool in tools)
    search = tools[0].input_schema["properties"]
    assert search["edge"]["items"]["enum"] == ["harm", "benefit", "mixed", "neutral"]


def test_a_search_says_what_the_list_says(ask):
    a_full_claim()
    a_claim(edge="benefit")

    refused, found = ask("search_claims", edge=["harm"], page_size=1)

    assert not refused
    assert found["count"] == 1
    assert found["results"] == read(ask, "claims/?edge=harm")["results"]
    assert found["results"][0]["page"].startswith(ask.url)


def test_pages_follow_each_other_by_cursor(ask):
    for _ in range(3):
        a_claim()
    _, first = ask("search_claims", page_size=2)
    cursor = first["next"].partition("cursor=")[2].partition("&")[0].replace("%3A", ":")

    _, second = ask("search_claims", page_size=2, cursor=cursor)

    assert len({row["accession"] for page in (first, second) for row in page["results"]}) == 3


def test_any_record_is_had_by_its_name(ask):
    a_full_claim()
    claim = Claim.objects.get()
    made = claim.preparation
    for record, kind in ((claim, "claims"), (made.study, "studies"), (made, "preparations"), (made.source, "sources")):
        assert ask("get_record", name=record.accession) == (False, read(ask, f"{kind}/{record.accession}/"))
    assert ask("get_record", name="DOID:4")[1]["curie"] == "DOID:4"


def test_a_merged_record_is_the_one_that_it_went_into(ask):
    kept, gone = a_study(), a_study(pmid=None, doi="10.1234/synthetic")
    a_claim(preparation=a_preparation(study=kept))
    a_claim(preparation=a_preparation(study=gone))
    a_merge(gone, kept)

    refused, found = ask("get_record", name=gone.accession)

    assert (refused, found["accession"]) == (False, kept.accession)


def test_a_balance_names_the_claims_behind_it(ask):
    a_claim(cargo=a_cargo("miR-21"))

    refused, found = ask("balance", cargo=["miR-21"])

    assert (refused, found["count"]) == (False, 1)
    assert found["claims"] == f"{ask.url}/api/v1/claims/?cargo=miR-21"


def test_a_reading_list_is_checked(ask):
    study = a_claim(preparation=a_preparation(study=a_study(status="retracted"))).preparation.study

    _, found = ask("check_identifiers", ids=[study.pmid, "900000000"])

    assert [each["outcome"] for each in found["results"]] == ["known", "unknown"]
    assert found["results"][0]["records"][0]["status"] == "retracted"


@pytest.mark.parametrize(
    ("tool", "given", "says"),
    [
        ("search_claims", {"edge": ["good"]}, "'good' is none of harm"),
        ("search_claims", {"desease": "glioma"}, "Did you mean disease?"),
        ("get_record", {"name": "EXCL9999999"}, "No public claim"),
        ("get_record", {"name": "../../admin/"}, "an accession such as"),
        ("get_record", {}, "an accession such as"),
        ("balance", {"ordering": "year"}, "There is no parameter 'ordering'"),
        ("check_identifiers", {"ids": "miR-21"}, "a list of texts"),
        ("check_identifiers", {"id": ["miR-21"]}, "There is: ids."),
    ],
)
def test_what_can_not_be_taken_is_refused_as_the_api_does(ask, tool, given, says):
    refused, problem = ask(tool, **given)

    assert refused
    assert says in problem["detail"]


def test_an_unknown_tool_is_refused(ask):
    refused, problem = ask("delete_claims")

    assert refused
    assert "search_claims" in problem["detail"]


def test_drafts_are_out_of_reach(ask):
    draft = a_claim(state="draft")

    assert ask("get_record", name=draft.accession)[0]
    assert ask("search_claims")[1]["count"] == 0


@pytest.mark.parametrize("method", ["get", "delete", "put"])
def test_nothing_but_messages_is_taken(method):
    answer = getattr(Client(), method)("/mcp")

    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"[" * 10_000])
def test_a_message_that_can_not_be_read_is_refused_and_breaks_nothing(body):
    answer = Client().post("/mcp", body, content_type="application/json", headers={"accept": "application/json"})

    assert 400 <= answer.status_code < 500


def test_a_message_that_is_too_large_is_refused():
    answer = Client().post("/mcp", b" " * 3_000_000, content_type="application/json")

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == PROBLEM


def test_calls_are_counted_as_requests_of_the_api_are(settings, monkeypatch):
    settings.API_RATE = "2/minute"
    counted = []
    monkeypatch.setattr("apps.api.rates.counter.count", lambda *asked: counted.append(asked[2]))
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    message["params"] = {"name": "check_identifiers", "arguments": {"ids": ["miR-21"]}}

    Client().post("/mcp", message, content_type="application/json", headers={"accept": "application/json"})

    # The message, and the look-up behind it, which weighs ten.
    assert counted == [1, 10]
