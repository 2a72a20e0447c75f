"""D6: two thousand connections where there is memory for few: some are shed, those inside are served, nobody ends the
gateway, and when they have left everything is as before."""

import resource

import pytest

from support import client as clients
from support import figures, http, wait
from support.gateway import MEMORY_SCALE

MEGABYTE = 1 << 20
CONNECTIONS = 2000
INSIDE = 5

# The shadows of a sanitizer are no memory of the gateway's, and it ends a program that gets none.
pytestmark = pytest.mark.skipif(MEMORY_SCALE > 1, reason="a sanitizer needs all addresses")


def limit_addresses(gateway, room_bytes):
    size = gateway.status_field("VmSize")
    resource.prlimit(gateway.process.pid, resource.RLIMIT_AS, (size + room_bytes, resource.RLIM_INFINITY))


def crowd(gateway, pki, count):
    """So many clients that stay, each after one request; those that were let in, and how many were not."""
    inside, shed = [], 0
    for _turn in range(count):
        try:
            client = clients.connect(gateway.port, pki, "good")
            status = client.request().status
        except (OSError, http.Ended):
            shed += 1
            continue
        assert status in (200, 503), status
        if status == 200:
            inside.append(client)
        else:
            shed += 1
            client.close()
    return inside, shed


@pytest.mark.parametrize("room_bytes, count", [
    (0, 1600), pytest.param(2 * MEGABYTE, CONNECTIONS, marks=pytest.mark.big),
    pytest.param(64 * MEGABYTE, CONNECTIONS, marks=pytest.mark.big)])
def test_connections_are_shed_and_nothing_ends(start, backend, pki, room_bytes, count):
    gateway = start(backend, gateway={"handshake_timeout": "20s", "keepalive_timeout": "10m", "access_log": None})
    first = [clients.connect(gateway.port, pki, "good") for _turn in range(INSIDE)]
    assert all(client.request().status == 200 for client in first)
    limit_addresses(gateway, room_bytes)
    inside, shed = crowd(gateway, pki, count)
    print(f"room for {room_bytes / MEGABYTE:g} MiB: {len(inside)} inside, {shed} shed, resident {gateway.resident_bytes()}")
    assert gateway.is_running() and len(inside) + shed == count
    assert (shed > 0) == (room_bytes < 64 * MEGABYTE)
    served = sum(client.request().status == 200 for client in first)
    assert served == INSIDE, "who was inside before is served as before"
    for client in inside:
        client.close()
    wait.until(lambda: gateway.counters()["connections_open"] == INSIDE, "the end of the crowd", 30)
    again, shed_again = crowd(gateway, pki, 20)
    assert len(again) == 20 and shed_again == 0
    assert all(client.request().status == 200 for client in first)
    assert figures.TIME_SCALE == 1
