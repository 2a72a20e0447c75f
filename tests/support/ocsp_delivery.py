"""How an OCSP response travels, or does not: every function takes an Exchange and the response, sends what it likes.

It returns False when no further request may come on this connection.
"""

import gzip
import os

TYPE = "application/ocsp-response"
OVER_LIMIT = 64 * 1024 + 1
NEVER = 1 << 40
PIECE = b"x" * 4096


def head(size, status="200 OK", kind=TYPE, version="HTTP/1.1", more=()):
    """size None: without a length. kind None: without a type."""
    lines = [f"{version} {status}"]
    lines += [f"Content-Type: {kind}"] if kind else []
    lines += [f"Content-Length: {size}"] if size is not None else []
    return "\r\n".join([*lines, *more, "", ""]).encode("latin-1")


def plain(exchange, octets):
    exchange.send(head(len(octets)) + octets)
    return True


def closing(exchange, octets):
    exchange.send(head(len(octets), more=["Connection: close"]) + octets)
    return False


def close_untold(exchange, octets):
    """The connection looks as if it could be used again."""
    exchange.send(head(len(octets)) + octets)
    return False


def with_head(**changes):
    def deliver(exchange, octets):
        exchange.send(head(len(octets), **changes) + octets)
        return True
    return deliver


def with_body(change, **changes):
    """change: octets -> octets, framed as they should be."""
    def deliver(exchange, octets):
        body = change(octets)
        exchange.send(head(len(body), **changes) + body)
        return True
    return deliver


def with_length(length, **changes):
    """length: octets -> the Content-Length that is claimed, whatever follows."""
    def deliver(exchange, octets):
        exchange.send(head(length(octets), **changes) + octets)
        exchange.wait_for_end()
        return False
    return deliver


def raw(*parts, stays=False):
    """Nothing but these octets; then silence, or the end."""
    def deliver(exchange, _octets):
        for part in parts:
            exchange.send(part)
        if stays:
            exchange.wait_for_end()
        return False
    return deliver


# ------------------------------------------------------------------------------------------------ time


def late(exchange, octets):
    """When the test opens the gate, or after late_seconds."""
    exchange.responder.gate.wait(exchange.responder.late_seconds)
    return plain(exchange, octets)


def silent(exchange, _octets):
    exchange.wait_for_end()
    return False


def byte_by_byte(exchange, octets):
    """Each in a segment of its own, as fast as that goes."""
    for octet in head(len(octets)) + octets:
        exchange.send(bytes([octet]))
    return True


def dripping(exchange, octets):
    """A byte each drip_seconds: no timeout between two bytes will ever end it."""
    for octet in head(len(octets)) + octets:
        exchange.send(bytes([octet]))
        if exchange.pause(exchange.responder.drip_seconds):
            return False
    return True


def dripping_header(exchange, _octets):
    exchange.send(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not exchange.pause(exchange.responder.drip_seconds):
        exchange.send(b"s")
    return False


def headers_then_silence(exchange, octets):
    exchange.send(head(len(octets)))
    exchange.wait_for_end()
    return False


def half_then_silence(exchange, octets):
    exchange.send(head(len(octets)) + octets[:len(octets) // 2])
    exchange.wait_for_end()
    return False


# ------------------------------------------------------------------------------------------------ ends


def no_answer(_exchange, _octets):
    return False


def reset(exchange, _octets):
    exchange.reset()
    return False


def half_then_close(exchange, octets):
    exchange.send(head(len(octets)) + octets[:len(octets) // 2])
    return False


def half_then_reset(exchange, octets):
    exchange.send(head(len(octets)) + octets[:len(octets) // 2])
    exchange.reset()
    return False


def half_header(exchange, octets):
    exchange.send(head(len(octets))[:30])
    return False


# ------------------------------------------------------------------------------------------------ size


def until_close(version="HTTP/1.0"):
    def deliver(exchange, octets):
        exchange.send(head(None, version=version) + octets)
        return False
    return deliver


def endless_body(exchange, octets):
    """Without a length, until the peer has had enough."""
    exchange.send(head(None, version="HTTP/1.0") + octets)
    return flood(exchange, PIECE)


def endless_header(exchange, _octets):
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    return flood(exchange, b"X-Bomb: " + PIECE + b"\r\n")


def endless_line(exchange, _octets):
    exchange.send(b"HTTP/1.1 200 OK\r\nX-Bomb: ")
    return flood(exchange, PIECE)


def endless_interim(exchange, _octets):
    return flood(exchange, b"HTTP/1.1 100 Continue\r\n\r\n" * 64)


def flood(exchange, part, bytes_max=64 << 20):
    """Ends when the peer does; no peer that reads on may keep us for ever."""
    for _turn in range(bytes_max // len(part)):
        exchange.send(part)
    return False


def padded(octets):
    return octets + b"\x00" * (OVER_LIMIT - len(octets))


# ---------------------------------------------------------------------------------------------- chunks


def chunk(octets, extension=b""):
    return b"%x%s\r\n%s\r\n" % (len(octets), extension, octets)


CHUNKED_HEAD = head(None, more=["Transfer-Encoding: chunked"])


def chunked(size=100, extension=b"", trailer=b""):
    def deliver(exchange, octets):
        parts = [chunk(octets[at:at + size], extension) for at in range(0, len(octets), size)]
        exchange.send(CHUNKED_HEAD + b"".join(parts) + b"0\r\n" + trailer + b"\r\n")
        return True
    return deliver


def chunked_wrong(change):
    """change: octets -> what stands behind the header."""
    def deliver(exchange, octets):
        exchange.send(CHUNKED_HEAD + change(octets))
        exchange.wait_for_end()
        return False
    return deliver


def endless_chunks(exchange, octets):
    exchange.send(CHUNKED_HEAD + chunk(octets))
    return flood(exchange, chunk(PIECE))


# ------------------------------------------------------------------------------------------- directions


def redirect(status, to=None):
    """To a place that would answer well: the responder itself, elsewhere on it."""
    def deliver(exchange, octets):
        place = to or exchange.responder.url + exchange.responder.WELL
        more = [f"Location: {place}"]
        exchange.send(head(len(octets), status, more=more) + octets)
        return True
    return deliver


def followed_by(more):
    """more: octets -> what follows in the same segment, which nobody asked for."""
    def deliver(exchange, octets):
        exchange.send(head(len(octets)) + octets + more(octets))
        return True
    return deliver


def preceded_by(octets_before):
    def deliver(exchange, octets):
        exchange.send(octets_before + head(len(octets)) + octets)
        return True
    return deliver


def as_gzip(exchange, octets):
    body = gzip.compress(octets)
    exchange.send(head(len(body), more=["Content-Encoding: gzip"]) + body)
    return True


def noise(size):
    return lambda _octets: os.urandom(size)
