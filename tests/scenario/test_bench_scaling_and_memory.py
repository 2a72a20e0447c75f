"""bench/scaling and bench/idle_memory: what they count and add up, and once each of them against the gateway."""

import json
import os
import subprocess
import sys

import pytest

from support.authority import ROOT
from support.figures import TIME_SCALE

sys.path.insert(0, os.path.join(ROOT, "bench"))

from compared import memory  # noqa: E402 # the line above finds it


def run(tmp_path, name, *arguments):
    """(what it printed, its JSON)"""
    done = subprocess.run([os.path.join(ROOT, "bench", name), *arguments, "--json", tmp_path / "out.json"],
                          capture_output=True, text=True, check=False, timeout=55)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads((tmp_path / "out.json").read_text())


def test_the_gateway_has_half_of_what_both_ends_have():
    kernel = {"slab TCP": 5000, "slab eventpoll_epi": 300, "slab io_kiocb": 200}
    assert memory.gateways_part(kernel) == 200 + 5000 / 2
    assert memory.total(kernel) == 5500


def test_memory_of_a_process_is_read():
    found = memory.of_process(os.getpid())
    assert found["resident"] >= found["anonymous"] > 1_000_000
    with open(os.devnull, encoding="ascii"):
        assert memory.descriptors(os.getpid()) >= 4


def test_idle_connections_are_weighed(tmp_path):
    text, found = run(tmp_path, "idle_memory", "--gateways", "2", "--connections", "200", "--identities", "own")
    each, = found.values()
    assert each["connections"] == 400 and each["user"]["resident"] > 0
    # Of the kernel's memory others have some back meanwhile, so that few connections may not be seen in it.
    assert "socket buffers" in each["kernel"] and "a million of them" in text


@pytest.mark.alone
@pytest.mark.measuring
def test_a_second_worker_makes_no_operation_wait_for_the_first(tmp_path):
    text, found = run(tmp_path, "scaling", "--rounds", "1", "--seconds", "0.5")
    assert set(found) == {"handshake", "resume", "request", "down", "up"} and "2 workers" in text
    assert all(cost["CPU, µs"] > 0 for row in found.values() for cost in row.values())
    # Where each operation is a connection, so that a short run has not much else to count.
    for one, two in ((found[key]["1"], found[key]["2"]) for key in ("handshake", "resume")):
        if one["system calls"] is not None:     # the kernel lets us count
            # One thread, which writes the logs, waits 50 times a second, whatever the workers do.
            assert one["futex"] < 0.4 * TIME_SCALE and two["futex"] < one["futex"] + 0.1 * TIME_SCALE, text


def test_a_gateway_that_cannot_start_is_told(tmp_path):
    done = subprocess.run([os.path.join(ROOT, "bench", "idle_memory"), "--connections", "10"], capture_output=True, text=True,
                          check=False, timeout=55, env={**os.environ, "SALLYPORT": str(tmp_path / "nothing")})
    assert done.returncode == 1 and "Traceback" not in done.stderr and "nothing" in done.stderr, done.stderr
