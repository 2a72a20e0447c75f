"""A plain HTTP request to the TLS port gets a 400 in plain HTTP that says so."""

import pytest

from support import client as clients

PHRASE = b"The plain HTTP request was sent to HTTPS port"


@pytest.mark.parametrize("octets", [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
    b"HEAD / HTTP/1.0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
], ids=["GET", "POST", "HEAD", "OPTIONS"])
def test_it_is_answered_in_plain_http_and_closed(gateway, backend, octets):
    before = len(backend.requests)
    client = clients.Client(clients.connect_plain(gateway.port))
    with client:
        client.send(octets)
        method = octets.split(b" ")[0].decode()
        response = client.response(method)
        assert response.status == 400
        assert method == "HEAD" or PHRASE in response.body
        assert client.rest() == b""
    assert len(backend.requests) == before


def test_it_may_come_in_pieces(gateway):
    with clients.Client(clients.connect_plain(gateway.port)) as client:
        for octet in b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n":
            try:
                client.send(bytes([octet]))
            except OSError:
                break   # Closed while we still send; the answer must be there all the same.
        response = client.response()
        assert response.status == 400 and PHRASE in response.body


def test_it_is_logged(gateway):
    with clients.Client(clients.connect_plain(gateway.port)) as client:
        client.send(b"GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.response().status == 400
        record = gateway.record_of(client)
    assert int(record["httpStatus"]) == 400
    assert record["error_info"] == "ERRORINFO_HTTP_TO_HTTPS_PORT"


@pytest.mark.parametrize("octets", [b"\x00\x00\x00\x00", b"SSH-2.0-OpenSSH_9.2\r\n", b"\xff" * 100, b"GE\x00T / HTTP/1.1\r\n\r\n"],
                         ids=["zeros", "ssh", "ones", "almost HTTP"])
def test_what_is_neither_tls_nor_http_is_closed(gateway, octets):
    with clients.Client(clients.connect_plain(gateway.port)) as client:
        client.send(octets)
        assert b" 200 " not in client.rest()
