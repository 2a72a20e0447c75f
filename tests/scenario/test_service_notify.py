"""The service manager hears when the gateway is ready and when it ends; its watchdog starves when one worker hangs."""

import os
import signal
import time

import pytest

from support import client as clients
from support import ports, service, wait

OFF = {"verify_client_auth_mode": "off"}
LIMIT_SECONDS = 0.8


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path, monkeypatch):
    name = str(tmp_path / "notify") if request.param == "path" else f"@sallyport-test-{os.getpid()}-{tmp_path.name}"
    reading = service.NotifySocket(name)
    monkeypatch.setenv("NOTIFY_SOCKET", name)
    yield reading
    reading.close()


@pytest.fixture
def watchdog(monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", str(int(LIMIT_SECONDS * 1e6)))


def test_ready_comes_once_clients_can_connect_and_stopping_at_the_end(start, backends, manager, pki):
    gateway = start(backends(), profile=OFF, gateway={"max_connections": 100})
    state = manager.until("READY")
    assert state["READY"] == "1"
    assert state["STATUS"] == "serving 1 address with 2 workers, at most 100 clients"
    assert clients.connect(gateway.port, pki).request().status == 200
    clients.close_all()
    gateway.signal(signal.SIGTERM)
    state = manager.until("STOPPING")
    assert state["STOPPING"] == "1" and state["STATUS"] == "draining for at most 30000 ms"
    assert gateway.wait_for_exit() == 0
    assert not any("WATCHDOG" in each for each in manager.states), "nobody asked for it"


def test_a_stop_at_once_is_told_too(start, backends, manager):
    gateway = start(backends(), profile=OFF)
    gateway.signal(signal.SIGQUIT)
    assert manager.until("STOPPING")["STATUS"] == "stopping"
    assert gateway.wait_for_exit() == 0


@pytest.mark.parametrize("is_good", [True, False], ids=["good", "refused"])
def test_a_reload_is_told_from_its_beginning_to_its_end_whatever_came_of_it(start, backends, manager, pki, is_good):
    gateway = start(backends(), profile=OFF)
    manager.until("READY")
    if not is_good:
        with open(gateway.config, "a", encoding="utf-8") as file:
            file.write("[nonsense]\n")
    before = time.monotonic_ns() // 1000
    gateway.signal(signal.SIGHUP)
    state = manager.until("RELOADING")
    assert before <= int(state["MONOTONIC_USEC"]) <= time.monotonic_ns() // 1000
    assert manager.until("READY")["STATUS"].startswith("serving 1 address")
    assert ("the configuration in use stays" in gateway.stderr()) != is_good
    assert clients.connect(gateway.port, pki).request().status == 200


def test_a_gateway_that_cannot_start_never_says_ready(start, backends, manager):
    with pytest.raises(AssertionError, match="instead of starting"):
        start(backends(), listener={"certificate": "server", "certificate_key": "/nowhere.key"})
    manager.forget()
    assert not any("READY" in state for state in manager.states)


def test_the_watchdog_starves_while_one_worker_hangs(start, backends, manager, watchdog):
    gateway = start(backends(), profile=OFF)
    manager.until("READY")
    for _ in range(3):
        manager.until("WATCHDOG")
    workers = service.threads(gateway.process.pid, "worker-")
    assert len(workers) == 2
    for worker in workers:
        with service.held(worker):
            manager.forget()
            # What was on its way, and what the worker had done before, may feed it twice more.
            fed_count = 0
            while manager.next(2 * LIMIT_SECONDS) is not None:
                fed_count += 1
                assert fed_count <= 2, "fed, although a worker hangs"
        manager.until("WATCHDOG")


def test_the_watchdog_is_fed_while_the_gateway_drains(start, backends, manager, watchdog, pki):
    backend = backends()
    gateway = start(backend, profile=OFF)
    client = clients.connect(gateway.port, pki)
    client.start(target="/wait/1")
    wait.until(lambda: backend.requests, "the request, at the backend,")
    gateway.signal(signal.SIGTERM)
    manager.until("STOPPING")
    wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
    for _ in range(3):
        manager.until("WATCHDOG")
    backend.gate.set()
    assert client.response().status == 200
    assert gateway.wait_for_exit() == 0


def test_a_watchdog_of_another_process_is_not_fed(start, backends, manager, watchdog, monkeypatch):
    monkeypatch.setenv("WATCHDOG_PID", "1")
    start(backends(), profile=OFF)
    manager.until("READY")
    assert manager.next(2 * LIMIT_SECONDS) is None


def test_a_name_that_is_no_socket_is_warned_of_and_nothing_more(start, backends, pki, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", "run/notify")
    gateway = start(backends(), profile=OFF)
    wait.until(lambda: "warning: NOTIFY_SOCKET = run/notify: the input is not valid" in gateway.stderr(), "the warning")
    assert clients.connect(gateway.port, pki).request().status == 200
