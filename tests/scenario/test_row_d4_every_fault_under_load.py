"""D4: each fault of a backend, told in time and in truth while fifty others work over mutual TLS and notice nothing."""

import pytest

from support import edge, faults, ports, storm, wait
from support.gateway import MEMORY_SCALE
from support.schedstat import Undisturbed

TIMEOUT_SECONDS = 0.5
# A sanitizer build under load on a busy machine is slow for other reasons than a timer's.
TOLERANCE_SECONDS = 0.5 if MEMORY_SCALE == 1 else 2
LOAD = {"processes": 2, "connections": 25, "batch": 4, "certificate": "good"}


def a_byte_a_second(octets):
    def script(conversation):
        conversation.read_request()
        conversation.send(octets)
        while not conversation.is_stopping():
            conversation.send(b"x")
            conversation.pause(1)

    return script


FAULTS = {
    **faults.FAULTS,
    "a byte of the head a second": faults.Fault(
        a_byte_a_second(b"HTTP/1.1 200 OK\r\nX-Drip: "), (504,), is_timeout=True),
    "a byte of the body a second": faults.Fault(
        a_byte_a_second(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), (200,), is_cut=True, is_timeout=True),
    "a chunk a second": faults.Fault(
        a_byte_a_second(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n"), (200,), is_cut=True,
        is_timeout=True),
}


def by_number(conversation):
    """The fault is chosen by the target, /NUMBER."""
    request = conversation.read_head()
    if request is not None:
        conversation.reader.buffer[:0] = request.head
        list(FAULTS.values())[int(request.target[1:])].script(conversation)


def check_fault(connect, gateway, port, number, name):
    fault = FAULTS[name]
    with connect(gateway, "good", port=port) as client, wait.Stopwatch() as watch, Undisturbed(gateway) as undisturbed:
        response = client.request(target=f"/{number}")
        assert response.status in fault.statuses, name
        assert response.complete != (response.status == 200 and fault.is_cut), name
    assert undisturbed.seconds < TIMEOUT_SECONDS + TOLERANCE_SECONDS, (name, undisturbed.seconds)
    assert not fault.is_timeout or watch.seconds > TIMEOUT_SECONDS - 0.05, (name, watch.seconds)


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.big)])
def test_faults_are_told_in_time_and_fifty_others_fail_nothing(start, backends, pki, connect, rounds):
    seed, port = 50, ports.free_port()
    with storm.StormBackend(seed, 20_000_000, {"chunked": 2000}) as sound:
        gateway = start(sound, more=[
            edge.listener_section(pki, name="faulty", port=port, backend="faulty"),
            edge.backend_section(backends(by_number), name="faulty", request_timeout=faults.TIMEOUT)])
        with storm.StormClients(gateway.port, pki, seed, **LOAD) as load:
            wait.until(lambda: gateway.counters()["connections_open"] >= 50, "the fifty others")
            for _round in range(rounds):
                for number, name in enumerate(FAULTS):
                    check_fault(connect, gateway, port, number, name)
            load.stop()
            told = load.result()
    assert set(told) <= {"200", "answered", "finished", "wrong"} and not told["wrong"], told
    assert told["200"] > 1000 * rounds, told
