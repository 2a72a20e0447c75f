"""balance = least_connections: the server with the fewest requests under way, all workers together."""

import pytest

from support import wait
from support.reloading import changed, reload
from support.servers import OFF, all_of, ports_that_answered, traffic

LEAST = {"balance": "least_connections"}


def start_waiting(connect, gateway, servers, target):
    """A client whose request is under way, and the server that has it."""
    client = connect(gateway)
    client.start(target=target)
    return client, wait.until(lambda: next((each for each in servers if each.sent_to(target)), None), "the request")


@pytest.mark.parametrize("workers", [1, 3])
def test_a_busy_server_gets_nothing_while_others_are_free(start, backends, connect, workers):
    servers = [backends(), backends()]
    gateway = start(servers, profile=OFF, gateway={"workers": workers}, backend=LEAST)
    busy, slow = start_waiting(connect, gateway, servers, "/wait/busy")
    quick = next(each for each in servers if each is not slow)
    assert all_of(gateway)[slow.address]["under_way"] == 1
    for _turn in range(6):
        with connect(gateway) as client:
            assert ports_that_answered(client, 5) == {quick.port: 5}
        # The client may have its last answer before the worker has noted the end of it, and come to another worker next.
        wait.until(lambda: all_of(gateway)[quick.address]["under_way"] == 0, "the end of what was answered")
    slow.gate.set()
    assert busy.response().status == 200
    wait.until(lambda: all_of(gateway)[slow.address]["under_way"] == 0, "the end of it")


def test_many_under_way_are_spread_evenly(start, backends, connect):
    servers = [backends() for _turn in range(3)]
    gateway = start(servers, profile=OFF, gateway={"workers": 3}, backend=LEAST)
    clients = [start_waiting(connect, gateway, servers, f"/wait/{number}")[0] for number in range(30)]
    assert [len(traffic(server)) for server in servers] == [10, 10, 10]
    assert [all_of(gateway)[server.address]["under_way"] for server in servers] == [10, 10, 10]
    for server in servers:
        server.gate.set()
    for client in clients:
        assert client.response().status == 200


def test_a_change_by_a_reload_loses_no_count(start_sections, backends, connect):
    servers = [backends(), backends()]
    gateway, sections = start_sections(servers, profile=OFF, gateway={"workers": 1})
    least = changed(sections, "backend app", **LEAST)
    before, _server = start_waiting(connect, gateway, servers, "/wait/before")
    reload(gateway, least)
    with connect(gateway) as client:
        assert set(ports_that_answered(client, 4).values()) == {2}  # what began before is not known
    for server in servers:
        server.gate.set()
    assert before.response().status == 200
    reload(gateway, sections)
    reload(gateway, least)
    with connect(gateway) as client:
        assert set(ports_that_answered(client, 10).values()) == {5}
    wait.until(lambda: {row["under_way"] for row in all_of(gateway).values()} == {0}, "calm")
