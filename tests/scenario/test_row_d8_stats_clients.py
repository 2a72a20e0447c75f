"""D8: stats clients that never read, a hundred of them, or that never ask: traffic goes on, they are dropped in 5 s."""

import socket
import threading

from support import client as clients
from support import figures, stats, wait
from support.schedstat import Undisturbed

CROWD = 100
LIMIT_SECONDS = 5


def is_dropped(sock):
    """The server has closed it: with a reset or an end, whatever it had sent before."""
    sock.setblocking(False)
    try:
        while sock.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_hundred_that_never_read_disturb_nobody(start, backend, pki):
    gateway = start(backend)
    crowd = []
    for number in range(CROWD):
        sock = stats.connect(gateway, receive_buffer=2048)
        sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * (1 + number % 3))
        crowd.append(sock)
    with Undisturbed(gateway) as watch, clients.connect(gateway.port, pki, "good") as client:
        for _turn in range(200):
            assert client.request().status == 200
        # An honest one gets its answer at once, however full it is.
        for _turn in range(20):
            assert stats.ask(gateway, "/healthz")[0] == 200
    assert watch.seconds < 3 * figures.TIME_SCALE
    wait.until(lambda: all(map(is_dropped, crowd)), "the end of the crowd", LIMIT_SECONDS + 5)
    for sock in crowd:
        sock.close()


def test_who_never_asks_is_dropped_in_five_seconds(start, backend):
    gateway = start(backend)
    with wait.Stopwatch() as watch:
        halves = [stats.connect(gateway) for _turn in range(10)]
        for sock in halves:
            sock.sendall(b"GET /metr")
        wait.until(lambda: all(map(is_dropped, halves)), "their end", LIMIT_SECONDS + 5)
    assert LIMIT_SECONDS - 1 < watch.seconds
    wait.until(lambda: stats.metrics(gateway)["sallyport_stats_dropped_total"] == 10, "their count")
    for sock in halves:
        sock.close()


def test_bytes_by_drops_gain_no_time(start, backend):
    gateway = start(backend)
    ended = threading.Event()

    def drop(sock):
        try:
            while not ended.wait(0.2):
                sock.sendall(b"a")
        except OSError:
            ended.set()

    with stats.connect(gateway) as sock:
        sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: ")
        thread = threading.Thread(target=drop, args=(sock,))
        with Undisturbed(gateway) as watch:
            thread.start()
            wait.until(ended.is_set, "the end", LIMIT_SECONDS + 5)
        thread.join()
    assert watch.seconds < LIMIT_SECONDS + 2 * figures.TIME_SCALE


def test_hostile_requests_are_refused_and_nothing_else(start, backend):
    gateway = start(backend)
    for request in (b"\x16\x03\x01\x02\x00\x01", b"\0" * 100 + b"\r\n\r\n",
                    b"GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET " + b"/" * 9000 + b" HTTP/1.1\r\n",
                    b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 2000 + b"\r\n",
                    b"POST /stop HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"):
        with stats.connect(gateway) as sock:
            try:
                sock.sendall(request)
                sock.shutdown(socket.SHUT_WR)
                answer = stats.read_all(sock)
            except OSError:
                answer = ""
        assert answer == "" or answer.startswith("HTTP/1.1 4"), answer
    assert gateway.is_running()
    stats.until_ready(gateway)


def test_a_scrape_costs_the_workers_nothing(start, backend, pki):
    """A thousand reports during traffic: every request is answered."""
    gateway = start(backend)
    answered = []

    def traffic():
        with clients.connect(gateway.port, pki, "good") as client:
            for _turn in range(500):
                answered.append(client.request().status)

    threads = [threading.Thread(target=traffic) for _turn in range(2)]
    for thread in threads:
        thread.start()
    for _turn in range(200):
        assert stats.ask(gateway, "/metrics")[0] == 200
    for thread in threads:
        thread.join()
    assert answered == [200] * 1000
