"""Whatever a backend does wrong: the right status in time, a cut body seen as cut, and nobody else disturbed. See also test_row_d4_*.py."""

import itertools
import socket
import threading

import pytest

from support import pattern, wait
from support.backend import serve
from support.faults import FAULTS, TIMEOUT, full_backlog, never_read
from support.gateway import MEMORY_SCALE

# The backend's time is half a second; a sanitizer build needs some for itself.
SECONDS_MAX = 0.5 + (0.5 if MEMORY_SCALE == 1 else 2)
TRIES_MAX = 3
# Of the gateway that must not cut who is well: he may have to wait for a processor.
LONGER_TIMEOUT = "3s"
CONNECT_SECONDS = 10
OFF = {"verify_client_auth_mode": "off"}


def expect_in_time(ask):
    """ask() tells the seconds that it took. Late once may be the machine's fault, late again and again is the gateway's."""
    times = []
    while not times or (times[-1] >= SECONDS_MAX and len(times) < TRIES_MAX):
        times.append(ask())
    assert times[-1] < SECONDS_MAX, times


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_time_and_in_truth(start, backends, connect, name):
    """A cut is never told by a whole response, and never later than the backend's time allows."""
    fault = FAULTS[name]
    gateway = start(backends(fault.script), profile=OFF, backend={"request_timeout": TIMEOUT})

    def ask():
        with connect(gateway) as client, wait.Stopwatch() as watch:
            response = client.request(target="/fault")
            seconds = watch.so_far()
            assert response.status in fault.statuses
            assert fault.is_cut and not response.complete if response.status == 200 else response.complete
        record = gateway.record_of(client)
        assert int(record["httpStatus"]) == response.status
        assert record["error_info"] != "ERRORINFO_NO_ERROR"
        return seconds

    expect_in_time(ask)


@pytest.mark.parametrize("name", ["reset after the request", "garbage", "close in the body", "no answer"])
def test_a_fault_of_one_request_does_not_touch_the_others(start, backends, connect, name):
    """One backend connection is faulty, another client downloads over another one meanwhile."""
    def script(conversation):
        request = conversation.peek_head()
        if request:
            (FAULTS[name].script if request.target == "/fault" else serve)(conversation)

    # None is kept: one that has served a whole download would be the other's.
    gateway = start(backends(script), profile=OFF, backend={"request_timeout": LONGER_TIMEOUT, "keepalive_connections": 0})
    with connect(gateway) as calm, connect(gateway) as unlucky:
        checker = pattern.Checker()
        calm.start(target="/pattern/3000000")
        unlucky.start(target="/fault")
        assert unlucky.response().status in FAULTS[name].statuses
        response = calm.response(feed=checker.feed)
        assert response.complete and checker.right and checker.size == 3000000
        assert calm.request(target="/status/200").status == 200


def test_a_client_can_go_on_after_a_failure(start, backends, connect):
    turns = itertools.count()

    def script(conversation):
        if next(turns) == 0:
            conversation.read_request()
            conversation.reset()
        else:
            serve(conversation)

    gateway = start(backends(script), profile=OFF)
    with connect(gateway) as client:
        assert client.request("POST", "/once", body=b"x").status == 502
        assert client.request(target="/status/200").status == 200


def test_more_than_the_length_says_is_never_given_to_the_next_request(start, backends, connect):
    """The surplus looks like an answer; the connection it came on is not used again."""
    def script(conversation):
        while request := conversation.read_request():
            conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"
                              b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
            assert request

    gateway = start(backends(script), profile=OFF)
    with connect(gateway) as client:
        for _turn in range(5):
            response = client.request()
            assert (response.status, response.body) == (200, b"right")


def test_an_answer_before_the_body_is_taken_ends_the_upload(start, backends, connect):
    """A backend that refuses early and closes: the client hears the refusal, not a 502."""
    def script(conversation):
        conversation.read_head()
        conversation.answer(b"too much\n", "413 Content Too Large", [("Connection", "close")])
        conversation.half_close()
        conversation.pause(0.2)

    gateway = start(backends(script), profile=OFF)
    with connect(gateway) as client:
        client.send(client.head("POST", "/early", [("Content-Length", 50_000_000)]) + b"x" * 100_000)
        response = client.response("POST")
        assert response.status == 413 and response.body == b"too much\n"


def test_a_backend_that_is_down_is_502_at_once(start, backends, connect):
    backend = backends()
    backend.stop_listening()
    gateway = start(backend, profile=OFF, backend={"connect_timeout": f"{CONNECT_SECONDS}s"})
    with connect(gateway) as client, wait.Stopwatch() as watch:
        response = client.request()
        assert response.status == 502
        assert client.request("POST", body=b"x" * 100_000).status == 502
    assert watch.seconds < CONNECT_SECONDS
    assert gateway.record_of(client)["error_info"].startswith("ERRORINFO_UPSTREAM")


def test_a_backend_that_comes_back_is_used_again(start, backends, connect):
    first = backends()
    first.stop_listening()
    gateway = start(first, profile=OFF)
    with connect(gateway) as client:
        assert client.request().status == 502
        revived = socket.socket()
        revived.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        revived.bind(("127.0.0.1", first.port))
        revived.listen(16)

        def answer_once():
            sock, _address = revived.accept()
            sock.recv(65536)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nup")
            sock.close()

        thread = threading.Thread(target=answer_once, daemon=True)
        thread.start()
        assert wait.until(lambda: client.request().status == 200, "the revived backend")
        revived.close()


def test_a_backend_that_takes_no_connection_is_a_timeout(start, connect):
    with full_backlog() as address:
        gateway = start(address, profile=OFF, backend={"connect_timeout": TIMEOUT})

        def ask():
            with connect(gateway) as client, wait.Stopwatch() as watch:
                assert client.request().status in (502, 504)
            return watch.seconds

        expect_in_time(ask)


def test_a_backend_that_takes_no_body_is_a_timeout(start, backends, connect):
    gateway = start(backends(never_read, receive_buffer=4096), profile=OFF, backend={"request_timeout": TIMEOUT})
    with connect(gateway) as client:
        client.send(client.head("POST", "/stuck", [("Content-Length", 50_000_000)]))
        with wait.Stopwatch() as watch:
            client.sock.settimeout(5)
            try:
                for part in pattern.pieces(50_000_000):
                    client.send(part)
            except OSError:
                pass
            if client.reader.fill():
                assert client.response("POST").status in (502, 504)
        assert watch.seconds < 5


def test_a_name_that_does_not_resolve_is_502_or_refused_at_the_start(start, connect):
    try:
        gateway = start("no-such-host.invalid:80", profile=OFF)
    except AssertionError as refused:
        assert "no-such-host.invalid" in str(refused)
        return
    with connect(gateway) as client:
        assert client.request().status in (502, 504)


def test_a_backend_by_name_is_resolved(start, backends, connect):
    gateway = start(f"localhost:{backends().port}", profile=OFF)
    with connect(gateway) as client:
        assert client.request().status == 200
