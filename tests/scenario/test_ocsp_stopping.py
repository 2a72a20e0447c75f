"""The gateway stops while clients wait for a responder: a drain lets them have their verdict, an immediate stop does not."""

import signal

import pytest

from support import edge, guarded, ports, wait
from support import client as clients
from support.guarded import Visitor

WAITING, INFLIGHT = 20, 15
# What is not to be waited for takes a minute: who has ended by then has not, however slow the machine is.
LONG_SECONDS, FAR_LESS_SECONDS = 60, 15

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(name="run")
def gateways(tmp_path, pki, backend, responder):
    """run(seconds, gateway={…}) -> a gateway with clients that wait, and those."""
    responder.forget_requests()
    made = []

    def runner(seconds=guarded.PATIENT_SECONDS, **gateway):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(edge.start(folder, edge.edge_sections(str(folder), pki, backend, gateway=gateway,
                                                          profile=guarded.profile(seconds))))
        names = [pki.fresh() for _client in range(WAITING)]
        waiting = [Visitor(made[-1].port, pki, name) for name in names]
        wait.until(lambda: made[-1].counters()["ocsp_asked"] == WAITING, "the last question")
        return made[-1], waiting

    yield runner
    clients.close_all()
    for each in made:
        each.kill()
        each.check_silence()


def stop(gateway, number):
    gateway.signal(number)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")


@pytest.mark.parametrize("behaviour, status", [("good", 200), ("revoked", 400), ("garbage", 400)])
def test_a_drain_waits_for_verdicts(run, responder, behaviour, status):
    responder.behave("late")
    gateway, waiting = run(drain_timeout="20s", ocsp_max_inflight=INFLIGHT)
    responder.wait_for_requests(INFLIGHT)
    stop(gateway, signal.SIGTERM)
    assert gateway.is_running()
    # Those that the gate lets through are answered well; the others when they come to their turn.
    responder.behave(behaviour)
    responder.gate.set()
    statuses = [each.end().status for each in waiting]
    assert sorted(statuses) == sorted([200] * INFLIGHT + [status] * (WAITING - INFLIGHT))
    assert gateway.wait_for_exit() == 0


def test_a_drain_ends_with_the_patience_of_the_questions(run, responder):
    responder.behave("never")
    gateway, waiting = run(guarded.HASTY_SECONDS, drain_timeout="20s")
    stop(gateway, signal.SIGTERM)
    assert {each.end().status for each in waiting} == {400}
    assert gateway.wait_for_exit() == 0


def test_a_drain_asks_for_nobody_who_has_left(run, responder):
    """The responder has a minute, and so has the drain; but whose certificate it is does not wait any more."""
    responder.behave("never")
    gateway, waiting = run(LONG_SECONDS, drain_timeout=f"{LONG_SECONDS}s")
    for each in waiting:
        each.client.close()
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_for_exit(FAR_LESS_SECONDS) == 0


def test_no_drain_is_longer_than_its_time(run, responder):
    responder.behave("never")
    gateway, waiting = run(LONG_SECONDS, drain_timeout=guarded.milliseconds(guarded.HASTY_SECONDS))
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_for_exit(FAR_LESS_SECONDS) == 0
    # Whatever they are told, it is no entry.
    assert all(each.client.rest()[:12] in (b"", b"HTTP/1.1 400") for each in waiting)


@pytest.mark.parametrize("first", [None, signal.SIGTERM])
@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGINT])
def test_an_immediate_stop_waits_for_nobody(run, responder, first, number):
    """SIGQUIT at once; SIGINT is a drain, and the second of two signals means now."""
    if first is None and number == signal.SIGINT:
        first = signal.SIGINT
    responder.behave("never")
    gateway, _waiting = run(LONG_SECONDS, drain_timeout=f"{LONG_SECONDS}s")
    if first:
        stop(gateway, first)
        assert gateway.is_running()
    gateway.signal(number)
    assert gateway.wait_for_exit(FAR_LESS_SECONDS) == 0


def test_idle_clients_are_drained_while_others_wait(run, responder, pki):
    responder.behave("late")
    responder.behave("good", certificate="good")
    gateway, waiting = run(drain_timeout="20s", ocsp_max_inflight=2 * WAITING)
    with clients.connect(gateway.port, pki, "good") as idle:
        assert idle.request().status == 200
        stop(gateway, signal.SIGTERM)
        assert idle.is_ended()
    responder.gate.set()
    assert {each.end().status for each in waiting} == {200}
    assert gateway.wait_for_exit() == 0
