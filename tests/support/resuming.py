"""Clients that come back: what they bring along, how they were let in, and what the backend and the log were told."""

import dataclasses
import itertools
import json
import ssl

from support import client as clients

# What is of one connection or one request, and not of who asks.
OF_ONE_REQUEST = {"x-forwarded-for", "x-appgw-trace-id", "x-request-id", "traceparent", "x-port", "x-sizes"}
OF_ONE_RECORD = {"timeStamp", "clientPort", "timeTaken", "transactionId", "serverResponseLatency", "receivedBytes",
                 "sentBytes", "requestUri", "sslSessionReused"}
_numbers = itertools.count(1)


def new_context(pki, certificate=None, version=None):
    """Of one client alone: sessions belong to a context, and some tests turn its screws. certificate: as context_for()."""
    context = ssl.create_default_context(cafile=pki.file("server-root"))
    context.options &= ~clients.OP_IGNORE_UNEXPECTED_EOF
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    if version:
        context.minimum_version = context.maximum_version = clients.VERSIONS[version]
    if isinstance(certificate, tuple):
        context.load_cert_chain(*certificate)
    elif certificate:
        context.load_cert_chain(pki.chain(certificate), pki.key(certificate))
    return context


@dataclasses.dataclass
class Visit:
    """One connection with one request."""

    target: str
    is_resumed: bool
    status: int
    body: bytes
    session: ssl.SSLSession

    def fields(self):
        """What the backend was told, by lower-case name."""
        return {name.lower(): value for name, value in json.loads(self.body)["fields"]}

    def told(self):
        return {name: value for name, value in self.fields().items() if name not in OF_ONE_REQUEST}


class Returner:
    """One client. It offers the session that it got last, wherever it goes."""

    def __init__(self, pki, port, certificate="good", version="1.3", name="localhost"):
        self.context = new_context(pki, certificate, version)
        self.port, self.name = port, name
        self.session = None

    def connect(self, port=None, name=None, session=None):
        plain = clients.connect_plain(port or self.port)
        try:
            return clients.Client(self.context.wrap_socket(
                plain, server_hostname=name or self.name, suppress_ragged_eofs=False, session=session or self.session))
        except BaseException:
            plain.close()
            raise

    def visit(self, port=None, name=None, session=None, target=None):
        """Comes, asks, and keeps the ticket that it is given."""
        target = target or f"/visit/{next(_numbers)}"
        with self.connect(port, name, session) as client:
            response = client.request(target=target, fields=[("Host", name or self.name)])
            # A ticket of TLS 1.3 comes behind the handshake: it is there once an answer is.
            given = client.sock.session
            is_resumed = client.sock.session_reused
        if given and given.has_ticket:
            self.session = given
        return Visit(target, is_resumed, response.status, response.body, given)

    def first_visit(self, **how):
        """A full handshake that is let in."""
        self.session = None
        visit = self.visit(**how)
        assert visit.status == 200, visit.body
        assert not visit.is_resumed
        return visit

    def expect(self, is_resumed, status=200, **how):
        visit = self.visit(**how)
        assert (visit.is_resumed, visit.status) == (is_resumed, status), visit
        return visit


def is_said_reused(record):
    """The log's member is true or false, nothing else."""
    assert record["sslSessionReused"] in (True, False), record
    return record["sslSessionReused"]


def told_of(record):
    """Of a log record, what must be the same of a full and a resumed session."""
    return {name: value for name, value in record.items() if name not in OF_ONE_RECORD}


class Counted:
    """with Counted(gateway, "handshakes_resumed") as counted: …; counted.by: how much it grew."""

    def __init__(self, gateway, *names):
        self.gateway, self.names = gateway, names

    def __enter__(self):
        self.before = self.gateway.counters()
        return self

    def __exit__(self, *_unused):
        after = self.gateway.counters()
        self.by = {name: after[name] - self.before[name] for name in self.names}
