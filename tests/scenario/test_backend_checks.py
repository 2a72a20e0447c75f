"""Active checks: who does not answer them as agreed gets no requests, whoever hangs, and hears of it nowhere else."""

import time

import pytest

from support import stats, wait
from support.faults import full_backlog
from support.reloading import changed, reload
from support.servers import CHECKED, OFF, all_of, ports_that_answered, state, traffic, until_said, until_state, with_health

ONE_WORKER = {"workers": 1}


def test_a_server_that_fails_its_checks_gets_no_requests_until_it_is_well(start, backends, connect):
    told = {"status": 200}
    sick, well = backends(with_health(told)), backends(with_health({"status": 200}))
    gateway = start([sick, well], profile=OFF, gateway=ONE_WORKER, backend=CHECKED)
    wait.until(lambda: all(row["checks"] > 1 for row in all_of(gateway).values()), "checks")
    with connect(gateway) as client:
        assert ports_that_answered(client, 10) == {sick.port: 5, well.port: 5}
        told["status"] = 503
        until_state(gateway, sick, "down")
        assert ports_that_answered(client, 10) == {well.port: 10}
        figures = stats.metrics(gateway)
        assert figures[f'sallyport_backend_up{{backend="app",address="{sick.address}"}}'] == 0
        assert figures[f'sallyport_backend_up{{backend="app",address="{well.address}"}}'] == 1
        assert all_of(gateway)[sick.address]["reason"] == "it answered with 503, expected 200-399"
        told["status"] = 204
        until_state(gateway, sick, "up")
        assert ports_that_answered(client, 10) == {sick.port: 5, well.port: 5}
    until_said(gateway, sick, "is down: 2 checks in a row failed, the latest: it answered with 503")
    until_said(gateway, sick, "is up: 2 checks in a row were good")
    request = sick.sent_to("/health")[0]
    assert (request.method, request.get("host"), request.get("connection")) == ("GET", sick.address, "close")


def test_a_server_that_is_down_from_the_start_costs_no_request(start, backends, connect):
    dead, well = backends(), backends(with_health({"status": 200}))
    dead.stop_listening()
    gateway = start([dead, well], profile=OFF, backend=CHECKED)
    until_state(gateway, dead, "down")
    with connect(gateway) as client:
        for _turn in range(10):
            assert client.request().status == 200
    assert gateway.counters()["backend_connect_failures"] == 0
    until_said(gateway, dead, "is down: its first check failed: Connection refused")


def test_without_a_healthy_server_502_comes_at_once_and_says_why(start, connect):
    """Nobody waits for a connection that will not come: the server takes none."""
    with full_backlog() as address:
        gateway = start(address, profile=OFF, backend={**CHECKED, "health_timeout": "100ms", "connect_timeout": "30s"})
        wait.until(lambda: all(row["state"] == "down" for row in all_of(gateway).values()), "the end of the check")
        with connect(gateway) as client, wait.Stopwatch() as watch:
            for turn in range(5):
                assert client.request(target=f"/none/{turn}").status == 502
        assert watch.seconds < wait.PATIENCE_SECONDS
        record = gateway.record(requestUri="/none/4")
        assert (record["error_info"], record["reason"], record["serverRouted"]) == (
            "ERRORINFO_UPSTREAM_NO_LIVE", "no_healthy_server", "")
        wait.until(lambda: "backend app: no server is left" in gateway.stderr(), "the line")


@pytest.mark.parametrize("word", ["silence", "a byte at a time", "heads without end", "garbage"])
def test_a_server_that_plays_with_its_checks_holds_up_nobody(start, backends, connect, word):
    def play(conversation):
        request = conversation.read_head()
        while request and not conversation.is_stopping():
            if word == "silence":
                conversation.pause(5)
            elif word == "a byte at a time":
                conversation.send(b"H")
                conversation.pause(0.02)
            elif word == "heads without end":
                conversation.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)
            else:
                conversation.send(b"\0\1\2 no HTTP at all\r\n\r\n")
                conversation.pause(0.02)

    told = {"status": 200}
    hostile, other = [backends(play) for _turn in range(3)], backends(with_health(told))
    gateway = start(hostile + [other], profile=OFF, backend={**CHECKED, "health_timeout": "1s"})
    for server in hostile:
        until_state(gateway, server, "down")
    before = all_of(gateway)[other.address]["checks"]
    # Behind the others each of these would take seconds.
    wait.until(lambda: all_of(gateway)[other.address]["checks"] >= before + 20, "checks of the good one")
    with connect(gateway) as client:
        assert ports_that_answered(client, 5) == {other.port: 5}
    told["status"] = 500
    until_state(gateway, other, "down")


def test_tcp_asks_for_a_connection_alone(start, backends, connect):
    server = backends()
    gateway = start(server, profile=OFF, backend={"health_check": "tcp", "health_interval": "50ms"})
    wait.until(lambda: all_of(gateway)[server.address]["checks"] > 2, "checks")
    with connect(gateway) as client:
        assert client.request().status == 200
    assert len(server.requests) == 1
    server.stop_listening()
    until_state(gateway, server, "down")


def test_checks_come_one_after_the_other_and_no_faster_than_agreed(start, backends):
    """A tenth more or less than the interval, from the end of one to the beginning of the next."""
    begun, answered = [], []

    def script(conversation):
        if conversation.read_head():
            begun.append(time.monotonic())
            answered.append(time.monotonic())   # before it is: the gateway may go on sooner than this thread does
            conversation.answer(b"")

    gateway = start(backends(script), profile=OFF, backend={**CHECKED, "health_interval": "100ms"})
    wait.until(lambda: len(begun) >= 10, "ten checks")
    pauses = [later - earlier for earlier, later in zip(answered, begun[1:])]
    assert min(pauses) > 0.085
    assert gateway.counters()["backend_connects"] == 0  # nobody counts them as traffic


def test_a_reload_starts_changes_and_ends_checks(start_sections, backends):
    told = {"status": 503}
    server = backends(with_health(told))
    gateway, sections = start_sections(server, profile=OFF)
    assert state(gateway, server) == "up" and not server.requests
    checked = changed(sections, "backend app", **CHECKED)
    reload(gateway, checked)
    until_state(gateway, server, "down")
    reload(gateway, changed(checked, "backend app", health_status="503"))
    until_state(gateway, server, "up")
    reload(gateway, changed(checked, "backend app", health_interval="1h"))
    wait.until(lambda: state(gateway, server) in ("up", "down"), "an answer")
    reload(gateway, checked)
    until_state(gateway, server, "down")
    reload(gateway, sections)
    until_state(gateway, server, "up")
    count = all_of(gateway)[server.address]["checks"]
    until_said(gateway, server, "is taken for up: it is checked no more")
    assert all_of(gateway)[server.address]["checks"] == count


def test_what_is_known_survives_a_reload(start_sections, backends, connect):
    """No request goes to a dead server because the configuration was read anew, and none is counted anew."""
    dead, well = backends(), backends(with_health({"status": 200}))
    dead.stop_listening()
    gateway, sections = start_sections([dead, well], profile=OFF, backend=CHECKED)
    until_state(gateway, dead, "down")
    with connect(gateway) as client:
        for turn in range(10):
            reload(gateway, changed(sections, "backend app", request_timeout=f"{10 + turn}s"))
            assert state(gateway, dead) == "down"
            assert client.request().status == 200
    assert gateway.counters()["backend_connect_failures"] == 0
    assert all_of(gateway)[well.address]["requests"] == 10 == len(traffic(well))
    until_said(gateway, dead, "is down")
