"""D9: system calls interrupted and cut short, threads stopped, sockets as narrow as can be: every byte arrives."""

import ctypes
import json
import os
import signal
import socket
import threading

import pytest

from support import client as clients
from support import launch, pattern, storm, wait

KILOBYTE, MEGABYTE, GIGABYTE = 1000, 1000_000, 1000_000_000
SIZES = [KILOBYTE, 16384, 100_003, 3 * MEGABYTE]
OFF = {"verify_client_auth_mode": "off"}

# Letters of support/io_storm.c, and how many of 1,000 calls they strike.
STORMS = {
    "short and interrupted reads and writes of files": ("f", 500),
    "turns of the ring that are interrupted": ("t", 300),
    "short sends": ("s", 700),
    "short receives": ("b", 300),
    "interrupted receives": ("r", 700),
    "everything": ("ftsbrg", 300),
    "interrupted sends": ("x", 300),
}
# A share of so many says nothing without calls that it can strike.
STRIKES_MIN = 10
LIBC = ctypes.CDLL(None)


def download(client, target, size):
    checker = pattern.Checker()
    client.start(target=f"/{target}/{size}")
    response = client.response(feed=checker.feed)
    assert response.status == 200 and response.complete and checker.right and checker.size == size, (target, size)


def upload(client, size, is_chunked):
    if is_chunked:
        client.send(client.head("POST", "/up", [("Transfer-Encoding", "chunked")]))
    else:
        client.send(client.head("POST", "/up", [("Content-Length", size)]))
    for part in pattern.pieces(size):
        client.send(b"%x\r\n%s\r\n" % (len(part), bytes(part)) if is_chunked else part)
    if is_chunked:
        client.send(b"0\r\n\r\n")
    told = json.loads(client.response("POST").body)
    assert told["size"] == size and told["matches"], (size, is_chunked)


def move_bodies(connect, body_sizes, times=1):
    """Every size both ways and in both framings, each on a connection of its own, the directions at once."""
    failures = []

    def repeat(move):
        try:
            for size in body_sizes * times:
                with connect() as client:
                    move(client, size)
        except Exception as failure:  # pylint: disable=broad-except
            failures.append(repr(failure))

    moves = [lambda client, size: download(client, "pattern", size), lambda client, size: download(client, "chunked", size),
             lambda client, size: upload(client, size, False), lambda client, size: upload(client, size, True)]
    threads = [threading.Thread(target=repeat, args=(move,)) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


class SignalStorm:
    """Interrupts every thread of the gateway all the time, and stops and continues it now and then."""

    def __init__(self, gateway, signals=(signal.SIGURG, signal.SIGWINCH)):
        self.pid, self.signals = gateway.process.pid, signals
        self.is_over = threading.Event()
        self.sent = self.stops = 0
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_unused):
        self.is_over.set()
        self.thread.join()

    def run(self):
        while not self.is_over.wait(0.002):
            for thread in os.listdir(f"/proc/{self.pid}/task"):
                for number in self.signals:
                    LIBC.tgkill(self.pid, int(thread), number)
                    self.sent += 1
            if self.sent // 200 > self.stops or not self.signals:
                os.kill(self.pid, signal.SIGSTOP)
                self.is_over.wait(0.003)
                os.kill(self.pid, signal.SIGCONT)
                self.stops += 1


def check_nothing_failed(gateway):
    """By the gateway's own count: no request without an answer, no answer of failure, no line of the log lost."""
    def is_all_answered():
        found = gateway.counters()
        return found if found["exchanges_open"] == 0 else None

    counters = wait.until(is_all_answered, "the end of every exchange")
    for name in ("answers_4xx", "answers_5xx", "requests_unanswered", "handshakes_failed", "connections_rejected",
                 "log_lines_dropped", "log_bytes_lost"):
        assert counters[name] == 0, (name, counters)
    assert counters["requests"] == counters["answers_2xx"]
    return counters["requests"]


def storming(monkeypatch, folder, kinds, share):
    """The next gateway is struck; what is returned says afterwards how often, by letter, once the gateway has ended."""
    report = os.path.join(str(folder), "storm.txt")
    launch.through(monkeypatch, folder, launch.preload("io_storm", seed=9, kinds=kinds, share=share, report=report))

    def strikes():
        with open(report, encoding="ascii") as file:
            return {letter: int(count) for letter, count in (line.split() for line in file)}

    return strikes


@pytest.mark.parametrize("name", STORMS)
def test_bodies_pass_a_storm_whole(start, backend, pki, tmp_path, monkeypatch, name):
    kinds, share = STORMS[name]
    strikes = storming(monkeypatch, tmp_path, kinds, share)
    gateway = start(backend, profile=OFF)
    with SignalStorm(gateway, (signal.SIGURG, signal.SIGWINCH) if "g" in kinds else ()):
        move_bodies(lambda: clients.connect(gateway.port, pki), SIZES, times=4)
    count = check_nothing_failed(gateway)
    clients.close_all()
    gateway.check_calm()
    gateway.stop()
    assert len(gateway.records()) == count
    assert min(strikes().get(letter, 0) for letter in kinds) >= STRIKES_MIN, strikes()


@pytest.mark.big
def test_a_gigabyte_passes_a_storm_whole(start, backend, pki, tmp_path, monkeypatch):
    strikes = storming(monkeypatch, tmp_path, "ftsbrg", 100)
    gateway = start(backend, profile=OFF)
    with SignalStorm(gateway):
        move_bodies(lambda: clients.connect(gateway.port, pki), [64 * MEGABYTE + 1, GIGABYTE])
    check_nothing_failed(gateway)
    clients.close_all()
    gateway.stop()
    # Of files there are few, whatever the size of what passes.
    assert min(strikes()[letter] for letter in "tsbrg") > 100, strikes()


@pytest.mark.parametrize("answers", [4000, pytest.param(400_000, marks=pytest.mark.big)])
def test_no_request_fails_in_a_storm(start, pki, tmp_path, monkeypatch, answers):
    """The backend makes no mistake, so each answer is its 200; those that end with a close too."""
    seed = 90
    storming(monkeypatch, tmp_path, "ftsbrg", 50)
    with storm.StormBackend(seed, 2 * answers, {"chunked": 2000, "interim": 300, "until_close": 300}) as sound:
        gateway = start(sound)
        with SignalStorm(gateway):
            told = storm.run_clients(gateway.port, pki, seed, answers, certificate="good")
        assert set(told) <= {"200", "answered", "finished", "wrong"} and not told["wrong"], told
        assert check_nothing_failed(gateway) == told["200"] >= answers


def test_stops_and_continues_alone_lose_nothing(start, backend, pki):
    """What a debugger or a frozen container does: no wrapper around anything."""
    gateway = start(backend, profile=OFF)
    with SignalStorm(gateway, ()) as storms:
        move_bodies(lambda: clients.connect(gateway.port, pki), SIZES)
    assert storms.stops > 0
    check_nothing_failed(gateway)


# -------------------------------------------------------------------------------------- narrow sockets

SEGMENT_BYTES_MIN = 88      # the least that Linux takes
SEGMENT_BYTES_USUAL = 536   # what every path takes; a gigabyte in the least would be fifteen million segments each way


def narrow(sock, segment_bytes):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_bytes)


def connect_narrow(gateway, pki, segment_bytes):
    plain = socket.socket()
    narrow(plain, segment_bytes)
    plain.settimeout(clients.SECONDS)
    plain.connect(("127.0.0.1", gateway.port))
    context = clients.context_for(pki)
    return clients.Client(context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False))


@pytest.mark.parametrize("most, segment_bytes", [
    (MEGABYTE, SEGMENT_BYTES_MIN), pytest.param(16 * MEGABYTE, SEGMENT_BYTES_MIN, marks=pytest.mark.big),
    pytest.param(GIGABYTE, SEGMENT_BYTES_USUAL, marks=pytest.mark.big)])
def test_bodies_pass_the_narrowest_sockets_whole(start, backends, pki, most, segment_bytes):
    backend = backends()
    narrow(backend.listener, segment_bytes)    # what it accepts inherits it
    gateway = start(backend, profile=OFF)
    body_sizes = [size for size in SIZES if size < most] + [most]
    move_bodies(lambda: connect_narrow(gateway, pki, segment_bytes), body_sizes)
    check_nothing_failed(gateway)
