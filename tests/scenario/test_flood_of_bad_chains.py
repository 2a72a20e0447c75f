"""A flood of bad chains, no two alike, through the whole gateway: it pushes nobody out, and memory stays where it is bound."""

import time

import pytest
from sallyport_pki.certificate import client_plan

from support import chain_flood, figures
from support.resuming import Counted, Returner

FAMILIAR = 32
WARM_UP = 300       # connections, until what grows with the first of them has grown
REFUSALS_MAX = 4096
REFUSAL_BYTES = 512         # an entry of one, with what the allocator adds
GROWTH_BYTES = 4 << 20      # besides: buffers, and the allocator's own

# What each is refused for once its serial number is another, and the signatures that are checked until that is known.
KINDS = {
    "stranger": ("unable_to_get_local_issuer", 0),
    "self-signed": ("self_signed", 0),
    "critical-extension": ("critical_extension", 0),
    "not-ca": ("invalid_ca", 0),
    "expired-authority": ("expired", 2),
    "good": ("signature_failure", 2),
}
NOT_REMEMBERED = "signature_failure"    # it may have been a lack of memory
CACHE = ("trust_cache_hits", "trust_cache_misses", "trust_cache_inserts", "trust_cache_failure_inserts", "trust_cache_evicted",
         "trust_cache_failures_evicted", "trust_cache_removed", "trust_cache_leases_ended", "chain_signature_checks",
         "handshakes_completed", "handshakes_resumed")
VERDICTS = [f"verdict_{word}" for word in ("success", *[word for word, _checks in KINDS.values()])]


def make_familiar(pki):
    """Clients that are known before the flood."""
    names = [f"familiar-{number}" for number in range(FAMILIAR)]
    for name in names:
        pki.folder.make(name, client_plan(f"/CN={name}", "devices"))
    return names


def greet(gateway, pki, names):
    """A full handshake of each; what the cache has counted meanwhile."""
    with Counted(gateway, *CACHE, *VERDICTS) as counted:
        for name in names:
            assert Returner(pki, gateway.port, name).first_visit().status == 200
    return counted.by


def check_flood(by, count):
    """Every one judged by itself, and refused for its own reason."""
    shares = [len(range(index, count, len(KINDS))) for index in range(len(KINDS))]
    assert by["handshakes_completed"] == by["trust_cache_misses"] == count
    assert by["handshakes_resumed"] == by["trust_cache_hits"] == by["verdict_success"] == 0
    assert [by[f"verdict_{word}"] for word, _checks in KINDS.values()] == shares, by
    assert by["chain_signature_checks"] == sum(checks * share for (_word, checks), share in zip(KINDS.values(), shares))
    assert by["trust_cache_failure_inserts"] == count - by[f"verdict_{NOT_REMEMBERED}"]
    assert by["trust_cache_failure_inserts"] - by["trust_cache_failures_evicted"] <= REFUSALS_MAX
    assert by["trust_cache_inserts"] == by["trust_cache_evicted"] == by["trust_cache_removed"] == 0


@pytest.mark.parametrize("count", figures.small_or_full(3000, 1_000_000))
def test_a_flood_of_distinct_bad_chains_evicts_nobody_and_stays_within_its_memory(start, backend, pki, count):
    """Those who are known are the oldest in the cache, which has room for few, and are not seen while the flood lasts."""
    names = make_familiar(pki)
    gateway = start(backend, gateway={"access_log": None, "trust_cache_entries": 8 * FAMILIAR, "verdict_max_age": "1d"})
    known = greet(gateway, pki, names)
    assert known["trust_cache_inserts"] == FAMILIAR and known["trust_cache_evicted"] == 0, known
    assert chain_flood.run(gateway.port, pki, KINDS, count, WARM_UP) == {400: WARM_UP}

    growth = figures.Growth(gateway)
    begun = time.monotonic()
    with Counted(gateway, *CACHE, *VERDICTS) as counted:
        assert chain_flood.run(gateway.port, pki, KINDS, 0, count, growth.look) == {400: count}
    seconds = time.monotonic() - begun
    check_flood(counted.by, count)
    assert growth.most <= REFUSALS_MAX * REFUSAL_BYTES + GROWTH_BYTES, (growth.before, growth.most)

    known = greet(gateway, pki, names)
    assert known["trust_cache_hits"] == known["verdict_success"] == FAMILIAR, known
    assert known["trust_cache_misses"] == known["chain_signature_checks"] == known["handshakes_resumed"] == 0, known
    print(f"{count} in {seconds:.0f} s; resident {growth.before}, then {growth.most} more at most; {counted.by}; {known}")
