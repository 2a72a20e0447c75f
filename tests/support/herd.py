"""Very many clients in one thread: what each does now and then, and when the gateway ended it."""

import select
import ssl
import time


class Member:
    """sock: plain or TLS. age: seconds from its birth until we saw that the gateway had ended it; least_age: from its first
    bytes until we looked the last time before, when it had not."""

    def __init__(self, sock, born):
        self.sock, self.born, self.begun = sock, born, time.monotonic()
        self.age = self.least_age = None
        self.received = b""     # the beginning of it


class Herd:
    """Input is read and thrown away as it comes, unless reads is false: then only step() reads."""

    def __init__(self, reads=True):
        self.reads = reads
        self.members = []
        self.poll = select.epoll()
        self.by_descriptor = {}
        self.looked = self.next_step = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        for member in self.members:
            member.sock.close()
        self.poll.close()

    def add(self, sock, born=None):
        member = Member(sock, time.monotonic() if born is None else born)
        sock.setblocking(False)
        self.members.append(member)
        self.by_descriptor[sock.fileno()] = member
        self.poll.register(sock.fileno(), select.EPOLLIN if self.reads else 0)
        return member

    def living(self):
        return [member for member in self.members if member.age is None]

    def ages(self):
        return [member.age for member in self.members if member.age is not None]

    def end(self, member):
        member.age, member.least_age = time.monotonic() - member.born, self.looked - member.begun
        self.poll.unregister(member.sock.fileno())

    def read(self, member, size=65536):
        try:
            part = member.sock.recv(size)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except OSError:
            part = b""
        if not part:
            self.end(member)
        elif len(member.received) < 1000:
            member.received += part

    def send(self, member, octets):
        try:
            member.sock.send(octets)
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        except OSError:
            self.end(member)

    def watch(self, seconds, step=None, every=1.0):
        """Until all have ended, for so many seconds at most; step(member) for each living one, every so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and len(self.ages()) < len(self.members):
            self.look(step, every, 0.02)

    def look(self, step=None, every=1.0, patience=0):
        """Once, and a step if it is time for one."""
        now = time.monotonic()
        for descriptor, _events in self.poll.poll(patience):
            self.read(self.by_descriptor[descriptor])
        if step and now >= self.next_step:
            self.next_step = now + every
            for member in self.living():
                step(member)
        self.looked = now
