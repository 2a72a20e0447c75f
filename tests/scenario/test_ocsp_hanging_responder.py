"""While a responder hangs, requests of clients that are inside take what they took before: both measured in one run."""

import pytest

from support import figures, guarded, kept
from support.guarded import Visitor

HANGING = 64
SECONDS = 0.7
SLACK_SECONDS = 0.005 * figures.TIME_SCALE


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": guarded.profile()}


@pytest.mark.alone
def test_p999_of_kept_alive_requests_stays_what_it_was(gateway, responder, pki):
    responder.behave("late")
    responder.behave("good", certificate="good")
    with kept.Kept(gateway, pki, "good") as client:
        client.measure(SECONDS / 4)
        calm = client.measure(SECONDS)
        waiting = [Visitor(gateway.port, pki, pki.fresh()) for _client in range(HANGING)]
        hanging = client.measure(2 * SECONDS)
        asked = gateway.counters()
        responder.gate.set()
        ends = [each.end() for each in waiting]
        calm += client.measure(SECONDS)
    print(f"calm: {kept.told(calm)}; {HANGING} waiting for a responder that hangs: {kept.told(hanging)}")
    assert asked["ocsp_asked"] == HANGING + 1 and asked["ocsp_good"] == 1
    assert {each.status for each in ends} == {200}
    before, meanwhile = kept.percentile(calm, 0.999), kept.percentile(hanging, 0.999)
    assert meanwhile < 2 * before + SLACK_SECONDS, (before, meanwhile)
