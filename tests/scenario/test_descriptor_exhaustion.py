"""D5: no descriptors left. No exit, no busy loop, and service again as soon as there are some."""

import resource
import time

import pytest

from support import client as clients
from support import wait

OFF = {"verify_client_auth_mode": "off"}
FREE = 30


def leave_descriptors(gateway, count):
    """Lowers the limit of the running gateway to what it has open and count more."""
    hard = resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (gateway.descriptors() + count, hard))


def crowd(gateway, size):
    """Clients that begin a handshake; not all of them can be taken in."""
    made = []
    for _turn in range(size):
        sock = clients.connect_plain(gateway.port)
        sock.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc")
        made.append(sock)
    return made


def cpu_share(gateway, seconds):
    """The part of a core that the gateway takes over some time in which nobody does anything."""
    before = gateway.cpu_seconds()
    time.sleep(seconds)
    return (gateway.cpu_seconds() - before) / seconds


def test_running_out_of_descriptors_is_survived_and_recovered_from(start, backend, pki):
    gateway = start(backend, profile=OFF, gateway={"handshake_timeout": "20s"})
    assert clients.ask(gateway.port, pki).status == 200
    leave_descriptors(gateway, FREE)
    waiting = crowd(gateway, 300)
    wait.until(lambda: gateway.descriptors() >= gateway_limit(gateway) - 2 or crowd_is_shed(gateway), "exhaustion", 5)
    assert cpu_share(gateway, 1) < 0.3
    assert gateway.is_running()
    for sock in waiting:
        sock.close()
    with wait.Stopwatch() as watch:
        wait.until(lambda: is_served(gateway, pki), "service after the crowd", 5)
    assert watch.seconds < 1 + 1


def gateway_limit(gateway):
    return resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)[0]


def crowd_is_shed(gateway):
    """A gateway may as well close at once what it cannot keep."""
    counters = gateway.counters()
    return counters.get("connections_rejected", 0) > 0 or counters.get("accept_pauses", 0) > 0


def is_served(gateway, pki):
    try:
        return clients.ask(gateway.port, pki).status == 200
    except Exception:  # pylint: disable=broad-except
        return False


def test_no_descriptor_for_a_backend_is_a_failed_request_and_no_more(start, backend, pki, connect):
    """The client is in, the socket to the backend cannot be made: an answer of the 5xx kind, then service again."""
    gateway = start(backend, profile=OFF, backend={"keepalive_connections": 0})
    with connect(gateway) as client:
        assert client.request().status == 200
        wait.until(lambda: not backend.open, "the end of the backend's connection")
        kept = resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)
        leave_descriptors(gateway, 0)
        assert client.request(target="/no-descriptor").status in (500, 502, 503)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, kept)
        assert is_served(gateway, pki)


def test_connections_over_the_configured_most_are_turned_away(start, backend, pki):
    gateway = start(backend, profile=OFF, gateway={"max_connections": 20, "workers": 1})
    inside = [clients.connect(gateway.port, pki) for _turn in range(20)]
    assert all(client.request().status == 200 for client in inside)
    # Refused, closed at once, or left waiting outside: any but let in.
    waiting = clients.connect_plain(gateway.port)
    waiting.settimeout(0.5)
    with pytest.raises(OSError):
        clients.context_for(pki).wrap_socket(waiting, server_hostname="localhost")
    waiting.close()
    assert inside[7].request().status == 200
    for client in inside:
        client.close()
    wait.until(lambda: is_served(gateway, pki), "room again", 5)
