"""The stats socket tells the truth: metrics that promtool takes, figures of what clients have done, certificates."""

import re
import subprocess

import pytest

from support import client as clients
from support import ports, stats, wait
from support.gateway import run_command


def test_promtool_finds_no_fault(gateway, pki):
    assert clients.ask(gateway.port, pki, "good").status == 200
    status, body = stats.curl(gateway, "/metrics")
    assert status == 200
    done = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0 and done.stdout + done.stderr == "", done.stdout + done.stderr


def test_every_series_is_there_from_the_start(start, backend, pki):
    gateway = start(backend)
    stats.until_ready(gateway)
    before = stats.metrics(gateway)
    counts = {name for name, value in before.items() if name.startswith("sallyport_") and "_total" in name and value}
    assert counts <= {"sallyport_stats_requests_total"}
    for certificate in ("good", "expired", None):
        clients.ask(gateway.port, pki, certificate)
    assert stats.metrics(gateway).keys() == before.keys()


def test_clients_are_counted_by_verdict_and_timed(start, backend, pki):
    gateway = start(backend)
    for certificate in ("good", "expired", None):
        clients.ask(gateway.port, pki, certificate)

    def found(name, **labels):
        return stats.total(stats.metrics(gateway), name, **labels)

    wait.until(lambda: found("connections_reaped_total") == 3, "the end of three connections")
    for reason in "success", "expired", "no_certificate":
        assert found("verdicts_total", profile="devices", reason=reason) == 1
    route = {"listener": "edge", "backend": "app"}
    assert [found("answers_total", **{"class": f"{each}xx"}, **route) for each in range(1, 6)] == [0, 1, 0, 2, 0]
    assert found("tls_handshakes_total", listener="edge", version="TLSv1.3", kind="full") == 3
    assert found("tls_handshake_seconds_count", listener="edge", kind="full") == 3
    assert found("tls_handshake_seconds_count", kind="resumed") == 0
    assert found("judging_seconds_count", listener="edge") == 3 and found("request_seconds_count", **route) == 3
    assert found("backend_seconds_count", **route) == 1
    assert 0 < found("request_seconds_sum") < 10
    assert found("connections_total", listener="edge") == 3 and found("connections", listener="edge") == 0
    assert found("connections_closed_total", listener="edge", cause="refused") == 2
    assert found("tls_handshake_failures_total") == 0


def test_buckets_are_cumulative(gateway, pki):
    clients.ask(gateway.port, pki, "good")
    samples = stats.metrics(gateway)
    for family in ("request_seconds", "judging_seconds", "backend_seconds"):
        rows = [(float(re.search(r'le="([^"]+)"', name).group(1)), value) for name, value in samples.items()
                if name.startswith(f"sallyport_{family}_bucket")]
        assert len(rows) > 20 and rows == sorted(rows)
        values = [value for _bound, value in rows]
        assert values == sorted(values) and values[-1] == stats.total(samples, f"{family}_count")


def test_json_and_text_are_of_the_same_figures(gateway, pki):
    clients.ask(gateway.port, pki, "good")
    stats.until_ready(gateway)
    figures = stats.ask_json(gateway, "/stats")
    assert figures["state"] == "ready" and figures["workers"] >= 1 and figures["uptime_seconds"] > 0
    assert figures["counters"]["requests"] >= 1 and figures["timings"]["request"]["p99_seconds"] > 0
    assert figures["program"]["descriptors"] > 3 and figures["config"]["last_reload_successful"] is True
    status, _head, body = stats.ask(gateway, "/status")
    assert status == 200
    for word in figures["counters"]:
        assert f"  {word} " in body
    done = run_command("status", "-c", gateway.config)
    assert done.returncode == 0 and "since the start" in done.stdout and not done.stderr
    done = run_command("status", "--json", "--socket", stats.path_of(gateway))
    assert done.returncode == 0 and done.stdout.startswith("{")


def test_buckets_servers_and_ends_are_in_the_json(gateway, pki, backend):
    clients.ask(gateway.port, pki, "good")
    figures = stats.ask_json(gateway, "/stats")
    bounds = figures["timing_bounds_seconds"]
    assert bounds == sorted(bounds)
    for timing in figures["timings"].values():
        assert len(timing["counts"]) == len(bounds) + 1 and sum(timing["counts"]) == timing["count"]
    (app,) = figures["backends"]
    (server,) = app["servers"]
    assert (app["name"], server["address"], server["state"], server["up"]) == ("app", backend.address, "up", True)
    ends = {row["path"]: row for row in figures["certificates"]}
    assert ends[pki.chain("server")]["role"] == "server" and ends[pki.file("root")]["role"] == "client_ca"
    assert ends[pki.file("root")]["not_after_seconds"] > figures["time_seconds"]
    assert 0 < figures["config"]["last_reload_timestamp_seconds"] <= figures["time_seconds"]


def openssl(path, *options):
    return subprocess.run(["openssl", "x509", "-in", path, "-noout", *options], capture_output=True, text=True,
                          timeout=20, check=True).stdout.strip()


def test_certificates_are_those_of_the_files(gateway, pki):
    listed = stats.ask_json(gateway, "/certificates")
    for role, path in (("server", pki.chain("server")), ("client_ca", pki.file("root"))):
        first = next(row for row in listed if (row["role"], row["path"], row["position"]) == (role, path, 0))
        assert first["sha256"] == openssl(path, "-fingerprint", "-sha256").partition("=")[2].replace(":", "").lower()
        assert first["serial"] == openssl(path, "-serial").partition("=")[2]
        assert first["subject"] == openssl(path, "-subject", "-nameopt", "RFC2253").partition("=")[2]
        assert first["issuer"] == openssl(path, "-issuer", "-nameopt", "RFC2253").partition("=")[2]
        end = openssl(path, "-enddate", "-dateopt", "iso_8601").partition("=")[2]
        assert first["not_after"] == end.replace(" ", "T")
    samples = stats.metrics(gateway)
    earliest = min(row["not_after_seconds"] for row in listed if row["path"] == pki.chain("server"))
    name = f'sallyport_certificate_expiration_timestamp_seconds{{role="server",path="{pki.chain("server")}"}}'
    assert samples[name] == earliest
    assert not any("CN=" in name for name in samples)


def test_profiles_tell_what_they_ask_and_decide(gateway):
    profile, = stats.ask_json(gateway, "/profiles")
    assert profile["name"] == "devices" and profile["verify_client_auth_mode"] == "strict"
    assert profile["trusted_ca_count"] >= 1 and "success" in profile["verdicts"]


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]"])
def test_prometheus_may_read_over_loopback(start, backend, address):
    port = ports.free_port()
    stats.until_ready(start(backend, gateway={"stats_address": f"{address}:{port}"}))
    url = f"http://{address}:{port}"
    done = subprocess.run(["curl", "-sS", "-f", f"{url}/metrics"], capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0 and "sallyport_build_info{" in done.stdout
    for options, status in ((["-X", "POST", f"{url}/stop"], "403"), (["-H", "Host: a.example", f"{url}/stats"], "403")):
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *options], capture_output=True,
                              text=True, timeout=20, check=False)
        assert done.stdout == status
