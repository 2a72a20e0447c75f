"""D4: a backend that does everything wrong, clients that leave in the middle; no answer ever belongs to another request."""

import pytest

from support import client as clients
from support import storm, wait
from support.schedstat import Undisturbed

OFF = {"verify_client_auth_mode": "off"}
ONE_EACH = ["reset_at_accept", "close_at_accept", "reset_after_head", "reset_in_request_body", "reset_after_request",
            "close_after_request", "half_close", "reset_in_answer_head", "close_in_answer_head", "reset_in_answer_body",
            "close_in_answer_body", "close_in_chunks", "reset_after_answer", "close_after_answer", "reset_with_answer",
            "close_with_answer", "until_close", "garbage", "early_close"]
# What leaves something behind that a kept connection could give to the next request is more frequent than what just ends.
FAULTS = {**{name: 60 for name in ONE_EACH}, "surplus": 300, "bodiless": 200, "interim": 200, "early": 200, "chunked": 2500,
          "late": 2}
TIMEOUT = "200ms"
LATE_MS = 300   # after the gateway has answered 504

counts = pytest.mark.parametrize("answers", [40_000, pytest.param(1_000_000, marks=pytest.mark.big)], ids=["4*10^4", "10^6"])


@counts
def test_every_answer_belongs_to_its_request(start, pki, answers):
    seed = 4
    plan = dict(FAULTS, late=6) if answers < 100_000 else FAULTS
    with storm.StormBackend(seed, 4 * answers, plan, late_ms=LATE_MS) as backend:
        gateway = start(backend, profile=OFF, backend={"request_timeout": TIMEOUT})
        told = storm.run_clients(gateway.port, pki, seed, answers, abort_share=0.01)
        seen = backend.report()
    assert not told["wrong"], f"seed {seed}: {told['wrong'][:3]}"
    assert told["answered"] >= answers - 2
    assert all(seen[name] > 0 for name in FAULTS), seen
    assert told["504"] > 0 and told["aborted"] > 0 and told["cut"] > 0, told
    # Most requests met no fault: the kept connections were there to be poisoned.
    assert told["200"] > 0.6 * answers, told
    assert seen["unsafe_doubled"] == 0 and seen["most"] <= 2, seen
    assert not {"500", "400", "503"} & set(told), told


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.big)], ids=["2 s", "30 s"])
def test_a_backend_down_and_up_ten_times_a_second_mixes_nothing_up(start, pki, seconds):
    seed = 10
    with storm.StormBackend(seed, 4_000_000, {"chunked": 2500}, flap_ms=50) as backend:
        gateway = start(backend, profile=OFF)
        told = storm.run_clients(gateway.port, pki, seed, seconds=seconds)
        with Undisturbed(gateway) as watch:
            wait.until(lambda: clients.ask(gateway.port, pki, target="/1").status == 200, "service, when it is up,")
        seen = backend.report()
    assert seen["flaps"] >= 18 * seconds
    assert not told["wrong"], f"seed {seed}: {told['wrong'][:3]}"
    assert told["200"] > 1000 and told["502"] > 0, told
    assert set(told) <= {"200", "502", "cut", "connections_cut", "broken", "finished", "answered", "wrong"}, told
    assert seen["unsafe_doubled"] == 0 and seen["most"] <= 2, seen
    assert watch.seconds < 1
