"""The test server itself: as a process, under control, and honest in what it counts."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from apps.citations.clients import Endpoint, Ids, Outcome, Patience, Unavailable, client_for
from tests.citations.server import Fault, Server, Store
from tests.citations.server.http import most_in_a_second

ROOT = Path(__file__).resolve().parents[2]


def control(url: str, orders: dict[str, Any] | None = None) -> Any:
    data = json.dumps(orders).encode() if orders is not None else None
    with urllib.request.urlopen(f"{url}/_control", data) as answer:
        return json.load(answer)


@pytest.mark.slow
def test_it_runs_as_a_process_and_takes_orders(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"kind": "500", "service": "icite"}]))
    command = [sys.executable, "-m", "tests.citations.server", "--studies", "20", "--faults", str(faults)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = (process.stdout.readline() if process.stdout else "").strip()
            with client_for("icite", Endpoint(f"{url}/icite"), lambda: None, Patience(attempts=1)) as client:
                with pytest.raises(Unavailable):
                    client.fetch([Ids(1, pmid="900000001")])
                assert control(url)["icite"]["faults"] == {"500": 1}
                control(url, {"faults": [], "reset": True})
                assert client.fetch([Ids(1, pmid="900000001")])[0].outcome is Outcome.FOUND
            seen = control(url)["icite"]
            assert (seen["requests"], seen["ids"], seen["faults"], len(seen["times"])) == (1, 1, {}, 1)
        finally:
            process.terminate()


@pytest.mark.parametrize("rule", [{"kind": "earthquake"}, {"kind": "500", "sometimes": True}, {}])
def test_an_unknown_fault_is_an_error_and_not_silence(rule: dict[str, Any]) -> None:
    with Server() as server, pytest.raises(urllib.error.HTTPError, match="400") as caught:
        control(server.url("").rstrip("/"), {"faults": [rule]})
    caught.value.close()


def test_the_same_seed_gives_the_same_faults() -> None:
    def struck(seed: int) -> list[str]:
        with Server(Store(10), [Fault("500", share=0.4)], seed=seed) as server:
            with client_for("icite", server.endpoint("icite"), lambda: None, Patience(attempts=1)) as client:
                for _ in range(30):
                    try:
                        client.fetch([Ids(1, pmid="900000001")])
                    except Unavailable:
                        continue
            return [seen.fault for seen in server.requests("icite")]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 3 < struck(1).count("500") < 27


def test_faults_strike_every_nth_request_or_one_id() -> None:
    with (
        Server(Store(10), [Fault("500", nth=3), Fault("400", ids=("900000007",))]) as server,
        client_for("icite", server.endpoint("icite"), lambda: None, Patience(attempts=1)) as client,
    ):
        for number in (1, 2, 3, 7, 8):
            try:
                client.fetch([Ids(1, pmid=f"90000000{number}")])
            except Exception:  # noqa: BLE001, S112 -- what happened is in the server's record
                continue
        assert [seen.fault for seen in server.requests("icite")] == ["", "", "500", "400", ""]


def test_the_most_in_any_second_is_counted_across_its_bounds() -> None:
    assert most_in_a_second([]) == 0
    assert most_in_a_second([0.0, 0.9, 1.0, 1.1, 1.95]) == 3
    assert most_in_a_second([0.0, 1.0, 2.0]) == 1
