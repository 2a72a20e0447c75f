"""How connections end: nothing that was answered is lost, nobody is let in after the end, nobody is reset at the limit."""

import signal
import threading

from support import client as clients
from support import ports, wait
from support.faults import full_backlog

OFF = {"verify_client_auth_mode": "off"}
UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello"


def answers_of(size):
    def script(conversation):
        while conversation.read_request():
            conversation.answer(b"x" * size)
    return script


def read_to_the_end(client, after=None, then=None):
    """Bytes read until the peer's end; once more than `after` have come, then() is called."""
    count = 0
    while True:
        part = client.sock.recv(65536)
        if not part:
            return count
        count += len(part)
        if then and count > after:
            then()
            then = None


def test_an_answer_arrives_whole_though_the_client_sends_more_behind_its_last_request(start, backends, connect):
    """What is sent to a closed socket is answered with a reset, which would destroy what the client has not read."""
    size = 3_000_000
    gateway = start(backends(answers_of(size)), profile=OFF)
    with connect(gateway, receive_buffer=65536) as client:
        client.start(target="/1", fields=[("Connection", "close")])
        more = client.head("GET", "/2", [])
        assert read_to_the_end(client, 200_000, lambda: client.send(more)) > size


def test_a_client_that_stalls_gets_the_rest_of_its_last_answer(start, backends, connect):
    size = 3_000_000
    gateway = start(backends(answers_of(size)), gateway={"send_timeout": "20s"}, profile=OFF)
    with connect(gateway, receive_buffer=4096) as client:
        client.start(target="/", fields=[("Connection", "close")])
        # Longer than a client that has everything is waited for.
        threading.Event().wait(3)
        client.sock.settimeout(10)
        assert read_to_the_end(client) > size


def test_draining_ends_a_connection_whose_answer_had_promised_more(start, backends, connect):
    """Its head was out, without Connection: close, when the signal came."""
    head_is_out = threading.Event()

    def script(conversation):
        conversation.read_request()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        head_is_out.set()
        conversation.backend.gate.wait(5)
        conversation.send(b"56789")
        conversation.wait_for_end()

    backend = backends(script)
    gateway = start(backend, gateway={"drain_timeout": "30s"}, profile=OFF)
    with connect(gateway) as client:
        client.start(target="/a")
        assert head_is_out.wait(5)
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: not ports.is_listening(gateway.port), "the end of listening")
        backend.gate.set()
        assert client.response().status == 200
        assert client.is_ended()
    assert gateway.wait_for_exit(10) == 0


def test_a_stop_stops_those_that_come_in_at_that_moment(start, backends, connect):
    gateway = start(backends(), gateway={"workers": 1}, profile=OFF)
    is_over = threading.Event()

    def storm():
        while not is_over.is_set():
            try:
                connect(gateway)
            except OSError:
                pass

    threads = [threading.Thread(target=storm) for _number in range(4)]
    for thread in threads:
        thread.start()
    wait.until(lambda: gateway.counters()["connections_accepted"] > 50, "fifty clients")
    gateway.signal(signal.SIGQUIT)
    try:
        assert gateway.wait_for_exit() == 0
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
        clients.close_all()


def test_clients_beyond_the_limit_wait_and_are_served(start, backends, connect):
    gateway = start(backends(), gateway={"workers": 1, "max_connections": 4}, profile=OFF)
    first = [connect(gateway) for _number in range(4)]
    assert all(client.request().status == 200 for client in first)
    statuses = []

    def one():
        with connect(gateway) as client:
            statuses.append(client.request(fields=[("Connection", "close")]).status)

    threads = [threading.Thread(target=one) for _number in range(20)]
    for thread in threads:
        thread.start()
    first[0].close()
    for thread in threads:
        thread.join(10)
    assert statuses == [200] * 20
    counters = gateway.counters()
    assert counters["connections_rejected"] == 0 and counters["accept_pauses"] > 0


def test_one_dead_server_of_two_costs_no_request(start, backends, connect):
    """However many requests take turns at once, each tries the other server before it gives up."""
    dead = f"127.0.0.1:{ports.free_port()}"
    gateway = start([dead, backends().address], gateway={"workers": 1}, profile=OFF, backend={"keepalive_connections": 0})
    pool = [connect(gateway) for _number in range(8)]
    for _turn in range(5):
        for client in pool:
            client.start(target="/x")
        assert [client.response().status for client in pool] == [200] * 8


def test_a_pipelined_request_has_its_own_time(start, backends, connect):
    """The first one's limit must not end the second, whose server does not even take the connection."""
    def script(conversation):
        conversation.read_request()
        conversation.pause(1)
        conversation.answer(b"one", fields=[("Connection", "close")])

    with full_backlog() as full:
        gateway = start([backends(script).address, full], gateway={"workers": 1}, profile=OFF,
                        backend={"request_timeout": "3s", "connect_timeout": "2500ms"})
        with connect(gateway) as client:
            client.send(client.head("GET", "/1", []) + client.head("GET", "/2", []))
            assert client.response().status == 200
            assert client.response().status in (200, 504)


def test_an_answer_head_may_be_as_large_as_a_requests(start, backends, connect):
    def script(conversation):
        while conversation.read_request():
            conversation.answer(b"hi", fields=[(f"X-{number}", "v" * 1000) for number in range(30)])

    gateway = start(backends(script), profile=OFF)
    with connect(gateway) as client:
        response = client.request()
        assert response.status == 200 and response.body == b"hi" and len(response.get("X-29")) == 1000


def test_a_tunnels_last_bytes_reach_a_slow_backend(start, backends, connect):
    """The backend has finished its own direction and reads on; the client sends much, and finishes."""
    size, ends = 4_500_000, []

    def script(conversation):
        conversation.read_head()
        conversation.send(SWITCHING)
        conversation.half_close()
        count = 0
        while part := conversation.sock.recv(65536):
            count += len(part)
        ends.append(count)

    gateway = start(backends(script, receive_buffer=4096), profile=OFF)
    with connect(gateway) as client:
        client.start(target="/switch", fields=UPGRADE)
        assert client.response().status == 101
        client.send(b"z" * size)
        try:
            client.sock.unwrap()
        except OSError:
            pass  # it may find the answer to its close_notify gone
        assert wait.until(lambda: ends, "the backend's end") == [size]
    assert gateway.counters()["tunnels"] == 1


def test_a_tunnel_that_breaks_at_the_backend_is_no_regular_end(start, backends, connect):
    def script(conversation):
        conversation.read_head()
        conversation.send(SWITCHING)
        conversation.backend.gate.wait(5)
        conversation.reset()

    backend = backends(script)
    gateway = start(backend, profile=OFF)
    with connect(gateway) as client:
        client.start(target="/switch", fields=UPGRADE)
        assert client.response().status == 101
        backend.gate.set()
        client.rest()
        assert client.reader.ending != "closed"


def test_every_request_is_counted_once_with_its_end(start, backends, connect):
    gateway = start(backends(), profile=OFF)
    with connect(gateway) as client:
        assert client.request().status == 200
        assert client.request(target="/status/404").status == 404
    with connect(gateway) as client:
        client.send(b"GET / HTTP/1.1\r\nHo")
    with connect(gateway) as client:
        client.send(b"nonsense\r\n\r\n")
        assert client.response().status == 400

    def is_balanced():
        seen = gateway.counters()
        ended = sum(seen[f"answers_{number}xx"] for number in (2, 3, 4, 5)) + seen["tunnels"] + seen["requests_unanswered"]
        return seen["requests"] == ended == 4

    wait.until(is_balanced, "the balance of requests and their ends")
