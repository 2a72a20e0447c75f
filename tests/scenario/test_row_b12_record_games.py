"""B12: what records allow and nobody honest does. Each client is served or closed, at 64 kB of memory at most."""

import contextlib

import pytest

from support import client as clients
from support import figures, forged, pattern, wait, wire
from support.prober import Prober

VERSIONS = ["1.2", "1.3"]
EACH_MAX = 64 * figures.KILOBYTE
RECORDS_EACH_SECOND = 10_000
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
SETTINGS = {"handshake_timeout": "60s"}
ENDED = {"closed", "cut", "reset", "SSLV3_ALERT_UNEXPECTED_MESSAGE", "TLSV1_ALERT_RECORD_OVERFLOW",
         "TLSV1_ALERT_DECODE_ERROR"}

connections = pytest.mark.parametrize("count", figures.small_or_full(40, 200))


@pytest.fixture(scope="module")
def shared_changes():
    return {"gateway": SETTINGS}


@pytest.fixture
def fresh(start, backend):
    """A gateway without a past, for what is measured of its memory."""
    return start(backend, gateway=SETTINGS)


@pytest.fixture(scope="module", autouse=True)
def key_logs():
    yield
    forged.forget_secrets()


def try_to_send(sock, octets):
    """The peer may have had enough of it."""
    with contextlib.suppress(OSError):
        sock.sendall(octets)


def touch_all_buffers(gateway, pki):
    """What the gateway has once, however many clients there are, is not the games' doing."""
    for _turn in range(8):
        assert clients.ask(gateway.port, pki, "good", "POST", "/warm", body=pattern.whole(4_000_000)).status == 200


def cost_of_each(gateway, pki, count, play):
    """Bytes of the gateway for each of count clients at once; play() is one of them and returns its socket."""
    touch_all_buffers(gateway, pki)
    play().close()
    growth = figures.Growth(gateway)
    kept = []
    for _number in range(count):
        kept.append(play())
        growth.look()
    growth.watch(0.2)
    for sock in kept:
        sock.close()
    return growth.most / count


def forge(gateway, pki, version):
    return forged.ForgingClient(clients.connect_plain(gateway.port), pki, "good", version)


# ------------------------------------------------------------------------------- a handshake in crumbs


@pytest.mark.parametrize("version", VERSIONS)
def test_a_handshake_in_records_and_segments_of_a_byte_is_served_or_ended(gateway, connect, pki, version):
    with clients.connect_plain(gateway.port) as sock, wait.Stopwatch() as watch:
        hands = wire.MemoryClient(sock, pki, "good", version=version)
        try:
            hands.handshake(lambda octets: wire.send_in_pieces(sock, wire.split_records(octets, 1)))
            answer = hands.ask(lambda octets: wire.send_in_pieces(sock, octets), REQUEST)
            assert answer.startswith(b"HTTP/1.1 200")
        except OSError:
            assert watch.so_far() < 5 * figures.TIME_SCALE
    with connect(gateway, "good") as client:
        assert client.request().status == 200


@connections
@pytest.mark.parametrize("version", VERSIONS)
def test_hellos_in_crumbs_that_lack_a_byte_cost_little(fresh, pki, version, count):
    hello = wire.split_records(wire.client_hello(pki, version=version), 1)[:-6]

    def play():
        sock = clients.connect_plain(fresh.port)
        wire.send_in_pieces(sock, hello, 6)
        return sock

    each = cost_of_each(fresh, pki, count, play)
    assert each < EACH_MAX, f"{each:.0f} bytes each"


@connections
@pytest.mark.parametrize("version", VERSIONS)
def test_second_flights_in_crumbs_that_lack_a_byte_cost_little(fresh, pki, version, count):
    """The certificate of the client, cut where TLS leaves it readable; in TLS 1.3 its record lacks the last byte."""
    def play():
        sock = clients.connect_plain(fresh.port)
        hands = wire.MemoryClient(sock, pki, "good", version=version)
        sock.sendall(hands.flight())
        while not (flight := hands.flight()):
            hands.arrived()
        try_to_send(sock, wire.split_records(flight, 4)[:-1])
        return sock

    each = cost_of_each(fresh, pki, count, play)
    assert each < EACH_MAX, f"{each:.0f} bytes each"


# --------------------------------------------------------------------------- floods after the handshake


def empty_records(sealer, times):
    return b"".join(sealer.record(wire.APPLICATION, b"") for _turn in range(times))


def empty_padded_records(sealer, times):
    """TLS 1.3 has padding: records of some length that hold nothing."""
    return b"".join(sealer.record(wire.APPLICATION, b"", padding=400) for _turn in range(times // 10))


def warning_alerts(sealer, times):
    alert = bytes([forged.WARNING, forged.USER_CANCELED])
    return b"".join(sealer.record(wire.ALERT, alert) for _turn in range(times))


def handshake_crumbs(sealer, times):
    """A message of 16 MB that comes a byte a record."""
    start = sealer.record(wire.HANDSHAKE, b"\x18\xff\xff\xff")
    return start + b"".join(sealer.record(wire.HANDSHAKE, b"x") for _turn in range(times))


def too_long_by_a_byte(sealer, _times):
    return sealer.record(wire.APPLICATION, b"x" * 16385)


def far_too_long(sealer, _times):
    return sealer.record(wire.APPLICATION, b"x" * 40000)


FLOODS = {"empty records": empty_records, "padding alone": empty_padded_records, "warning alerts": warning_alerts,
          "crumbs of a message": handshake_crumbs, "16 kB and a byte": too_long_by_a_byte, "40 kB": far_too_long}
GAMES = [(version, name) for version in VERSIONS for name in FLOODS if (version, name) != ("1.2", "padding alone")]


@connections
@pytest.mark.parametrize("version, name", GAMES)
def test_floods_of_records_are_ended_and_cost_little(fresh, pki, version, name, count):
    endings = set()

    def play():
        peer = forge(fresh, pki, version)
        try_to_send(peer.sock, FLOODS[name](peer.sealer, count * 50))
        endings.add(peer.ending())
        return peer.sock

    each = cost_of_each(fresh, pki, count, play)
    assert endings <= ENDED
    assert each < EACH_MAX, f"{each:.0f} bytes each"


def test_ten_thousand_empty_records_a_second_disturb_nobody(gateway, pki):
    """From clients that come back at once when they are closed, for three seconds; as many where the machine needs longer."""
    sent = 0
    with Prober(gateway, pki, "good") as prober, wait.Stopwatch() as watch:
        while watch.so_far() < 3 or sent < 3 * RECORDS_EACH_SECOND / figures.TIME_SCALE:
            peer = forge(gateway, pki, "1.3")
            flood = [b"".join(peer.sealer.record(wire.APPLICATION, b"") for _turn in range(100)) for _batch in range(10)]
            for batch in flood:
                try_to_send(peer.sock, batch)
                sent += 100
            assert peer.ending() in ENDED
            peer.sock.close()
    assert not prober.failures
    assert prober.percentile(0.99) < 0.1 * figures.TIME_SCALE, prober.told()


# ------------------------------------------------------------------------------------- the honest ones


@pytest.mark.parametrize("version", VERSIONS)
def test_records_of_exactly_16_kb_are_served(gateway, pki, version):
    peer = forge(gateway, pki, version)
    body = pattern.whole(8 * 16384)
    peer.say(b"POST /full HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body))
    for at in range(0, len(body), 16384):
        peer.say(body[at:at + 16384])
    assert peer.read_head().startswith(b"HTTP/1.1 200 ")
    peer.sock.close()


@pytest.mark.parametrize("version", VERSIONS)
def test_some_empty_records_are_served(gateway, pki, version):
    peer = forge(gateway, pki, version)
    for _turn in range(20):
        peer.say(b"")
        peer.say(REQUEST)
        peer.say(b"")
        assert peer.read_head().startswith(b"HTTP/1.1 200 ")
    peer.sock.close()


@connections
@pytest.mark.parametrize("version", VERSIONS)
def test_records_that_lack_a_byte_cost_little(fresh, pki, version, count):
    """Of the largest size: nothing of them can be used before the last byte is there."""
    def play():
        peer = forge(fresh, pki, version)
        peer.sock.sendall(peer.sealer.record(wire.APPLICATION, b"x" * 16384)[:-1])
        return peer.sock

    each = cost_of_each(fresh, pki, count, play)
    assert each < EACH_MAX, f"{each:.0f} bytes each"
