"""An answer that begins before the request is complete: the pauses of an upload do not cut what is still coming down."""

import pytest

from support import wait

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OFF = {"verify_client_auth_mode": "off"}
TIMES = {"profile": OFF, "gateway": {"client_body_timeout": "400ms"}, "backend": {"request_timeout": "400ms"}}
# For who goes on slowly: long beside the pauses, so that a hiccup of the machine is none, and shorter than all of them.
STEADY_TIMES = {"profile": OFF, "gateway": {"client_body_timeout": "2s"}, "backend": {"request_timeout": "2s"}}
PAUSES, PAUSE_SECONDS = 9, 0.3
AT_MOST_SECONDS = 15    # the limits that a test does not set are longer


def test_an_answer_under_way_outlives_a_pause_of_the_upload(start, backends, connect):
    def tick(conversation):
        request = conversation.read_head()
        conversation.send(CHUNKED)
        for _turn in range(PAUSES):
            conversation.pause(PAUSE_SECONDS)
            conversation.send(b"4\r\ntick\r\n")
        conversation.read_body(request)
        conversation.send(b"4\r\ndone\r\n0\r\n\r\n")

    gateway = start(backends(tick), **STEADY_TIMES)
    with connect(gateway) as client:
        client.send(client.head("POST", "/ticking", [("Content-Length", 10)]) + b"12345")
        with wait.Stopwatch() as watch:
            head = client.reader.until(b"\r\n\r\n")
            while client.reader.buffer.count(b"tick") < PAUSES:
                assert client.reader.fill(), "cut while it was coming"
        assert head.startswith(b"HTTP/1.1 200") and watch.seconds > 2
        client.send(b"67890")
        assert client.reader.until(b"\r\n0\r\n\r\n").endswith(b"4\r\ndone\r\n0\r\n\r\n")


def test_an_upload_under_way_outlives_a_pause_of_the_answer(start, backends, connect):
    def answer_first(conversation):
        request = conversation.read_head()
        conversation.send(CHUNKED + b"5\r\nfirst\r\n")
        conversation.read_body(request)
        conversation.send(b"4\r\nlast\r\n0\r\n\r\n")

    gateway = start(backends(answer_first), **STEADY_TIMES)
    with connect(gateway) as client:
        client.send(client.head("POST", "/dripping", [("Content-Length", PAUSES)]))
        client.sock.settimeout(PAUSE_SECONDS)
        for _byte in range(PAUSES):
            client.send(b"x")
            try:
                while client.reader.fill():
                    pass
            except TimeoutError:
                continue
            raise AssertionError("cut while the upload went on")
        client.sock.settimeout(10)
        response = client.response("POST")
        assert response.status == 200 and response.body == b"firstlast" and response.complete


@pytest.mark.parametrize("length", [10, 1000])
def test_when_neither_side_moves_the_answer_is_cut(start, backends, connect, length):
    def begin_and_wait(conversation):
        conversation.read_head()
        conversation.send(CHUNKED + b"5\r\nfirst\r\n")
        conversation.wait_for_end()

    gateway = start(backends(begin_and_wait), **TIMES)
    with connect(gateway) as client, wait.Stopwatch() as watch:
        client.send(client.head("POST", "/silent", [("Content-Length", length)]) + b"12345")
        response = client.response("POST")
        assert response.status == 200 and not response.complete
        assert 0.2 < watch.so_far() < AT_MOST_SECONDS
        record = gateway.record_of(client)
        assert record["reason"] == "request_timeout" and record["httpStatus"] == 200


def test_a_whole_answer_before_the_body_ends_the_connection_after_it(start, backends, connect):
    def answer_at_once(conversation):
        conversation.read_head()
        conversation.answer(b"enough")
        conversation.wait_for_end()

    gateway = start(backends(answer_at_once), **TIMES)
    with connect(gateway) as client, wait.Stopwatch() as watch:
        client.send(client.head("POST", "/early", [("Content-Length", 1000)]) + b"12345")
        response = client.response("POST")
        assert response.status == 200 and response.body == b"enough" and response.complete
        assert client.rest() == b"" and client.reader.ending == "closed"
        assert watch.so_far() < AT_MOST_SECONDS
        assert gateway.record_of(client)["reason"] == ""
