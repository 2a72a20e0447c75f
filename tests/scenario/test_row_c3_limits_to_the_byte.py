"""C3: each limit of a message is a limit to the byte, and a client at its limit costs twice that much at most."""

import contextlib
import json

import pytest

from support import client as clients
from support import figures, pattern, wait

# As in include/http/http_limits.h.
TARGET, FIELDS, COUNT, TRAILERS, CHUNK_LINE, HOST, OPTIONS = 32768, 32768, 100, 8192, 256, 255, 16
OFF = {"verify_client_auth_mode": "off"}
TIMERS = {"client_header_timeout": "60s", "client_body_timeout": "60s"}

excess = pytest.mark.parametrize("excess", [0, 1], ids=["at the limit", "a byte more"])
connections = pytest.mark.parametrize("count", figures.small_or_full(150, 400))


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": OFF, "gateway": TIMERS}


def head_of_size(size, target="/", line_size=None, fields=b""):
    """A head of size bytes without its target; its filler is one line, or lines of line_size with their ends."""
    start = b"GET %s HTTP/1.1\r\nHost: localhost\r\n%s" % (target.encode(), fields)
    missing = size + len(target) - len(start) - 2
    lines = []
    while line_size and missing >= 2 * line_size:
        lines.append(b"X-Filler: ".ljust(line_size - 2, b"f") + b"\r\n")
        missing -= line_size
    lines.append(b"X-Filler: ".ljust(missing - 2, b"f") + b"\r\n")
    head = start + b"".join(lines) + b"\r\n"
    assert len(head) == size + len(target)
    return head


def answer_to(gateway, connect, octets, method="GET"):
    with connect(gateway) as client:
        try:
            client.send(octets)
        except OSError:
            pass  # Closed while we still send; the answer must be there all the same.
        return client.response(method)


def expect(gateway, connect, octets, excess, status):
    """200 at the limit; past it the status, and the end of the connection."""
    response = answer_to(gateway, connect, octets)
    assert response.status == (status if excess else 200)
    assert not excess or response.get("connection") == "close"
    return response


@excess
def test_a_target(gateway, connect, excess):
    target = "/" + "t" * (TARGET - 1 + excess)
    response = expect(gateway, connect, f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), excess, 414)
    assert excess or json.loads(response.body)["target"] == target


@excess
@pytest.mark.parametrize("target", ["/", "/" + "t" * (TARGET - 1)], ids=["short target", "longest target"])
@pytest.mark.parametrize("line_size", [None, 1000], ids=["one line", "many lines"])
def test_all_fields_together(gateway, connect, target, line_size, excess):
    head = head_of_size(FIELDS + excess, target, line_size)
    response = expect(gateway, connect, head, excess, 431)
    if not excess:
        fillers = [value for name, value in json.loads(response.body)["fields"] if name == "X-Filler"]
        assert sum(map(len, fillers)) == head.count(b"f")


@excess
def test_a_name(gateway, connect, excess):
    start, end = b"GET / HTTP/1.1\r\nHost: localhost\r\n", b": v\r\n\r\n"
    name = b"N" * (FIELDS + excess + 1 - len(start) - len(end))
    expect(gateway, connect, start + name + end, excess, 431)


@excess
def test_the_count_of_fields(gateway, connect, excess):
    lines = b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(COUNT - 1 + excess))
    response = expect(gateway, connect, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n", excess, 431)
    if not excess:
        names = {name for name, _value in json.loads(response.body)["fields"]}
        assert names >= {f"X-{number}" for number in range(COUNT - 1)}


@excess
def test_empty_lines_before_a_request_do_not_move_the_limit(gateway, connect, excess):
    """RFC 9112 2.2: they are skipped. Enough of them are a fault of their own."""
    response = answer_to(gateway, connect, b"\r\n" + head_of_size(FIELDS - 2 + 2 * excess))
    assert response.status in ((200, 431) if excess else (200,))


@excess
def test_a_host(gateway, connect, excess):
    labels = ".".join(["h" * 63] * 4)[:HOST - 2]
    host = labels + "." + "h" * (HOST + excess - len(labels) - 1)
    assert len(host) == HOST + excess
    response = answer_to(gateway, connect, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert response.status == (400 if excess else 200)


@excess
def test_the_options_of_a_connection(gateway, connect, excess):
    options = ", ".join(f"x-{number}" for number in range(OPTIONS + excess))
    response = answer_to(gateway, connect, f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: {options}\r\n\r\n".encode())
    assert response.status == (400 if excess else 200)


def chunked(client, rest):
    return client.head("POST", "/chunks", [("Transfer-Encoding", "chunked")]) + rest


@excess
@pytest.mark.parametrize("line_size", [None, 500], ids=["one line", "many lines"])
def test_trailers(gateway, connect, line_size, excess):
    whole = head_of_size(TRAILERS + excess + 35, line_size=line_size)
    trailers = whole[len(b"GET / HTTP/1.1\r\nHost: localhost\r\n"):]
    trailers = trailers.replace(b"f", b"", len(trailers) - TRAILERS - excess)
    assert len(trailers) == TRAILERS + excess
    with connect(gateway) as client:
        octets = chunked(client, b"5\r\nhello\r\n0\r\n" + trailers)
    expect(gateway, connect, octets, excess, 431)


@excess
def test_a_chunks_extension(gateway, connect, excess):
    line = b"5;".ljust(CHUNK_LINE - 2 + excess, b"e") + b"\r\n"
    with connect(gateway) as client:
        octets = chunked(client, line + b"hello\r\n0\r\n\r\n")
    expect(gateway, connect, octets, excess, 400)


# ------------------------------------------------------------------------------------------ memory


def cost_of_each(gateway, pki, count, octets, until=None):
    """Bytes of the gateway for each of count clients that sent these octets and are still there."""
    for _turn in range(8):
        assert clients.ask(gateway.port, pki, method="POST", target="/warm", body=pattern.whole(4_000_000)).status == 200
    clients.ask(gateway.port, pki, fields=[("X-Filler", "f" * 30000)])
    growth, kept = figures.Growth(gateway), []
    for _number in range(count):
        kept.append(clients.connect(gateway.port, pki))
        with contextlib.suppress(OSError):
            kept[-1].send(octets)
        growth.look()
    if until:
        wait.until(until, "every request, at the backend,")
    growth.watch(0.2)
    for client in kept:
        client.close()
    return growth.most / count


@pytest.fixture
def fresh(start, backends):
    """A gateway without a past, and a backend whose gate is closed."""
    backend = backends()
    return start(backend, profile=OFF, gateway=TIMERS), backend


@connections
@pytest.mark.parametrize("target, limit", [("/", FIELDS), ("/" + "t" * (TARGET - 1), FIELDS + TARGET)],
                         ids=["32 kB", "64 kB"])
def test_heads_that_lack_a_byte_cost_twice_the_limit(fresh, pki, target, limit, count):
    gateway, _backend = fresh
    each = cost_of_each(gateway, pki, count, head_of_size(FIELDS, target, 1000)[:-1])
    assert each < 2 * limit, f"{each:.0f} bytes each"


@connections
def test_the_largest_requests_under_way_cost_twice_the_limit(fresh, pki, count):
    gateway, backend = fresh
    target = "/wait/" + "t" * (TARGET - 6)
    each = cost_of_each(gateway, pki, count, head_of_size(FIELDS, target, 1000),
                        lambda: len(backend.sent_to(target)) == count)
    backend.gate.set()
    assert each < 2 * (TARGET + FIELDS), f"{each:.0f} bytes each"


@connections
def test_trailers_that_lack_a_byte_cost_little(fresh, pki, count):
    gateway, _backend = fresh
    octets = (b"POST /wait HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
              + b"X-Filler: ".ljust(TRAILERS - 3, b"f"))
    each = cost_of_each(gateway, pki, count, octets)
    assert each < 2 * FIELDS, f"{each:.0f} bytes each"


@connections
def test_heads_over_the_limit_leave_nothing(fresh, pki, count):
    """Refused while the client still sends, and the client does not go away."""
    gateway, _backend = fresh
    octets = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Filler: f\r\n" * 10000
    each = cost_of_each(gateway, pki, count, octets)
    assert each < 2 * FIELDS, f"{each:.0f} bytes each"
