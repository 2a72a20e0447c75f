"""A backend on raw sockets that does what a script tells it: the good answers by path, every fault by name."""

import json
import re
import socket
import struct
import threading

from support import http, pattern, ports

SECONDS = 120    # longer than any test leaves a connection alone; a gateway that hangs is found out by the client
KEPT_MAX = 1 << 20


class Conversation:
    """One connection from the gateway, in a thread of its own."""

    def __init__(self, backend, sock, number):
        self.backend, self.sock, self.number = backend, sock, number
        self.reader = http.Reader(lambda: self.sock.recv(256 * 1024))

    def send(self, octets):
        self.sock.sendall(octets)

    def peek_head(self):
        """The next request's head, which is still to be read; None when the gateway closed instead."""
        try:
            request = http.read_request_head(self.reader)
        except http.Ended:
            return None
        self.reader.buffer[:0] = request.head
        return request

    def read_head(self):
        """The next request's head; None when the gateway closed instead."""
        try:
            request = http.read_request_head(self.reader)
        except http.Ended:
            return None
        request.connection = self.number
        self.backend.requests.append(request)
        return request

    def read_body(self, request):
        checker = pattern.Checker()
        kept = bytearray()
        self.backend.reading.append(request.target)
        try:
            for part in http.body_parts(self.reader, request, [], close_delimits=False):
                checker.feed(part)
                if len(kept) < KEPT_MAX:
                    kept += part
            request.complete = True
        except http.Ended:
            pass
        finally:
            self.backend.reading.remove(request.target)
        request.body, request.size, request.matches = bytes(kept), checker.size, checker.right
        return request.complete

    def read_request(self):
        request = self.read_head()
        if request:
            self.read_body(request)
        return request

    def answer(self, body=b"", status="200 OK", fields=()):
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"] + [f"{name}: {value}" for name, value in fields]
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def wait_for_end(self):
        """Until the gateway closes: a script must not close first by returning."""
        for _part in self.reader.rest():
            pass

    def is_stopping(self):
        return self.backend.stopping.is_set()

    def pause(self, seconds):
        """Between the bytes of a slow answer; ends early when the test is over."""
        self.backend.stopping.wait(seconds)


class Backend:
    """Listens from the start; every connection runs script(conversation)."""

    def __init__(self, script=None, send_buffer=None, receive_buffer=None):
        self.script = script or serve
        self.send_buffer = send_buffer
        self.requests = []
        self.reading = []                   # targets of requests whose body is being read
        self.connections = 0
        self.gate = threading.Event()       # for scripts that wait until the test says go
        self.stopping = threading.Event()
        self.failures = []
        self.open = set()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        # Not of the kernel's choice: once we have stopped to listen, it might give the port to a server of another test.
        self.listener.bind(("127.0.0.1", ports.free_port()))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.accept_all, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.stop()

    def accept_all(self):
        while True:
            try:
                sock, _address = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.converse, args=(sock, self.connections), daemon=True).start()

    def converse(self, sock, number):
        sock.settimeout(SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.send_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer)
        self.open.add(sock)
        try:
            self.script(Conversation(self, sock, number))
        except OSError:
            pass  # The gateway left, or the test ended.
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(repr(failure))
        finally:
            self.open.discard(sock)
            sock.close()

    def sent_to(self, target):
        """The requests for this target that reached us."""
        return [request for request in list(self.requests) if request.target == target]

    def close_idle(self):
        """Ends every connection from our side, as a backend that restarts does."""
        for sock in list(self.open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop_listening(self):
        """New connections are refused from now on."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def stop(self):
        self.stopping.set()
        self.gate.set()
        self.stop_listening()
        self.close_idle()


# ------------------------------------------------------------------------------------- answers by path


def say_echo(conversation, request, _match):
    """All of the request as the backend saw it."""
    told = {"method": request.method, "target": request.target, "version": request.version, "fields": request.fields,
            "size": request.size, "matches": request.matches, "body": request.body[:4096].decode("latin-1"),
            "connection": request.connection, "port": conversation.backend.port}
    conversation.answer(json.dumps(told).encode(), fields=[("Content-Type", "application/json")])


def say_pattern(conversation, request, match):
    size = int(match["size"])
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    if request.method != "HEAD":
        for part in pattern.pieces(size):
            conversation.send(part)


def say_chunked(conversation, _request, match):
    conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for part in pattern.pieces(int(match["size"]), int(match["piece"] or 10000)):
        conversation.send(b"%x\r\n%s\r\n" % (len(part), bytes(part)))
    conversation.send(b"0\r\n\r\n")


def say_until_close(conversation, _request, match):
    conversation.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for part in pattern.pieces(int(match["size"])):
        conversation.send(part)
    return False


def say_status(conversation, request, match):
    """A status alone; 204 and 304 without a length, HEAD with the length that GET would have."""
    status = int(match["status"])
    if status in http.BODYLESS:
        conversation.send(b"HTTP/1.1 %d Fine\r\nX-Kept: yes\r\n\r\n" % status)
    else:
        conversation.answer(b"" if request.method == "HEAD" else b"status\n", f"{status} Fine")


def say_when_told(conversation, _request, _match):
    """Answers when the test opens the gate."""
    conversation.backend.gate.wait(SECONDS)
    conversation.answer(b"late\n")


def say_fields(conversation, _request, _match):
    conversation.answer(b"fields\n", fields=[
        ("X-One", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Server", "backend/1"),
        ("Keep-Alive", "timeout=5"), ("X-Hop", "secret"), ("Connection", "X-Hop")])


def say_switch(conversation, request, _match):
    """An Upgrade: 101 and then an echo until the gateway closes its side, then a farewell and our close."""
    if "upgrade" not in (request.get("connection") or "").lower():
        conversation.answer(b"no upgrade asked\n", "400 Bad Request")
        return True
    conversation.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
    for part in conversation.reader.rest():
        conversation.send(part)
    conversation.send(b"farewell")
    return False


PATHS = [
    (r"/pattern/(?P<size>\d+)$", say_pattern),
    (r"/chunked/(?P<size>\d+)(/(?P<piece>\d+))?$", say_chunked),
    (r"/close/(?P<size>\d+)$", say_until_close),
    (r"/status/(?P<status>\d+)$", say_status),
    (r"/wait(/.*)?$", say_when_told),
    (r"/fields$", say_fields),
    (r"/switch$", say_switch),
    (r"", say_echo),
]


def serve(conversation):
    """The default script: requests one after another, answered by path."""
    while request := conversation.read_head():
        if (request.get("expect") or "").lower() == "100-continue":
            conversation.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        upgrades = "upgrade" in (request.get("connection") or "").lower()
        if not upgrades and not conversation.read_body(request):
            return
        match, say = next((found, say) for path, say in PATHS if (found := re.match(path, request.target)))
        if say(conversation, request, match) is False:
            return
        if (request.get("connection") or "").lower() == "close":
            return
