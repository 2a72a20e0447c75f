"""D9: short reads and short writes everywhere, byte-identical bodies of every size all the same."""

import json
import random

import pytest

from support import client as clients
from support import http, pattern

OFF = {"verify_client_auth_mode": "off"}
SIZES = [0, 1, 999, 16384, 100_000, 3_000_000]


@pytest.fixture
def narrow(start, backends):
    """The kernel's smallest buffers on the backend's side; the client's are made small where it connects."""
    return start(backends(send_buffer=1, receive_buffer=1), profile=OFF)


@pytest.mark.parametrize("kind", ["pattern", "chunked", "close"])
def test_downloads_through_narrow_sockets_are_whole(narrow, pki, kind):
    for size in SIZES:
        with clients.connect(narrow.port, pki, receive_buffer=1) as client:
            checker = pattern.Checker()
            client.start(target=f"/{kind}/{size}")
            response = client.response(feed=checker.feed)
            assert response.complete and checker.right and checker.size == size


@pytest.mark.parametrize("chunked", [False, True])
def test_uploads_through_narrow_sockets_are_whole(narrow, pki, chunked):
    for size in SIZES:
        with clients.connect(narrow.port, pki, receive_buffer=1) as client:
            body = pattern.pieces(size, 5000) if chunked else pattern.whole(size)
            told = json.loads(client.request("POST", "/up", body=body).body)
            assert told["size"] == size and told["matches"]


def test_every_cut_of_a_request_is_the_same_request(start, backend, pki):
    """Cut in two at each place, in TLS records of their own."""
    gateway = start(backend, profile=OFF)
    with clients.connect(gateway.port, pki) as client:
        whole = (client.head("POST", "/cut", [("Transfer-Encoding", "chunked"), ("X-A", "b")])
                 + b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
        for at in range(1, len(whole)):
            client.send(whole[:at])
            client.send(whole[at:])
            assert json.loads(client.response().body)["body"] == "hello world", at


def test_every_cut_of_an_answer_is_the_same_answer(start, backends, pki):
    whole = b"HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    place = [0]

    def script(conversation):
        while conversation.read_request():
            at = place[0]
            conversation.send(whole[:at])
            # Long enough for the gateway to see the first part alone, most of the time.
            conversation.pause(0.002)
            conversation.send(whole[at:])

    gateway = start(backends(script), profile=OFF)
    with clients.connect(gateway.port, pki) as client:
        for at in range(1, len(whole)):
            place[0] = at
            response = client.request()
            assert (response.status, response.body) == (200, b"hello world"), at


def test_random_sizes_both_ways_at_once(start, backends, pki):
    seed = 5
    chance = random.Random(seed)

    def mirror(conversation):
        while request := conversation.read_head():
            conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for part in http.body_parts(conversation.reader, request, [], close_delimits=False):
                conversation.send(b"%x\r\n%s\r\n" % (len(part), part))
            conversation.send(b"0\r\n\r\n")

    gateway = start(backends(mirror), profile=OFF)
    with clients.connect(gateway.port, pki, receive_buffer=4096) as client:
        for _turn in range(10):
            size = chance.randrange(0, 400_000)
            checker = pattern.Checker()
            client.send(client.head("POST", "/mirror", [("Content-Length", size)]))
            client.exchange(pattern.pieces(size, chance.randrange(1, 50_000)))
            response = client.response(feed=checker.feed)
            assert response.complete and checker.right and checker.size == size, f"seed {seed}"
