"""C5, in small: clients that send or read too slowly hold their own connection and nothing else."""

import time

import pytest

from support import client as clients
from support import pattern, wait

COUNT = 150
OFF = {"verify_client_auth_mode": "off"}


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": OFF, "gateway": {"client_header_timeout": "1s", "client_body_timeout": "1s", "send_timeout": "1s",
                                        "keepalive_timeout": "5s"}}


def slow_ones(gateway, pki, octets):
    made = []
    for _turn in range(COUNT):
        client = clients.connect(gateway.port, pki)
        client.send(octets)
        made.append(client)
    return made


def healthy(gateway, pki, turns=20):
    """The slowest of some requests of a good client, each on a new connection."""
    worst = 0
    for _turn in range(turns):
        with wait.Stopwatch() as watch:
            assert clients.ask(gateway.port, pki).status == 200
        worst = max(worst, watch.seconds)
    return worst


def ended(client, seconds=5):
    client.sock.settimeout(seconds)
    return b"".join(client.reader.rest()) is not None


def test_slow_heads_end_in_time_and_the_others_do_not_wait(gateway, pki):
    slow = slow_ones(gateway, pki, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    assert healthy(gateway, pki) < 1
    for client in slow:
        assert ended(client)
        client.close()


def test_slow_bodies_end_in_time_and_the_others_do_not_wait(gateway, pki):
    slow = slow_ones(gateway, pki, b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nslow")
    assert healthy(gateway, pki) < 1
    for client in slow:
        assert ended(client)
        client.close()


def test_clients_that_do_not_read_end_in_time_and_cost_little(gateway, pki):
    """Each asks for more than the buffers of TCP hold and reads nothing of it."""
    before = gateway.resident_bytes()
    slow = []
    for _turn in range(20):
        client = clients.connect(gateway.port, pki, receive_buffer=4096)
        client.start(target="/pattern/20000000")
        slow.append(client)
    assert healthy(gateway, pki) < 1
    assert gateway.resident_bytes() - before < 64 * 1024 * 1024
    wait.until(lambda: gateway.counters()["connections_accepted"] - gateway.counters()["connections_closed"] == 0,
               "the end of clients that do not read")
    for client in slow:
        client.close()


def test_a_client_that_reads_slowly_but_steadily_gets_everything(gateway, pki):
    """Longer in all than any timer: what counts is that it goes on."""
    checker = pattern.Checker()

    def feed(part):
        checker.feed(part)
        time.sleep(len(part) / 1_500_000)

    with clients.connect(gateway.port, pki, receive_buffer=32768) as client:
        client.start(target="/pattern/3000000")
        with wait.Stopwatch() as watch:
            response = client.response(feed=feed)
    assert response.complete and checker.right and checker.size == 3_000_000
    assert watch.seconds > 1.5


def test_a_backend_is_not_read_faster_than_the_client(gateway, pki):
    """Back pressure: of 50 MB the backend gets rid of little while the client does not read."""
    before = gateway.resident_bytes()
    with clients.connect(gateway.port, pki, receive_buffer=4096) as client:
        client.start(target="/pattern/50000000")
        healthy(gateway, pki, 10)
        assert gateway.resident_bytes() - before < 8 * 1024 * 1024
        client.abort()


@pytest.mark.parametrize("count", [300, pytest.param(5000, marks=pytest.mark.big)])
def test_idle_connections_hold_and_cost_little(start, backend, pki, count):
    gateway = start(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
    before = gateway.resident_bytes()
    idle = []
    for _turn in range(count):
        client = clients.connect(gateway.port, pki, "good")
        assert client.request(target="/status/200").status == 200
        idle.append(client)
    each = (gateway.resident_bytes() - before) / count
    assert each < 40 * 1024, f"{each:.0f} bytes each"
    for client in idle[::10]:
        assert client.request(target="/status/200").status == 200
