"""Upgrade: after a 101 the connection is a tunnel, both ways, until both sides have said all."""

import base64
import hashlib
import os
import struct

import pytest

from support import client as clients
from support import pattern, wait, wire

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


def open_tunnel(client, fields=()):
    client.start(target="/switch", fields=UPGRADE + list(fields))
    response = client.response()
    assert response.status == 101
    assert response.get("upgrade") == "echo" and "upgrade" in response.get("connection", "").lower()


def take(client, size):
    return b"".join(client.reader.parts(size))


def test_bytes_pass_both_ways(gateway, connect):
    with connect(gateway) as client:
        open_tunnel(client)
        for turn in range(20):
            client.send(b"ping %d" % turn)
            assert take(client, len(b"ping %d" % turn)) == b"ping %d" % turn


def test_what_looks_like_http_is_not_looked_at_any_more(gateway, backend, connect):
    with connect(gateway) as client:
        open_tunnel(client)
        request = b"GET /inside HTTP/1.1\r\nHost: x\r\nX-Client-Cert: kept\r\nContent-Length: zzz\r\n\r\n\x00\xff"
        client.send(request)
        assert take(client, len(request)) == request
    assert not backend.sent_to("/inside")


def test_bytes_sent_with_the_request_are_not_lost(gateway, connect):
    with connect(gateway) as client:
        client.send(client.head("GET", "/switch", UPGRADE) + b"early bird")
        assert client.response().status == 101
        assert take(client, 10) == b"early bird"


def test_megabytes_pass_both_ways_at_once(gateway, connect):
    size = 5_000_000
    with connect(gateway) as client:
        open_tunnel(client)
        checker = pattern.Checker()
        client.exchange(pattern.pieces(size))
        for part in client.reader.parts(size):
            checker.feed(part)
        assert checker.right and checker.size == size


def test_a_client_that_has_finished_still_hears_the_backend(gateway, pki):
    """close_notify ends the client's direction alone (RFC 8446 6.1); the backend says its farewell after it."""
    with clients.connect_plain(gateway.port) as sock:
        tunnel = wire.MemoryClient(sock, pki, version="1.3")
        tunnel.handshake(sock.sendall)
        head = b"GET /switch HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
        assert tunnel.ask(sock.sendall, head).startswith(b"HTTP/1.1 101")
        tunnel.close_notify(sock.sendall)
        assert tunnel.read_all() == b"farewell"


def test_a_backend_that_ends_ends_the_tunnel(gateway, backend, connect):
    with connect(gateway) as client:
        open_tunnel(client)
        backend.close_idle()
        assert client.rest() in (b"", b"farewell")


def test_a_client_that_resets_ends_the_backends_side(gateway, backend, connect):
    client = connect(gateway)
    open_tunnel(client)
    client.abort()
    wait.until(lambda: not backend.open, "the end of the backend's side")


def test_a_refused_upgrade_is_an_ordinary_answer(gateway, connect):
    with connect(gateway) as client:
        assert client.request(target="/status/426", fields=UPGRADE).status == 426
        assert client.request(target="/pattern/10").size == 10


def test_upgrade_without_connection_is_not_passed_on(gateway, backend, connect):
    """RFC 9110 7.8: Upgrade counts only when Connection names it."""
    with connect(gateway) as client:
        assert client.request(target="/plain", fields=[("Upgrade", "echo")]).status == 200
    assert backend.sent_to("/plain")[0].get("upgrade") is None


def test_a_web_socket_handshake_and_its_frames_pass(start, backends, connect):
    guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    def web_socket(conversation):
        request = conversation.read_head()
        accept = base64.b64encode(hashlib.sha1((request.get("sec-websocket-key") + guid).encode()).digest()).decode()
        conversation.send(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        frame = conversation.reader
        head = b"".join(frame.parts(2))
        mask = b"".join(frame.parts(4))
        text = bytes(octet ^ mask[at % 4] for at, octet in enumerate(b"".join(frame.parts(head[1] & 0x7F))))
        conversation.send(struct.pack("!BB", 0x81, len(text)) + text)
        conversation.wait_for_end()

    gateway = start(backends(web_socket))
    key = base64.b64encode(os.urandom(16)).decode()
    with connect(gateway, "good") as client:
        client.start(target="/socket", fields=[("Connection", "keep-alive, Upgrade"), ("Upgrade", "websocket"),
                                               ("Sec-WebSocket-Key", key), ("Sec-WebSocket-Version", "13")])
        response = client.response()
        assert response.status == 101
        assert response.get("sec-websocket-accept") == base64.b64encode(
            hashlib.sha1((key + guid).encode()).digest()).decode()
        mask = b"\x01\x02\x03\x04"
        text = bytes(octet ^ mask[at % 4] for at, octet in enumerate(b"hello"))
        client.send(b"\x81\x85" + mask + text)
        assert take(client, 7) == b"\x81\x05hello"


def test_a_refused_client_gets_no_tunnel(start, backend, connect):
    gateway = start(backend)
    before = len(backend.requests)
    with connect(gateway, "expired") as client:
        client.start(target="/switch", fields=UPGRADE)
        assert client.response().status == 400
    assert len(backend.requests) == before
