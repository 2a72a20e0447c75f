"""A reload is not felt: connections go on, requests in progress end, new clients get what is new."""

import threading

import pytest

from support import client as clients
from support import pattern, resuming, wait, wire
from support.reloading import changed, reload

VERSIONS = ["1.2", "1.3"]
versions = pytest.mark.parametrize("version", VERSIONS)


def server_certificate(client):
    return client.sock.getpeercert(binary_form=True)


@versions
def test_a_kept_connection_goes_on(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good", version=version) as client:
        for number in range(30):
            assert client.request(target=f"/before/{number}").status == 200
            reload(gateway, sections)
        assert client.request(target="/after").status == 200
        records = [record for record in gateway.records() if record.get("clientPort") == client.port]
        assert all(int(record["httpStatus"]) == 200 for record in records)


def test_idle_connections_to_the_backend_go_on_too(start_sections, backends, pki):
    """A server that is still there is not connected to anew."""
    server = backends()
    gateway, sections = start_sections(server, gateway={"workers": "1"})
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        for _turn in range(5):
            reload(gateway, changed(sections, "backend app", request_timeout="30s"))
            reload(gateway, sections)
            assert client.request().status == 200
    assert server.connections == 1


@versions
def test_requests_in_progress_are_finished(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    again = changed(sections, "backend app", request_timeout="30s")

    def slowly(parts):
        for part in pattern.pieces(400_000, 100_000):
            yield part
            reload(gateway, again if parts % 2 else sections)
            parts += 1

    with clients.connect(gateway.port, pki, "good", version=version) as client:
        response = client.request("POST", "/uploaded", body=slowly(0))
        assert response.status == 200 and b'"matches": true' in response.body
        checker = pattern.Checker()
        client.start(target="/chunked/30000000")
        client.reader.fill()
        reload(gateway, again)
        assert client.response(feed=checker.feed).complete
        assert checker.right and checker.size == 30_000_000
        assert client.request().status == 200


def test_an_answer_that_is_waited_for_comes(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/1")
        wait.until(lambda: server.sent_to("/wait/1"), "the request")
        for _turn in range(3):
            reload(gateway, sections)
        server.gate.set()
        assert client.response().status == 200
        assert client.request().status == 200


def test_a_request_whose_head_is_half_there_is_served(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        client.send(b"GET /half HTTP/1.1\r\nHo")
        reload(gateway, sections)
        client.send(b"st: localhost\r\n\r\n")
        assert client.response().status == 200


@versions
def test_a_handshake_that_is_half_done_is_finished(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    with clients.connect_plain(gateway.port) as sock:
        client = wire.MemoryClient(sock, pki, "good", version=version)

        def send(octets):
            for part in (octets[:20], octets[20:]):
                sock.sendall(part)
                reload(gateway, sections)

        client.handshake(send)
        head = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        assert client.ask(sock.sendall, head).startswith(b"HTTP/1.1 200")


@versions
def test_new_clients_get_the_new_certificate(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    other = changed(sections, "listener edge", certificate=[pki.chain("server-rsa")], certificate_key=[pki.key("server-rsa")])
    first = clients.connect(gateway.port, pki, "good", version=version)
    assert server_certificate(first) == pki.der("server") and first.request().status == 200
    reload(gateway, other)
    second = clients.connect(gateway.port, pki, "good", version=version)
    assert server_certificate(second) == pki.der("server-rsa")
    for client in (first, second, first):
        assert client.request().status == 200
    reload(gateway, sections)
    third = clients.connect(gateway.port, pki, "good", version=version)
    assert server_certificate(third) == pki.der("server")
    for client in (first, second, third):
        assert client.request().status == 200


@versions
def test_tickets_stay_good(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    returner = resuming.Returner(pki, gateway.port, version=version)
    returner.first_visit()
    for _turn in range(3):
        reload(gateway, changed(sections, "backend app", request_timeout="30s"))
        returner.expect(is_resumed=True)
        reload(gateway, sections)
        returner.expect(is_resumed=True)


def test_a_certificate_that_was_exchanged_in_its_file(start_sections, backend, pki, tmp_path):
    """The same configuration, other files: what certbot does."""
    paths = [tmp_path / "live.pem", tmp_path / "live.key"]

    def install(name):
        for path, source in zip(paths, (pki.chain(name), pki.key(name))):
            with open(source, "rb") as file:
                path.write_bytes(file.read())
            path.chmod(0o600)

    install("server")
    gateway, sections = start_sections(backend)
    sections = changed(sections, "listener edge", certificate=[str(paths[0])], certificate_key=[str(paths[1])])
    reload(gateway, sections)
    for name in ("server-p384", "server-rsa", "server"):
        install(name)
        reload(gateway, sections)
        with clients.connect(gateway.port, pki, "good") as client:
            assert server_certificate(client) == pki.der(name)


def test_nobody_is_refused_meanwhile(start_sections, backend, pki):
    """Handshakes one after another while generations come and go."""
    gateway, sections = start_sections(backend)
    over, failures = threading.Event(), []

    def visit():
        while not over.is_set():
            try:
                if clients.ask(gateway.port, pki, "good").status != 200:
                    failures.append("not 200")
            except OSError as failure:
                failures.append(repr(failure))

    threads = [threading.Thread(target=visit) for _turn in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(30):
        reload(gateway, changed(sections, "backend app", request_timeout=f"{20 + turn}s"))
    over.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]
