"""D10: SIGTERM lets requests in flight finish and takes no new ones; a second one, SIGQUIT and SIGINT are for now."""

import os
import signal
import threading

import pytest

from support import client as clients
from support import figures, pattern, ports, stats, wait, wire

OFF = {"verify_client_auth_mode": "off"}
COUNT = 200
SIZE = 300_000


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
    waiting = in_flight(gateway, backend, pki, COUNT)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    assert gateway.is_running()
    backend.gate.set()
    for client in waiting:
        response = client.response()
        assert response.status == 200 and response.complete and response.body == b"late\n"
        assert client.is_ended() and client.reader.ending == "closed"
    assert gateway.wait_for_exit(5) == 0


def answer_when_told(conversation):
    """As the good backend; but a tunnel lasts until the gate opens, and so does the second half of a download."""
    while request := conversation.read_head():
        if request.target == "/tunnel":
            conversation.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nwelcome")
            conversation.backend.gate.wait(30)
            conversation.send(b"farewell")
            return
        conversation.read_body(request)
        half = memoryview(pattern.whole(request.size or SIZE))
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(half))
        conversation.send(half[:len(half) // 2])
        conversation.backend.gate.wait(30)
        conversation.send(half[len(half) // 2:])


def begin_download(client):
    client.start(target="/download")
    assert client.reader.fill()


def begin_upload(client):
    client.send(client.head("POST", "/upload", [("Content-Length", SIZE)]) + pattern.whole(SIZE // 2))


def begin_chunked(client):
    client.send(client.head("POST", "/chunked", [("Transfer-Encoding", "chunked")]))
    client.send(b"%x\r\n%s\r\n" % (SIZE, pattern.whole(SIZE)))


def begin_tunnel(client):
    client.start(target="/tunnel", fields=[("Connection", "Upgrade"), ("Upgrade", "echo")])
    assert client.response().status == 101


def check_answer(client):
    checker = pattern.Checker()
    response = client.response(feed=checker.feed)
    assert response.status == 200 and response.complete and checker.right and checker.size == SIZE
    assert client.is_ended()


def end_upload(client):
    client.send(pattern.whole(SIZE)[SIZE // 2:])
    check_answer(client)


def end_chunked(client):
    client.send(b"0\r\n\r\n")
    check_answer(client)


def end_tunnel(client):
    assert client.rest() == b"welcomefarewell"


KINDS = [(begin_download, check_answer), (begin_upload, end_upload), (begin_chunked, end_chunked),
         (begin_tunnel, end_tunnel)]


def test_two_hundred_of_every_kind_are_finished_and_none_is_reset(start, backends, pki):
    """Downloads, uploads and tunnels under way; each ends with its last byte, close_notify and FIN."""
    backend = backends(answer_when_told)
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "30s"})
    under_way = []
    for number in range(COUNT):
        begin, end = KINDS[number % len(KINDS)]
        client = clients.connect(gateway.port, pki)
        begin(client)
        under_way.append((client, end))
    wait.until(lambda: len(backend.requests) == COUNT, "all requests, at the backend,")
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    backend.gate.set()
    with wait.Stopwatch() as watch:
        for client, end in under_way:
            end(client)
            assert client.reader.ending == "closed"
            with client.plain_socket() as sock:
                sock.settimeout(5)
                assert sock.recv(1) == b""  # a FIN; a reset would raise
        assert gateway.wait_for_exit(5) == 0
    assert watch.seconds < 20


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


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_request_that_has_begun_is_answered(start, backends, pki, earlier):
    """Half a record is no request yet, but the connection is not idle either."""
    gateway = start(backends(), profile=OFF)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with clients.connect_plain(gateway.port) as sock:
        hands = wire.MemoryClient(sock, pki)
        hands.handshake(sock.sendall)
        for _turn in range(earlier):
            assert hands.ask(sock.sendall, request).startswith(b"HTTP/1.1 200 ")
        hands.tls.write(request)
        record = hands.outgoing.read()
        sock.sendall(record[:20])
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
        sock.sendall(record[20:])
        answer = hands.read_all()
    assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer
    assert gateway.wait_for_exit(5) == 0


def test_the_drain_has_an_end(start, backends, pki):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "500ms"})
    waiting = in_flight(gateway, backend, pki, 3)
    with wait.Stopwatch() as watch:
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_for_exit(5) == 0
    assert 0.3 < watch.seconds < 3
    assert len(waiting) == 3


def test_logs_are_opened_anew_while_draining(start, backends, pki):
    """A drain may last for an hour, and a rotation come meanwhile: the file that was moved away gets nothing more."""
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "30s"})
    waiting = in_flight(gateway, backend, pki, 1)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    os.rename(gateway.log_path, gateway.log_path + ".1")
    gateway.signal(signal.SIGUSR1)
    wait.until(lambda: os.path.exists(gateway.log_path), "the new log")
    backend.gate.set()
    assert waiting[0].response().status == 200
    assert gateway.wait_for_exit(5) == 0
    assert [record["requestUri"] for record in gateway.records()] == ["/wait/0"]
    assert os.path.getsize(gateway.log_path + ".1") == 0


def test_clients_are_let_in_for_a_while_when_readiness_has_ended(start, backends, pki):
    """drain_delay: whoever spreads the load sees /readyz first, and nobody is refused meanwhile."""
    gateway = start(backends(), profile=OFF, gateway={"drain_delay": "1s"})
    stats.until_ready(gateway)
    with clients.connect(gateway.port, pki) as kept, wait.Stopwatch() as watch:
        assert kept.request().status == 200
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: stats.ask(gateway, "/readyz")[0] == 503, "unreadiness")
        while watch.so_far() < 0.8:
            assert clients.ask(gateway.port, pki).status == 200
            response = kept.request()
            assert response.status == 200 and response.get("connection") is None
        wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
        assert watch.so_far() >= 0.9
        assert kept.is_ended() and kept.reader.ending == "closed"
    assert gateway.wait_for_exit(5) == 0


def test_a_second_signal_ends_the_delay_too(start, backends):
    gateway = start(backends(), profile=OFF, gateway={"drain_delay": "10m"})
    stats.until_ready(gateway)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: stats.ask(gateway, "/readyz")[0] == 503, "unreadiness")
    with wait.Stopwatch() as watch:
        gateway.signal(signal.SIGTERM)
        assert gateway.wait_for_exit(5) == 0
    assert watch.seconds < 2 * figures.TIME_SCALE


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGQUIT])
def test_a_second_signal_means_now(start, backends, pki, second):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "30s"})
    waiting = in_flight(gateway, backend, pki, COUNT)
    gateway.signal(signal.SIGTERM)
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    with wait.Stopwatch() as watch:
        gateway.signal(second)
        assert gateway.wait_for_exit(5) == 0
    assert watch.seconds < 1 * figures.TIME_SCALE
    assert len(waiting) == COUNT  # kept to here: a client that is forgotten closes


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
