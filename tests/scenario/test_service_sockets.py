"""Listening sockets that the service manager opened: which are taken, by whom, and what a restart does to clients."""

import signal
import socket

import pytest

from support import client as clients
from support import edge, ports, service, wait
from support.gateway import ini_text, run_command

OFF = {"verify_client_auth_mode": "off"}
CLIENTS = 300


@pytest.fixture
def passed(monkeypatch, tmp_path):
    """passed(socket, …): given to every gateway from now on."""
    made = []

    def passer(*sockets, **how):
        made.extend(sockets)
        service.pass_sockets(monkeypatch, tmp_path, sockets, **how)

    yield passer
    for each in made:
        each.close()


@pytest.fixture
def refuse(tmp_path, pki, backends):
    """refuse(port) -> what a gateway says that does not start."""
    def refuser(port):
        path = tmp_path / "refused.ini"
        path.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backends(), profile=OFF, listener={"port": port})))
        done = run_command("run", "-c", str(path))
        assert done.returncode == 1 and "ready" not in done.output
        return done.output

    return refuser


def wakings(gateway):
    """How often each worker has slept so far."""
    found = []
    for thread in service.threads(gateway.process.pid, "worker-"):
        with open(f"/proc/{gateway.process.pid}/task/{thread}/status", encoding="ascii") as file:
            found.append(next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches")))
    return found


@pytest.mark.parametrize("count", [1, 2], ids=["one socket for two workers", "a socket for each"])
def test_all_workers_take_their_share_of_what_was_passed(start, backends, passed, pki, count):
    port = ports.free_port()
    passed(*[service.listening(port, reuse_port=True) for _ in range(count)])
    gateway = start(backends(), profile=OFF, listener={"port": port})
    assert clients.connect(port, pki).request().status == 200
    before = wakings(gateway)
    for _ in range(CLIENTS):
        with clients.connect(port, pki) as client:
            assert client.request().status == 200
    shares = [now - then for now, then in zip(wakings(gateway), before)]
    assert len(shares) == 2 and min(shares) > sum(shares) / 5, shares


def test_a_client_who_comes_during_a_restart_waits_and_is_served(start, backends, passed, pki):
    port = ports.free_port()
    passed(service.listening(port))
    first = start(backends(), profile=OFF, listener={"port": port})
    assert clients.connect(port, pki).request().status == 200
    clients.close_all()
    first.signal(signal.SIGTERM)
    assert first.wait_for_exit() == 0
    early = clients.connect_plain(port)
    assert ports.is_listening(port)
    second = start(backends(), profile=OFF, listener={"port": port})
    wait.until(lambda: "ready" in second.stderr(), "the second gateway, ready,")
    assert clients.connect(port, pki).request().status == 200
    early.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert early.recv(1), "who has waited is answered"


def test_other_addresses_are_opened_beside_those_that_were_passed(start, backends, passed, pki):
    theirs, ours = ports.free_port(), ports.free_port()
    passed(service.listening(theirs))
    start(backends(), profile=OFF, listener={"address": [f"127.0.0.1:{theirs}", f"127.0.0.1:{ours}"]})
    wait.until(lambda: ports.is_listening(ours), "the other address")
    for port in theirs, ours:
        assert clients.connect(port, pki).request().status == 200


def test_a_socket_that_does_not_block_and_one_of_ipv6_are_as_good(start, backends, passed, pki):
    port = ports.free_port()
    plain, wide = service.listening(port), service.listening(port, "::1")
    plain.setblocking(False)
    passed(wide, plain)
    start(backends(), profile=OFF, listener={"address": [f"127.0.0.1:{port}", f"[::1]:{port}"]})
    for host in "127.0.0.1", "::1":
        with socket.create_connection((host, port), timeout=clients.SECONDS) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert client.recv(1), host
    assert clients.connect(port, pki).request().status == 200


def test_what_was_passed_to_another_process_is_left_alone(start, backends, passed, pki):
    passed(service.listening(ports.free_port()), pid="1")
    gateway = start(backends(), profile=OFF)
    assert clients.connect(gateway.port, pki).request().status == 200


def test_a_socket_that_no_listener_wants_is_refused(passed, refuse):
    port = ports.free_port()
    passed(service.listening(port), service.listening(ports.free_port()))
    assert "1 of the 2 sockets that the service manager passed has an address that no listener has" in refuse(port)


def test_more_sockets_than_workers_are_refused(passed, refuse):
    port = ports.free_port()
    passed(*[service.listening(port, reuse_port=True) for _ in range(3)])
    assert f"address = 127.0.0.1:{port}: the service manager passed more sockets for it than" in refuse(port)


@pytest.mark.parametrize("kind", ["datagrams", "not listening", "a file"])
def test_what_is_no_listening_tcp_socket_is_refused(passed, refuse, tmp_path, kind):
    port = ports.free_port()
    (tmp_path / "file").write_text("")
    wrong = {"datagrams": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM), "not listening": socket.socket,
             "a file": (tmp_path / "file").open}[kind]()
    passed(service.listening(port), wrong)
    assert "descriptor 4, passed by the service manager, is no listening TCP socket" in refuse(port)
