"""What sallyport-load says is so: against the server's own count, at the edges of a run, when a server or the user ends it."""

import json
import os
import signal
import subprocess
import time

import pytest

from support import load_tool, wait
from support.load_tool import identity, load
from support.scripted import ANSWER, ScriptedServer, serve

PROBE = 1
HALF_OF_A_STATUS_LINE = b"\x00\xff" * 50


def begin(mode, server, *arguments):
    """A run that goes on while the test does."""
    command = [load_tool.PROGRAM, mode, "--json", "-q", *map(str, arguments), load_tool.url(server)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


# ------------------------------------------------------------------------------------------ how many


@pytest.mark.parametrize("mode", ["request", "handshake"])
def test_the_server_counts_what_the_client_does(pki, mode):
    with ScriptedServer(pki) as server:
        result = load(mode, server, "-n", 60, "-c", 3)
        assert result.json["operations"] == 60 and server.request_count == 60 + PROBE, result


@pytest.mark.parametrize("mode", ["request", "handshake", "resume"])
@pytest.mark.parametrize("count", [3, 40])
def test_a_number_of_operations_is_kept_behind_a_warm_up(gateway, pki, mode, count):
    """Those that the warm-up had begun are none of it."""
    result = load(mode, gateway, "-n", count, "--warmup", "300ms", "-c", 8, *identity(pki))
    assert result.status == 0 and result.json["operations"] == count and result.errors() == {}, result
    assert result.json["latency_us"], result


# ------------------------------------------------------------------------------------------ the end of a run


def test_an_end_within_the_warm_up_measured_nothing(pki):
    with ScriptedServer(pki) as server, begin("request", server, "--warmup", "40s", "--min-rate", "1") as process:
        wait.until(lambda: server.request_count > 20, "the warm-up")
        process.send_signal(signal.SIGINT)
        result = json.loads(process.stdout.read())
    assert result["interrupted"] and result["seconds"] == 0 and result["operations"] == 0, result
    assert result["measures"]["rate"] is None and result["client"]["threads"][0]["busy"] == 0, result
    assert result["limits"] == [{"option": "min-rate", "text": "not measured, at least 1 /s", "kept": False}], result
    assert process.returncode == 1


HELD_FROM = 40


def hold_from_there_on(connection):
    while connection.read_head():
        if connection.server.request_count >= HELD_FROM:
            connection.server.gate.wait(30)
        connection.send(ANSWER)


def test_what_a_closed_loop_still_waits_for_counts_as_that_long(pki):
    """A server that hangs until the end of the run would look perfect: no error, and all that ended was fast."""
    with ScriptedServer(pki, hold_from_there_on) as server:
        result = load("request", server, "-c", 2, "-d", "3s", "--warmup", "0", "--max-latency", "500ms")
    assert result.status == 1 and result.json["operations"] < HELD_FROM and result.errors() == {}, result
    assert result.measure("latency_max_us") > 500_000 > result.measure("latency_p50_us"), result
    assert result.json["waiting"] == 2, result


def test_a_second_interruption_ends_what_waits_for_late_answers(pki):
    with ScriptedServer(pki, hold_from_there_on) as server:
        with begin("request", server, "-c", 2, "-d", "40s", "--warmup", "0", "--rate", 400, "--timeout", "40s") as process:
            wait.until(lambda: server.request_count >= HELD_FROM, "the stall")
            process.send_signal(signal.SIGINT)
            wait.until(lambda: "ShdPnd:\t0000000000000000" in status_of(process), "the taking of the first")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == -signal.SIGINT


def status_of(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return file.read()


def test_what_threads_used_that_have_ended_is_the_servers_too(pki):
    """One thread a connection: each takes with it what it has used."""
    with ScriptedServer(pki) as server:
        used = time.process_time()
        result = load("handshake", server, "-n", 200, "-c", 2, "--server-pid", os.getpid())
        used = time.process_time() - used
    said = result.measure("server_cpu_us") * 200 / 1e6
    assert used / 2 < said <= used, (used, result)


def test_nothing_is_said_of_a_server_that_has_ended(start, backend, pki):
    gateway = start(backend)
    with begin("request", gateway, "-d", "40s", "--warmup", "0", "--server-pid", gateway.process.pid, "--max-cpu", "1s",
               *identity(pki)) as process:
        wait.until(lambda: gateway.counters()["requests"] > 100, "more than the first one, which nothing counts")
        gateway.signal(signal.SIGQUIT)
        gateway.wait_for_exit()
        process.send_signal(signal.SIGINT)
        result = json.loads(process.stdout.read())
    assert result["operations"] > 0 and result["server_ended"] is True, result
    assert {name: value for name, value in result["measures"].items() if name.startswith("server_") and value is not None} == {}
    assert [(limit["option"], limit["kept"]) for limit in result["limits"]] == [("max-cpu", False)], result


# ------------------------------------------------------------------------------------------ what servers do


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_resumption_needs_no_request(gateway, pki, version):
    """The tickets of TLS 1.3 come behind the handshake: the first is waited for."""
    result = load("resume", gateway, "-n", 20, "-c", 2, "--no-request", "--tls", version, *identity(pki))
    assert result.status == 0 and result.errors() == {} and result.json["operations"] == 20, result
    assert (result.json["handshakes_full"], result.json["handshakes_resumed"]) == (2, 20), result


def test_an_answer_to_head_has_no_body_whatever_its_length_says(gateway, pki):
    result = load("request", gateway, "-n", 20, "-c", 2, "-X", "HEAD", "--timeout", "5s", *identity(pki), path="/pattern/3000")
    assert result.status == 0 and result.json["operations"] == 20 and result.json["handshakes_full"] <= 2, result
    assert result.json["bytes_received"] == 0


def test_a_server_that_says_it_will_close_holds_nothing(pki):
    def close_politely(connection):
        if connection.read_head():
            connection.send(ANSWER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    with ScriptedServer(pki, close_politely) as server:
        result = load("idle", server, "-c", 5, "-d", "200ms")
    assert result.errors() == {"not_held": 5} and result.json["held"] == 0, result


def test_what_does_not_begin_as_http_is_refused_at_once(pki):
    def answer_with_garbage(connection):
        while connection.read_head():
            connection.send(ANSWER if connection.server.request_count == 1 else HALF_OF_A_STATUS_LINE)

    with ScriptedServer(pki, answer_with_garbage) as server:
        result = load("request", server, "-n", 6, "-c", 2)
    assert result.errors() == {"bad_answer": 6}, result


def test_an_answer_may_come_byte_by_byte(pki):
    def send_bytes(connection):
        while connection.read_head():
            connection.send(*(bytes([byte]) for byte in ANSWER))

    with ScriptedServer(pki, send_bytes) as server:
        result = load("request", server, "-n", 20, "-c", 2)
    assert result.status == 0 and result.errors() == {} and result.json["bytes_received"] == 40, result


# ------------------------------------------------------------------------------------------ its own machine


def run_to_full_disk(*arguments):
    with open("/dev/full", "wb") as full:
        return subprocess.run([load_tool.PROGRAM, *map(str, arguments)], stdout=full, stderr=subprocess.PIPE, text=True,
                              timeout=30, check=False)


def test_what_could_not_be_printed_is_a_failure(pki, tmp_path):
    with ScriptedServer(pki, serve) as server:
        run = ["request", "-n", 5, "-q", load_tool.url(server)]
        load_tool.run(*run, f"--json={tmp_path}/a.json")
        compare = ["--compare", tmp_path / "a.json", tmp_path / "a.json"]
        for arguments in (["--help"], ["--manual"], ["--version"], compare, run, [*run, "--json"]):
            done = run_to_full_disk(*arguments)
            assert done.returncode == 1, arguments
            assert done.stderr == "sallyport-load: not all could be written to standard output\n", arguments


def test_a_cpu_that_cannot_be_had_is_wrong_usage(gateway, pki):
    result = load("request", gateway, "-n", 1, "--cpus", 1023, *identity(pki))
    assert result.status == 2 and "--cpus: this program may not run on CPU 1023" in result.complaint, result


def test_a_process_too_many_is_wrong_usage(gateway):
    result = load("request", gateway, "--server-pid", ",".join(["1"] * 65))
    assert result.status == 2 and "at most 64" in result.complaint, result
