"""Bodies far larger than memory may grow: 64 MB always, 4 GB with -m big; the gateway's memory stays where it was."""

import json

import pytest

from support import client as clients
from support import pattern, programs

MEGABYTE = 1 << 20
GROWTH_MAX = 64 * MEGABYTE
OFF = {"verify_client_auth_mode": "off"}

sizes = pytest.mark.parametrize("size", [64 * MEGABYTE, pytest.param(4 << 30, marks=pytest.mark.big)], ids=["64 MB", "4 GB"])


class Memory:
    """The most that the gateway grew, looked at as a body passes."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.before = gateway.resident_bytes()
        self.growth = 0
        self.parts = 0

    def look(self):
        self.parts += 1
        if self.parts % 64 == 0:
            self.growth = max(self.growth, self.gateway.resident_bytes() - self.before)


def warmed(start, backend, pki):
    gateway = start(backend, profile=OFF)
    assert clients.ask(gateway.port, pki).status == 200
    return gateway


@sizes
def test_a_big_download_streams(start, backend, pki, size):
    gateway = warmed(start, backend, pki)
    memory, checker = Memory(gateway), pattern.Checker()

    def feed(part):
        checker.feed(part)
        memory.look()

    with clients.connect(gateway.port, pki) as client:
        client.start(target=f"/pattern/{size}")
        response = client.response(feed=feed)
    assert response.complete and checker.right and checker.size == size
    assert memory.growth < GROWTH_MAX


@sizes
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_big_upload_streams(start, backend, pki, size, chunked):
    gateway = warmed(start, backend, pki)
    memory = Memory(gateway)
    with clients.connect(gateway.port, pki) as client:
        if chunked:
            client.send(client.head("POST", "/up", [("Transfer-Encoding", "chunked")]))
        else:
            client.send(client.head("POST", "/up", [("Content-Length", size)]))
        for part in pattern.pieces(size):
            client.send(b"%x\r\n%s\r\n" % (len(part), bytes(part)) if chunked else part)
            memory.look()
        if chunked:
            client.send(b"0\r\n\r\n")
        told = json.loads(client.response("POST").body)
    assert told["size"] == size and told["matches"]
    assert memory.growth < GROWTH_MAX


@sizes
def test_a_big_answer_that_only_a_close_ends_streams(start, backend, pki, size):
    gateway = warmed(start, backend, pki)
    checker = pattern.Checker()
    with clients.connect(gateway.port, pki) as client:
        client.start(target=f"/close/{size}")
        response = client.response(feed=checker.feed)
    assert response.complete and checker.right and checker.size == size


@pytest.mark.big
def test_curl_moves_4_gb_through_nginx(start, nginx, pki, tmp_path):
    with open(tmp_path / "nginx" / "www" / "big", "wb") as file:
        file.truncate(4 << 30)
    gateway = start(nginx)
    done = programs.run("curl", "--silent", "--cacert", pki.file("server-root"), "--cert", pki.chain("good"), "--key",
                        pki.key("good"), "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}",
                        f"https://localhost:{gateway.port}/big", seconds=600)
    assert done.stdout == f"200 {4 << 30}"
