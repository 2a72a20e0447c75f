"""Several servers in turn, connections kept, and what is retried: never what might have been done already.

test_row_c6_no_post_is_sent_twice.py does the same by the hundred thousand."""

import collections
import json

import pytest

from support import wait
from support.backend import serve

OFF = {"verify_client_auth_mode": "off"}
ONE_WORKER = {"workers": 1}
TOLERANCE_SECONDS = 2   # in which others on a busy machine may have the processor


def ports_that_answered(client, count):
    return collections.Counter(json.loads(client.request().body)["port"] for _turn in range(count))


def test_two_servers_take_turns(start, backends, connect):
    first, second = backends(), backends()
    gateway = start([first, second], profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert ports_that_answered(client, 20) == {first.port: 10, second.port: 10}


def test_a_server_that_is_down_is_left_out(start, backends, connect):
    """An idempotent request may go to the next server when the first refused the connection."""
    up, down = backends(), backends()
    down.stop_listening()
    gateway = start([down, up], profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        statuses = [client.request(target="/status/200").status for _turn in range(10)]
    assert statuses.count(200) >= 5 and set(statuses) <= {200, 502}


def test_all_down_is_502(start, backends, connect):
    servers = [backends(), backends()]
    for server in servers:
        server.stop_listening()
    gateway = start(servers, profile=OFF)
    with connect(gateway) as client:
        assert client.request().status == 502


def test_connections_are_kept_across_clients(start, backends, connect):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    for _turn in range(10):
        with connect(gateway) as client:
            assert client.request().status == 200
    assert backend.connections == 1


def test_idle_connections_are_closed_in_time(start, backends, connect):
    backend = backends()
    gateway = start(backend, profile=OFF, backend={"keepalive_timeout": "200ms"})
    with connect(gateway) as client:
        assert client.request().status == 200
        wait.until(lambda: not backend.open, "the end of the idle connection")
        assert client.request().status == 200
    assert backend.connections == 2


def test_no_more_idle_connections_are_kept_than_allowed(start, backends, connect):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER, backend={"keepalive_connections": 2})
    clients_at_once = [connect(gateway) for _turn in range(6)]
    for client in clients_at_once:
        client.start(target="/wait")
    wait.until(lambda: len(backend.open) == 6, "six connections")
    backend.gate.set()
    for client in clients_at_once:
        assert client.response().status == 200
        client.close()
    wait.until(lambda: len(backend.open) <= 2, "the end of what may not be kept")


def test_no_connection_is_kept_when_none_is_allowed(start, backends, connect):
    backend = backends()
    gateway = start(backend, profile=OFF, backend={"keepalive_connections": 0})
    with connect(gateway) as client:
        for _turn in range(3):
            assert client.request().status == 200
    assert backend.connections == 3
    wait.until(lambda: not backend.open, "the end of the last connection")


def die_on_second_use(conversation):
    """Answers once, then ends the connection when the next request comes: as a server whose idle time is over."""
    conversation.read_request()
    conversation.answer(b"first\n")
    conversation.read_request()
    if conversation.number == 1:
        conversation.reset()
    else:
        conversation.answer(b"second\n")
        conversation.wait_for_end()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_an_idempotent_request_on_a_dead_connection_is_sent_again(start, backends, connect, method):
    backend = backends(die_on_second_use)
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert client.request().status == 200
        assert client.request(method, "/again").status == 200
    assert len(backend.sent_to("/again")) == 2


def test_a_post_is_never_sent_again(start, backends, connect):
    backend = backends(die_on_second_use)
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert client.request().status == 200
        assert client.request("POST", "/once", body=b"payment").status == 502
    assert len(backend.sent_to("/once")) == 1


def test_a_retry_happens_once(start, backends, connect):
    """The new connection dies as well: one more try would be a guess."""
    def script(conversation):
        conversation.read_request()
        if conversation.number == 1:
            conversation.answer(b"first\n")
            conversation.read_request()
        conversation.reset()

    backend = backends(script)
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert client.request().status == 200
        assert client.request(target="/twice").status == 502
    assert len(backend.sent_to("/twice")) == 2


def test_a_request_on_a_new_connection_is_not_sent_again(start, backends, connect):
    def script(conversation):
        conversation.read_request()
        conversation.reset()

    backend = backends(script)
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert client.request(target="/new").status == 502
    assert len(backend.sent_to("/new")) == 1


def test_an_answer_that_has_begun_is_not_asked_for_again(start, backends, connect):
    def script(conversation):
        conversation.read_request()
        conversation.answer(b"first\n")
        conversation.read_request()
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        conversation.reset()

    backend = backends(script)
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        assert client.request().status == 200
        response = client.request(target="/begun")
        assert not (response.status == 200 and response.complete)
    assert len(backend.sent_to("/begun")) == 1


def test_a_connection_that_died_while_idle_costs_no_request(start, backends, connect):
    """The end of an idle connection is seen when it comes, so that not even a POST falls into the gap."""
    backend = backends()
    gateway = start(backend, profile=OFF, gateway=ONE_WORKER)
    with connect(gateway) as client:
        for turn in range(20):
            assert client.request("POST", f"/turn/{turn}", body=b"x").status == 200
            backend.close_idle()
            wait.until(lambda: not backend.open, "the end of the idle connection")
            wait.until(lambda: gateway.counters().get("backend_connections_open", 0) == 0, "its notice")
    assert backend.connections == 20


def test_504_comes_in_time_and_its_connection_is_not_used_again(start, backends, connect):
    """The late answer must not become the next request's."""
    def script(conversation):
        request = conversation.peek_head()
        if request and request.target == "/slow":
            conversation.read_request()
            conversation.backend.gate.wait(20)
            conversation.answer(b"late\n")
            conversation.wait_for_end()
        elif request:
            serve(conversation)

    backend = backends(script)
    gateway = start(backend, profile=OFF, backend={"request_timeout": "2s"})
    with connect(gateway) as client:
        with wait.Stopwatch() as watch:
            assert client.request(target="/slow").status == 504
        assert 1.9 < watch.seconds < 2 + TOLERANCE_SECONDS
        backend.gate.set()
        for turn in range(5):
            assert json.loads(client.request(target=f"/next/{turn}").body)["target"] == f"/next/{turn}"
    assert gateway.record(requestUri="/slow")["error_info"] == "ERRORINFO_UPSTREAM_TIMED_OUT"
