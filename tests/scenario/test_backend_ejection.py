"""Passive ejection: who lets requests fail gets none for a while, then one, then all or none again."""

import itertools

import pytest

from support import stats, wait
from support.backend import serve
from support.faults import FAULTS
from support.reloading import changed, reload
from support.servers import EJECTING, OFF, all_of, ports_that_answered, said, state, traffic, until_said, until_state

ONE_WORKER = {"workers": 1}


def reset_while(told):
    def script(conversation):
        if not told["bad"]:
            serve(conversation)
        elif conversation.read_head():
            conversation.reset()

    return script


def test_a_server_that_fails_is_left_out_tried_and_taken_back(start, backends, connect):
    told = {"bad": True}
    sick, well = backends(reset_while(told)), backends()
    gateway = start([sick, well], profile=OFF, gateway=ONE_WORKER, backend={**EJECTING, "keepalive_connections": 0})
    with connect(gateway) as client:
        statuses = [client.request().status for _turn in range(12)]
        until_state(gateway, sick, "ejected", "trial")
        assert statuses.count(502) >= 3 and set(statuses) == {200, 502}
        before = len(traffic(sick))
        # One request of many tries it, fails, and nobody after it does.
        wait.until(lambda: client.request().status and said(gateway, sick, "is left out for another"), "a trial that fails")
        assert len(traffic(sick)) <= before + 2
        told["bad"] = False
        wait.until(lambda: client.request().status == 200 and said(gateway, sick, "is back: its trial succeeded"), "a good trial")
        assert ports_that_answered(client, 10) == {sick.port: 5, well.port: 5}
    until_said(gateway, sick, "is left out for 300 ms: 3 requests in a row failed")
    figures = stats.metrics(gateway)
    name = f'backend="app",address="{sick.address}"'
    assert figures[f"sallyport_backend_ejections_total{{{name}}}"] >= 2
    count = figures[f'sallyport_backend_failures_total{{{name},reason="closed"}}']
    wait.until(lambda: len([each for each in gateway.records() if each["httpStatus"] == 502]) >= count, "every failure's record")
    assert len([each for each in gateway.records() if each["httpStatus"] == 502]) == count
    assert figures[f"sallyport_backend_up{{{name}}}"] == 1


@pytest.mark.parametrize("name, reason", [
    ("reset after the request", "closed"), ("no answer", "timeout"), ("garbage", "bad_answer")])
def test_each_kind_of_failure_counts(start, backends, connect, name, reason):
    sick, well = backends(FAULTS[name].script), backends()
    gateway = start([sick, well], profile=OFF, backend={"eject_time": "60s", "eject_time_max": "60s",
                                                        "request_timeout": "1s" if reason == "timeout" else "20s"})
    with connect(gateway) as client:
        wait.until(lambda: client.request().status and state(gateway, sick) == "ejected", "the ejection", 20)
        assert all(client.request().status == 200 for _turn in range(10))
    assert all_of(gateway)[sick.address]["failures"][reason] >= 3


def test_a_server_that_takes_no_connection_is_left_out_without_a_failed_request(start, backends, connect):
    dead, well = backends(), backends()
    dead.stop_listening()
    gateway = start([dead, well], profile=OFF, backend={"eject_time": "60s", "eject_time_max": "60s"})
    with connect(gateway) as client:
        wait.until(lambda: client.request().status == 200 and state(gateway, dead) == "ejected", "the ejection")
        count = gateway.counters()["backend_connect_failures"]
        assert all(client.request().status == 200 for _turn in range(10))
        assert gateway.counters()["backend_connect_failures"] == count
    assert all_of(gateway)[dead.address]["reason"] == "the connection was refused"
    assert not [record for record in gateway.records() if record["httpStatus"] != 200]


def test_5xx_counts_where_it_is_said(start, backends, connect):
    def fail(conversation):
        while conversation.read_request():
            conversation.answer(b"", "503 Sorry")

    for setting, wanted in (("off", "up"), ("on", "ejected")):
        sick, well = backends(fail), backends()
        gateway = start([sick, well], profile=OFF, backend={"eject_on_5xx": setting})
        with connect(gateway) as client:
            for _turn in range(20):
                assert client.request().status in (200, 503)
            until_state(gateway, sick, wanted)
            if setting == "on":
                assert ports_that_answered(client, 10) == {well.port: 10}


@pytest.mark.parametrize("share, left", [(50, 1), (100, 0)])
def test_the_last_ones_stay_unless_all_may_go(start, backends, connect, share, left):
    """With all of them out, 502 comes at once; with one left, it is asked each time."""
    servers = [backends(), backends()]
    for server in servers:
        server.stop_listening()
    gateway = start(servers, profile=OFF, backend={"eject_share": share, "eject_time": "60s"})
    with connect(gateway) as client:
        def are_out():
            assert client.request().status == 502
            return [row["state"] for row in all_of(gateway).values()].count("ejected") == 2 - left

        wait.until(are_out, "ejections")
        for turn in range(5):
            assert client.request(target=f"/after/{turn}").status == 502
        assert [row["state"] for row in all_of(gateway).values()].count("up") == left
    record = gateway.record(requestUri="/after/4")
    assert record["error_info"] == "ERRORINFO_UPSTREAM_NO_LIVE"
    assert record["reason"] == ("backend_failed" if left else "no_healthy_server")


def test_a_lone_server_is_never_left_out(start, backends, connect):
    turns = itertools.count()

    def script(conversation):
        if next(turns) < 20:
            conversation.read_request()
            conversation.reset()
        else:
            serve(conversation)

    server = backends(script)
    gateway = start(server, profile=OFF)
    with connect(gateway) as client:
        assert [client.request().status for _turn in range(20)] == [502] * 20
        assert client.request().status == 200
    assert state(gateway, server) == "up"


def test_a_connection_that_died_while_idle_is_nobodys_fault(start, backends, connect):
    """A POST on it gets its 502, since it may not be sent twice; the server is well all the same."""
    def once(conversation):
        if conversation.read_request():
            conversation.answer(b"first\n")
            if conversation.read_request():
                conversation.reset()

    servers = [backends(once), backends(once)]
    gateway = start(servers, profile=OFF, gateway=ONE_WORKER, backend=EJECTING)
    with connect(gateway) as client:
        statuses = [client.request("POST", body=b"x").status for _turn in range(40)]
    assert 502 in statuses
    assert {row["state"] for row in all_of(gateway).values()} == {"up"}
    assert {row["ejections"] for row in all_of(gateway).values()} == {0}


def test_a_client_that_leaves_is_not_the_servers_fault(start, backends, connect):
    """Not even when its request was the trial: the next one is."""
    told = {"bad": True}
    sick, well = backends(reset_while(told)), backends()
    gateway = start([sick, well], profile=OFF, gateway=ONE_WORKER,
                    backend={**EJECTING, "keepalive_connections": 0})
    with connect(gateway) as client:
        wait.until(lambda: client.request().status and state(gateway, sick) in ("ejected", "trial"), "the ejection")
    told["bad"] = False
    until_state(gateway, sick, "trial")
    leaving = []
    for number in range(2):  # they take turns: one of the two has the trial
        leaving.append(connect(gateway))
        leaving[-1].start(target=f"/wait/{number}")
        wait.until(lambda: sick.sent_to(f"/wait/{number}") or well.sent_to(f"/wait/{number}"),  # pylint: disable=cell-var-from-loop
                   "the request")
    assert sick.sent_to("/wait/0") or sick.sent_to("/wait/1")
    for client in leaving:
        client.close()
    with connect(gateway) as client:
        wait.until(lambda: client.request().status == 200 and state(gateway, sick) == "up", "the next trial")
    for server in (sick, well):
        server.gate.set()


def test_an_ejection_survives_a_reload(start_sections, backends, connect):
    dead, well = backends(), backends()
    dead.stop_listening()
    gateway, sections = start_sections([dead, well], profile=OFF, backend={"eject_time": "60s"})
    with connect(gateway) as client:
        wait.until(lambda: client.request().status and state(gateway, dead) == "ejected", "the ejection")
        reload(gateway, changed(sections, "backend app", server=[well.address, dead.address]))
        assert state(gateway, dead) == "ejected"
        reload(gateway, changed(sections, "backend app", eject_after=0))
        until_state(gateway, dead, "up")
