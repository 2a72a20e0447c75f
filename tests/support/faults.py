"""Everything a backend can do wrong, one script a fault, with what the client must be told."""

import contextlib
import dataclasses
import socket
import typing

from support import pattern

# The backend that does it is given this much by the gateway before 504.
TIMEOUT = "500ms"
SIZE = 100_000


def reset_at_accept(conversation):
    conversation.reset()


def close_at_accept(_conversation):
    pass


def reset_after_request(conversation):
    conversation.read_request()
    conversation.reset()


def close_after_request(conversation):
    conversation.read_request()


def reset_in_the_head(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    conversation.pause(0.05)
    conversation.reset()


def close_in_the_head(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Le")


def reset_in_the_body(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + bytes(pattern.piece(0, SIZE // 2)))
    conversation.pause(0.05)
    conversation.reset()


def close_in_the_body(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + bytes(pattern.piece(0, SIZE // 2)))


def close_in_a_chunk(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nff\r\nabc")


def close_between_chunks(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")


def close_before_the_trailers_end(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n")


def reset_instead_of_the_end(conversation):
    """No length: only a clean close would say that this was all."""
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(pattern.piece(0, SIZE)))
    conversation.pause(0.05)
    conversation.reset()


def bad_chunk(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\nabc\r\n0\r\n\r\n")
    conversation.wait_for_end()


def stop_in_the_body(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nbeginning" % SIZE)
    conversation.wait_for_end()


def say(octets):
    def script(conversation):
        conversation.read_request()
        conversation.send(octets)
        conversation.wait_for_end()

    return script


def drip_the_head(conversation):
    """A byte now and then: each keeps the connection alive, none brings the head nearer to its end."""
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not conversation.is_stopping():
        conversation.send(b"d")
        conversation.pause(0.1)


def endless_head(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\n")
    for _line in range(20000):
        conversation.send(b"X-More: and more and more and more\r\n")
    conversation.wait_for_end()


def endless_line(conversation):
    conversation.read_request()
    conversation.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    for _part in range(100):
        conversation.send(b"x" * 10000)
    conversation.wait_for_end()


def endless_interim(conversation):
    conversation.read_request()
    while not conversation.is_stopping():
        conversation.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        conversation.pause(0.001)


def never_answer(conversation):
    conversation.read_request()
    conversation.wait_for_end()


def never_read(conversation):
    conversation.backend.stopping.wait(20)


def half_close_before_the_answer(conversation):
    conversation.read_request()
    conversation.half_close()
    conversation.wait_for_end()


@contextlib.contextmanager
def full_backlog():
    """The address of a server that takes no connection: the kernel drops the SYNs, nothing ever answers."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _turn in range(4)]
        try:
            for sock in waiting:
                sock.setblocking(False)
                sock.connect_ex(full.getsockname())
            yield f"127.0.0.1:{full.getsockname()[1]}"
        finally:
            for sock in waiting:
                sock.close()


@dataclasses.dataclass
class Fault:
    script: typing.Callable
    statuses: tuple
    is_cut: bool = False         # a status of success whose body must be seen to be cut off
    is_timeout: bool = False     # known only after the backend's time is over


FAULTS = {
    "reset at accept": Fault(reset_at_accept, (502,)),
    "close at accept": Fault(close_at_accept, (502,)),
    "reset after the request": Fault(reset_after_request, (502,)),
    "close after the request": Fault(close_after_request, (502,)),
    "half close before the answer": Fault(half_close_before_the_answer, (502,)),
    "reset in the head": Fault(reset_in_the_head, (502,)),
    "close in the head": Fault(close_in_the_head, (502,)),
    "reset in the body": Fault(reset_in_the_body, (200,), is_cut=True),
    "close in the body": Fault(close_in_the_body, (200,), is_cut=True),
    "close in a chunk": Fault(close_in_a_chunk, (200,), is_cut=True),
    "close between chunks": Fault(close_between_chunks, (200,), is_cut=True),
    "close before the trailers' end": Fault(close_before_the_trailers_end, (200,), is_cut=True),
    "reset instead of the end": Fault(reset_instead_of_the_end, (200,), is_cut=True),
    "bad chunk": Fault(bad_chunk, (200, 502), is_cut=True),
    "stop in the body": Fault(stop_in_the_body, (200,), is_cut=True, is_timeout=True),
    "garbage": Fault(say(b"\x00\x01\x02 this is no HTTP \xff\xfe\r\n\r\n"), (502,)),
    "TLS": Fault(say(b"\x15\x03\x01\x00\x02\x02\x46"), (502, 504)),
    "HTTP/2": Fault(say(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18), (502, 504)),
    "an old protocol": Fault(say(b"ICY 200 OK\r\nContent-Length: 0\r\n\r\n"), (502,)),
    "status of letters": Fault(say(b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n"), (502,)),
    "status of one digit": Fault(say(b"HTTP/1.1 2 OK\r\nContent-Length: 0\r\n\r\n"), (502,)),
    "length of letters": Fault(say(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n"), (502,)),
    "negative length": Fault(say(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), (502,)),
    "two lengths": Fault(say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), (502,)),
    "length and chunked": Fault(
        say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), (502,)),
    "NUL in a header": Fault(say(b"HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 0\r\n\r\n"), (502,)),
    "a header without a colon": Fault(say(b"HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 0\r\n\r\n"), (502,)),
    "switching without being asked": Fault(
        say(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nhello"), (502,)),
    "endless head": Fault(endless_head, (502,)),
    "endless line": Fault(endless_line, (502,)),
    "endless interim answers": Fault(endless_interim, (502, 504)),
    "dripping head": Fault(drip_the_head, (504,), is_timeout=True),
    "no answer": Fault(never_answer, (504,), is_timeout=True),
}
