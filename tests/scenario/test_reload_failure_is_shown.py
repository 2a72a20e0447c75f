"""Why the latest reload failed is seen afterwards too, wherever one looks, until one succeeds; and whose fault it was is told by
the status of the answer: 422 is for the operator to mend, 500 is the gateway's own."""

import html.parser
import json
import re
import resource
import signal
import socket

import pytest

from support import client as clients
from support import edge, ports, stats, wait
from support.gateway import MEMORY_SCALE, ini_text, run_command
from support.mistakes import MISTAKES, PROFILE
from support.reloading import STAYS, ask, changed, write

EDGE = "listener edge"
BYTES_MAX = 200


class Texts(html.parser.HTMLParser):
    """{id: text} of what has one, and the tags there are."""

    def __init__(self, page):
        super().__init__()
        self.found, self.tags, self.hidden, self.name = {}, set(), set(), None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        self.tags.add(tag)
        self.name = told.get("id")
        if "hidden" in told:
            self.hidden.add(self.name)

    def handle_endtag(self, tag):
        self.name = None

    def handle_data(self, data):
        if self.name:
            self.found.setdefault(self.name, data)


@pytest.fixture
def asked(start_sections, backend):
    gateway, sections = start_sections(backend)
    stats.until_ready(gateway)
    return gateway, sections


def looks(gateway):
    """What every place says of the latest reload: (the member of /stats, page, status, top, top --json)."""
    socket_path = ("--socket", stats.path_of(gateway))
    told = [run_command(*command, *socket_path) for command in (
        ("status", "--json"), ("status",), ("top", "--once", "--interval", "0.1"), ("top", "--once", "--json", "--interval", "0.1"))]
    assert [done.returncode for done in told] == [0] * 4, told
    config = json.loads(told[0].stdout)["config"]
    assert config == {**stats.ask_json(gateway, "/stats")["config"]}
    return config, Texts(stats.ask(gateway, "/")[2]), told[1].stdout, told[2].stdout, json.loads(told[3].stdout)["reload"]


def failed(gateway):
    config = stats.ask_json(gateway, "/stats")["config"]
    return None if config["last_reload_successful"] else config


def first_error(said):
    """Of what `sallyport reload` prints: the first error with its place, and how many there are beside it."""
    errors = re.findall(r"^(?:sallyport reload: )?(.*?)error: (.*)$", said, re.M)
    return "".join(errors[0]), len(errors) - 1


def is_shown_as(shown, error):
    """Whole when it is short; else its two ends."""
    begin, _gap, end = shown.partition("...")
    return len(shown) <= BYTES_MAX and (shown == error if len(error) <= BYTES_MAX
                                        else error.startswith(begin) and error.endswith(end) and begin and end)


def test_the_reason_is_there_until_a_reload_succeeds(asked):
    gateway, sections = asked
    broken = changed(changed(sections, EDGE, adress="127.0.0.1:1"), PROFILE, verify_client_auth_mode="strickt")
    write(gateway, ini_text(broken))
    done = run_command("reload", "-c", gateway.config)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.endswith(f"{STAYS}\n")
    error, further = first_error(done.stderr)
    assert gateway.config in error and further > 0
    config, page, status, top, told = looks(gateway)
    assert config["last_reload_successful"] is False and config["last_reload_further_errors"] == further
    shown = config["last_reload_error"]
    assert is_shown_as(shown, error), (shown, error)
    assert page.found["reload-error"] == f"{shown} (and {further} more)" and "reload-failure" not in page.hidden
    assert f"\n  {shown}\n  and {further} more, which the error log has\n" in status
    line = next(line for line in top.split("\n") if " errors, first: " in line)
    assert line.startswith(f" {further + 1} errors, first: {shown[:30]}")
    assert told["error"] == shown and told["further_errors"] == further and told["successful"] is False
    write(gateway, ini_text(sections))
    done = run_command("reload", "-c", gateway.config)
    assert done.returncode == 0 and done.stderr == "" and done.stdout == "the new configuration is in use\n"
    config, page, status, top, told = looks(gateway)
    assert config["last_reload_error"] is None and config["last_reload_further_errors"] == 0
    assert "reload-error" not in page.found and "reload-failure" in page.hidden
    for text in status, top:
        assert gateway.config not in text and "error" not in text.partition("now")[0]
    assert told["error"] is None and told["further_errors"] == 0 and told["successful"] is True


def test_a_reload_by_signal_leaves_its_reason_too(asked):
    gateway, sections = asked
    write(gateway, ini_text(changed(sections, PROFILE, trusted_client_ca="/no/such/ca.pem")))
    assert STAYS in ask(gateway)
    # It is said a moment before it is counted.
    config = wait.until(lambda: failed(gateway), "the failure")
    assert "/no/such/ca.pem: No such file or directory; check the path and the permissions" in config["last_reload_error"]
    assert config["last_reload_further_errors"] == 0


HOSTILE = '<img src=x>\u009b31m\u202e&amp;\tü'


def test_hostile_words_are_text(asked):
    gateway, sections = asked
    write(gateway, ini_text(changed(sections, "gateway", watch=HOSTILE)))
    assert run_command("reload", "-c", gateway.config).returncode == 1
    config, page, status, top, told = looks(gateway)
    shown = config["last_reload_error"]
    assert shown.isascii() and shown.isprintable() and "<img src=x>" in shown and r"\xC2\x9B31m\xE2\x80\xAE&amp;" in shown
    assert page.found["reload-error"] == shown and "img" not in page.tags
    assert status.isascii() and "\u009b" not in top and "\u202e" not in top
    assert all(line.isprintable() for text in (status, top) for line in text.split("\n"))
    assert told["error"] == shown


def test_a_page_that_is_open_shows_and_forgets_the_reason(start_sections, backend, tmp_path):
    browsers = pytest.importorskip("support.browser")
    address = f"127.0.0.1:{ports.free_port()}"
    gateway, sections = start_sections(backend, gateway={"stats_address": address})
    stats.until_ready(gateway)
    shown = "document.getElementById('reload-failure').innerText"
    with browsers.Browser(tmp_path) as browser:
        browser.open(f"http://{address}/")
        browser.until("document.getElementById('reload').textContent.startsWith('read ')")
        assert browser.ask("document.getElementById('reload-failure').hidden") is True
        write(gateway, ini_text(changed(sections, PROFILE, trusted_client_ca="/no/such/<b>ca</b>.pem")))
        assert run_command("reload", "-c", gateway.config).returncode == 1
        browser.until("!document.getElementById('reload-failure').hidden")
        assert "/no/such/<b>ca</b>.pem: No such file" in browser.ask(shown) and "more)" not in browser.ask(shown)
        assert browser.ask("document.querySelectorAll('#reload-failure b').length") == 0
        write(gateway, ini_text(sections))
        assert run_command("reload", "-c", gateway.config).returncode == 0
        browser.until("document.getElementById('reload-failure').hidden")
        assert browser.complaints == []


# ---------------------------------------------------------------------------------- whose fault it was


def taken_address():
    """An address where somebody listens, as long as what is returned lives."""
    taken = socket.create_server(("127.0.0.1", 0))
    return taken, f"127.0.0.1:{taken.getsockname()[1]}"


def written(folder, name, octets):
    (folder / name).write_bytes(octets)
    return str(folder / name)


def with_gateway(**settings):
    return lambda all_: changed(all_, "gateway", **settings)


# As MISTAKES: what is there but cannot be used, and what is not there.
FURTHER = {
    "a certificate that is none": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate=[written(folder, "text.pem", b"no certificate\n")]), ["text.pem"]),
    "a certificate of noise": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate=[written(
            folder, "noise.pem", b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n")]), ["noise.pem"]),
    "a CA file of noise": lambda pki, folder: (
        lambda all_: changed(all_, PROFILE, trusted_client_ca=written(
            folder, "noise.pem", b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n")), ["noise.pem"]),
    "a CA file of bytes": lambda pki, folder: (
        lambda all_: changed(all_, PROFILE, trusted_client_ca=written(folder, "bytes.pem", bytes(range(256)))), ["bytes.pem"]),
    "a key of noise": lambda pki, folder: (
        lambda all_: changed(all_, EDGE, certificate_key=[written(
            folder, "noise.key", b"-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n")]), ["noise.key"]),
    "ticket keys of noise": lambda pki, folder: (
        with_gateway(ticket_key_file=written(folder, "tickets", b"noise\n")), ["tickets:1"]),
    "a log that cannot be opened": lambda pki, folder: (with_gateway(access_log=str(folder / "no" / "such" / "log")), ["access_log"]),
    "a user that nobody is": lambda pki, folder: (with_gateway(user="nobody-of-that-name"), ["nobody-of-that-name"]),
    "an address that this machine has not": lambda pki, folder: (
        lambda all_: [*all_, edge.listener_section(pki, "more", address="203.0.113.7:8443")], ["203.0.113.7:8443"]),
    "a file that is not included": lambda pki, folder: (with_gateway(include=str(folder / "gone.ini")), ["gone.ini"]),
}


def expect_refusal(gateway, text, words, status):
    """Whoever asks, and the exit status and texts that are documented for it."""
    write(gateway, text)
    answered, said = stats.curl(gateway, "/reload", "-X", "POST")
    assert answered == status, (answered, said)
    done = run_command("reload", "-c", gateway.config, "--socket", stats.path_of(gateway))
    assert done.returncode == 1 and done.stdout == "" and done.stderr.startswith("sallyport reload: "), done.stderr
    for told in said, done.stderr:
        assert told.endswith(f"{STAYS}\n") and all(word in told for word in words), told
    assert is_shown_as(stats.ask_json(gateway, "/stats")["config"]["last_reload_error"], first_error(done.stderr)[0])


@pytest.mark.parametrize("mistake", [*MISTAKES, *FURTHER])
def test_what_the_operator_can_mend_is_422(asked, pki, tmp_path, mistake):
    gateway, sections = asked
    change, words = {**MISTAKES, **FURTHER}[mistake](pki, tmp_path)
    expect_refusal(gateway, ini_text(change(sections)), words, 422)
    assert clients.ask(gateway.port, pki, "good").status == 200


def test_an_address_where_another_listens_is_422(asked, pki):
    gateway, sections = asked
    taken, address = taken_address()
    with taken:
        expect_refusal(gateway, ini_text([*sections, edge.listener_section(pki, "more", address=address)]), [address, "in use"], 422)
    assert run_command("reload", "-c", gateway.config).returncode == 0


@pytest.mark.parametrize("text", ["", "[gateway\n", "\0\xff\n", "no section = 1\n"])
def test_a_file_that_is_no_configuration_is_422(asked, text):
    gateway, _sections = asked
    expect_refusal(gateway, text, ["gateway.ini"], 422)


def test_what_came_of_it_is_said_however_many_mistakes_there_are(asked):
    """More than an answer has room for: whole lines of it."""
    gateway, _sections = asked
    expect_refusal(gateway, "[gateway]\n" * 3000, ["gateway.ini:2: error: ", "\nfurther messages are in error_log only\n"], 422)
    _status, said = stats.curl(gateway, "/reload", "-X", "POST")
    assert all(line.endswith("expected it once") for line in said.split("\n")[:-3]), said[-400:]


MEGABYTE = 1 << 20
LISTENERS = 300


@pytest.mark.skipif(MEMORY_SCALE > 1, reason="a sanitizer needs all addresses")
def test_want_of_memory_is_500_and_never_a_mistake(asked, pki):
    """Nobody is to look for it in his files."""
    gateway, sections = asked
    more = [edge.listener_section(pki, f"more-{number}", address=f"127.3.3.4:{ports.free_port()}") for number in range(LISTENERS)]
    write(gateway, ini_text(sections + more))
    size, room, answers = gateway.status_field("VmSize"), 0, []
    while not answers or answers[-1] != 200:
        resource.prlimit(gateway.process.pid, resource.RLIMIT_AS, (size + room, resource.RLIM_INFINITY))
        status, said = stats.curl(gateway, "/reload", "-X", "POST")
        resource.prlimit(gateway.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        # 503: not even a thread for it.
        assert status in (200, 500, 503) and room < 64 * MEGABYTE, (status, said)
        if status == 500:
            assert re.search(r"^error: .*\n(.*\n)*the configuration in use stays\n$", said), said
            assert stats.ask_json(gateway, "/stats")["config"]["last_reload_error"]
        answers.append(status)
        room += MEGABYTE // 2
    assert 500 in answers


def test_a_gateway_that_stops_has_read_nothing_and_says_so(asked, pki, backends):
    """No answer at all when it has gone; the exit status is the same."""
    gateway, _sections = asked
    gateway.signal(signal.SIGTERM)
    assert gateway.wait_for_exit() == 0
    done = run_command("reload", "--socket", stats.path_of(gateway))
    assert done.returncode == 1 and "no gateway runs there" in done.stderr
    assert run_command("reload").returncode == 2
