"""TLS below the level of a library: records cut, doubled and forged, and a TLS client whose bytes pass through our hands."""

import ssl
import struct

from support import client

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
WARNING, NO_RENEGOTIATION = 1, 100


def record(kind, content, version=0x0303):
    return struct.pack("!BHH", kind, version, len(content)) + content


def records_of(octets):
    """[(kind, content)] of whole records, and what is left over."""
    found = []
    while len(octets) >= 5:
        kind, _version, size = struct.unpack("!BHH", octets[:5])
        if len(octets) < 5 + size:
            break
        found.append((kind, octets[5:5 + size]))
        octets = octets[5 + size:]
    return found, octets


def client_hello(pki, certificate=None, name="localhost", **how):
    """The first flight of a client."""
    return MemoryClient(None, pki, certificate, name, **how).flight()


def split_records(octets, size):
    """The same handshake messages in records of at most size bytes; other records stay as they are."""
    parts, left = records_of(octets)
    done = b""
    for kind, content in parts:
        if kind != HANDSHAKE:
            done += record(kind, content)
            continue
        for at in range(0, len(content), size):
            done += record(kind, content[at:at + size])
    return done + left


class MemoryClient:
    """TLS over memory: flight() yields what TLS wants to send, arrived() takes what came for it."""

    def __init__(self, sock, pki, certificate=None, name="localhost", **how):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = client.context_for(pki, certificate, **how)
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)

    def step(self):
        """Whether the handshake is done."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def flight(self):
        self.step()
        return self.outgoing.read()

    def arrived(self):
        part = self.sock.recv(65536)
        if not part:
            raise ConnectionResetError("closed by the peer")
        self.incoming.write(part)

    def handshake(self, send):
        """Runs it; send(bytes) decides how every flight reaches the peer."""
        while True:
            done = self.step()
            if octets := self.outgoing.read():
                send(octets)
            if done:
                return
            self.arrived()

    def ask(self, send, octets):
        """Sends application bytes, returns what came back up to the peer's end or the end of a short answer."""
        self.tls.write(octets)
        send(self.outgoing.read())
        received = b""
        while b"\r\n\r\n" not in received:
            try:
                received += self.tls.read(65536)
            except ssl.SSLWantReadError:
                self.arrived()
        return received

    def close_notify(self, send):
        """Ends our direction; the peer's stays open."""
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        send(self.outgoing.read())

    def read_all(self):
        """What the peer still says, up to its own close_notify or the end of TCP."""
        received = b""
        while True:
            try:
                part = self.tls.read(65536)
            except ssl.SSLWantReadError:
                try:
                    self.arrived()
                except ConnectionResetError:
                    return received
                continue
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return received
            if not part:
                return received
            received += part


def send_in_pieces(sock, octets, size=1):
    for at in range(0, len(octets), size):
        sock.sendall(octets[at:at + size])
