"""Limits of a request's head, and the timers that end clients which are not going on."""

import pytest

from support import client as clients
from support import wait

OFF = {"verify_client_auth_mode": "off"}
# The limits that a test does not set are a minute and more, but that of a handshake: only the one that is meant ends it so soon.
AT_MOST_SECONDS = 15


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": OFF}


@pytest.fixture(name="with_timer")
def one_short_timer(start, backend):
    """with_timer(name="500ms") -> a gateway in which no other one can end a client, however slow the machine is."""
    return lambda **timer: start(backend, profile=OFF, gateway=timer)


def expect_status(connect, gateway, octets, status):
    with connect(gateway) as client:
        try:
            client.send(octets)
        except OSError:
            pass  # Closed while we still send; the answer must be there all the same.
        assert client.response().status == status


def test_a_target_of_31_kb_passes(gateway, connect):
    with connect(gateway) as client:
        response = client.request(target="/" + "a" * (31 * 1024))
        assert response.status == 200


def test_a_target_over_32_kb_is_414(gateway, connect):
    expect_status(connect, gateway, b"GET /" + b"a" * (33 * 1024) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414)


def test_a_target_that_never_ends_is_414(gateway, connect):
    expect_status(connect, gateway, b"GET /" + b"a" * (100 * 1024), 414)


def test_headers_of_30_kb_pass(gateway, connect):
    with connect(gateway) as client:
        assert client.request(fields=[(f"X-{n}", "v" * 1000) for n in range(29)]).status == 200


@pytest.mark.parametrize("fields", [
    b"X-Long: " + b"v" * (33 * 1024),
    b"\r\n".join(b"X-%d: " % n + b"v" * 1000 for n in range(34)),
    b"X" * (33 * 1024) + b": v",
    b"\r\n".join(b"X%d:" % n for n in range(6000)),
], ids=["one long value", "many", "one long name", "very many small ones"])
def test_headers_over_32_kb_are_431(gateway, connect, fields):
    expect_status(connect, gateway, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + fields + b"\r\n\r\n", 431)


def test_headers_that_never_end_are_431(gateway, connect):
    expect_status(connect, gateway, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 12000, 431)


def test_trailers_that_never_end_are_refused(gateway, connect):
    with connect(gateway) as client:
        try:
            client.send(client.head("POST", "/t", [("Transfer-Encoding", "chunked")]) + b"0\r\n" + b"X-A: b\r\n" * 12000)
        except OSError:
            pass
        assert client.response("POST").status in (400, 431)


def test_a_chunk_size_that_never_ends_is_refused(gateway, connect):
    with connect(gateway) as client:
        try:
            client.send(client.head("POST", "/t", [("Transfer-Encoding", "chunked")]) + b"5;" + b"x" * 100000)
        except OSError:
            pass
        assert client.response("POST").status in (400, 413, 431)


def end_of(client):
    """The answer before it, if there was one."""
    if not client.reader.fill():
        return None
    response = client.response()
    client.rest()
    return response


@pytest.mark.parametrize("part", [b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n"])
def test_a_head_that_does_not_come_is_408(with_timer, connect, part):
    gateway = with_timer(client_header_timeout="500ms")
    with wait.Stopwatch() as watch, connect(gateway) as client:
        client.send(part)
        assert end_of(client).status == 408
    assert 0.3 < watch.seconds < AT_MOST_SECONDS


def test_a_head_that_drips_is_408_too(with_timer, connect):
    """The limit is for the head as a whole: a byte now and then does not buy time."""
    with connect(with_timer(client_header_timeout="500ms")) as client:
        with wait.Stopwatch() as watch:
            client.sock.settimeout(0.1)
            client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Drip: ")
            ended = False
            while not ended and watch.so_far() < AT_MOST_SECONDS:
                try:
                    client.send(b"d")
                    ended = not client.reader.fill() or bool(client.reader.buffer)
                except TimeoutError:
                    continue
                except OSError:
                    ended = True
        assert ended
        if client.reader.buffer:
            assert client.response().status == 408


def test_an_idle_connection_is_closed_without_a_word(with_timer, connect):
    gateway = with_timer(keepalive_timeout="2s")
    with wait.Stopwatch() as watch, connect(gateway) as client:
        assert client.request().status == 200
        assert end_of(client) is None and client.reader.ending == "closed"
    assert 1.8 < watch.seconds < AT_MOST_SECONDS


def test_a_client_that_never_asks_is_let_go(with_timer, connect):
    gateway = with_timer(keepalive_timeout="500ms")
    with wait.Stopwatch() as watch, connect(gateway) as client:
        response = end_of(client)
        assert response is None or response.status == 408
    assert watch.seconds < AT_MOST_SECONDS


def test_a_body_that_does_not_come_is_ended(with_timer, connect):
    gateway = with_timer(client_body_timeout="500ms")
    with wait.Stopwatch() as watch, connect(gateway) as client:
        client.send(client.head("POST", "/slow", [("Content-Length", 1000)]) + b"part")
        response = end_of(client)
        assert response is None or response.status == 408
    assert 0.3 < watch.seconds < AT_MOST_SECONDS


def test_a_slow_but_steady_body_is_not_ended(with_timer, connect):
    """The limit is long beside the pauses: a hiccup of the machine is not to be taken for one of ours."""
    size = 10
    with connect(with_timer(client_body_timeout="2s")) as client:
        client.send(client.head("POST", "/steady", [("Content-Length", size)]))
        client.sock.settimeout(0.3)
        for _byte in range(size - 1):
            client.send(b"s")
            try:
                client.reader.fill()
            except TimeoutError:
                continue
            raise AssertionError("an answer or an end before the body was whole")
        client.sock.settimeout(clients.SECONDS)
        client.send(b"s")
        assert client.response("POST").status == 200


def test_a_connection_that_is_used_is_not_idle(with_timer, connect):
    with connect(with_timer(keepalive_timeout="2s")) as client:
        with wait.Stopwatch() as watch:
            while watch.so_far() < 3:
                assert client.request(target="/pattern/100").status == 200
                client.sock.settimeout(0.3)
                try:
                    client.reader.fill()
                except TimeoutError:
                    pass
                client.sock.settimeout(clients.SECONDS)


def test_the_handshake_has_its_time(with_timer):
    """Bytes that are no handshake yet: the connection goes at its deadline, not before and not long after."""
    gateway = with_timer(handshake_timeout="1s")
    with wait.Stopwatch() as watch, clients.connect_plain(gateway.port) as sock:
        sock.sendall(b"\x16\x03\x01\x02\x00")
        rest = b""
        try:
            while part := sock.recv(4096):
                rest += part
        except ConnectionResetError:
            pass
    assert b"HTTP" not in rest
    assert 0.7 < watch.seconds < AT_MOST_SECONDS
