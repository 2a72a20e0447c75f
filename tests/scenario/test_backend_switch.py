"""`sallyport backend`: servers out of service and back, by hand, under load and through reloads."""

import json
import os

import pytest

from support import stats, wait
from support.gateway import run_command
from support.reloading import changed, reload
from support.servers import OFF, command, ports_that_answered, state, until_said

ONE_WORKER = {"workers": 1}


@pytest.fixture
def pair(start_sections, backends):
    servers = [backends(), backends()]
    gateway, sections = start_sections(servers, profile=OFF, gateway=ONE_WORKER)
    stats.until_ready(gateway)
    return gateway, sections, servers


def test_a_disabled_server_finishes_and_gets_nothing_new(pair, connect):
    gateway, _sections, (one, other) = pair
    clients = [connect(gateway) for _turn in range(2)]
    for client in clients:
        client.start(target="/wait/here")
    wait.until(lambda: one.sent_to("/wait/here") and other.sent_to("/wait/here"), "a request at each")
    done = command(gateway, "disable", f"app/{one.address}")
    assert done.returncode == 0 and done.stdout == f"app/{one.address} is disabled: 1 server\n"
    with connect(gateway) as client:
        assert ports_that_answered(client, 10) == {other.port: 10}
        for server in (one, other):
            server.gate.set()
        assert [each.response().status for each in clients] == [200, 200]
        done = command(gateway, "enable", f"app/{one.address}")
        assert done.returncode == 0 and done.stdout == f"app/{one.address} is enabled: 1 server\n"
        assert ports_that_answered(client, 10) == {one.port: 5, other.port: 5}
    until_said(gateway, one, "is disabled: it gets no new requests")
    until_said(gateway, one, "is enabled")


def test_a_disabled_backend_is_502_and_says_why(pair, connect):
    gateway, _sections, servers = pair
    assert command(gateway, "disable", "app").stdout == "app is disabled: 2 servers\n"
    with connect(gateway) as client:
        assert client.request(target="/nobody").status == 502
        assert command(gateway, "enable", "app").returncode == 0
        assert client.request().status == 200
    record = gateway.record(requestUri="/nobody")
    assert (record["error_info"], record["reason"]) == ("ERRORINFO_UPSTREAM_NO_LIVE", "backend_disabled")
    assert not any(server.sent_to("/nobody") for server in servers)
    wait.until(lambda: "backend app: no server is left: its requests are answered with 502" in gateway.stderr(), "the line")
    wait.until(lambda: "backend app: has a server again" in gateway.stderr(), "the line")


def test_it_stays_through_reloads_and_shows(pair, connect):
    gateway, sections, (one, other) = pair
    command(gateway, "disable", f"app/{one.address}")
    for turn in range(5):
        reload(gateway, changed(sections, "backend app", server=[other.address, one.address], request_timeout=f"{9 + turn}s"))
    with connect(gateway) as client:
        assert ports_that_answered(client, 10) == {other.port: 10}
    assert state(gateway, one) == "disabled"
    shown = command(gateway, "list").stdout
    assert f"app/{one.address}" in shown and "disabled" in shown
    assert f"app/{one.address}" in stats.ask(gateway, "/status")[2]
    rows = json.loads(command(gateway, "list", "--json").stdout)
    assert [(row["address"], row["state"], row["up"]) for row in rows] == [
        (other.address, "up", True), (one.address, "disabled", False)]
    figures = stats.metrics(gateway)
    name = f'backend="app",address="{one.address}"'
    assert figures[f"sallyport_backend_up{{{name}}}"] == 0
    assert figures[f'sallyport_backend_state{{{name},state="disabled"}}'] == 1
    assert figures[f'sallyport_backend_state{{{name},state="up"}}'] == 0


def test_a_server_that_a_reload_takes_away_and_brings_back_is_enabled(pair, connect):
    gateway, sections, (one, other) = pair
    command(gateway, "disable", f"app/{one.address}")
    reload(gateway, changed(sections, "backend app", server=[other.address]))
    assert f'sallyport_backend_up{{backend="app",address="{one.address}"}}' not in stats.metrics(gateway)
    reload(gateway, sections)
    with connect(gateway) as client:
        assert ports_that_answered(client, 10) == {one.port: 5, other.port: 5}


def test_by_the_name_that_was_written(start, backends, connect):
    server = backends()
    gateway = start(f"localhost:{server.port}", profile=OFF)
    stats.until_ready(gateway)
    done = command(gateway, "disable", f"app/localhost:{server.port}")
    assert done.returncode == 0, done.output
    with connect(gateway) as client:
        assert client.request().status == 502
        assert command(gateway, "enable", "app").returncode == 0
        assert client.request().status == 200


def test_a_wrong_name_is_told_with_the_right_one(pair):
    gateway, _sections, (one, _other) = pair
    done = command(gateway, "disable", "ap")
    assert done.returncode == 1 and "there is no backend 'ap' (did you mean 'app'?)" in done.stderr
    done = command(gateway, "disable", f"app/{one.address}0")
    assert done.returncode == 1 and f"did you mean 'app/{one.address}'?" in done.stderr
    done = command(gateway, "enable", "a b%2Fc?d")
    assert done.returncode == 1 and "there is no backend 'a b%2Fc?d'" in done.stderr
    assert command(gateway, "disable", f"app/{one.address}", "nobody").returncode == 1
    assert state(gateway, one) == "disabled"


@pytest.mark.parametrize("words", [[], ["disable"], ["enable"], ["list", "app"], ["remove", "app"], ["disable", "app", "--json"]])
def test_wrong_usage(pair, words):
    done = command(pair[0], *words)
    assert done.returncode == 2 and "sallyport backend: " in done.stderr


def test_without_a_gateway(tmp_path):
    done = run_command("backend", "list", "--socket", str(tmp_path / "none.sock"))
    assert done.returncode == 1 and "no gateway runs there" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_changes_are_for_root_and_the_owner(pair):
    gateway, _sections, (one, _other) = pair
    os.chmod(gateway.folder, 0o711)
    folder = os.path.dirname(gateway.folder)
    while folder != "/":
        os.chmod(folder, os.stat(folder).st_mode & 0o7777 | 0o011)
        folder = os.path.dirname(folder)
    member = ["setpriv", "--reuid=65534", "--regid=0", "--clear-groups"]
    status, said_so = stats.curl(gateway, "/backends/disable?app", "-X", "POST", wrapper=member)
    assert status == 403 and "to change anything" in said_so
    assert stats.curl(gateway, "/backends", wrapper=member)[0] == 200
    assert stats.ask(gateway, "/backends/disable?app")[0] == 405
    assert state(gateway, one) == "up"
