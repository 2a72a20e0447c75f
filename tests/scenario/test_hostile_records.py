"""After the handshake: floods of tiny, empty and forged records; closed or served, at little memory."""

import socket
import struct

import pytest

from support import client as clients
from support import wait, wire

VERSIONS = ["1.2", "1.3"]
GROWTH_MAX = 16 * 1024 * 1024


def everybody_else_is_served(connect, gateway):
    with connect(gateway, "good") as client, wait.Stopwatch() as watch:
        assert client.request().status == 200
    assert watch.seconds < wait.PATIENCE_SECONDS


def flood(sock, octets, times):
    """Sends until the peer has had enough; what it said is left unread."""
    try:
        for _turn in range(times):
            sock.sendall(octets)
    except OSError:
        return False
    return True


FLOODS = {
    "warnings": wire.record(wire.ALERT, bytes([wire.WARNING, wire.NO_RENEGOTIATION])),
    "empty handshake records": wire.record(wire.HANDSHAKE, b""),
    "empty application records": wire.record(wire.APPLICATION, b""),
    "changes of cipher": wire.record(wire.CHANGE_CIPHER_SPEC, b"\x01"),
    "hello requests": wire.record(wire.HANDSHAKE, b"\x00\x00\x00\x00"),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_before_the_handshake_is_ended(gateway, connect, name):
    before = gateway.resident_bytes()
    with clients.connect_plain(gateway.port) as sock:
        flood(sock, FLOODS[name] * 100, 100)
        everybody_else_is_served(connect, gateway)
    assert gateway.resident_bytes() - before < GROWTH_MAX


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_flood_in_the_middle_of_the_handshake_is_ended(gateway, connect, pki, version, name):
    before = gateway.resident_bytes()
    with clients.connect_plain(gateway.port) as sock:
        sock.sendall(wire.client_hello(pki, version=version))
        assert sock.recv(5)
        flood(sock, FLOODS[name] * 100, 100)
        everybody_else_is_served(connect, gateway)
    assert gateway.resident_bytes() - before < GROWTH_MAX


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("version", VERSIONS)
def test_forged_plain_records_after_the_handshake_are_ended(gateway, connect, name, version):
    client = connect(gateway, "good", version=version)
    assert client.request().status == 200
    sock = client.plain_socket()
    sock.settimeout(clients.SECONDS)
    flood(sock, FLOODS[name] * 50, 20)
    everybody_else_is_served(connect, gateway)
    sock.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_requests_in_records_of_one_byte_are_served(gateway, connect, version):
    with connect(gateway, "good", version=version) as client:
        octets = client.head("POST", "/tiny", [("Content-Length", 500)]) + b"t" * 500
        for octet in octets:
            client.send(bytes([octet]))
        assert client.response("POST").status == 200


@pytest.mark.parametrize("version", VERSIONS)
def test_a_flood_of_one_byte_records_costs_little(gateway, connect, version):
    before = gateway.resident_bytes()
    with connect(gateway, "good", version=version) as client:
        client.send(client.head("POST", "/flood", [("Content-Length", 10000)]))
        for _octet in range(10000):
            client.send(b"f")
        assert client.response("POST").status == 200
        everybody_else_is_served(connect, gateway)
    assert gateway.resident_bytes() - before < GROWTH_MAX


@pytest.mark.parametrize("size", [16640 + 257, 65535])
def test_an_oversized_record_is_ended(gateway, connect, size):
    client = connect(gateway, "good")
    assert client.request().status == 200
    sock = client.plain_socket()
    sock.settimeout(clients.SECONDS)
    flood(sock, struct.pack("!BHH", wire.APPLICATION, 0x0303, size) + b"x" * size, 1)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    sock.close()


def test_a_record_of_random_bytes_is_ended(gateway, connect):
    """No key made it: bad_record_mac, and not a word of HTTP."""
    client = connect(gateway, "good")
    assert client.request().status == 200
    sock = client.plain_socket()
    sock.settimeout(clients.SECONDS)
    sock.sendall(wire.record(wire.APPLICATION, b"r" * 200))
    received = b""
    try:
        while part := sock.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    assert len(received) < 200
    sock.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_many_closes_are_one(gateway, connect, version):
    client = connect(gateway, "good", version=version)
    assert client.request().status == 200
    sock = client.plain_socket()
    flood(sock, wire.record(wire.ALERT, b"\x01\x00"), 1000)
    sock.close()
    everybody_else_is_served(connect, gateway)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_truncated_request_is_not_forwarded(gateway, backend, connect, version):
    """TCP ends without close_notify in the middle of a head: nothing reaches the backend."""
    before = len(backend.requests)
    client = connect(gateway, "good", version=version)
    client.send(b"GET /truncated HTTP/1.1\r\nHost: localhost\r\n")
    sock = client.plain_socket()
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(clients.SECONDS)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    sock.close()
    assert len(backend.requests) == before


@pytest.mark.parametrize("version", VERSIONS)
def test_a_truncated_upload_is_cut_at_the_backend_too(gateway, backend, connect, version):
    client = connect(gateway, "good", version=version)
    client.send(client.head("POST", f"/cut/{version}", [("Content-Length", 1000)]) + b"c" * 500)
    wait.until(lambda: backend.sent_to(f"/cut/{version}"), "the head, at the backend,")
    client.abort()
    wait.until(lambda: f"/cut/{version}" not in backend.reading, "the end of the body, at the backend,")
    assert not backend.sent_to(f"/cut/{version}")[0].complete
