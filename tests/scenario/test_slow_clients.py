"""C5: clients that send or read too slowly hold their own connection and nothing else."""

import time

import pytest

from support import client as clients
from support import figures, herd, pattern, wait
from support.backend import serve
from support.prober import Prober
from support.schedstat import Undisturbed

OFF = {"verify_client_auth_mode": "off"}
HEALTH_REQUESTS = 60
# What a health check would take for an outage. The clients and the backend of the attack want the same cores as the gateway.
HEALTH_SECONDS_MAX = 3 * figures.TIME_SCALE
# By which a timer may be late; less than what a timer would be late that every byte sets anew.
LATE_SECONDS_MAX = min(figures.TIME_SCALE, 2)
# Clients at once, and for how long.
attacks = pytest.mark.parametrize("count, seconds", figures.small_or_full((60, 3), (400, 25)))


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": OFF, "gateway": {"client_header_timeout": "1s", "client_body_timeout": "1s", "send_timeout": "1s",
                                        "keepalive_timeout": "5s"}}


def healthy(gateway, pki, turns=20):
    """The slowest of some requests of a good client, each on a new connection."""
    worst = 0
    for _turn in range(turns):
        with Undisturbed(gateway) as watch:
            assert clients.ask(gateway.port, pki).status == 200
        worst = max(worst, watch.seconds)
    return worst


def patient(conversation):
    """The backend of slow clients must not be the one that gives up."""
    conversation.sock.settimeout(60)
    serve(conversation)


class Attack:
    """Timers of the gateway run out after four fifths of the attack; slow clients move every twenty-fifth of it."""

    def __init__(self, start, backends, count, seconds):
        self.count, self.seconds, self.timeout = count, seconds, seconds * 0.8
        limit = f"{int(self.timeout * 1000)}ms"
        self.gateway = start(backends(patient), profile=OFF, gateway={
            "client_header_timeout": limit, "client_body_timeout": limit, "send_timeout": limit})

    def run(self, pki, flock, octets, step, receive_buffer=None):
        """Every client says octets and then takes its steps; a good client asks all the while, and is answered."""
        growth = figures.Growth(self.gateway)
        with Prober(self.gateway, pki, pause=self.seconds / HEALTH_REQUESTS / 3) as prober:
            for _number in range(self.count):
                born = time.monotonic()
                client = clients.connect(self.gateway.port, pki, receive_buffer=receive_buffer)
                client.send(octets)
                flock.add(client.sock, born)
                flock.look(step, self.seconds / 25)
            flock.watch(self.seconds, step, self.seconds / 25)
            growth.look()
        assert not prober.failures
        wanted = min(HEALTH_REQUESTS, 10 * self.seconds) / figures.TIME_SCALE
        assert len(prober.whole) >= wanted and max(prober.whole) < HEALTH_SECONDS_MAX, prober.told()
        return growth.most / self.count

    def ended_in_time(self, flock):
        least = [member.least_age for member in flock.members if member.age is not None]
        return least and self.timeout - 0.1 < min(flock.ages()) and max(least) < self.timeout + LATE_SECONDS_MAX


@attacks
def test_slow_heads_end_in_time_and_the_others_do_not_wait(start, backends, pki, count, seconds):
    attack = Attack(start, backends, count, seconds)
    with herd.Herd() as flock:
        attack.run(pki, flock, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", lambda member: flock.send(member, b"s"))
        flock.watch(attack.timeout + wait.PATIENCE_SECONDS)
        assert len(flock.ages()) == count
        assert attack.ended_in_time(flock)
        assert all(member.received.startswith(b"HTTP/1.1 408 ") for member in flock.members)


@attacks
def test_slow_bodies_hold_nobody_up(start, backends, pki, count, seconds):
    """Half of them go on, byte by byte, and may; the others stop, and are ended in time."""
    attack = Attack(start, backends, count, seconds)
    with herd.Herd() as flock:
        def step(member):
            if flock.members.index(member) % 2:
                flock.send(member, b"s")

        attack.run(pki, flock, b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nslow", step)
        flock.watch(2, step, seconds / 25)
        assert attack.ended_in_time(flock)
        assert [member.age is None for member in flock.members] == [bool(number % 2) for number in range(count)]


@attacks
def test_slow_reads_hold_nobody_up(start, backends, pki, count, seconds):
    attack = Attack(start, backends, count, seconds)
    with herd.Herd(reads=False) as flock:
        each = attack.run(pki, flock, b"GET /pattern/8000000 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                          lambda member: flock.read(member, 1000), receive_buffer=4096)
    # The limit of a queue, in blocks that need not be full.
    assert each < 384 * figures.KILOBYTE, f"{each:.0f} bytes each"


def test_clients_that_do_not_read_end_in_time_and_cost_little(gateway, pki):
    """Each asks for more than the buffers of TCP hold and reads nothing of it."""
    before = gateway.resident_bytes()
    slow = []
    for _turn in range(20):
        client = clients.connect(gateway.port, pki, receive_buffer=4096)
        client.start(target="/pattern/20000000")
        slow.append(client)
    assert healthy(gateway, pki) < figures.TIME_SCALE
    assert gateway.resident_bytes() - before < 16 * 1024 * 1024
    wait.until(lambda: gateway.counters()["connections_accepted"] - gateway.counters()["connections_closed"] == 0,
               "the end of clients that do not read")
    for client in slow:
        client.close()


def test_a_client_that_reads_slowly_but_steadily_gets_everything(start, backends, pki):
    """Longer in all than any timer: what counts is that it goes on."""
    gateway = start(backends(patient), profile=OFF, gateway={"send_timeout": "3s"})
    checker = pattern.Checker()

    def feed(part):
        checker.feed(part)
        time.sleep(len(part) / 1_500_000)

    with clients.connect(gateway.port, pki, receive_buffer=32768) as client:
        client.start(target="/pattern/6000000")
        with wait.Stopwatch() as watch:
            response = client.response(feed=feed)
    assert response.complete and checker.right and checker.size == 6_000_000
    assert watch.seconds > 3.5


def test_a_backend_is_not_read_faster_than_the_client(gateway, pki):
    """Back pressure: of 50 MB the backend gets rid of little while the client does not read."""
    before = gateway.resident_bytes()
    with clients.connect(gateway.port, pki, receive_buffer=4096) as client:
        client.start(target="/pattern/50000000")
        healthy(gateway, pki, 10)
        assert gateway.resident_bytes() - before < 8 * 1024 * 1024
        client.abort()


@pytest.mark.parametrize("count", figures.small_or_full(300, 5000))
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
