"""Everything at once for a while: new handshakes, kept connections, uploads, downloads, aborts, strangers. Nothing fails
that the client did not cause, and afterwards every counter balances and every descriptor is back."""

import os
import random
import threading

from support import client as clients
from support import pattern, wait

SECONDS = float(os.environ.get("SALLYPORT_LOAD_SECONDS", "6"))


class Load:
    """Threads that each do one kind of thing until the time is over."""

    def __init__(self, gateway, pki, seed):
        self.gateway, self.pki, self.seed = gateway, pki, seed
        self.failures, self.done = [], {}
        self.stop = threading.Event()
        self.threads = []

    def add(self, what, count=1):
        for _number in range(count):
            chance = random.Random(f"{self.seed}.{len(self.threads)}")
            self.threads.append(threading.Thread(target=self.repeat, args=(what, chance)))

    def repeat(self, what, chance):
        name = what.__name__
        while not self.stop.is_set():
            try:
                what(self, chance)
                self.done[name] = self.done.get(name, 0) + 1
            except Exception as failure:  # pylint: disable=broad-except
                self.failures.append(f"{name}: {failure!r}")

    def run(self, seconds):
        for thread in self.threads:
            thread.start()
        self.stop.wait(seconds)
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def connect(self, certificate="good", **how):
        return clients.connect(self.gateway.port, self.pki, certificate, **how)


def new_handshake(load, chance):
    with load.connect(version=chance.choice(["1.2", "1.3"])) as client:
        assert client.request(target="/status/200").status == 200


def kept_connection(load, chance):
    with load.connect() as client:
        for _turn in range(50):
            size = chance.randrange(0, 5000)
            response = client.request(target=f"/pattern/{size}")
            assert response.complete and response.size == size


def upload(load, chance):
    size = chance.randrange(0, 2_000_000)
    with load.connect() as client:
        response = client.request("POST", "/up", body=pattern.pieces(size, 30_000))
        assert response.status == 200 and b'"matches": true' in response.body


def download(load, chance):
    checker = pattern.Checker()
    with load.connect() as client:
        client.start(target=f"/chunked/{chance.randrange(0, 2_000_000)}")
        assert client.response(feed=checker.feed).complete and checker.right


def abort(load, chance):
    client = load.connect()
    client.start(target="/pattern/3000000")
    if chance.random() < 0.5:
        client.reader.fill()
    if chance.random() < 0.5:
        client.abort()
    else:
        client.close()


def abort_upload(load, chance):
    client = load.connect()
    client.send(client.head("POST", "/cut", [("Content-Length", 1_000_000)]) + b"x" * chance.randrange(1, 100_000))
    client.abort()


def stranger(load, chance):
    with load.connect(chance.choice(["expired", "stranger", "self-signed", "server-only", None])) as client:
        assert client.request(target="/stranger").status == 400


def garbage(load, chance):
    sock = clients.connect_plain(load.gateway.port)
    sock.sendall(chance.randbytes(200))
    sock.close()


def test_mixed_load_fails_nothing_and_leaves_nothing(start, backend, pki):
    seed = 1
    gateway = start(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
    load = Load(gateway, pki, seed)
    for what, count in ((new_handshake, 2), (kept_connection, 2), (upload, 1), (download, 1), (abort, 1), (abort_upload, 1),
                        (stranger, 1), (garbage, 1)):
        load.add(what, count)
    load.run(SECONDS)
    assert not load.failures, f"seed {seed}: {len(load.failures)} failures, such as {load.failures[:3]}; done: {load.done}"
    assert len(load.done) == 8, load.done
    assert "/stranger" not in {request.target for request in backend.requests}
    gateway.check_calm()
    backend.close_idle()
    wait.until(lambda: gateway.counters().get("backend_connections_open", 0) == 0, "the end of the backend connections")
    # The log, the rings and the listening sockets were there before the load as well.
    settled = gateway.descriptors()
    load = Load(gateway, pki, seed + 1)
    load.add(new_handshake)
    load.add(abort)
    load.run(0.5)
    gateway.check_calm()
    backend.close_idle()
    wait.until(lambda: gateway.descriptors() <= settled, "every descriptor")
