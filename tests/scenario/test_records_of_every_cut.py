"""Records of any size with KeyUpdates, padding and empty ones between them, in segments that know nothing of records.

What a record holds is decrypted where it was received when it lies there whole, and elsewhere when it does not: every byte
must come out once and in order, whichever way it went.
"""

import json
import random
import ssl
import threading

import pytest

from support import client as clients
from support import forged, pattern, wire

SEEDS = range(4)
VERSIONS = ["1.2", "1.3"]
SIZES = [1, 100, 16384, 65536, 65537, 300_000, 1_500_000]
RECORD_MAX = 16384
RECORD_SIZES = [1, 5, 27, 100, 8191, 8192, 8193, 16363, 16379, 16383, RECORD_MAX]
SEGMENTS_MAX = [1400, 16384, 36864, 200_000]
PAID_BYTES = 20_000  # of data for each record without
HEAD = b"POST /full HTTP/1.1\r\nHost: localhost\r\n"
SWITCH = b"GET /switch HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
END = bytes([forged.WARNING, 0])  # close_notify


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"verify_client_auth_mode": "off"}}


@pytest.fixture(scope="module", autouse=True)
def key_logs():
    yield
    forged.forget_secrets()


class Cutter:
    """A client that writes in records as chance will have it."""

    def __init__(self, gateway, pki, version, seed):
        self.chance = random.Random(f"{version} {seed}")
        self.version = version
        self.peer = forged.ForgingClient(clients.connect_plain(gateway.port), pki, None, version)

    def record(self, part):
        padding = min(RECORD_MAX - len(part), self.chance.choice([0, 0, 1, RECORD_MAX])) if self.version == "1.3" else 0
        return self.peer.sealer.record(wire.APPLICATION, part, **({"padding": padding} if padding else {}))

    def record_without_data(self):
        if self.version == "1.3" and self.chance.random() < 0.5:
            return self.peer.sealer.key_update(self.chance.randint(0, 1))
        return self.peer.sealer.record(wire.APPLICATION, b"")

    def records(self, octets):
        done, at, paid = [], 0, 0
        while at < len(octets):
            size = self.chance.choice(RECORD_SIZES + [self.chance.randint(1, RECORD_MAX)])
            done.append(self.record(octets[at:at + size]))
            at += size
            paid += size
            if paid > PAID_BYTES:
                paid -= PAID_BYTES
                done.append(self.record_without_data())
        return b"".join(done)

    def send(self, octets):
        segment_max, at = self.chance.choice(SEGMENTS_MAX), 0
        while at < len(octets):
            size = self.chance.randint(1, segment_max)
            self.peer.sock.sendall(octets[at:at + size])
            at += size

    def read(self, size):
        received = bytearray()
        while len(received) < size:
            try:
                received += self.peer.tls.read(size - len(received))
            except ssl.SSLWantReadError:
                self.peer.arrived()
        return bytes(received)

    def read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.read(1)
        return head


def in_chunks(chance, body):
    octets, at = HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 0
    while at < len(body):
        part = body[at:at + chance.choice([100, 16384, 40_000])]
        octets += b"%x\r\n%b\r\n" % (len(part), part)
        at += len(part)
    return octets + b"0\r\n\r\n"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("version", VERSIONS)
def test_uploads_arrive_whole(gateway, pki, version, seed):
    cutter = Cutter(gateway, pki, version, seed)
    for _turn in range(4):
        body = pattern.whole(cutter.chance.choice(SIZES))
        counted = HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body
        cutter.send(cutter.records(cutter.chance.choice([counted, in_chunks(cutter.chance, body)])))
        head = cutter.read_head()
        assert head.startswith(b"HTTP/1.1 200 ")
        report = json.loads(cutter.read(int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])))
        assert (report["size"], report["matches"]) == (len(body), True)
    cutter.peer.sock.close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_tunnel_gives_back_every_byte_up_to_the_close_notify(gateway, pki, version, seed):
    cutter = Cutter(gateway, pki, version, seed)
    sealer = cutter.peer.sealer
    said = cutter.chance.randbytes(cutter.chance.choice(SIZES))
    octets = cutter.records(SWITCH + said) + sealer.record(wire.ALERT, END) + sealer.record(wire.APPLICATION, b"late") * 3
    sender = threading.Thread(target=cutter.send, args=[octets])
    sender.start()
    assert cutter.read_head().startswith(b"HTTP/1.1 101 ")
    assert cutter.read(len(said)) == said
    assert cutter.read(8) == b"farewell"
    assert cutter.peer.ending() == "closed"
    sender.join()
    cutter.peer.sock.close()
