"""sallyport-load against the real gateway: every mode, every kind of client, what it counts."""

import contextlib
import json
import os
import signal
import subprocess

import pytest

from support import load_tool, wait
from support.load_tool import identity, load

COUNT = 40


@pytest.fixture(scope="module")
def shared_changes():
    return {"rewrite": {"request_header": ["X-Subject: {var_client_certificate_subject}"]}}


def expect_success(result, count=COUNT):
    assert result.status == 0, result
    assert result.json["operations"] == count and result.errors() == {}, result
    assert result.complaint == "", result


MODES = [
    ("handshake", []),
    ("resume", []),
    ("request", []),
    ("bulk", []),
    ("mix", ["--storm", 2]),
]


# ------------------------------------------------------------------------------------------ modes


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("mode, more", MODES)
def test_every_mode_does_as_many_operations_as_it_is_told(gateway, pki, mode, more, threads):
    result = load(mode, gateway, "-n", COUNT, "-c", 4, "-t", threads, *identity(pki), *more)
    expect_success(result)
    assert result.json["mode"] == mode and result.json["tls"].startswith("TLSv1.3, ")
    assert len(result.json["client"]["threads"]) == threads
    assert 0 < result.measure("latency_p50_us") <= result.measure("latency_p99_us") <= result.measure("latency_max_us")


@pytest.mark.parametrize("mode, more", MODES)
def test_every_mode_lasts_as_long_as_it_is_told(gateway, pki, mode, more):
    result = load(mode, gateway, "-d", "1s", "--warmup", "100ms", "-c", 3, *identity(pki), *more)
    assert result.status == 0 and result.errors() == {}, result
    assert result.json["operations"] > 0 and 0.99 < result.json["seconds"] < 2, result


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_handshake_is_full_and_a_resumption_is_not(gateway, pki, version):
    full = load("handshake", gateway, "-n", COUNT, "--tls", version, *identity(pki))
    expect_success(full)
    assert (full.json["handshakes_full"], full.json["handshakes_resumed"]) == (COUNT, 0)
    assert full.json["tls"].startswith(f"TLSv{version}")
    resumed = load("resume", gateway, "-n", COUNT, "-c", 2, "--tls", version, *identity(pki))
    expect_success(resumed)
    assert (resumed.json["handshakes_full"], resumed.json["handshakes_resumed"]) == (2, COUNT)


def test_what_is_not_resumed_is_an_error(start, backend, pki):
    gateway = start(backend, gateway={"session_tickets": "off"})
    result = load("resume", gateway, "-n", COUNT, *identity(pki))
    assert result.status == 1 and result.json["operations"] == 0 and result.errors() == {"not_resumed": COUNT}, result
    assert result.json["errors"]["not_resumed"]["example"] == "the server gave no session"


def test_a_handshake_alone_sends_no_request(start, backends, pki):
    backend = backends()
    gateway = start(backend)
    expect_success(load("handshake", gateway, "-n", COUNT, "--no-request", *identity(pki)))
    assert all(request.target != "/status/200" for request in backend.requests[1:]), backend.requests


def test_idle_connections_are_held_and_weighed(gateway, pki):
    result = load("idle", gateway, "-c", 60, "-d", "300ms", "--server-pid", gateway.process.pid, *identity(pki))
    assert result.status == 0 and result.errors() == {}, result
    assert result.json["held"] == result.json["operations"] == 60
    assert result.measure("server_resident_bytes") > 0
    assert result.measure("server_bytes_per_connection") is not None


def test_idle_connections_that_the_server_ends_are_errors(start, backend, pki):
    gateway = start(backend, gateway={"keepalive_timeout": "1s"})
    result = load("idle", gateway, "-c", 5, "-d", "3s", *identity(pki))
    assert result.errors() == {"not_held": 5} and result.json["held"] == 0, result


@pytest.mark.parametrize("size", [1, 16384, 300_000])
def test_bodies_go_up_whole(start, backends, pki, size):
    backend = backends()
    gateway = start(backend)
    result = load("bulk", gateway, "-n", 10, "-c", 2, "--body", size, *identity(pki), path="/up")
    expect_success(result, 10)
    assert result.json["bytes_sent"] == 10 * size and result.json["handshakes_full"] <= 2
    assert {(request.method, request.size) for request in backend.requests} == {("POST", size)}


def answer_at_once(conversation):
    conversation.read_head()
    conversation.answer(b"enough")
    conversation.wait_for_end()


def test_a_body_that_was_not_wanted_is_not_counted_as_sent(start, backends, pki):
    gateway = start(backends(answer_at_once))
    result = load("bulk", gateway, "-n", 4, "-c", 1, "--body", "50m", *identity(pki), path="/early")
    expect_success(result, 4)
    assert result.json["bytes_sent"] < 100_000_000 and result.json["handshakes_full"] == 4, result


def test_bodies_come_down_whole_with_a_length_and_in_chunks(gateway, pki):
    for path in ("/pattern/1000000", "/chunked/1000000"):
        result = load("bulk", gateway, "-n", 5, "-c", 2, *identity(pki), path=path)
        expect_success(result, 5)
        assert result.json["bytes_received"] == 5_000_000


def test_a_connection_ends_after_as_many_requests_as_it_is_told(gateway, pki):
    result = load("request", gateway, "-n", 40, "-c", 1, "--requests", 10, *identity(pki))
    expect_success(result)
    assert result.json["handshakes_full"] == 4


def test_the_request_is_as_it_is_told(start, backends, pki):
    backend = backends()
    gateway = start(backend)
    expect_success(load("request", gateway, "-n", 1, "-X", "PUT", "-H", "X-One: 1", "-H", "X-Two: 2", "-b", 3,
                        "--server-name", "localhost", *identity(pki), path="/exact?q=1"), 1)
    request = backend.requests[-1]
    assert (request.method, request.target, request.size) == ("PUT", "/exact?q=1", 3)
    assert (request.get("x-one"), request.get("x-two"), request.get("host")) == ("1", "2", f"localhost:{gateway.port}")


# ------------------------------------------------------------------------------------------ the storm


def standing_back(process):
    """How many threads run only when no other wants their CPU."""
    count = 0
    for name in os.listdir(f"/proc/{process.pid}/task"):
        with contextlib.suppress(ProcessLookupError):   # it has ended since
            count += os.sched_getscheduler(int(name)) == os.SCHED_IDLE
    return count


def test_a_storm_has_threads_of_its_own_that_stand_back(start, backend, pki):
    gateway = start(backend)
    command = [load_tool.PROGRAM, "mix", "--json", "-q", "-d", "40s", "--warmup", "0", "--rate", "50", "-t", "2", "--storm", "4"]
    with subprocess.Popen([*command, *identity(pki), load_tool.url(gateway)], stdout=subprocess.PIPE, text=True) as process:
        wait.until(lambda: standing_back(process) == 2, "two threads of the storm")
        # More than the probe, the traffic and a first one of each connection of the storm.
        wait.until(lambda: gateway.counters()["handshakes_completed"] > 20, "the storm", 30)
        process.send_signal(signal.SIGINT)
        result = json.loads(process.stdout.read())
    assert result["interrupted"] and result["storm_handshakes"] > 0 and result["errors"] == {}, result
    assert result["measures"]["storm_rate"] > 0 and len(result["client"]["threads"]) == 2, result


def test_what_a_storm_leaves_unfinished_is_no_error(gateway, pki):
    result = load("mix", gateway, "-d", "500ms", "--warmup", "0", "--rate", 20, "--storm", 8, "--storm-rate", 100000,
                  *identity(pki))
    assert result.status == 0 and result.errors() == {} and 0 < result.json["operations"] <= 20, result


def test_a_storm_that_falls_short_of_its_rate_is_told(gateway, pki):
    storm = ["-d", "300ms", "--warmup", "0", "--rate", 20, "--storm", 8, "--storm-rate", "10m", *identity(pki)]
    result = load("mix", gateway, *storm)
    assert result.status == 0 and result.errors() == {}, result
    assert result.json["storm_fell_short"] is True and result.json["plan"]["storm_rate"] == 10_000_000, result
    text = load_tool.run("mix", "--quiet", *storm, load_tool.url(gateway)).text
    assert "the storm fell short: " in text and "not 10,000,000" in text, text


# ------------------------------------------------------------------------------------------ clients


def subjects(backend, target):
    return {request.get("x-subject") for request in backend.requests if request.target == target}


def test_certificates_are_made_by_the_hundred(gateway, backend, pki):
    result = load("handshake", gateway, "-n", 300, "--generate", 100, "--issuer", pki.file("dev-intermediate"),
                  "--issuer-key", pki.key("dev-intermediate"), path="/generated")
    expect_success(result, 300)
    assert result.json["plan"]["identities"] == 100
    assert len(subjects(backend, "/generated")) == 100


def test_a_root_issues_without_being_sent(gateway, pki):
    expect_success(load("handshake", gateway, "-n", COUNT, "--generate", 3, "--issuer", pki.file("root"),
                        "--issuer-key", pki.key("root")))


def test_a_folder_of_certificates_is_gone_through(gateway, backend, pki, tmp_path):
    for name in ("good", "p384", "rsa2048"):
        for ending, path in (("-chain.pem", pki.chain(name)), (".key", pki.key(name))):
            with open(path, "rb") as source:
                (tmp_path / (name + ending)).write_bytes(source.read())
    expect_success(load("handshake", gateway, "-n", 30, "--cert-folder", tmp_path, path="/folder"), 30)
    assert len(subjects(backend, "/folder")) == 3


def test_connections_come_from_many_addresses(gateway, pki):
    expect_success(load("handshake", gateway, "-n", COUNT, "--source", "127.77.0.0/24", *identity(pki), path="/sources"))

    def found():
        return {record["clientIP"] for record in gateway.records() if record.get("requestUri") == "/sources"}

    wait.until(lambda: len(found()) >= COUNT, "an address for each connection")
    assert all(address.startswith("127.77.0.") for address in found())


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "X25519MLKEM768"])
def test_the_group_is_the_one_that_is_told(gateway, pki, group):
    result = load("handshake", gateway, "-n", 5, "--groups", group, *identity(pki))
    expect_success(result, 5)
    names = {"P-256": "SECP256R1", "P-384": "SECP384R1", "X25519MLKEM768": "MLKEM"}
    assert names.get(group, group) in result.json["tls"]


def test_the_suite_is_the_one_that_is_told(gateway, pki):
    result = load("handshake", gateway, "-n", 5, "--suites", "TLS_AES_256_GCM_SHA384", *identity(pki))
    expect_success(result, 5)
    assert "AES256" in result.json["tls"]


def test_the_servers_certificate_is_checked_when_told(gateway, pki):
    for name in ("localhost", "example.com", "any.example.com"):
        expect_success(load("handshake", gateway, "-n", 5, "--cacert", pki.file("server-root"), "--server-name", name,
                            *identity(pki)), 5)
    for authority, name in (("root", "localhost"), ("server-root", "example.org")):
        result = load("handshake", gateway, "-n", 5, *identity(pki), "--cacert", pki.file(authority), "--server-name", name)
        assert result.status == 1 and "the server's certificate is not trusted" in result.complaint, result


def test_a_name_that_cannot_be_checked_is_wrong_usage(gateway, pki):
    for more in ([], ["--server-name", "nodot"]):
        result = load("handshake", gateway, "-n", 5, "--cacert", pki.file("server-root"), *more, *identity(pki))
        assert result.status == 2 and "give --server-name" in result.complaint, result


# ------------------------------------------------------------------------------------------ the server's side


def test_what_the_server_uses_is_measured(gateway, pki):
    result = load("handshake", gateway, "-n", 200, "--server-pid", gateway.process.pid, *identity(pki))
    expect_success(result, 200)
    assert 10 < result.measure("server_cpu_us") < 1_000_000
    assert result.measure("server_resident_bytes") > 1_000_000
    assert result.measure("client_cpu_us") > 0


def test_a_process_that_is_not_there_is_wrong_usage(gateway):
    result = load("handshake", gateway, "--server-pid", 2**22 + 1)
    assert result.status == 2 and "there is no process" in result.complaint, result
    result = load_tool.run("handshake", "--server-pid", "x", load_tool.url(gateway))
    assert result.status == 2 and "expected process numbers" in result.complaint, result
