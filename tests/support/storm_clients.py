"""Many TLS clients in one process, for support/storm.py: pipelined requests, each answer held against its own request.

    python3 -m support.storm_clients '{"port": …, "ca": …, "answers": …, "seed": …, "first": …, "step": …}'

Prints what happened as JSON. A number is never used twice: what a broken connection leaves unanswered stays so.
"""

import json
import random
import re
import signal
import socket
import ssl
import struct
import sys
import time

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)
NUMBER = re.compile(rb"\r\nx-number: *(\d+)", re.I)
CUT = re.compile(rb"\r\nx-cut: *yes", re.I)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.I)
GATEWAYS_OWN = (502, 503, 504)

METHODS = {
    "mixed": ["GET"] * 5 + ["POST"] * 4 + ["HEAD", "PUT", "DELETE"],
    "unsafe": ["POST"] * 6 + ["PATCH", "GET", "PUT", "DELETE"],
}


class Cut(Exception):
    """The connection ended inside an answer or before it."""


class Connection:
    """One TLS connection and the requests on it that wait for their answers."""

    def __init__(self, load):
        self.load = load
        plain = socket.create_connection(("127.0.0.1", load.wanted["port"]), 20)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = load.context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)
        self.buffer = b""
        self.at = 0
        self.asked = []

    def ask(self, count):
        self.asked = [self.load.next_request() for _turn in range(count)]
        self.sock.sendall(b"".join(octets for _number, _method, octets in self.asked))

    def fill(self):
        try:
            part = self.sock.recv(1 << 18)
        except OSError as error:
            if isinstance(error, TimeoutError):
                self.load.wrong.append(f"{self.asked[:1]}: neither answered nor cut, after {self.buffer[-200:]!r}")
            raise Cut from None
        if not part:
            raise Cut
        self.buffer = self.buffer[self.at:] + part
        self.at = 0

    def head(self):
        while (end := self.buffer.find(b"\r\n\r\n", self.at)) < 0:
            self.fill()
        head = self.buffer[self.at:end + 4]
        self.at = end + 4
        return head

    def take(self, size, part):
        """Appends size bytes to part, which keeps what came if the connection ends before."""
        while size > 0:
            if self.at == len(self.buffer):
                self.fill()
            piece = self.buffer[self.at:self.at + size]
            self.at += len(piece)
            size -= len(piece)
            part += piece

    def take_line(self):
        while (end := self.buffer.find(b"\r\n", self.at)) < 0:
            self.fill()
        line = self.buffer[self.at:end]
        self.at = end + 2
        return line

    def take_chunks(self, part):
        while (size := int(self.take_line(), 16)) > 0:
            self.take(size, part)
            self.take_line()
        self.take_line()

    def take_answers(self):
        """All that were asked for, in order; raises Cut when the connection ends before."""
        while self.asked:
            number, method, _octets = self.asked[0]
            head = self.head()
            status = int(head[9:12])
            if not 100 <= status < 200:
                del self.asked[0]
            self.take_answer(number, method, status, head)

    def take_answer(self, number, method, status, head):
        load, body = self.load, bytearray()
        found = NUMBER.search(head)
        if found and int(found[1]) != number:
            load.wrong.append(f"{method} /{number}: {head!r}")
        if status < 200:
            return
        is_own = not found
        length = LENGTH.search(head)
        try:
            if method == "HEAD" or status in (204, 304):
                pass
            elif CHUNKED.search(head):
                self.take_chunks(body)
            elif length:
                self.take(int(length[1]), body)
            else:
                load.wrong.append(f"/{number}: an answer without an end: {head!r}")
        except Cut:
            load.count("cut")
            self.check_body(number, body, is_own)
            raise
        if method != "HEAD" and CUT.search(head):
            load.wrong.append(f"/{number}: cut by the backend, and told as whole: {head!r}")
        load.answered += 1
        load.count(str(status))
        if is_own and status not in GATEWAYS_OWN:
            load.wrong.append(f"{method} /{number}: {head!r}")
        self.check_body(number, body, is_own)

    def check_body(self, number, body, is_own):
        unit = b"%d." % number
        if not is_own and body != (unit * (len(body) // len(unit) + 1))[:len(body)]:
            self.load.wrong.append(f"/{number}: {bytes(body[:200])!r}")

    def close(self, is_reset=False):
        if is_reset:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Load:
    """wanted: port, ca, identity, seed, first and step of the numbers; and what has a default here."""

    def __init__(self, wanted):
        self.wanted = {"connections": 16, "batch": 16, "methods": "mixed", "abort_share": 0, "seconds": None,
                       "answers": None, "identity": None, **wanted}
        self.must_stop = False
        self.context = ssl.create_default_context(cafile=wanted["ca"])
        if self.wanted["identity"]:
            self.context.load_cert_chain(*self.wanted["identity"])
        self.context.options &= ~0x80   # SSL_OP_IGNORE_UNEXPECTED_EOF: an end without close_notify is a cut
        self.chance = random.Random(wanted["seed"])
        self.next = wanted["first"]
        self.methods = METHODS[self.wanted["methods"]]
        self.answered = 0
        self.counts = {}
        self.wrong = []
        self.connections = [None] * self.wanted["connections"]

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def next_request(self):
        number, self.next = self.next, self.next + self.wanted["step"]
        method = self.chance.choice(self.methods)
        size = int(self.chance.random() ** 4 * 5000) if method in ("POST", "PATCH") else 0
        length = b"Content-Length: %d\r\n" % size if method in ("POST", "PATCH", "PUT") else b""
        octets = b"%s /%d HTTP/1.1\r\nHost: localhost\r\n%s\r\n%s" % (method.encode(), number, length, b"x" * size)
        return number, method, octets

    def ask(self, place):
        """A batch on a connection that is there, or on a new one."""
        for _turn in range(3):
            try:
                self.connections[place] = self.connections[place] or Connection(self)
                self.connections[place].ask(self.wanted["batch"])
                return
            except (OSError, Cut):
                self.drop(place, "broken")

    def drop(self, place, why, is_reset=False):
        if self.connections[place]:
            self.connections[place].close(is_reset)
            self.connections[place] = None
        self.count(why)

    def take(self, place):
        if not self.connections[place] or self.wrong:
            return
        if self.chance.random() < self.wanted["abort_share"]:
            if self.chance.random() < 0.5:
                self.connections[place].sock.recv(100)
            self.drop(place, "aborted", is_reset=True)
            return
        try:
            self.connections[place].take_answers()
        except Cut:
            self.drop(place, "connections_cut")

    def is_over(self, start):
        wanted = self.wanted
        return (self.must_stop or (wanted["seconds"] and time.monotonic() - start > wanted["seconds"])
                or (wanted["answers"] and self.answered >= wanted["answers"]))

    def stop(self, *_signal):
        self.must_stop = True

    def run(self):
        signal.signal(signal.SIGTERM, self.stop)
        start = time.monotonic()
        while not self.is_over(start) and not self.wrong:
            for place in range(len(self.connections)):
                self.ask(place)
            for place in range(len(self.connections)):
                self.take(place)
        for place in range(len(self.connections)):
            self.drop(place, "finished")
        return {**self.counts, "answered": self.answered, "wrong": self.wrong}


if __name__ == "__main__":
    print(json.dumps(Load(json.loads(sys.argv[1])).run()))
