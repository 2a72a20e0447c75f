"""Many requests on one connection: kept alive, in order, ended when asked."""

import json

import pytest


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


def test_a_connection_serves_many_requests(gateway, connect):
    with connect(gateway) as client:
        for turn in range(50):
            response = client.request(target=f"/turn/{turn}")
            assert json.loads(response.body)["target"] == f"/turn/{turn}"
        record = gateway.record(requestUri="/turn/49")
        assert str(record["clientPort"]) == str(client.port)


def test_requests_of_a_connection_share_backend_connections(gateway, backend, connect):
    before = backend.connections
    with connect(gateway) as client:
        for _turn in range(20):
            assert client.request().status == 200
    assert backend.connections - before <= 1


def test_pipelined_requests_are_answered_in_order(gateway, connect):
    targets = [f"/pipe/{turn}" if turn % 3 else f"/pattern/{turn * 1000}" for turn in range(40)]
    with connect(gateway) as client:
        client.send(b"".join(client.head("GET", target, []) for target in targets))
        for target in targets:
            response = client.response()
            if target.startswith("/pipe"):
                assert json.loads(response.body)["target"] == target
            else:
                assert response.size == int(target.rpartition("/")[2])


def test_a_pipelined_request_behind_a_body_is_not_part_of_it(gateway, connect):
    with connect(gateway) as client:
        client.send(client.head("POST", "/first", [("Content-Length", 5)]) + b"12345"
                    + client.head("POST", "/second", [("Transfer-Encoding", "chunked")]) + b"3\r\nabc\r\n0\r\n\r\n"
                    + client.head("GET", "/third", []))
        told = [json.loads(client.response().body) for _turn in range(3)]
    assert [(each["target"], each["body"]) for each in told] == [("/first", "12345"), ("/second", "abc"), ("/third", "")]


def test_a_slow_first_answer_holds_the_second_back(gateway, backend, connect):
    backend.gate.clear()
    with connect(gateway) as client:
        client.send(client.head("GET", "/wait/first", []) + client.head("GET", "/second", []))
        backend.gate.set()
        assert client.response().body == b"late\n"
        assert json.loads(client.response().body)["target"] == "/second"


def test_connection_close_is_honoured(gateway, connect):
    with connect(gateway) as client:
        response = client.request(fields=[("Connection", "close")])
        assert response.status == 200 and response.get("connection", "").lower() == "close"
        assert client.is_ended() and client.reader.ending == "closed"


def test_requests_behind_connection_close_are_not_answered(gateway, backend, connect):
    with connect(gateway) as client:
        client.send(client.head("GET", "/last", [("Connection", "close")]) + client.head("GET", "/behind-the-last", []))
        assert client.response().status == 200
        assert client.rest() == b""
    assert not backend.sent_to("/behind-the-last")


def test_a_backend_that_closes_does_not_close_the_client(gateway, connect):
    with connect(gateway) as client:
        first = client.request(target="/close/1000")
        assert first.complete and first.size == 1000
        if first.get("content-length") or first.get("transfer-encoding"):
            assert client.request().status == 200


def test_empty_lines_between_requests_are_skipped(gateway, connect):
    """RFC 9112 2.2: at least one CRLF before a request line."""
    with connect(gateway) as client:
        assert client.request().status == 200
        client.send(b"\r\n" + client.head("GET", "/after", []))
        assert client.response().status == 200


@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_request_may_come_in_pieces(gateway, connect, size):
    with connect(gateway) as client:
        octets = client.head("POST", "/pieces", [("X-Long", "y" * 300), ("Content-Length", 10)]) + b"0123456789"
        for at in range(0, len(octets), size):
            client.send(octets[at:at + size])
        told = json.loads(client.response().body)
    assert told["body"] == "0123456789" and told["target"] == "/pieces"
