"""Reading HTTP/1 strictly, from any source of bytes; used by the clients and by the scripted backends."""

import dataclasses


class Ended(Exception):
    """The peer ended the connection before a whole message was there; text says how."""


class Broken(AssertionError):
    """What the peer sent is no HTTP."""


class Reader:
    """Buffers what receive() yields. receive returns b"" at a clean end and raises OSError at another one."""

    def __init__(self, receive):
        self.receive = receive
        self.buffer = bytearray()
        self.ending = ""

    def fill(self):
        """Whether another part came."""
        if self.ending:
            return False
        try:
            part = self.receive()
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            self.ending = type(error).__name__
            return False
        if not part:
            self.ending = "closed"
            return False
        self.buffer += part
        return True

    def take(self, size):
        part = bytes(self.buffer[:size])
        del self.buffer[:size]
        return part

    def until(self, mark, limit=1 << 20):
        searched = 0
        while (at := self.buffer.find(mark, max(0, searched - len(mark)))) < 0:
            searched = len(self.buffer)
            if searched > limit:
                raise Broken(f"no {mark!r} within {limit} bytes")
            if not self.fill():
                raise Ended(f"{self.ending} after {bytes(self.buffer[-200:])!r}")
        return self.take(at + len(mark))

    def parts(self, size):
        """size bytes, part by part."""
        while size > 0:
            if not self.buffer and not self.fill():
                raise Ended(f"{self.ending} with {size} bytes missing")
            part = self.take(min(size, len(self.buffer)))
            size -= len(part)
            yield part

    def rest(self):
        while self.buffer or self.fill():
            yield self.take(len(self.buffer))


def fields_of(lines):
    fields = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip() or not name:
            raise Broken(f"header line {line!r}")
        fields.append((name, value.strip(" \t")))
    return fields


class Message:
    """What requests and responses share: fields, a list of (name, value)."""

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return ", ".join(values) if values else default


def chunk_parts(reader, trailers):
    while True:
        size = int(reader.until(b"\r\n").split(b";")[0], 16)
        if size == 0:
            break
        yield from reader.parts(size)
        if reader.until(b"\r\n") != b"\r\n":
            raise Broken("a chunk is longer than it says")
    while (line := reader.until(b"\r\n")) != b"\r\n":
        trailers.append(line[:-2].decode("latin-1"))


def body_parts(reader, message, trailers, close_delimits):
    if "chunked" in (message.get("transfer-encoding") or "").lower():
        yield from chunk_parts(reader, trailers)
    elif message.get("content-length") is not None:
        yield from reader.parts(int(message.all("content-length")[0]))
    elif close_delimits:
        yield from reader.rest()
        if reader.ending != "closed":
            raise Ended(reader.ending)


@dataclasses.dataclass
class Request(Message):
    method: str
    target: str
    version: str
    fields: list
    head: bytes
    connection: int = 0      # which of the backend's connections it came on, counted from 1
    body: bytes = b""        # the first megabyte
    size: int = 0
    matches: bool = True     # the body follows support/pattern.py
    complete: bool = False   # it came to its proper end


def read_request_head(reader):
    head = reader.until(b"\r\n\r\n")
    lines = head[:-4].decode("latin-1").split("\r\n")
    method, target, version = lines[0].split(" ")
    return Request(method, target, version, fields_of(lines[1:]), head)


@dataclasses.dataclass
class Response(Message):
    version: str
    status: int
    reason: str
    fields: list
    body: bytes = b""        # the first 16 megabytes
    size: int = 0
    complete: bool = False   # false: cut off before the end that its framing promised
    trailers: list = dataclasses.field(default_factory=list)
    interim: list = dataclasses.field(default_factory=list)   # 1xx before it


KEPT_MAX = 16 << 20
BODYLESS = (204, 304)


def read_response_head(reader):
    head = reader.until(b"\r\n\r\n")
    lines = head[:-4].decode("latin-1").split("\r\n")
    parts = lines[0].split(" ", 2)
    if len(parts) < 2 or not parts[0].startswith("HTTP/1.") or not parts[1].isdigit():
        raise Broken(f"status line {lines[0]!r}")
    return Response(parts[0], int(parts[1]), parts[2] if len(parts) > 2 else "", fields_of(lines[1:]))


def read_response(reader, method="GET", feed=None):
    """One final response with its body; a body that is cut short gives complete = False, not an exception."""
    interim = []
    while True:
        response = read_response_head(reader)
        if response.status >= 200 or response.status == 101:
            break
        interim.append(response)
    response.interim = interim
    if method == "HEAD" or response.status in BODYLESS or response.status == 101:
        response.complete = True
        return response
    kept = bytearray()
    try:
        for part in body_parts(reader, response, response.trailers, close_delimits=True):
            response.size += len(part)
            if feed:
                feed(part)
            elif len(kept) < KEPT_MAX:
                kept += part
        response.complete = True
    except Ended:
        pass
    response.body = bytes(kept)
    return response
