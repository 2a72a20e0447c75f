"""D7: killed without a word and started again: what a dead gateway leaves (a stats socket above all) never stops the next
one, it is ready at once, and with sockets that the service manager holds nobody is refused in between."""

import statistics
import threading
import time

import pytest

from support import client as clients
from support import edge, figures, http, ports, service, stats
from support.gateway import MEMORY_SCALE

READY_SECONDS = 0.2 * MEMORY_SCALE


@pytest.fixture
def lives(tmp_path, pki, backend):
    """lives() -> a gateway in the same folder, at the same ports, each time; the last is stopped at the end."""
    folder = tmp_path / "gateway"
    folder.mkdir()
    port = ports.free_port()
    made = []

    def starter():
        sections = edge.edge_sections(str(folder), pki, backend, listener={"port": port},
                                      gateway={"ocsp_cache_file": str(folder / "ocsp.cache")})
        made.append(edge.start(folder, sections))
        return made[-1]

    starter.port = port
    yield starter
    for gateway in made:
        if gateway is made[-1] and gateway.is_running():
            gateway.stop()
        gateway.kill()


@pytest.mark.alone
@pytest.mark.parametrize("count", figures.small_or_full(10, 100))
def test_every_restart_succeeds_and_is_quick(lives, pki, count):
    times = []
    gateway = lives()
    stats.until_ready(gateway)
    for _turn in range(count):
        with clients.connect(gateway.port, pki, "good") as inside:
            assert inside.request().status == 200
            gateway.kill()
            begin = time.monotonic()
            gateway = lives()
            stats.until_ready(gateway)
            times.append(time.monotonic() - begin)
        assert clients.ask(gateway.port, pki, "good").status == 200
    print(f"{len(times)}/{count} restarts; ready after p50 {statistics.median(times) * 1e3:.0f} ms, "
          f"worst {max(times) * 1e3:.0f} ms")
    assert len(times) == count and statistics.median(times) <= READY_SECONDS


class Visitors:
    """New connections one after another; the longest time between two answers."""

    def __init__(self, port, pki):
        self.port, self.pki = port, pki
        self.over = threading.Event()
        self.refused, self.cut, self.answered_at = 0, 0, []
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_unused):
        self.over.set()
        self.thread.join()

    def run(self):
        while not self.over.is_set():
            try:
                assert clients.ask(self.port, self.pki, "good").status == 200
                self.answered_at.append(time.monotonic())
            except ConnectionRefusedError:
                self.refused += 1
            except (OSError, http.Ended):
                self.cut += 1       # it was inside when the gateway died

    def longest_gap(self):
        return max(after - before for before, after in zip(self.answered_at, self.answered_at[1:]))


@pytest.mark.parametrize("count", figures.small_or_full(5, 100))
def test_nobody_is_refused_when_the_service_manager_holds_the_sockets(lives, pki, monkeypatch, tmp_path, count):
    held = service.listening(lives.port)
    service.pass_sockets(monkeypatch, tmp_path, [held])
    gateway = lives()
    with Visitors(lives.port, pki) as visitors:
        for _turn in range(count):
            gateway.kill()
            gateway = lives()
            stats.until_ready(gateway)
            answered = len(visitors.answered_at)
            deadline = time.monotonic() + 20
            while len(visitors.answered_at) < answered + 2 and time.monotonic() < deadline:
                time.sleep(0.001)
    held.close()
    print(f"{count} kills: {visitors.refused} refused, {visitors.cut} cut, {len(visitors.answered_at)} answered, "
          f"longest gap {visitors.longest_gap() * 1e3:.0f} ms")
    assert visitors.refused == 0 and visitors.cut <= count and len(visitors.answered_at) >= count
