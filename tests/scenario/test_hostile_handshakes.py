"""Handshakes that are broken, half, cut into bytes or never end: closed in time, and nobody else notices."""

import random
import re
import socket
import threading
import time

import pytest

from support import client as clients
from support import figures, herd, wait, wire
from support.prober import Prober
from support.programs import SClient

VERSIONS = ["1.2", "1.3"]
# Not shorter: the good ones among the clients have no more time, and may have to wait for a processor.
DEADLINE_SECONDS, TOLERANCE_SECONDS = 3, 3


@pytest.fixture(scope="module")
def shared_changes():
    return {"gateway": {"handshake_timeout": f"{DEADLINE_SECONDS}s"}}


def everybody_else_is_served(connect, gateway):
    with connect(gateway, "good") as client:
        assert client.request().status == 200


def rest_of(sock):
    received = b""
    try:
        while part := sock.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return received


HELLO_LENGTH_LIES = {
    "record longer than TLS allows": wire.record(wire.HANDSHAKE, b"\x01" + b"\x00" * 16640 + b"x" * 2000),
    "record of 16 kB and one byte": wire.record(wire.HANDSHAKE, b"\x01\x00\x40\x00" + b"x" * 16381),
    "empty handshake record": wire.record(wire.HANDSHAKE, b""),
    "a message of 16 MB announced": wire.record(wire.HANDSHAKE, b"\x01\xff\xff\xff" + b"x" * 100),
    "a message of no bytes": wire.record(wire.HANDSHAKE, b"\x01\x00\x00\x00"),
    "a finished first": wire.record(wire.HANDSHAKE, b"\x14\x00\x00\x0c" + b"x" * 12),
    "a server hello": wire.record(wire.HANDSHAKE, b"\x02\x00\x00\x26" + b"\x03\x03" + b"x" * 36),
    "application data first": wire.record(wire.APPLICATION, b"GET / HTTP/1.1\r\n\r\n"),
    "an alert first": wire.record(wire.ALERT, b"\x02\x28"),
    "a close notify first": wire.record(wire.ALERT, b"\x01\x00"),
    "a change of cipher first": wire.record(wire.CHANGE_CIPHER_SPEC, b"\x01"),
    "a record of no kind": wire.record(99, b"what"),
    "a heartbeat": wire.record(24, b"\x01\x40\x00"),
    "SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + b"\x07\x00\xc0" * 7 + b"x" * 16,
    "SSL 3": wire.record(wire.HANDSHAKE, b"\x01\x00\x00\x2d\x03\x00" + b"x" * 32 + b"\x00\x00\x04\x00\x2f\x00\x05\x01\x00",
                         0x0300),
    "zeros": b"\x00" * 5000,
}


@pytest.mark.parametrize("name", HELLO_LENGTH_LIES)
def test_a_wrong_first_record_is_closed(gateway, connect, name):
    with clients.connect_plain(gateway.port) as sock, wait.Stopwatch() as watch:
        sock.sendall(HELLO_LENGTH_LIES[name])
        rest_of(sock)
        assert watch.so_far() < DEADLINE_SECONDS + TOLERANCE_SECONDS
    everybody_else_is_served(connect, gateway)


def test_random_bytes_are_closed(gateway, connect):
    seed = 7
    chance = random.Random(seed)
    for turn in range(60):
        with clients.connect_plain(gateway.port) as sock:
            try:
                sock.sendall(chance.randbytes(chance.randrange(1, 3000)))
                sock.shutdown(socket.SHUT_WR)
                rest_of(sock)
            except OSError:
                pass
        assert gateway.is_running(), f"seed {seed} turn {turn}"
    everybody_else_is_served(connect, gateway)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_hello_with_flipped_bits_is_refused_or_served(gateway, connect, pki, version):
    seed = 11
    chance = random.Random(seed)
    hello = wire.client_hello(pki, version=version)
    for turn in range(60):
        mutant = bytearray(hello)
        for _flip in range(chance.randrange(1, 6)):
            mutant[chance.randrange(5, len(mutant))] ^= 1 << chance.randrange(8)
        with clients.connect_plain(gateway.port) as sock:
            try:
                sock.sendall(mutant)
                sock.shutdown(socket.SHUT_WR)
                rest_of(sock)
            except OSError:
                pass
        assert gateway.is_running(), f"seed {seed} turn {turn}"
    everybody_else_is_served(connect, gateway)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cut_off_hello_is_forgotten(gateway, connect, pki, version):
    hello = wire.client_hello(pki, version=version)
    for size in list(range(1, 60)) + [100, 200, len(hello) - 1]:
        with clients.connect_plain(gateway.port) as sock:
            sock.sendall(hello[:size])
    everybody_else_is_served(connect, gateway)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_handshake_sent_byte_by_byte_is_served(start, backend, pki, version):
    gateway = start(backend, gateway={"handshake_timeout": "30s"})
    with clients.connect_plain(gateway.port) as sock:
        hands = wire.MemoryClient(sock, pki, "good", version=version)
        hands.handshake(lambda octets: wire.send_in_pieces(sock, octets))
        answer = hands.ask(lambda octets: wire.send_in_pieces(sock, octets), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
def test_a_handshake_in_small_records_is_served_or_refused(gateway, connect, pki, version, size):
    """B12: messages cut across records, down to a byte each; a clean end either way, and soon."""
    with clients.connect_plain(gateway.port) as sock, wait.Stopwatch() as watch:
        hands = wire.MemoryClient(sock, pki, "good", version=version)
        try:
            hands.handshake(lambda octets: sock.sendall(wire.split_records(octets, size)))
            answer = hands.ask(sock.sendall, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
        except OSError:
            assert watch.so_far() < DEADLINE_SECONDS + TOLERANCE_SECONDS
    everybody_else_is_served(connect, gateway)


@pytest.mark.alone
@pytest.mark.parametrize("cut", [True, False], ids=["in the hello", "after the server's flight"])
def test_half_open_handshakes_end_at_the_deadline_and_disturb_nobody(start, backend, pki, cut):
    """B13: 2,000 clients that stop half-way, while new ones go on being served quickly."""
    count, deadline = 2000, 3
    gateway = start(backend, gateway={"handshake_timeout": f"{deadline}s"})
    hello = wire.client_hello(pki)
    with Prober(gateway, pki, "good") as prober, herd.Herd() as half_open:
        for turn in range(count):
            born = time.monotonic()
            sock = clients.connect_plain(gateway.port)
            sock.sendall(hello[:20 + turn % 200] if cut else hello)
            half_open.add(sock, born)
            # A thousand a second: a burst of signatures would be another test.
            half_open.watch(0.02 if turn % 20 == 0 else 0)
        half_open.watch(3 * deadline)
    ages = half_open.ages()
    assert len(ages) == count
    assert deadline - 1 < min(ages) and max(ages) < deadline + 1, f"{min(ages):.2f} to {max(ages):.2f} s"
    assert not prober.failures
    assert prober.percentile(0.99) < 0.1 * figures.TIME_SCALE, prober.told()


def test_a_handshake_that_stops_in_the_middle_ends_at_the_deadline(gateway, pki):
    """After the server's flight: the gateway has spent a signature on this client, and lets it go all the same."""
    for version in VERSIONS:
        hello = wire.client_hello(pki, version=version)
        with wait.Stopwatch() as watch, clients.connect_plain(gateway.port) as sock:
            sock.sendall(hello)
            assert sock.recv(5)
            rest_of(sock)
            assert DEADLINE_SECONDS - 0.3 < watch.so_far() < DEADLINE_SECONDS + TOLERANCE_SECONDS, version


def test_a_handshake_that_drips_ends_at_the_deadline(gateway, pki):
    hello = wire.client_hello(pki)
    with clients.connect_plain(gateway.port) as sock, wait.Stopwatch() as watch:
        sock.settimeout(0.05)
        ended = False
        for octet in hello:
            try:
                sock.sendall(bytes([octet]))
                ended = not sock.recv(4096)
            except TimeoutError:
                pass
            except OSError:
                ended = True
            if ended or watch.so_far() > DEADLINE_SECONDS + TOLERANCE_SECONDS:
                break
        assert ended


def test_resets_in_every_part_of_the_handshake_leave_nothing(gateway, connect, pki):
    for version in VERSIONS:
        for keep in range(0, 3):
            for _turn in range(10):
                sock = clients.connect_plain(gateway.port)
                left = [keep]

                def send(octets, sock=sock, left=left):
                    if left[0] == 0:
                        raise InterruptedError
                    left[0] -= 1
                    sock.sendall(octets)

                try:
                    wire.MemoryClient(sock, pki, "good", version=version).handshake(send)
                except InterruptedError:
                    pass
                clients.Client(sock).abort()
    everybody_else_is_served(connect, gateway)


def test_a_chain_of_forty_certificates_does_no_harm(gateway, backend, connect, pki):
    path = pki.bundle("forty", "good", *["devices"] * 39)
    before = len(backend.requests)
    try:
        with connect(gateway, (path, pki.key("good"))) as client:
            assert client.request().status in (200, 400)
    except Exception as ended:  # pylint: disable=broad-except
        assert isinstance(ended, OSError) or type(ended).__name__ == "Ended"
        assert len(backend.requests) == before
    everybody_else_is_served(connect, gateway)


def test_a_megabyte_of_certificates_is_refused(gateway, connect, pki):
    path = pki.bundle("megabyte", "good", *["huge"] * 15)
    try:
        with connect(gateway, (path, pki.key("good"))) as client:
            assert client.request().status == 400
    except Exception as ended:  # pylint: disable=broad-except
        assert isinstance(ended, OSError) or type(ended).__name__ == "Ended"
    everybody_else_is_served(connect, gateway)


def test_renegotiation_is_not_done(gateway, pki):
    """B11, TLS 1.2: no second handshake; the connection goes on or closes."""
    with SClient(pki, gateway.port, "-tls1_2", "-msg", certificate="good") as peer:
        assert peer.until(r"Verify return code: 0")
        peer.say("R\n")
        assert peer.until("RENEGOTIATING")
        peer.say("GET /renegotiated HTTP/1.1\r\nHost: localhost\r\n\r\n")
        peer.until(r"HTTP/1.1 200|no_?renegotiation|no renegotiation|closed|errno|error")
        assert len(re.findall(r"ServerHello$", peer.text, re.M)) == 1


def test_a_flood_of_key_updates_does_no_harm(gateway, connect, pki):
    """B11, TLS 1.3: each costs the gateway keys; it may answer or close, others are served."""
    with SClient(pki, gateway.port, "-tls1_3", certificate="good") as peer:
        assert peer.until(r"Verify return code: 0")
        for turn in range(1, 60):
            if not peer.say("K\n"):
                break
            wait.until(lambda turn=turn: peer.text.count("KEYUPDATE") >= turn or peer.is_over(), "the key update")
        everybody_else_is_served(connect, gateway)
        peer.say("GET /updated HTTP/1.1\r\nHost: localhost\r\n\r\n")
        peer.until(r"HTTP/1.1 200")


def test_a_storm_of_everything_leaves_the_gateway_as_it_was(gateway, connect, pki):
    """Bad and good clients at once; the counters of each test's end are the point."""
    hello = wire.client_hello(pki)
    failures = []

    def bad(number):
        chance = random.Random(number)
        for _turn in range(40):
            sock = clients.connect_plain(gateway.port)
            sock.sendall(chance.choice([hello[:chance.randrange(1, len(hello))], chance.randbytes(100), hello * 2]))
            if chance.random() < 0.5:
                clients.Client(sock).abort()
            else:
                sock.close()

    def good():
        for _turn in range(25):
            try:
                with clients.connect(gateway.port, pki, "good") as client:
                    if client.request().status != 200:
                        failures.append("status")
            except Exception as failure:  # pylint: disable=broad-except
                failures.append(repr(failure))

    threads = [threading.Thread(target=bad, args=(number,)) for number in range(4)]
    threads += [threading.Thread(target=good) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    everybody_else_is_served(connect, gateway)
