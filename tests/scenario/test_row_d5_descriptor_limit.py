"""D5: 96 descriptors, 600 connections: no exit, no busy loop, those inside are served, all is well within a second."""

import socket
import time

import pytest

from support import client as clients
from support import launch, wait
from support.gateway import MEMORY_SCALE
from support.schedstat import Undisturbed

DESCRIPTORS = 96
CROWD = 600
INSIDE = 10
RECOVERY_SECONDS = 1 if MEMORY_SCALE == 1 else 3
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"     # the beginning of a handshake
SLOW = {"gateway": {"handshake_timeout": "30s"}}


def known(monkeypatch, folder):
    """The gateway knows how few it has, and promises no more."""
    launch.through(monkeypatch, folder, f"ulimit -n {DESCRIPTORS}")


def unknown(monkeypatch, folder):
    """It believes to have many more, so that every call that makes one can fail."""
    launch.through(monkeypatch, folder, f"ulimit -n {DESCRIPTORS}", launch.preload("generous_limit"))


def crowd(gateway, size, octets):
    made = []
    for _turn in range(size):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", gateway.port))
        made.append(sock)
    for sock in made:
        try:
            sock.send(octets)
        except BlockingIOError:
            pass
    return made


def is_served(gateway, pki):
    try:
        return clients.ask(gateway.port, pki, "good").status == 200
    except OSError:
        return False


def is_exhausted(gateway):
    counters = gateway.counters()
    return gateway.descriptors() >= DESCRIPTORS - 1 or counters["accept_pauses"] > 0


@pytest.mark.parametrize("limited", [known, unknown])
@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.big)])
def test_600_connections_on_96_descriptors(start, backend, pki, tmp_path, monkeypatch, limited, rounds):
    limited(monkeypatch, tmp_path)
    gateway = start(backend, **SLOW)
    inside = [clients.connect(gateway.port, pki, "good") for _turn in range(INSIDE)]
    assert all(client.request().status == 200 for client in inside)
    for _round in range(rounds):
        waiting = crowd(gateway, CROWD, HELLO)
        wait.until(lambda: is_exhausted(gateway), "exhaustion")
        assert gateway.descriptors() <= DESCRIPTORS
        # Nobody does anything: the gateway neither.
        before, begin = gateway.cpu_seconds(), time.monotonic()
        time.sleep(1)
        assert (gateway.cpu_seconds() - before) / (time.monotonic() - begin) < 0.3
        assert [client.request().status for client in inside] == [200] * INSIDE
        for sock in waiting:
            sock.close()
        with Undisturbed(gateway) as watch:
            wait.until(lambda: is_served(gateway, pki), "service after the crowd")
        print(limited.__name__, watch.seconds)
        assert watch.seconds <= RECOVERY_SECONDS
    assert gateway.is_running()
    for client in inside:
        client.close()


def test_a_crowd_that_keeps_pressing_costs_little_and_stops_nobody_inside(start, backend, pki, tmp_path, monkeypatch):
    """The descriptors are gone while connections come and go: each accept that fails is not tried again at once."""
    unknown(monkeypatch, tmp_path)
    gateway = start(backend, **SLOW)
    inside = [clients.connect(gateway.port, pki, "good") for _turn in range(INSIDE)]
    assert all(client.request().status == 200 for client in inside)
    waiting = crowd(gateway, CROWD, HELLO)
    wait.until(lambda: is_exhausted(gateway), "exhaustion")
    before, begin = gateway.cpu_seconds(), time.monotonic()
    while time.monotonic() - begin < 2:
        waiting += crowd(gateway, 10, HELLO)
        for sock in waiting[:10]:
            sock.close()
        del waiting[:10]
        assert inside[0].request().status == 200
        time.sleep(0.02)
    assert (gateway.cpu_seconds() - before) / (time.monotonic() - begin) < 0.3 * MEMORY_SCALE
    for sock in waiting:
        sock.close()
    wait.until(lambda: is_served(gateway, pki), "service after the crowd")
    for client in inside:
        client.close()
