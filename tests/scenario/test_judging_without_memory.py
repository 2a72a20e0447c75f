"""Memory that is wanting while a client's certificate is judged is our failure, not the certificate's: 503, not 400.

Of the pieces that a gateway asks for just one is missing, the one in which the library checks a signature by an RSA key of
3072 bits.
"""

import struct

import pytest

from support import client as clients
from support import guarded, launch, stats, wait
from support.authority import tool
from support.gateway import MEMORY_SCALE

PIECE_BYTES = 3072 // 8

pytestmark = pytest.mark.skipif(MEMORY_SCALE > 1, reason="a sanitizer has an allocator of its own")


@pytest.fixture(scope="module")
def pki(responder):
    made = responder.pki
    tool.openssl.KEY_KINDS.setdefault("rsa3072", [*tool.openssl.RSA, "rsa_keygen_bits:3072"])
    made.authority("heavy", "/O=Revocable/CN=Heavy CA", "root", key="rsa3072")
    made.client("heavy-client", issuer="heavy")
    return made


class Memory:
    def __init__(self, folder):
        self.path = str(folder / "short-memory")
        self.lacks(0, "wb")

    def lacks(self, piece_bytes, how="r+b"):
        with open(self.path, how) as file:
            file.write(struct.pack("Q", piece_bytes))


@pytest.fixture(name="memory")
def a_memory(tmp_path, monkeypatch):
    made = Memory(tmp_path)
    launch.through(monkeypatch, tmp_path, launch.preload("short_memory", file=made.path))
    return made


def unjudged(gateway):
    return stats.metrics(gateway)['sallyport_verdicts_total{profile="devices",reason="out_of_memory"}']


def test_without_memory_to_judge_with_it_is_503_and_remembered_by_nobody(start, backend, pki, memory):
    gateway = start(backend)
    memory.lacks(PIECE_BYTES)
    seen = guarded.visit(gateway, pki, "heavy-client")
    assert seen.status == 503
    record = gateway.record(requestUri=seen.target)
    assert (record["reason"], record["sslClientVerify"]) == ("out_of_memory", "FAILED:out of memory")
    assert guarded.word(gateway, pki, "good") == "", "who needs no such piece is judged"
    memory.lacks(0)
    assert guarded.word(gateway, pki, "heavy-client") == ""
    assert gateway.counters()["closed_overload"] == 1 and gateway.counters().get("closed_refused", 0) == 0
    assert unjudged(gateway) == 1


def test_the_next_request_is_judged_again(start, backend, pki, memory):
    gateway = start(backend)
    memory.lacks(PIECE_BYTES)
    with clients.connect(gateway.port, pki, "heavy-client") as client:
        wait.until(lambda: unjudged(gateway) == 1, "the handshake's end, and no verdict")
        memory.lacks(0)
        assert client.request().status == 200


def test_a_resumed_client_needs_no_such_memory(start, backend, pki, memory):
    """Its verdict is there already."""
    gateway = start(backend)
    with clients.connect(gateway.port, pki, "heavy-client") as client:
        assert client.request().status == 200
        memory.lacks(PIECE_BYTES)
        assert client.request().status == 200
    assert guarded.word(gateway, pki, "heavy-client") == ""
