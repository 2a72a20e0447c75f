"""No descriptor for a backend, no slot for a client: see also test_row_d5_descriptor_limit.py."""

import os
import resource

import pytest

from support import client as clients
from support import wait

OFF = {"verify_client_auth_mode": "off"}


def leave_no_descriptor(gateway):
    """Lowers the limit of the running gateway to the first number that is free: it is one of numbers, not of how many."""
    taken = set(map(int, os.listdir(f"/proc/{gateway.process.pid}/fd")))
    hard = resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE, (min(set(range(len(taken) + 1)) - taken), hard))


def is_served(gateway, pki):
    try:
        return clients.ask(gateway.port, pki).status == 200
    except Exception:  # pylint: disable=broad-except
        return False


def test_no_descriptor_for_a_backend_is_a_failed_request_and_no_more(start, backend, pki, connect):
    """The client is in, the socket to the backend cannot be made: an answer of the 5xx kind, then service again."""
    gateway = start(backend, profile=OFF, backend={"keepalive_connections": 0})
    with connect(gateway) as client:
        without_backend = gateway.descriptors()
        assert client.request().status == 200
        # Of both ends: ours is closed a little after theirs has heard of it.
        wait.until(lambda: not backend.open and gateway.descriptors() == without_backend, "the end of the connection")
        kept = resource.prlimit(gateway.process.pid, resource.RLIMIT_NOFILE)
        leave_no_descriptor(gateway)
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
    wait.until(lambda: is_served(gateway, pki), "room again")
