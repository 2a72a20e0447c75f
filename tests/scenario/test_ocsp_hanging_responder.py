"""While a responder hangs, requests of clients that are inside take what they took before: both measured in one run."""

import pytest

from support import figures, guarded, kept, wait
from support.guarded import Visitor

HANGING = 64
SECONDS = 0.7
# So that the 99.9th percentile is none of the two or three worst, which are the machine's.
REQUESTS = 3000
SLACK_SECONDS = 0.005 * figures.TIME_SCALE


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": guarded.profile(40)}


def calm_and_hanging(gateway, responder, pki):
    """Times of requests without, and with, clients that wait for a responder that hangs."""
    responder.gate.clear()

    def has_asked_all():
        """And the responder, which shares a processor with the client here, is at rest."""
        counted = {name: count - before[name] for name, count in gateway.counters().items()}
        return counted["ocsp_asked"] == HANGING and counted["ocsp_fetches"] == len(responder.requests)

    with kept.Kept(gateway, pki, "good") as client:
        client.measure(SECONDS / 4)
        calm = client.measure(SECONDS, REQUESTS)
        before = gateway.counters()
        responder.forget_requests()
        waiting = [Visitor(gateway.port, pki, pki.fresh()) for _client in range(HANGING)]
        wait.until(has_asked_all, "every question")
        hanging = client.measure(2 * SECONDS, REQUESTS)
        asked = gateway.counters()
        responder.gate.set()
        ends = [each.end() for each in waiting]
        calm += client.measure(SECONDS)
    print(f"calm: {kept.told(calm)}; {HANGING} waiting for a responder that hangs: {kept.told(hanging)}")
    assert asked["ocsp_good"] == before["ocsp_good"], "nobody was answered meanwhile"
    assert {each.status for each in ends} == {200}
    return calm, hanging


@pytest.mark.alone
def test_p999_of_kept_alive_requests_stays_what_it_was(gateway, responder, pki):
    """What the machine does to one measurement it does not do to each of three; what the gateway does, it does always."""
    responder.behave("late")
    responder.behave("good", certificate="good")
    seen = []
    while len(seen) < 3:
        before, meanwhile = [kept.percentile(times, 0.999) for times in calm_and_hanging(gateway, responder, pki)]
        seen.append((before, meanwhile))
        if meanwhile < 2 * before + SLACK_SECONDS:
            return
    raise AssertionError(seen)
