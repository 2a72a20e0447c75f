"""B6: whatever a responder does, a profile that fails closed lets nobody in by it, and it delays nobody but who asked.

27 behaviours and 163 foreign answers, each with a client of its own; then silence towards five hundred at once.
"""

import time

import pytest

from support import client as clients
from support import edge, figures, foreign_blobs, guarded, ports, stats, wait
from support.guarded import Visitor
from support.ocsp_behaviours import BEHAVIOURS, ROW_B6, Behaviour
from support.prober import Prober
from support.schedstat import Undisturbed

CROWD = 500
OTHERS_SECONDS = 0.050 * figures.TIME_SCALE
# Long enough for the last of the crowd to have shaken hands, on a busy machine too.
CROWD_TIMEOUT_SECONDS = 8 * min(guarded.SLOWNESS, 2)
SURPLUS_SECONDS = 1.0


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(scope="module", name="guarded_port")
def a_port():
    return ports.free_port()


@pytest.fixture(scope="module")
def shared_changes(pki, guarded_port):
    """The first listener asks nobody; the second does, and has more patience with a crowd than with the rows."""
    return {"gateway": {"max_connections": 4096},
            "more": [edge.listener_section(pki, "guarded", guarded_port, ssl_profile="guarded"),
                     edge.profile_section(pki, "guarded", **guarded.profile(guarded.HASTY_SECONDS))]}


def silence(responder, pki, count=1, what="never"):
    """Names of new clients about whom the responder says nothing."""
    names = [pki.fresh() for _client in range(count)]
    for name in names:
        responder.behave(what, certificate=name)
    return names


# ------------------------------------------------------------------------------------------------- who gets in


def test_27_behaviours_let_nobody_in_and_are_judged_in_time(gateway, responder, pki, guarded_port):
    seen = {}
    for name in ROW_B6:
        pki.signer(BEHAVIOURS[name].answer.signer)   # made now, and not while the gateway waits
        responder.behave(name)
        seen[name] = guarded.visit(gateway, pki, pki.fresh(), guarded_port)
        responder.behave()
    refused = [name for name, visit in seen.items() if visit.status == 400]
    slowest = max(seen, key=lambda name: seen[name].undisturbed)
    print(f"row B6: {len(refused)}/27 behaviours refused, the slowest, {slowest}, in {seen[slowest].undisturbed:.3f} s "
          f"of {guarded.HASTY_SECONDS:g} s")
    assert len(refused) == 27, set(ROW_B6) - set(refused)
    assert seen[slowest].undisturbed < guarded.HASTY_SECONDS + SURPLUS_SECONDS
    for name, visit in seen.items():
        assert guarded.word_of(gateway, visit) in BEHAVIOURS[name].words, name


def test_163_foreign_answers_let_nobody_in(gateway, responder, pki, guarded_port):
    """What is left of a good answer is of the client's own."""
    seen = {}
    for number in range(foreign_blobs.COUNT):
        name = pki.fresh()
        blob, octets = foreign_blobs.blobs(pki, foreign_blobs.good_answer(pki, name))[number]
        responder.behave(Behaviour(answer=octets), certificate=name)
        seen[number, blob] = guarded.visit(gateway, pki, name, guarded_port)
    refused = [blob for blob, visit in seen.items() if visit.status == 400]
    slowest = max(visit.undisturbed for visit in seen.values())
    print(f"row B6: {len(refused)}/163 foreign answers refused, the slowest in {slowest:.3f} s")
    assert len(refused) == 163, set(seen) - set(refused)
    assert slowest < guarded.HASTY_SECONDS + SURPLUS_SECONDS
    assert {guarded.word_of(gateway, visit) for visit in seen.values()} == {guarded.UNAVAILABLE}


def test_the_answer_that_they_are_made_of_lets_its_client_in(gateway, responder, pki, guarded_port):
    name = pki.fresh()
    responder.behave(Behaviour(answer=foreign_blobs.good_answer(pki, name)), certificate=name)
    assert guarded.word(gateway, pki, name, guarded_port) == ""


# ------------------------------------------------------------------------------------------------ who waits


def wait_meanwhile(gateway, pki, kept, waiting, another, port):
    """(the slowest answer on a kept connection, the visit of a new client), half the time in which nothing is said to waiting."""
    worst = 0.0
    while time.monotonic() < waiting.begun + guarded.HASTY_SECONDS / 2:
        with wait.Stopwatch() as watch:
            assert kept.request(target="/status/200").status == 200
        worst = max(worst, watch.seconds)
    # Another certificate is asked for meanwhile, at the same responder; behind waiting it would come after the other half.
    new = guarded.visit(gateway, pki, another, port)
    assert new.status == 200 and new.undisturbed < guarded.HASTY_SECONDS / 2
    return worst, new


@pytest.mark.parametrize("what", ["never", "a byte at a time", "a byte of a header at a time", "half, then silence"])
def test_a_responder_that_stalls_delays_only_who_asked(gateway, responder, pki, guarded_port, what):
    with clients.connect(guarded_port, pki, "good") as kept:
        assert kept.request().status == 200
        another, silent = pki.fresh(), silence(responder, pki, what=what)[0]
        with Undisturbed(gateway) as undisturbed:
            waiting = Visitor(guarded_port, pki, silent)
            worst, new = wait_meanwhile(gateway, pki, kept, waiting, another, guarded_port)
            late = waiting.end()
    print(f"row B6, {what}: others at most {worst * 1e3:.1f} ms, a new client {new.seconds * 1e3:.1f} ms, "
          f"the one that asked {late.seconds:.3f} s")
    assert late.status == 400
    assert late.longest > guarded.HASTY_SECONDS - 0.01 and undisturbed.seconds < guarded.HASTY_SECONDS + SURPLUS_SECONDS


@pytest.mark.alone
def test_500_that_wait_for_a_silent_responder_are_in_nobodys_way(start, backend, responder, pki):
    port = ports.free_port()
    gateway = start(backend, gateway={"max_connections": 4096}, more=[
        edge.listener_section(pki, "guarded", port, ssl_profile="guarded"),
        edge.profile_section(pki, "guarded", **guarded.profile(CROWD_TIMEOUT_SECONDS))])
    names = silence(responder, pki, CROWD)
    with Prober(gateway, pki, "good") as prober:
        waiting = [Visitor(port, pki, name) for name in names]
        asked = []
        for _turn in range(9):
            with wait.Stopwatch() as watch:
                assert stats.ask(gateway, "/metrics")[0] == 200
            asked.append(watch.seconds)
        wait.until(lambda: gateway.counters()["ocsp_asked"] == CROWD, "the last question")
        assert time.monotonic() < waiting[0].begun + CROWD_TIMEOUT_SECONDS, "they must all have waited at once"
        ends = [each.end() for each in waiting]
    assert not prober.failures
    slowest = max(each.seconds for each in ends)
    print(f"row B6, {CROWD} in silence: {prober.told()}; metrics within {max(asked) * 1e3:.1f} ms; "
          f"verdicts after {min(each.seconds for each in ends):.2f} to {slowest:.2f} s of {CROWD_TIMEOUT_SECONDS:g} s")
    assert {each.status for each in ends} == {400}
    assert slowest < CROWD_TIMEOUT_SECONDS + SURPLUS_SECONDS
    assert sorted(asked)[4] < OTHERS_SECONDS, asked
    assert prober.percentile(0.99) < OTHERS_SECONDS, prober.told()
