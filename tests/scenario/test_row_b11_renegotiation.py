"""B11: new handshakes and new keys within a connection, by the thousand: no attempt pays for the client that makes it."""

import pytest

from support import client as clients
from support import figures, forged, wait, wire
from support.prober import Prober
from support.schedstat import Undisturbed

ATTEMPTS = 500
UPDATES = 100_000
REQUEST = b"GET /status/200 HTTP/1.1\r\nHost: localhost\r\n\r\n"
ENDED = {"closed", "cut", "reset", "SSLV3_ALERT_UNEXPECTED_MESSAGE", "TLSV1_ALERT_NO_RENEGOTIATION", "NO_RENEGOTIATION"}


@pytest.fixture(scope="module", autouse=True)
def key_logs():
    yield
    forged.forget_secrets()


@pytest.fixture
def forge(pki):
    made = []

    def maker(gateway, version, receive_buffer=None):
        sock = clients.connect_plain(gateway.port, receive_buffer)
        made.append(sock)
        return forged.ForgingClient(sock, pki, "good", version)

    yield maker
    for sock in made:
        sock.close()


def hello_message(pki, version="1.2"):
    [(kind, content)], _left = wire.records_of(wire.client_hello(pki, version=version))
    assert kind == wire.HANDSHAKE
    return content


def try_to_send(sock, octets):
    """The peer may have had enough of it."""
    try:
        sock.sendall(octets)
    except OSError:
        pass


def cpu_of_connections(gateway, forge, count, spoil=lambda peer: None):
    start = figures.cpu_seconds(gateway)
    for _turn in range(count):
        peer = forge(gateway, "1.2")
        spoil(peer)
        peer.sock.close()
    wait.until(lambda: gateway.counters()["connections_open"] == 0, "the end of every connection")
    return figures.cpu_seconds(gateway) - start


@pytest.mark.parametrize("count", figures.small_or_full(100, ATTEMPTS))
def test_an_attempt_to_renegotiate_costs_less_than_a_handshake(gateway, forge, pki, count):
    """Connections without one, then as many with one each: the difference is the attempts'."""
    hello = hello_message(pki)
    endings = set()

    def renegotiate(peer):
        try_to_send(peer.sock, peer.sealer.record(wire.HANDSHAKE, hello))
        endings.add(peer.ending())

    cpu_of_connections(gateway, forge, 10)
    handshakes = cpu_of_connections(gateway, forge, count)
    before = gateway.counters()["handshakes_completed"]
    both = cpu_of_connections(gateway, forge, count, renegotiate)
    assert endings <= ENDED
    assert gateway.counters()["handshakes_completed"] - before == count
    attempts = both - handshakes
    assert attempts < handshakes, f"{count} attempts {attempts:.3f} s, {count} handshakes {handshakes:.3f} s"


def test_many_attempts_on_one_connection_cost_less_than_one_handshake_each(gateway, forge, pki):
    hello = hello_message(pki)
    peer = forge(gateway, "1.2")
    flood = b"".join(peer.sealer.record(wire.HANDSHAKE, hello) for _attempt in range(ATTEMPTS))
    start = figures.cpu_seconds(gateway)
    try_to_send(peer.sock, flood)
    assert peer.ending() in ENDED
    seconds = figures.cpu_seconds(gateway) - start
    # 100 µs: the cheapest handshake that has been measured of anybody.
    assert seconds < ATTEMPTS * 100e-6 * figures.TIME_SCALE, f"{seconds:.3f} s"


@pytest.mark.parametrize("asked", [forged.UPDATE_NOT_REQUESTED, forged.UPDATE_REQUESTED], ids=["told", "asked for more"])
def test_a_flood_of_key_updates_is_ended(gateway, forge, pki, asked):
    peer = forge(gateway, "1.3")
    flood = b"".join(peer.sealer.key_update(asked) for _turn in range(UPDATES))
    with Prober(gateway, pki, "good") as prober:
        start = figures.cpu_seconds(gateway)
        with Undisturbed(gateway) as watch:
            try_to_send(peer.sock, flood)
            assert peer.ending() in ENDED
    assert not prober.failures
    assert watch.seconds < 2 * figures.TIME_SCALE
    assert max(prober.whole) < 1 * figures.TIME_SCALE, prober.told()
    # To derive the keys of each would take longer.
    assert figures.cpu_seconds(gateway) - start - len(prober.times) * 1e-3 < UPDATES * 5e-6 * figures.TIME_SCALE


def test_some_key_updates_are_done(gateway, forge):
    """More than a client has ever honest reason for."""
    peer = forge(gateway, "1.3")
    for turn in range(50):
        peer.sock.sendall(peer.sealer.key_update(turn % 2))
        peer.say(REQUEST)
        assert peer.read_head().startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("updates", figures.small_or_full(10_000, UPDATES))
def test_key_updates_that_are_paid_for_with_data_disturb_nobody(gateway, forge, pki, updates):
    """Each comes with a piece of an upload, so that all are done; and none of the gateway's own updates is read."""
    peer = forge(gateway, "1.3", receive_buffer=4096)
    piece = b"u" * 1100
    peer.say(b"POST /paid HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (updates * len(piece)))
    growth = figures.Growth(gateway)
    with Prober(gateway, pki, "good", pause=0.002) as prober:
        for turn in range(updates // 100):
            try_to_send(peer.sock, b"".join(
                peer.sealer.key_update(forged.UPDATE_REQUESTED) + peer.sealer.record(wire.APPLICATION, piece)
                for _turn in range(100)))
            if turn % 10 == 0:
                growth.look()
    assert growth.look() < 16 * 1024 * figures.KILOBYTE
    assert not prober.failures
    assert prober.percentile(0.99) < 0.1 * figures.TIME_SCALE, prober.told()
