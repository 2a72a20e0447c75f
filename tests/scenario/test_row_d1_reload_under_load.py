"""D1: reloads five times a second, some broken on purpose, under kept connections, handshakes, uploads and tunnels: nobody
feels them. The same load without reloads is run before, for the latencies."""

import threading
import time

import pytest

from support import client as clients
from support import edge, figures, load_tool, ports, wait
from support.gateway import MEMORY_SCALE
from support.reloading import changed, refuse, reload

UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
PERIOD_SECONDS = 0.2
RATE = 50 if MEMORY_SCALE > 1 else 100

# What each part of the load does: mode, path, options.
LOAD = {
    "kept": ("request", "/hello", ["-c", 16]),
    "new": ("handshake", "/hello", ["-c", 8, "-r", RATE]),
    "resumed": ("resume", "/hello", ["-c", 4, "-r", RATE // 2]),
    "uploads": ("request", "/put", ["-c", 2, "-r", 10, "-b", "1m"]),
}


class Tunnels:
    """Clients that say something and hear it back, until they are told to end."""

    def __init__(self, port, pki, count):
        self.over, self.failures, self.echoes = threading.Event(), [], 0
        self.threads = [threading.Thread(target=self.converse, args=(port, pki)) for _turn in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_unused):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def converse(self, port, pki):
        try:
            with clients.connect(port, pki, "good") as client:
                client.start(target="/switch", fields=UPGRADE)
                assert client.response().status == 101
                while not self.over.wait(0.02):
                    client.send(b"ping")
                    assert b"".join(client.reader.parts(4)) == b"ping"
                    self.echoes += 1
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(repr(failure))


def run_load(gateway, pki, seconds):
    """{part: its result}, all at once."""
    results = {}

    def run(name):
        mode, path, options = LOAD[name]
        results[name] = load_tool.load(mode, gateway, "-d", f"{seconds}s", "--warmup", "200ms", "--no-pinning", *options,
                                       *load_tool.identity(pki), path=path, seconds=seconds + 50)

    threads = [threading.Thread(target=run, args=(name,)) for name in LOAD]
    for thread in threads:
        thread.start()
    return results, threads


def variants(sections, pki):
    """Two configurations that differ in much, and one that is broken."""
    more = edge.listener_section(pki, "comes-and-goes", ports.free_port())
    other = changed(sections, "listener edge", certificate=[pki.chain("server-p384")], certificate_key=[pki.key("server-p384")],
                    rewrite="rules")
    other = changed(other, "ssl_profile devices", trusted_client_ca=[pki.file("root"), pki.file("stranger-root")])
    other += [more, ("rewrite rules", {"request_header": "X-Subject: {var_client_certificate_subject}"})]
    return [sections, other], changed(sections, "ssl_profile devices", trusted_client_ca=pki.file("good"))


class Reloads:
    def __init__(self, gateway, sections, pki):
        self.gateway = gateway
        self.good, self.broken = variants(sections, pki)
        self.count = self.refused_count = 0

    def one(self):
        self.count += 1
        if self.count % 10 == 0:
            refuse(self.gateway, self.broken)
            self.refused_count += 1
        else:
            reload(self.gateway, self.good[self.count % 2])

    def until_over(self, threads):
        while any(thread.is_alive() for thread in threads):
            started = time.monotonic()
            self.one()
            time.sleep(max(0, PERIOD_SECONDS - (time.monotonic() - started)))


def finish(threads):
    for thread in threads:
        thread.join()


def expect_no_failure(results):
    assert set(results) == set(LOAD)
    for name, result in results.items():
        # A ticket belongs to the trust that it was given under: with another one there is a full handshake.
        assert result.status == 0 and set(result.errors()) <= {"not_resumed"}, (name, result.errors())
        assert result.json["operations"] > 0, name


def expect_unchanged_latency(quiet, results):
    """Kept requests within twice of the run without reloads: of a minute, whose p99.9 rests on thousands."""
    before, after = (each["kept"].measure("latency_p999_us") for each in (quiet, results))
    assert after <= 2 * before, f"p99.9 {before:.0f} -> {after:.0f} us"


def told(results, name="kept"):
    result = results[name]
    return (f"{result.json['operations']} operations, p50 {result.measure('latency_p50_us'):.0f}, "
            f"p99 {result.measure('latency_p99_us'):.0f}, p99.9 {result.measure('latency_p999_us'):.0f}, "
            f"max {result.measure('latency_max_us'):.0f} us")


def settled(gateway):
    wait.until(lambda: gateway.counters()["connections_open"] == 0, "the end of the clients")
    return figures.at_rest(gateway.resident_bytes), gateway.descriptors()


@pytest.mark.parametrize("seconds", figures.small_or_full(3, 20))
def test_no_request_fails_and_no_connection_is_refused(start_sections, backends, nginx, pki, seconds):
    echo = backends()
    port = ports.free_port()
    gateway, sections = start_sections(nginx, more=[
        edge.listener_section(pki, "tunnels", port, backend="echo"), edge.backend_section(echo, "echo")])
    sections = changed(sections, "gateway", access_log=None)
    results, threads = run_load(gateway, pki, seconds)
    finish(threads)
    expect_no_failure(results)
    quiet = results
    reloads = Reloads(gateway, sections, pki)
    levels = []
    for _turn in range(2):      # first for the memory that so much at once takes
        with Tunnels(port, pki, 4) as tunnels:
            results, threads = run_load(gateway, pki, seconds)
            reloads.until_over(threads)
            finish(threads)
        reload(gateway, reloads.good[0])
        levels.append(settled(gateway))
    for name in LOAD:
        print(f"{name}: without reloads {told(quiet, name)}; with {told(results, name)}")
    print(f"{reloads.count} reloads, {reloads.refused_count} of them refused, {tunnels.echoes} echoes")
    expect_no_failure(results)
    if seconds >= 60:
        expect_unchanged_latency(quiet, results)
    assert not tunnels.failures and tunnels.echoes > 0, tunnels.failures
    before, after = levels
    print(f"resident {before[0]} -> {after[0]}, descriptors {before[1]} -> {after[1]}")
    assert after[0] < before[0] * 1.05 + 1_000_000 and after[1] <= before[1] + nginx_idle(gateway)


def nginx_idle(gateway):
    """Descriptors of connections to the backend that wait idle."""
    return gateway.counters()["backend_connections_open"]


@pytest.mark.big
def test_two_hundred_reloads_a_minute(start_sections, backends, nginx, pki):
    test_no_request_fails_and_no_connection_is_refused(start_sections, backends, nginx, pki, 60)
