"""Connections that lie idle for one backend never cost a request for another one."""

from support import edge, ports, wait

CLIENTS = 200       # three times as many idle connections are more than a worker has places for
NAMES = ["a.example.com", "b.example.com", "c.example.com"]


def test_idle_connections_of_other_pools_make_room(start, backends, pki, connect):
    port = ports.free_port()
    made = [backends() for _name in NAMES]
    more = [section for name, backend in zip(NAMES[1:], made[1:]) for section in (
        edge.listener_section(pki, name, port, server_name=name, backend=name),
        edge.backend_section(backend, name, keepalive_connections=1000))]
    gateway = start(made[0], gateway={"workers": 1, "max_connections": CLIENTS}, more=more,
                    listener={"port": port}, backend={"keepalive_connections": 1000},
                    profile={"verify_client_auth_mode": "off"})
    pool = [connect(gateway) for _number in range(CLIENTS)]
    for name, backend in zip(NAMES, made):
        for client in pool:
            client.start(target="/wait", fields=[("Host", name)])
        # All of them are under way at once, so that each has a connection of its own.
        wait.until(lambda: len(backend.requests) == CLIENTS, "every request")  # pylint: disable=cell-var-from-loop
        backend.gate.set()
        assert [client.response().status for client in pool] == [200] * CLIENTS
    counters = gateway.counters()
    assert counters["backend_evictions"] > 0
    assert counters["answers_5xx"] == 0
