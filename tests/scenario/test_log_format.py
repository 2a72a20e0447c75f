"""access_log_format = combined: the line that the tools of the field read, and nothing in it that a client put there as another."""

import calendar
import re
import time

import pytest

from support import client as clients
from support import wait
from support.reloading import changed, reload

# As goaccess, awstats and the like take it apart.
COMBINED = re.compile(r'(\S+) - (\S+) \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000)\] "([^"]*)" (\d{3}) (\d+) "([^"]*)" "([^"]*)"')


def lines(gateway):
    with open(gateway.log_path, "rb") as file:
        return file.read().decode("ascii").split("\n")[:-1]


def await_lines(gateway, count):
    found = wait.until(lambda: len(lines(gateway)) >= count and lines(gateway), f"{count} lines")
    assert len(found) == count, found
    return [COMBINED.fullmatch(line) or pytest.fail(line) for line in found]


@pytest.fixture
def gateway(start, backend):
    return start(backend, gateway={"access_log_format": "combined"})


def test_a_request_is_told_as_the_format_has_it(gateway, connect):
    with connect(gateway, "good") as client:
        assert client.request(target="/a?b=c", fields=[("Referer", "https://x.example/"), ("User-Agent", "probe/1.0")]).status == 200
    found = await_lines(gateway, 1)[0]
    assert found[1] == "127.0.0.1" and found[2] == "good"
    assert found[4] == "GET /a?b=c HTTP/1.1" and found[5] == "200" and int(found[6]) > 0
    assert found[7] == "https://x.example/" and found[8] == "probe/1.0"
    logged = calendar.timegm(time.strptime(found[3], "%d/%b/%Y:%H:%M:%S +0000"))
    assert abs(time.time() - logged) < 60


def test_who_is_refused_has_no_name(gateway, connect):
    with connect(gateway, "expired") as client:
        assert client.request().status == 400
    with connect(gateway) as client:
        assert client.request().status == 400
    for found in await_lines(gateway, 2):
        assert found[2] == "-" and found[5] == "400"


def test_a_handshake_that_fails_has_a_line(gateway):
    sock = clients.connect_plain(gateway.port)
    sock.sendall(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
    try:
        while sock.recv(4096):
            pass
    except OSError:
        pass
    sock.close()
    found = await_lines(gateway, 1)[0]
    assert found[4] == "-" and found[5] == "000"


HOSTILE = ['" 200 0 "-" "-', "\\", "\\x22", "a\tb", "\u00fc", '"]\'}', "[01/Jan/2026:00:00:00 +0000]"]


@pytest.mark.parametrize("value", HOSTILE)
def test_nothing_a_client_says_makes_another_line_or_field(gateway, connect, value):
    with connect(gateway, "good") as client:
        client.start(target="/x", fields=[("Referer", value), ("User-Agent", value)])
        client.response()
    with connect(gateway, "good") as client:
        assert client.request(target="/last").status == 200
    await_lines(gateway, 2)
    raw = open(gateway.log_path, "rb").read()
    assert all(0x20 <= byte < 0x7F or byte == 0x0A for byte in raw)


def test_a_name_that_looks_like_a_line_stays_one_word(gateway, pki, connect):
    plan = type(pki.folder.plan("good"))
    pki.folder.make("forger", plan(subject='/CN=a [01\\/Jan\\/2026] "GET', issuer="root"))
    with connect(gateway, "forger") as client:
        assert client.request().status == 200
    found = await_lines(gateway, 1)[0]
    assert found[2] == r"a\x20[01/Jan/2026]\x20\x22GET"


def test_a_reload_changes_the_format(start_sections, backend, connect):
    gateway, sections = start_sections(backend)
    with connect(gateway, "good") as client:
        assert client.request(target="/json").status == 200
        gateway.record(requestUri="/json")
        said = reload(gateway, changed(sections, "gateway", access_log_format="combined"))
        assert "restart" not in said
        assert client.request(target="/combined").status == 200
    wait.until(lambda: len(lines(gateway)) == 2, "the second line")
    first, second = lines(gateway)
    assert first.startswith("{") and COMBINED.fullmatch(second)[4] == "GET /combined HTTP/1.1"
