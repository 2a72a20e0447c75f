"""TLS clients of the gateway, over Python's ssl: whole requests, raw bytes, and every impolite way to leave."""

import select
import socket
import ssl
import struct
import weakref

from support import http

SECONDS = 20
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}

# All that were ever opened and still live: the end of a test closes what it left open.
_living = weakref.WeakSet()
_contexts = {}


# SSL_OP_IGNORE_UNEXPECTED_EOF, which Python 3.11 sets and does not name.
OP_IGNORE_UNEXPECTED_EOF = 0x80


def close_all():
    for client in list(_living):
        client.close()


def context_for(pki, certificate=None, version=None, alpn=None, chain=True, ciphers=None):
    """certificate: a name in pki, or a pair of paths. Contexts are kept: loading one costs more than a handshake."""
    wanted = (pki.file("server-root"), certificate, version, tuple(alpn or ()), chain, ciphers)
    if wanted not in _contexts:
        context = ssl.create_default_context(cafile=pki.file("server-root"))
        # An end without close_notify is not a regular one: Python would hide it.
        context.options &= ~OP_IGNORE_UNEXPECTED_EOF
        # Some of the certificates are weak or broken on purpose; to say so is the gateway's part.
        context.set_ciphers(ciphers or "DEFAULT:@SECLEVEL=0")
        if version:
            context.minimum_version = context.maximum_version = VERSIONS[version]
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if isinstance(certificate, tuple):
            context.load_cert_chain(*certificate)
        elif certificate:
            path = pki.chain(certificate) if chain else pki.file(certificate)
            context.load_cert_chain(path, pki.key(certificate))
        _contexts[wanted] = context
    return _contexts[wanted]


def connect_plain(port, receive_buffer=None, send_buffer=None, host="127.0.0.1"):
    sock = socket.socket()
    sock.settimeout(SECONDS)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Before the handshake of TCP, or the window is already agreed.
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    if send_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    sock.connect((host, port))
    return sock


class Client:
    """One connection. sock is a connected socket, TLS or plain."""

    def __init__(self, sock):
        self.sock = sock
        self.port = sock.getsockname()[1]
        self.reader = http.Reader(lambda: self.sock.recv(256 * 1024))
        _living.add(self)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()

    def send(self, octets):
        self.sock.sendall(octets)

    def head(self, method, target, fields, version="HTTP/1.1"):
        lines = [f"{method} {target} {version}"]
        names = {name.lower() for name, _value in fields}
        if "host" not in names:
            lines.append("Host: localhost")
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def start(self, method="GET", target="/", fields=(), body=b"", version="HTTP/1.1"):
        """Sends a request and does not wait. body: bytes, or parts to be sent chunked."""
        fields = list(fields)
        if isinstance(body, bytes):
            if body or method in ("POST", "PUT"):
                fields.append(("Content-Length", len(body)))
            self.send(self.head(method, target, fields, version) + body)
            return
        self.send(self.head(method, target, fields + [("Transfer-Encoding", "chunked")], version))
        for part in body:
            self.send(b"%x\r\n%s\r\n" % (len(part), bytes(part)))
        self.send(b"0\r\n\r\n")

    def response(self, method="GET", feed=None):
        return http.read_response(self.reader, method, feed)

    def request(self, method="GET", target="/", fields=(), body=b"", version="HTTP/1.1"):
        self.start(method, target, fields, body, version)
        return self.response(method)

    def exchange(self, parts):
        """Sends parts while whatever comes meanwhile is kept for the reader: for peers that answer as they read.

        In one thread: Python's TLS sockets must not be read and written at the same time by two.
        """
        self.sock.settimeout(0)
        try:
            for part in parts:
                left = memoryview(part)
                while left:
                    moved = self.try_send(left)
                    left = left[moved:]
                    if not self.try_fill() and not moved:
                        select.select([self.sock], [self.sock] if left else [], [], SECONDS)
        finally:
            self.sock.settimeout(SECONDS)

    def try_send(self, octets):
        try:
            return self.sock.send(octets)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0

    def try_fill(self):
        try:
            self.reader.buffer += self.sock.recv(256 * 1024)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        return True

    def rest(self):
        """Everything up to the peer's end of the connection; reader.ending says which kind of end."""
        return b"".join(self.reader.rest())

    def is_ended(self):
        """Waits for the peer's end; false when bytes come instead."""
        if self.reader.buffer:
            return False
        return not self.reader.fill()

    def plain_socket(self):
        """The TCP connection below TLS, for bytes that are no records. TLS cannot be used afterwards."""
        return socket.socket(fileno=self.sock.detach())

    def abort(self):
        """Leaves with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass


def connect(port, pki, certificate=None, name="localhost", receive_buffer=None, **how):
    """A TLS client after its handshake. how: see context_for."""
    plain = connect_plain(port, receive_buffer)
    try:
        context = context_for(pki, certificate, **how)
        return Client(context.wrap_socket(plain, server_hostname=name, suppress_ragged_eofs=False))
    except BaseException:
        plain.close()
        raise


def ask(port, pki, certificate=None, method="GET", target="/", fields=(), body=b"", **how):
    """One request on a connection of its own."""
    with connect(port, pki, certificate, **how) as client:
        return client.request(method, target, fields, body)
