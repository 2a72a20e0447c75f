"""Interim answers (RFC 9110 15.2): all are passed on, only 100 lets a body come, only an Upgrade may be answered by 101."""

import pytest

from support import wait

AT_MOST_SECONDS = 15    # when a limit of half a second has ended it and not the other of a minute
OFF = {"verify_client_auth_mode": "off"}
EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
EXPECTS = [("Content-Length", 5), ("Expect", "100-continue")]


def heads_until_final(client):
    heads = []
    while not heads or heads[-1].split(b" ")[1].startswith(b"1"):
        heads.append(client.reader.until(b"\r\n\r\n"))
    return [int(head.split(b" ")[1]) for head in heads]


def test_only_a_100_is_taken_for_a_100(start, backends, connect):
    """A client that waits for its 100 owes nothing: who is late is the backend, whatever hints it has given."""
    def hint_and_sleep(conversation):
        conversation.read_head()
        conversation.send(EARLY_HINTS)
        conversation.wait_for_end()

    gateway = start(backends(hint_and_sleep), profile=OFF, gateway={"client_body_timeout": "60s"},
                    backend={"request_timeout": "500ms"})
    with connect(gateway) as client, wait.Stopwatch() as watch:
        client.send(client.head("POST", "/hinted", EXPECTS))
        assert heads_until_final(client) == [103, 504]
        assert 0.3 < watch.so_far() < AT_MOST_SECONDS
        assert gateway.record_of(client)["reason"] == "backend_timeout"


def test_after_the_100_it_is_the_clients_turn(start, backends, connect):
    def hint_and_continue(conversation):
        conversation.read_head()
        conversation.send(EARLY_HINTS + CONTINUE)
        conversation.wait_for_end()

    gateway = start(backends(hint_and_continue), profile=OFF, gateway={"client_body_timeout": "500ms"},
                    backend={"request_timeout": "60s"})
    with connect(gateway) as client, wait.Stopwatch() as watch:
        client.send(client.head("POST", "/continued", EXPECTS))
        assert heads_until_final(client) == [103, 100, 408]
        assert 0.3 < watch.so_far() < AT_MOST_SECONDS


def test_a_client_that_does_not_wait_for_its_100_has_to_go_on(start, backends, connect):
    def read_all(conversation):
        conversation.read_request()

    gateway = start(backends(read_all), profile=OFF, gateway={"client_body_timeout": "500ms"},
                    backend={"request_timeout": "60s"})
    with connect(gateway) as client, wait.Stopwatch() as watch:
        client.send(client.head("POST", "/begun", EXPECTS) + b"12")
        assert client.response().status == 408
        assert 0.3 < watch.so_far() < AT_MOST_SECONDS


def test_interim_answers_of_every_kind_pass_in_their_order(start, backends, connect):
    def all_kinds(conversation):
        while request := conversation.read_head():
            conversation.send(b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY_HINTS + CONTINUE)
            if not conversation.read_body(request):
                return
            conversation.send(EARLY_HINTS)
            conversation.answer(request.body)

    gateway = start(backends(all_kinds), profile=OFF)
    with connect(gateway) as client:
        for _turn in range(2):
            client.send(client.head("POST", "/kinds", EXPECTS))
            for status in (b"102", b"103", b"100"):
                assert client.reader.until(b"\r\n\r\n").startswith(b"HTTP/1.1 " + status)
            client.send(b"12345")
            assert client.reader.until(b"\r\n\r\n").startswith(b"HTTP/1.1 103")
            response = client.response()
            assert response.status == 200 and response.body == b"12345"
        client.send(client.head("POST", "/kinds", [("Content-Length", 5)], "HTTP/1.0") + b"12345")
        response = client.response()
        assert response.status == 200 and not response.interim    # HTTP/1.0 does not know them


def test_an_answer_instead_of_the_100_ends_the_waiting(start, backends, connect):
    def refuse(conversation):
        conversation.read_head()
        conversation.answer(b"no", "417 Expectation Failed")
        conversation.wait_for_end()

    gateway = start(backends(refuse), profile=OFF)
    with connect(gateway) as client:
        client.send(client.head("POST", "/refused", EXPECTS))
        response = client.response()
        assert response.status == 417 and response.body == b"no"
        assert client.rest() == b""                               # where a next request began would be a guess


@pytest.mark.parametrize("fields", [[], [("Upgrade", "echo")]])
def test_a_101_that_nobody_asked_for_is_the_backends_fault(start, backends, connect, fields):
    def switch(conversation):
        conversation.read_head()
        conversation.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nsmuggled")
        conversation.wait_for_end()

    gateway = start(backends(switch), profile=OFF)
    with connect(gateway) as client:
        response = client.request(target="/unasked", fields=fields)
        assert response.status == 502 and b"smuggled" not in response.body
        assert gateway.record_of(client)["error_info"] == "ERRORINFO_UPSTREAM_CLOSED_CONNECTION"
        assert gateway.counters()["tunnels"] == 0
