"""B10: ticket keys change under load and nobody's handshake fails; a ticket lives two to three lifetimes of a key."""

import random
import threading
import time
from concurrent import futures

import pytest

from support import client as clients
from support import figures, libssl, resuming, wait
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
LIFETIME = 1.0
KEYS = 3
KEY_NAME_SIZE = 16
# How long a proof of the client's key is good for at least: two lifetimes, to the whole second.
PROOF_SECONDS = 2 * LIFETIME - 1.0
# What a busy machine may lie between a ticket and our look at the clock.
SLACK = 0.25 * figures.TIME_SCALE
AGES = [0, 0.3, 0.6, 0.9, 1.1, 1.3, 1.5, 1.7, 2.4, 3.02, 3.1, 3.2, 3.4, 3.7]


class Load:
    """Clients that come back, each in a thread of its own, until the time is over."""

    def __init__(self, gateway, pki):
        self.gateway, self.pki = gateway, pki
        self.stop = threading.Event()
        self.failures, self.visits, self.resumed = [], 0, 0
        self.lock = threading.Lock()
        self.threads = []

    def add(self, how, certificate, version, pause):
        self.threads.append(threading.Thread(target=self.repeat, args=(how, certificate, version, pause)))

    def repeat(self, how, certificate, version, pause):
        returner = Returner(self.pki, self.gateway.port, certificate, version)
        chance = random.Random(f"{certificate}.{version}.{pause}")
        told, shown = None, None
        while not self.stop.is_set():
            try:
                begun = time.monotonic()
                visit = how(returner)
                told = told or visit.told()
                assert visit.status == 200 and visit.told() == told, visit
                if not visit.is_resumed:
                    assert shown is None or time.monotonic() > shown + PROOF_SECONDS, "a full handshake too soon"
                    shown = begun
            except Exception as failure:  # pylint: disable=broad-except
                self.failures.append(f"{certificate} {version}: {failure!r}")
                return
            with self.lock:
                self.visits += 1
                self.resumed += visit.is_resumed
            self.stop.wait(chance.random() * pause)

    def run(self, seconds):
        for thread in self.threads:
            thread.start()
        self.stop.wait(seconds)
        self.stop.set()
        for thread in self.threads:
            thread.join()


def from_the_newest(returner):
    return returner.visit(target="/newest")


def however_old(returner):
    """Without regard for how long the server said that the ticket is good for."""
    if returner.session:
        libssl.change(returner.session, hint_seconds=3600, timeout_seconds=3600)
    return returner.visit(target="/old")


@pytest.mark.parametrize("seconds", figures.small_or_full(6, 60))
def test_keys_that_change_every_second_under_load_fail_no_handshake(start, backend, pki, seconds):
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s"},
                    rewrite={"request_header": "X-Subject: {var_client_certificate_subject}"})
    load = Load(gateway, pki)
    for version in VERSIONS:
        load.add(from_the_newest, "good", version, 0.0)
        load.add(from_the_newest, "p384", version, 0.1)
        load.add(from_the_newest, "odd-subject", version, 1.0)
        load.add(however_old, "ed25519", version, 4.5)
        load.add(however_old, "rsa2048", version, 0.5)
    with resuming.Counted(gateway, "handshakes_failed", "handshakes_resumed", "handshakes_completed") as counted:
        load.run(seconds)
    assert not load.failures, load.failures
    assert counted.by == {"handshakes_failed": 0, "handshakes_resumed": load.resumed, "handshakes_completed": load.visits}
    # A proof of the client's key is good for two lifetimes: each hard-working client makes a full handshake after that.
    # Who is refused a ticket is given a new one at once, else it would never resume again.
    assert load.resumed > load.visits / 2, f"{load.resumed} of {load.visits} resumed"
    assert load.visits - load.resumed >= seconds / LIFETIME / KEYS


def resume_soon(returner):
    """A visit that is resumed, as soon as there was not a lifetime between it and the one before."""
    return wait.until(lambda: (visit := returner.visit()).is_resumed and visit, "a resumed visit")


def connect_resumed(returner):
    """The same, without a request as yet."""
    def connect():
        returner.first_visit()
        client = returner.connect()
        return client if client.sock.session_reused else client.close()

    return wait.until(connect, "a resumed connection")


def resumed_at(returner, age):
    """Whether a ticket of that age is taken, and between which two ages it really was."""
    begun = time.monotonic()
    session = returner.first_visit().session
    given = time.monotonic()
    libssl.change(session, hint_seconds=3600, timeout_seconds=3600)
    wait.until(lambda: time.monotonic() >= given + age, "the moment")
    asked = time.monotonic()
    visit = returner.visit(session=session)
    assert visit.status == 200
    return visit.is_resumed, asked - given, time.monotonic() - begun


@pytest.mark.parametrize("version", VERSIONS)
def test_a_ticket_is_taken_for_two_lifetimes_and_never_after_three(start, backend, pki, version):
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s"})
    with futures.ThreadPoolExecutor(len(AGES)) as pool:
        found = pool.map(lambda age: resumed_at(Returner(pki, gateway.port, version=version), age), AGES)
    for is_resumed, at_least, at_most in found:
        if at_most < 2 * LIFETIME - SLACK:
            assert is_resumed, f"refused at the age of {at_most:.2f} s"
        if at_least > KEYS * LIFETIME:
            assert not is_resumed, f"taken at the age of {at_least:.2f} s"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_chain_of_resumptions_ends_two_lifetimes_after_the_proof(start, backend, pki, version):
    """However fresh the newest ticket: the client's key was shown long ago."""
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s"})
    returner = Returner(pki, gateway.port, version=version)
    begun = time.monotonic()
    returner.first_visit()
    shown = time.monotonic()
    at = time.monotonic()
    while returner.visit().is_resumed:
        assert at < shown + KEYS * LIFETIME, "resumed without a proof for more than three lifetimes"
        at = time.monotonic()
    assert time.monotonic() > begun + PROOF_SECONDS, "the proof did not last for two lifetimes, to the whole second"


@pytest.mark.parametrize("version", VERSIONS)
def test_each_key_encrypts_for_one_lifetime_and_never_again(start, backend, pki, version):
    """Its name is what a ticket begins with."""
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s", "workers": 1})
    begun = time.monotonic()
    seen = {}
    while len(seen) < 5:
        asked = time.monotonic()
        name = libssl.inside(Returner(pki, gateway.port, version=version).first_visit().session).ticket[:KEY_NAME_SIZE]
        assert name not in list(seen)[:-1], "an old key encrypts again"
        first, _last = seen.get(name, (time.monotonic(), asked))
        seen[name] = first, asked
    assert all(last - first <= LIFETIME + SLACK for first, last in seen.values()), list(seen.values())
    # Between the first, of which a part may have been over, and the fifth lie three whole ones.
    assert first - begun > 3 * LIFETIME - SLACK, list(seen.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_a_gateway_that_slept_takes_no_old_ticket(start, backend, pki, version):
    """Nothing happens for many lifetimes: no worker turns its keys, and the next client must not profit from that."""
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s"})
    returner = Returner(pki, gateway.port, version=version)
    is_resumed, at_least, _at_most = resumed_at(returner, 5.0)
    assert at_least >= 5 and not is_resumed
    resume_soon(returner)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("lifetime, seconds", [("1s", 2), ("1h", 7200), (None, 86400), ("7d", 604800)])
def test_the_ticket_says_how_long_it_is_good_for(start, backend, pki, lifetime, seconds, version):
    """RFC 8446 4.6.1: seven days at most."""
    gateway = start(backend, gateway={"ticket_key_lifetime": lifetime})
    returner = Returner(pki, gateway.port, version=version)
    assert libssl.inside(returner.first_visit().session).hint_seconds == seconds
    assert libssl.inside(resume_soon(returner).session).hint_seconds == seconds


def test_connections_that_stay_do_not_mind_that_their_keys_are_gone(start, backend, pki):
    gateway = start(backend, gateway={"ticket_key_lifetime": "1s"})
    returner = Returner(pki, gateway.port)
    with connect_resumed(returner) as resumed, clients.connect(gateway.port, pki, "good") as full:
        begun = time.monotonic()
        while time.monotonic() < begun + 4 * LIFETIME:
            assert resumed.request().status == full.request().status == 200
