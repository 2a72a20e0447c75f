"""Bodies both ways: lengths, chunks, none at all, HTTP/1.0; streamed, byte for byte."""

import json

import pytest

from support import pattern, wait

SIZES = [0, 1, 1000, 16383, 16384, 16385, 65536, 1000003]


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


def fetch(client, target, method="GET", version="HTTP/1.1"):
    checker = pattern.Checker()
    client.start(method, target, version=version)
    response = client.response(method, feed=checker.feed)
    return response, checker


@pytest.mark.parametrize("size", SIZES)
def test_a_download_with_a_length_arrives_whole(gateway, connect, size):
    with connect(gateway) as client:
        response, checker = fetch(client, f"/pattern/{size}")
        assert response.complete and checker.right and checker.size == size
        assert response.get("content-length") == str(size)


@pytest.mark.parametrize("size, piece", [(0, 1), (1000, 1), (50000, 7), (1000003, 10000), (1000003, 70000)])
def test_a_chunked_download_arrives_whole(gateway, connect, size, piece):
    with connect(gateway) as client:
        response, checker = fetch(client, f"/chunked/{size}/{piece}")
        assert response.complete and checker.right and checker.size == size
        assert client.request().status == 200


@pytest.mark.parametrize("size", [0, 1, 1000003])
def test_a_download_ended_by_the_backends_close_arrives_whole(gateway, connect, size):
    with connect(gateway) as client:
        response, checker = fetch(client, f"/close/{size}")
        assert response.complete and checker.right and checker.size == size


@pytest.mark.parametrize("size", SIZES)
def test_an_upload_with_a_length_arrives_whole(gateway, connect, size):
    with connect(gateway) as client:
        told = json.loads(client.request("POST", "/up", body=pattern.whole(size)).body)
    assert told["size"] == size and told["matches"]


@pytest.mark.parametrize("size, piece", [(0, 1), (1000, 1), (50000, 7), (1000003, 10000), (1000003, 70000)])
def test_a_chunked_upload_arrives_whole(gateway, connect, size, piece):
    with connect(gateway) as client:
        told = json.loads(client.request("POST", "/up", body=pattern.pieces(size, piece)).body)
        assert client.request().status == 200
    assert told["size"] == size and told["matches"]


def test_chunk_extensions_and_trailers_do_no_harm(gateway, connect):
    with connect(gateway) as client:
        client.send(client.head("POST", "/chunks", [("Transfer-Encoding", "chunked")])
                    + b"5;name=value\r\nhello\r\n1;q=\"a;b\"\r\n \r\n00005\r\nworld\r\n0\r\nX-Trailer: t\r\n\r\n")
        assert json.loads(client.response().body)["body"] == "hello world"
        assert client.request().status == 200


def test_a_body_streams_before_it_is_complete(gateway, backend, connect):
    """The backend has the first half while the client still holds the second."""
    with connect(gateway) as client:
        client.send(client.head("POST", "/streaming", [("Content-Length", 200000)]) + pattern.whole(100000))
        wait.until(lambda: backend.sent_to("/streaming"), "the request's head, at the backend,")
        client.send(bytes(pattern.whole(200000)[100000:]))
        told = json.loads(client.response().body)
    assert told["size"] == 200000 and told["matches"]


def test_expect_100_continue_is_answered_before_the_body(gateway, connect):
    with connect(gateway) as client:
        client.send(client.head("POST", "/expected", [("Content-Length", 5), ("Expect", "100-continue")]))
        first = client.reader.until(b"\r\n\r\n")
        assert first.startswith(b"HTTP/1.1 100")
        client.send(b"12345")
        response = client.response()
        assert response.status == 200 and json.loads(response.body)["body"] == "12345"


def test_expect_100_continue_may_go_ahead_without_waiting(gateway, connect):
    with connect(gateway) as client:
        client.send(client.head("POST", "/expected", [("Content-Length", 5), ("Expect", "100-continue")]) + b"12345")
        response = client.response()
        assert response.status == 200 and json.loads(response.body)["body"] == "12345"
        assert client.request().status == 200


def test_an_unknown_expectation_is_refused_or_passed_on(gateway, connect):
    with connect(gateway) as client:
        response = client.request(fields=[("Expect", "a-miracle")])
        assert response.status in (200, 400, 417)


def test_head_has_the_headers_and_no_body(gateway, connect):
    with connect(gateway) as client:
        response = client.request("HEAD", "/pattern/5000")
        assert response.status == 200 and response.get("content-length") == "5000"
        assert json.loads(client.request(target="/next").body)["target"] == "/next"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_none(gateway, connect, status):
    with connect(gateway) as client:
        response = client.request(target=f"/status/{status}")
        assert response.status == status and response.get("x-kept") == "yes"
        assert response.get("transfer-encoding") is None
        assert json.loads(client.request(target="/next").body)["target"] == "/next"


@pytest.mark.parametrize("status", [200, 201, 301, 404, 418, 500, 503, 599])
def test_statuses_of_the_backend_are_passed_on(gateway, connect, status):
    with connect(gateway) as client:
        response = client.request(target=f"/status/{status}")
        assert response.status == status and response.body == b"status\n"


def test_http_1_0_closes_after_the_answer(gateway, connect):
    with connect(gateway) as client:
        client.send(b"GET /pattern/1000 HTTP/1.0\r\n\r\n")
        response = client.response()
        assert response.status == 200 and response.complete and response.size == 1000
        assert client.is_ended()


def test_http_1_0_never_gets_chunks(gateway, connect):
    with connect(gateway) as client:
        checker = pattern.Checker()
        client.send(b"GET /chunked/30000 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        response = client.response(feed=checker.feed)
        assert response.get("transfer-encoding") is None
        assert response.complete and checker.right and checker.size == 30000


def test_http_1_0_may_keep_alive(gateway, connect):
    with connect(gateway) as client:
        client.send(b"GET /pattern/10 HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n")
        response = client.response()
        assert response.size == 10
        if response.get("connection", "").lower() == "keep-alive":
            assert client.request(version="HTTP/1.0").status == 200


def test_upload_and_download_at_once_do_not_block_each_other(backends, start, connect):
    """A backend that answers while it still reads: neither side may wait for the other's end."""
    size = 5_000_000

    def mirror(conversation):
        conversation.read_head()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for part in conversation.reader.parts(size):
            conversation.send(part)

    edge = start(backends(mirror), profile={"verify_client_auth_mode": "off"})
    with connect(edge) as client:
        checker = pattern.Checker()
        client.send(client.head("POST", "/mirror", [("Content-Length", size)]))
        client.exchange(pattern.pieces(size))
        response = client.response(feed=checker.feed)
        assert response.complete and checker.right and checker.size == size
