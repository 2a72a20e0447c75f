"""tunnel_idle_timeout: how long an upgraded connection may be silent, whatever keepalive_timeout says of others."""

import socket
import time

from support import wait

OFF = {"verify_client_auth_mode": "off"}
UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
# A limit that is long beside the pauses, so that a hiccup of the machine is none, and shorter than all of them.
STEADY = {"tunnel_idle_timeout": "2s"}
PAUSES, PAUSE_SECONDS = 9, 0.3
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"


def open_tunnel(client):
    client.start(target="/switch", fields=UPGRADE)
    assert client.response().status == 101


def echo(client, octets):
    client.send(octets)
    return b"".join(client.reader.parts(len(octets))) == octets


def test_a_silent_tunnel_outlives_the_keepalive_timeout(start, backends, connect):
    gateway = start(backends(), profile=OFF, gateway={"keepalive_timeout": "1s"})
    with connect(gateway) as client:
        open_tunnel(client)
        time.sleep(2)
        assert echo(client, b"still there")


def test_a_tunnel_that_is_silent_for_too_long_is_closed(start, backends, connect):
    gateway = start(backends(), profile=OFF, gateway={"tunnel_idle_timeout": "500ms"})
    with connect(gateway) as client:
        with wait.Stopwatch() as watch:
            open_tunnel(client)
            assert client.rest() in (b"", b"farewell")
        assert 0.3 < watch.seconds < 15, "keepalive_timeout is longer"
        wait.until(lambda: gateway.counters()["closed_tunnel_timeout"] == 1, "the reason")


def test_a_word_now_and_then_keeps_a_tunnel_open(start, backends, connect):
    gateway = start(backends(), profile=OFF, gateway=STEADY)
    with connect(gateway) as client:
        open_tunnel(client)
        for _turn in range(PAUSES):
            time.sleep(PAUSE_SECONDS)
            assert echo(client, b"ping")


def test_words_of_the_backend_alone_keep_a_tunnel_open(start, backends, connect):
    def tick(conversation):
        conversation.read_head()
        conversation.send(SWITCHING)
        for _turn in range(PAUSES):
            conversation.pause(PAUSE_SECONDS)
            conversation.send(b"tick")
        conversation.wait_for_end()

    gateway = start(backends(tick), profile=OFF, gateway=STEADY)
    with connect(gateway) as client:
        open_tunnel(client)
        assert b"".join(client.reader.parts(4 * PAUSES)) == b"tick" * PAUSES


def test_a_tunnel_full_of_what_its_client_does_not_take_has_no_hour(start, backends, connect):
    """Bytes that wait cost memory: the limit of all sending holds for them."""
    def flood(conversation):
        conversation.read_head()
        conversation.send(SWITCHING)
        while not conversation.is_stopping():
            conversation.send(bytes(65536))

    gateway = start(backends(flood, send_buffer=65536), profile=OFF, gateway={"send_timeout": "500ms"})
    with connect(gateway, receive_buffer=8192) as client:
        open_tunnel(client)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wait.until(lambda: gateway.counters()["closed_send_timeout"] == 1, "the end")
