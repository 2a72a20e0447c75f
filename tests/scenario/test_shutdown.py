"""D10: SIGTERM lets requests in flight finish and takes no new ones; a second one, SIGQUIT and SIGINT are for now."""

import signal
import threading

import pytest

from support import client as clients
from support import pattern, ports, wait

OFF = {"verify_client_auth_mode": "off"}


def in_flight(gateway, backend, pki, count):
    """Clients whose requests wait at the backend's gate."""
    made = []
    for number in range(count):
        client = clients.connect(gateway.port, pki)
        client.start(target=f"/wait/{number}")
        made.append(client)
    wait.until(lambda: len([request for request in backend.requests if request.target.startswith("/wait")]) == count,
               "all requests, at the backend,")
    return made


def test_requests_in_flight_are_finished(start, backends, pki):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "10s"})
    waiting = in_flight(gateway, backend, pki, 20)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    assert gateway.is_running()
    backend.gate.set()
    for client in waiting:
        response = client.response()
        assert response.status == 200 and response.complete and response.body == b"late\n"
        assert client.is_ended() and client.reader.ending == "closed"
    assert gateway.wait_for_exit(5) == 0


def test_new_connections_are_refused_while_draining(start, backends, pki):
    backend = backends()
    gateway = start(backend, profile=OFF)
    waiting = in_flight(gateway, backend, pki, 1)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    with pytest.raises(OSError):
        clients.connect_plain(gateway.port)
    backend.gate.set()
    assert waiting[0].response().status == 200
    assert gateway.wait_for_exit(5) == 0


def test_idle_connections_are_closed_at_once(start, backends, pki):
    gateway = start(backends(), profile=OFF)
    idle = [clients.connect(gateway.port, pki) for _turn in range(10)]
    for client in idle:
        assert client.request().status == 200
    with wait.Stopwatch() as watch:
        gateway.signal(signal.SIGTERM)
        for client in idle:
            assert client.is_ended() and client.reader.ending == "closed"
        assert gateway.wait_for_exit(5) == 0
    assert watch.seconds < 3


def test_a_large_answer_is_finished_too(start, backends, pki):
    gateway = start(backends(), profile=OFF)
    with clients.connect(gateway.port, pki, receive_buffer=16384) as client:
        client.start(target="/pattern/5000000")
        client.reader.fill()
        gateway.signal(signal.SIGTERM)
        checker = pattern.Checker()
        response = client.response(feed=checker.feed)
        assert response.complete and checker.right and checker.size == 5_000_000
    assert gateway.wait_for_exit(5) == 0


def test_an_upload_in_flight_is_finished_too(start, backends, pki):
    gateway = start(backends(), profile=OFF)
    with clients.connect(gateway.port, pki) as client:
        client.send(client.head("POST", "/up", [("Content-Length", 2_000_000)]) + bytes(pattern.piece(0, 1_000_000)))
        gateway.signal(signal.SIGTERM)
        client.send(pattern.piece(1_000_000, 1_000_000))
        response = client.response("POST")
        assert response.status == 200 and b'"matches": true' in response.body
    assert gateway.wait_for_exit(5) == 0


def test_the_drain_has_an_end(start, backends, pki):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "500ms"})
    in_flight(gateway, backend, pki, 3)
    with wait.Stopwatch() as watch:
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_for_exit(5) == 0
    assert 0.3 < watch.seconds < 3


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGQUIT])
def test_a_second_signal_means_now(start, backends, pki, second):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "30s"})
    in_flight(gateway, backend, pki, 3)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    with wait.Stopwatch() as watch:
        gateway.signal(second)
        assert gateway.wait_for_exit(5) == 0
    assert watch.seconds < 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_each_signal_stops_an_idle_gateway(start, backends, number):
    gateway = start(backends(), profile=OFF)
    gateway.signal(number)
    assert gateway.wait_for_exit(5) == 0


def test_signals_that_mean_nothing_do_nothing(start, backends, connect):
    gateway = start(backends(), profile=OFF)
    with connect(gateway) as client:
        for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH):
            gateway.signal(number)
            assert client.request().status == 200
        assert gateway.is_running()


def test_tunnels_do_not_hold_the_drain_for_ever(start, backends, connect):
    gateway = start(backends(), profile=OFF, gateway={"drain_timeout": "500ms"})
    with connect(gateway) as client:
        client.start(target="/switch", fields=[("Connection", "Upgrade"), ("Upgrade", "echo")])
        assert client.response().status == 101
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_for_exit(5) == 0


def test_half_open_handshakes_do_not_hold_the_drain(start, backends):
    gateway = start(backends(), profile=OFF, gateway={"drain_timeout": "500ms"})
    sockets = [clients.connect_plain(gateway.port) for _turn in range(10)]
    for sock in sockets:
        sock.sendall(b"\x16\x03\x01")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_for_exit(5) == 0
    for sock in sockets:
        sock.close()


def test_load_up_to_the_signal_is_answered_whole(start, backends, pki):
    """Requests one after another on many connections; after SIGTERM each connection ends between two answers."""
    gateway = start(backends(), profile=OFF, gateway={"drain_timeout": "10s"})
    cut, answered = [], [0]
    go_on = threading.Event()

    def load():
        with clients.connect(gateway.port, pki) as client:
            while True:
                try:
                    client.start(target="/chunked/20000")
                    response = client.response()
                except Exception as ended:  # pylint: disable=broad-except
                    # Between two answers the connection may end; but nothing of an answer may have come.
                    if client.reader.buffer:
                        cut.append(repr(ended))
                    return
                answered[0] += 1
                if answered[0] > 50:
                    go_on.set()
                if not response.complete:
                    cut.append("a body")
                if (response.get("connection") or "").lower() == "close":
                    return

    threads = [threading.Thread(target=load) for _number in range(6)]
    for thread in threads:
        thread.start()
    assert go_on.wait(20)
    gateway.signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    assert gateway.wait_for_exit(5) == 0
    assert not cut
