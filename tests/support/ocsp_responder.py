"""An OCSP responder that does what it is told: well by default, or as one of ocsp_behaviours.BEHAVIOURS.

    with Responder() as responder:
        pki = responder.serve(Revocable(folder, responder.url))
        responder.behave("late", certificate="good")        # for good, for one certificate
        responder.behave("try later", times=2)              # for the next two requests, whosoever they are
        responder.revoke("good", reason=1)

Every request is recorded (Asked). A thread a connection; all public calls may come from any thread.
"""

import dataclasses
import socket
import struct
import threading
import time

from support import http, ocsp_answer, ocsp_delivery, ocsp_request, ports, revocable, wait
from support.ocsp_behaviours import BEHAVIOURS, Behaviour

SECONDS = 120
WELL_MEANT = Behaviour()


@dataclasses.dataclass
class Asked:
    """One request that reached us."""

    method: str
    target: str
    fields: list
    body: bytes
    connection: int          # counted from 1
    time: float              # monotonic, when its last byte was there
    wall: float              # the same by the calendar
    request: object = None   # of ocsp_request; None: it was none
    certificate: object = None   # its name in the pki; None: not known there
    issuer: object = None
    answered: object = None  # monotonic, when the last byte of its answer was sent; None: not (wholly) yet

    @property
    def nonce(self):
        return self.request.nonce if self.request else None

    @property
    def serial(self):
        return self.request.serial if self.request else None

    def get(self, name, default=None):
        return next((value for key, value in self.fields if key.lower() == name.lower()), default)


class Exchange:
    """One connection; what deliveries are given."""

    def __init__(self, responder, sock, number):
        self.responder, self.sock, self.number = responder, sock, number
        self.reader = http.Reader(lambda: self.sock.recv(65536))

    def send(self, octets):
        self.sock.sendall(octets)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def wait_for_end(self):
        for _part in self.reader.rest():
            pass

    def pause(self, seconds):
        """True when the test is over."""
        return self.responder.stopping.wait(seconds)

    def next_request(self):
        """None when the peer closed instead."""
        try:
            head = http.read_request_head(self.reader)
            body = b"".join(http.body_parts(self.reader, head, [], close_delimits=False))
        except http.Ended:
            return None
        return Asked(head.method, head.target, head.fields, body, self.number, time.monotonic(), time.time())

    def serve(self):
        while asked := self.next_request():
            stays = self.responder.answer_to(asked, self)
            if not stays or (asked.get("connection") or "").lower() == "close":
                return


class Responder:
    """Listens from the start, on a port that stays its own while it refuses."""

    PATH, WELL = "/ocsp", "/elsewhere"

    def __init__(self):
        self.port = ports.free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.address}{self.PATH}"
        self.pki = None
        self.statuses = {}       # name -> Known, of those that are not good
        self.requests = []
        self.connections = 0
        self.failures = []
        self.late_seconds, self.drip_seconds = SECONDS, 0.2
        self.gate = threading.Event()       # opened by the test: what is late is answered now
        self.stopping = threading.Event()
        self.changed = threading.Condition()
        self.calendar = threading.Lock()    # held: whatever moves it waits, and no answer of the old time is on its way
        self.usual, self.usual_of, self.queue = WELL_MEANT, {}, []
        self.lifetimes = {}
        self.last_octets = b""
        self.open = set()
        self.door = None
        self.fillers = []
        self.thread = None
        self.listen(64)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.stop()

    def url_for(self, host):
        """The same place by another name, such as localhost."""
        return f"http://{host}:{self.port}{self.PATH}"

    def serve(self, pki):
        """From now on it answers for pki's certificates; returns pki."""
        self.pki = pki
        self.statuses = {name: ocsp_answer.Known(status) for name, status in revocable.STATUSES.items()}
        return pki

    # ------------------------------------------------------------------------- what it is told

    def behave(self, what=WELL_MEANT, times=None, certificate=None):
        """what: a name in BEHAVIOURS or a Behaviour. times None: from now on, and what was queued is forgotten."""
        behaviour = BEHAVIOURS[what] if isinstance(what, str) else what
        with self.changed:
            if times is not None:
                self.queue += [(certificate, behaviour)] * times
                return
            self.queue = [queued for queued in self.queue if certificate and queued[0] != certificate]
            if certificate:
                self.usual_of[certificate] = behaviour
                return
            self.usual, before = behaviour, self.usual
        if behaviour.connection != before.connection:
            self.open_door(behaviour.connection)

    def answer(self, deliver=ocsp_delivery.plain, times=None, certificate=None, **plan):
        """behave() with an Answer of these fields."""
        self.behave(Behaviour(answer=ocsp_answer.Answer(**plan), deliver=deliver), times, certificate)

    def know(self, name, status, reason=None, since=-3600):
        self.statuses[name] = ocsp_answer.Known(status, reason, since)

    def revoke(self, name, reason=None, since=0):
        self.know(name, revocable.REVOKED, reason, since)

    def live(self, this_update=0, next_update=3600):
        """The life of every answer that does not say another one itself, in seconds from the request on.

        OCSP tells whole seconds, rounded down here: nextUpdate comes up to a second earlier than asked for.
        """
        self.lifetimes = {"this_update": this_update, "next_update": next_update}

    def close_connections(self):
        """From our side, as a responder that restarts does."""
        for sock in list(self.open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    # --------------------------------------------------------------------------- what it tells

    def wait_for_requests(self, count, seconds=wait.PATIENCE_SECONDS):
        """The first count requests; fails when fewer come."""
        return self.wait_for(lambda: len(self.requests) >= count, f"request {count}", seconds)[:count]

    def wait_for_answers(self, count, seconds=wait.PATIENCE_SECONDS):
        """Until count requests were answered to the last byte."""
        return self.wait_for(lambda: self.answered() >= count, f"answer {count}", seconds)

    def wait_for(self, condition, what, seconds):
        with self.changed:
            if not self.changed.wait_for(condition, seconds):
                raise AssertionError(f"within {seconds:g} s: {what} did not come; there are {len(self.requests)}")
            return list(self.requests)

    def answered(self):
        """How many of them were answered to the last byte."""
        with self.changed:
            return sum(asked.answered is not None for asked in self.requests)

    def requests_for(self, name):
        with self.changed:
            return [asked for asked in self.requests if asked.certificate == name]

    def as_at_first(self):
        """Every behaviour, life and gate is the usual one; what was asked is remembered."""
        self.behave()
        self.usual_of.clear()
        self.live()
        self.gate.clear()

    def forget_requests(self):
        with self.changed:
            self.requests.clear()

    # ---------------------------------------------------------------------------- one request

    def answer_to(self, asked, exchange):
        """True when the connection stays."""
        with self.calendar:
            behaviour, octets = self.take(asked)
            if behaviour.deliver is ocsp_delivery.plain:
                return self.deliver(behaviour, octets, asked, exchange)
        return self.deliver(behaviour, octets, asked, exchange)

    def deliver(self, behaviour, octets, asked, exchange):
        stays = behaviour.deliver(exchange, octets)
        self.finish(asked)
        return stays

    def take(self, asked):
        """(Behaviour, OCSPResponse) for it; records it before the answer is made."""
        self.understand(asked)
        with self.changed:
            behaviour = self.choose(asked)
            self.requests.append(asked)
            self.changed.notify_all()
        if asked.target.startswith(self.PATH + self.WELL):
            return WELL_MEANT, self.last_octets
        octets = self.last_octets = self.octets_for(asked, behaviour.answer)
        return behaviour, octets

    def understand(self, asked):
        try:
            octets = asked.body if asked.method == "POST" else ocsp_request.octets_of_target(asked.target, self.PATH)
            asked.request = ocsp_request.parse(octets)
        except ocsp_request.NoRequest:
            return
        if self.pki:
            asked.certificate, asked.issuer = self.pki.names_of(asked.request.id)

    def choose(self, asked):
        for at, (certificate, behaviour) in enumerate(self.queue):
            if certificate in (None, asked.certificate):
                del self.queue[at]
                return behaviour
        return self.usual_of.get(asked.certificate, self.usual)

    def octets_for(self, asked, answer):
        if isinstance(answer, bytes):
            return answer
        if asked.request is None:
            return ocsp_answer.encode(ocsp_answer.Answer(status=ocsp_answer.MALFORMED_REQUEST), None)
        if asked.issuer is None:
            return ocsp_answer.encode(ocsp_answer.Answer(status=ocsp_answer.UNAUTHORIZED), None)
        changes = {name: value for name, value in self.lifetimes.items()
                   if getattr(answer, name) == getattr(ocsp_answer.Answer, name)}
        unknown = ocsp_answer.Known(revocable.GOOD if asked.certificate else revocable.UNKNOWN)
        known = self.statuses.get(asked.certificate, unknown)
        situation = ocsp_answer.Situation(self.pki, asked.request, asked.issuer, known)
        return ocsp_answer.encode(dataclasses.replace(answer, **changes), situation)

    def finish(self, asked):
        with self.changed:
            asked.answered = time.monotonic()
            self.changed.notify_all()

    # ----------------------------------------------------------------------------- connections

    def open_door(self, connection):
        """connection: as a Behaviour has it. Who is inside has to leave."""
        self.close_door()
        self.close_connections()
        if connection == "unaccepted":
            self.listen(0, accepts=False)
            # The queue holds one more than its length. The second of these waits as the gateway will.
            self.fillers = [socket.socket(), socket.socket()]
            self.fillers[0].connect(("127.0.0.1", self.port))
            self.fillers[1].setblocking(False)
            self.fillers[1].connect_ex(("127.0.0.1", self.port))
        elif connection != "refused":
            self.listen(64)

    def close_door(self):
        for sock in self.fillers:
            sock.close()
        self.fillers = []
        if self.door:
            try:
                self.door.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.door.close()
            self.door = None
        if self.thread:
            self.thread.join()
            self.thread = None

    def listen(self, backlog, accepts=True):
        self.door = socket.socket()
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.door.bind(("127.0.0.1", self.port))
        self.door.listen(backlog)
        if accepts:
            self.thread = threading.Thread(target=self.accept_all, args=(self.door,), daemon=True)
            self.thread.start()

    def accept_all(self, door):
        while True:
            try:
                sock, _address = door.accept()
            except OSError:
                return
            with self.changed:
                self.connections += 1
                number = self.connections
                self.changed.notify_all()
            threading.Thread(target=self.converse, args=(sock, number), daemon=True).start()

    def converse(self, sock, number):
        sock.settimeout(SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.open.add(sock)
        exchange = Exchange(self, sock, number)
        try:
            if self.usual.connection == "deaf":
                self.stopping.wait(SECONDS)
            elif self.usual.connection != "closed":
                exchange.serve()
        except OSError:
            pass  # The gateway left, or the test ended.
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(repr(failure))
        finally:
            self.open.discard(sock)
            sock.close()

    def stop(self):
        self.stopping.set()
        self.gate.set()
        self.close_door()
        self.close_connections()
