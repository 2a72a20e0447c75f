"""Requests that RFC 9112 calls malformed or ambiguous: 400, the connection closes, and nothing reaches the backend."""

import uuid

import pytest

from support import wait

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


def get(*lines, first=b"GET /bad HTTP/1.1", host=b"Host: localhost"):
    return b"\r\n".join([first] + ([host] if host else []) + list(lines)) + b"\r\n\r\n"


def post(*lines, body=b"hello"):
    return get(*lines, first=b"POST /bad HTTP/1.1") + body


REFUSED = {
    # Two ways to say where the body ends.
    "length and chunked": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "chunked and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"),
    "two lengths": post(b"Content-Length: 5", b"Content-Length: 6"),
    "two lengths in one line": post(b"Content-Length: 5, 6"),
    "chunked and something after it": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"),
    # Lengths that are no number.
    "length with plus": post(b"Content-Length: +5"),
    "length with minus": post(b"Content-Length: -5"),
    "length in hexadecimal": post(b"Content-Length: 0x5"),
    "length with letters": post(b"Content-Length: 5a"),
    "length of two words": post(b"Content-Length: 5 5"),
    "length empty": post(b"Content-Length:"),
    "length beyond 64 bits": post(b"Content-Length: 99999999999999999999"),
    # Codings that only look like chunked.
    "coding with vertical tab": post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n"),
    "space before the colon": post(b"Transfer-Encoding : chunked", body=b"0\r\n\r\n"),
    "tab before the colon": post(b"Content-Length\t: 5"),
    "chunked in HTTP/1.0": get(b"Transfer-Encoding: chunked", first=b"POST /bad HTTP/1.0") + b"0\r\n\r\n",
    # Lines.
    "folded line": get(b"X-Fold: a", b" b"),
    "folded line with a tab": get(b"X-Fold: a", b"\tTransfer-Encoding: chunked"),
    "first line folded": get(b" X-First: a", host=None),
    "bare line feeds": get(b"X-A: b").replace(b"\r\n", b"\n"),
    "one bare line feed": get(b"X-A: b\nX-B: c"),
    "bare carriage return": get(b"X-A: b\rX-B: c"),
    "no colon": get(b"X-NoColon"),
    "empty name": get(b": value"),
    "space in a name": get(b"X A: b"),
    "bracket in a name": get(b"X(A): b"),
    "name that is not ASCII": get(b"X-\xc3\xbc: b"),
    "NUL in a value": get(b"X-A: a\x00b"),
    "control character in a value": get(b"X-A: a\x01b"),
    "delete in a value": get(b"X-A: a\x7fb"),
    # Hosts.
    "no host": get(b"X-A: b", host=None),
    "two hosts": get(b"Host: localhost"),
    "two different hosts": get(b"Host: other"),
    "host with a space": get(host=b"Host: a b"),
    "host with a comma": get(host=b"Host: a,b"),
    "host with a user": get(host=b"Host: user@localhost"),
    "host with a path": get(host=b"Host: localhost/path"),
    "host with two ports": get(host=b"Host: localhost:1:2"),
    "host with a port of letters": get(host=b"Host: localhost:port"),
    # Request lines.
    "two spaces": get(first=b"GET  /bad HTTP/1.1"),
    "space in the target": get(first=b"GET /bad bad HTTP/1.1"),
    "tab for space": get(first=b"GET\t/bad\tHTTP/1.1"),
    "method with a bracket": get(first=b"G(T /bad HTTP/1.1"),
    "lower case version": get(first=b"GET /bad http/1.1"),
    "version without a point": get(first=b"GET /bad HTTP/11"),
    "version with more": get(first=b"GET /bad HTTP/1.1x"),
    "no version": get(first=b"GET /bad"),
    "target without a slash": get(first=b"GET bad HTTP/1.1"),
    "asterisk without OPTIONS": get(first=b"GET * HTTP/1.1"),
    "control character in the target": get(first=b"GET /b\x01d HTTP/1.1"),
    "NUL in the target": get(first=b"GET /b\x00d HTTP/1.1"),
    "fragment in the target": get(first=b"GET /bad#part HTTP/1.1"),
    "not HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
}

# The same, where another status says it better.
OTHER = {
    "HTTP/2 without having agreed on it": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "version 2": (get(first=b"GET /bad HTTP/2.0"), (400, 505)),
    "version 0.9": (get(first=b"GET /bad HTTP/0.9"), (400, 505)),
    "unknown coding": (post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), (400, 501)),
    "coding in quotes": (post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n"), (400, 501)),
    "chunked twice": (post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), (400, 501)),
    "compressed coding": (post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), (400, 501)),
    "CONNECT": (get(first=b"CONNECT localhost:443 HTTP/1.1"), (400, 405, 501)),
    "TRACE": (get(first=b"TRACE /bad HTTP/1.1"), (400, 405, 501)),
}
ALL = {**{name: (octets, (400,)) for name, octets in REFUSED.items()}, **OTHER}


@pytest.mark.parametrize("name", ALL)
def test_a_malformed_request_is_refused_and_nothing_gets_past(gateway, backend, connect, name):
    octets, statuses = ALL[name]
    before = len(backend.requests)
    with connect(gateway) as client:
        client.send(octets + SMUGGLED)
        response = client.response()
        assert response.status in statuses
        assert response.complete
        if name == "TRACE":
            # Refused, but neither malformed nor ambiguous: the connection may go on, and what came behind it is answered.
            if client.reader.fill():
                assert client.response().complete
            assert not [request for request in backend.requests[before:] if request.method == "TRACE"]
            return
        assert client.rest() == b"", "another answer came"
    assert backend.requests[before:] == []


CHUNKS = {
    "size of letters": b"zz\r\nhello\r\n0\r\n\r\n",
    "size with minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "size with plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "size with 0x": b"0x5\r\nhello\r\n0\r\n\r\n",
    "size empty": b"\r\nhello\r\n0\r\n\r\n",
    "size beyond 64 bits": b"10000000000000005\r\nhello\r\n0\r\n\r\n",
    "size ended by a line feed": b"5\nhello\r\n0\r\n\r\n",
    "size ended by a carriage return": b"5\rhello\r\n0\r\n\r\n",
    "more than the size says": b"5\r\nhelloworld\r\n0\r\n\r\n",
    "end of a chunk missing": b"5\r\nhello0\r\n\r\n",
    "line feed after a chunk": b"5\r\nhello\n0\r\n\r\n",
    "line feed in an extension": b"5;a\nb\r\nhello\r\n0\r\n\r\n",
    "trailer without a colon": b"5\r\nhello\r\n0\r\nbroken\r\n\r\n",
    "space in a trailer's name": b"5\r\nhello\r\n0\r\nX Y: z\r\n\r\n",
}


@pytest.mark.parametrize("name", CHUNKS)
def test_bad_chunks_end_the_request_for_both_sides(gateway, backend, connect, name):
    """The head may be at the backend already, since bodies stream; it must never see a whole request."""
    path = f"/chunks/{uuid.uuid4().hex}"
    before = len(backend.requests)
    with connect(gateway) as client:
        client.send(client.head("POST", path, [("Transfer-Encoding", "chunked")]) + CHUNKS[name] + SMUGGLED)
        assert client.response("POST").status == 400
        assert client.rest() == b""
    wait.until(lambda: path not in backend.reading, "the end of the request at the backend")
    assert not [request for request in backend.requests[before:] if request.complete]
    assert "/smuggled" not in [request.target for request in backend.requests[before:]]


def test_bytes_behind_a_good_request_are_judged_by_themselves(gateway, connect):
    with connect(gateway) as client:
        client.send(get(first=b"GET /good HTTP/1.1") + REFUSED["no colon"])
        assert client.response().status == 200
        assert client.response().status == 400
        assert client.rest() == b""


def test_an_absolute_target_is_http_too(gateway, backend, connect):
    """RFC 9112 3.2.2: its authority counts, not Host."""
    with connect(gateway) as client:
        response = client.request(target="https://localhost/absolute", fields=[("Host", "localhost")])
        assert response.status == 200
    seen = [request for request in backend.requests if "absolute" in request.target]
    assert len(seen) == 1 and seen[0].get("host") == "localhost"


def test_a_refused_request_is_logged_with_its_status(gateway, connect):
    with connect(gateway) as client:
        client.send(REFUSED["two hosts"])
        assert client.response().status == 400
        record = gateway.record_of(client)
    assert int(record["httpStatus"]) == 400 and record.get("error_info", "").startswith("ERRORINFO_")
