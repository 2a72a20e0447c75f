"""C6: only what is idempotent and unanswered goes to a backend again, once. Anything else goes there once."""

import pytest

from support import storm

OFF = {"verify_client_auth_mode": "off"}

# Of 10,000. The first two end connections before a request is on them, the last two while they wait in the pool.
RESETS = {"reset_at_accept": 1000, "reset_after_head": 800, "reset_in_request_body": 800, "reset_after_request": 800,
          "reset_in_answer_head": 800, "reset_in_answer_body": 400, "reset_with_answer": 800, "reset_after_answer": 1000}
CLOSES = {"close_at_accept": 300, "close_after_request": 400, "close_in_answer_head": 300, "close_with_answer": 400,
          "close_after_answer": 600}

counts = pytest.mark.parametrize("resets", [10_000, pytest.param(100_000, marks=pytest.mark.big)], ids=["10^4", "10^5"])


@counts
def test_nothing_unsafe_reaches_the_backend_twice(start, pki, resets):
    seed = 6
    with storm.StormBackend(seed, 8 * resets, RESETS | CLOSES) as backend:
        # About half of the requests meet a reset.
        gateway = start(backend, profile=OFF)
        told = storm.run_clients(gateway.port, pki, seed, 22 * resets // 10, methods="unsafe")
        counters = gateway.counters()
        seen = backend.report()
    assert sum(seen[name] for name in RESETS) >= resets, seen
    assert all(seen[name] > 0 for name in RESETS | CLOSES), seen
    assert seen["unsafe"] > resets / 2
    assert seen["unsafe_doubled"] == 0, f"seed {seed}: {seen}"
    assert seen["most"] <= 2 and seen["asked_again"] == 0, f"seed {seed}: {seen}"
    # The way of the second try was gone, or this would have tested nothing.
    assert 0 < seen["repeated"] <= counters["requests_retried"]
    assert not told["wrong"], f"seed {seed}: {told['wrong'][:3]}"
    assert not {"500", "400"} & set(told), told
