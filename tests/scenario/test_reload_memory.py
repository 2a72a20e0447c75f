"""After very many reloads there is one generation, whoever was there before the first: memory and descriptors stay."""

import gc

import pytest

from support import client as clients
from support import figures, wait
from support.gateway import MEMORY_SCALE
from support.reloading import changed, refuse, reload

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
WARM_UP = 30
# Of one reload: a generation with its contexts takes hundreds of kilobytes.
KEPT_BYTES_MAX = 3000 * MEMORY_SCALE
COUNTS = figures.small_or_full(200, 1000)


def alternate(gateway, sections, count):
    for turn in range(count):
        reload(gateway, changed(sections, "backend app", request_timeout=f"{20 + turn % 2}s"))


def settle(gateway, clients_count):
    wait.until(lambda: gateway.counters()["connections_open"] == clients_count, "the end of the others")
    gc.collect()


def expect_one_generation(gateway, sections, count, check):
    alternate(gateway, sections, WARM_UP)
    check()
    before, descriptors = gateway.resident_bytes(), gateway.descriptors()
    alternate(gateway, sections, count)
    check()
    wait.until(lambda: gateway.descriptors() <= descriptors, "the same number of descriptors")
    grown = gateway.resident_bytes() - before
    print(f"{count} reloads: {grown / count:.0f} bytes each")
    assert grown < count * KEPT_BYTES_MAX, f"{grown} bytes for {count} reloads"


@pytest.mark.parametrize("count", COUNTS)
def test_nobody_is_there(start_sections, backend, pki, count):
    gateway, sections = start_sections(backend)
    expect_one_generation(gateway, sections, count, lambda: settle(gateway, 0))
    assert clients.ask(gateway.port, pki, "good").status == 200


@pytest.mark.parametrize("count", COUNTS)
def test_an_idle_connection_and_a_tunnel_are_there_from_before(start_sections, backend, pki, count):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good") as idle, clients.connect(gateway.port, pki, "good") as tunnel:
        assert idle.request().status == 200
        tunnel.start(target="/switch", fields=UPGRADE)
        assert tunnel.response().status == 101
        expect_one_generation(gateway, sections, count, lambda: settle(gateway, 2))
        tunnel.send(b"ping")
        assert b"".join(tunnel.reader.parts(4)) == b"ping"
        assert idle.request().status == 200


@pytest.mark.parametrize("count", [100])
def test_connections_of_every_generation_are_still_there(start_sections, backend, pki, count):
    """One a reload: all of them are clients of the latest."""
    gateway, sections = start_sections(backend)
    kept = []

    def come():
        kept.append(clients.connect(gateway.port, pki, "good"))
        assert kept[-1].request().status == 200

    for turn in range(count):
        come()
        reload(gateway, changed(sections, "backend app", request_timeout=f"{20 + turn % 2}s"))
    assert all(client.request().status == 200 for client in kept)
    for client in kept:
        client.close()


def test_broken_reloads_leave_nothing(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    reload(gateway, sections)
    from_then = gateway.descriptors()

    def check():
        settle(gateway, 0)
        wait.until(lambda: gateway.descriptors() <= from_then, "the same number of descriptors")

    for _turn in range(WARM_UP):
        refuse(gateway, changed(sections, "backend app", server="nowhere"))
    check()
    before = gateway.resident_bytes()
    for _turn in range(100):
        refuse(gateway, changed(sections, "ssl_profile devices", trusted_client_ca=pki.file("good")))
    check()
    assert gateway.resident_bytes() - before < 100 * KEPT_BYTES_MAX
    assert clients.ask(gateway.port, pki, "good").status == 200
