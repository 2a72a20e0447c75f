"""sallyport top: a live view on a terminal that it gives back however it ends, pages where there is none, and JSON."""

import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from support import client as clients
from support import gateway as gateways
from support import stats, wait
from support.gateway import run_command
from support.terminal import ENTERED, Terminal

PERIOD = ("--interval", "0.2")


@pytest.fixture
def watched(gateway):
    stats.until_ready(gateway)
    return gateway


def watch(gateway, *arguments, **size):
    return Terminal([gateways.BINARY, "top", "--socket", stats.path_of(gateway), *(arguments or PERIOD)], **size)


def test_the_view_shows_what_clients_do(watched, pki):
    with watch(watched) as terminal:
        terminal.until_shows("ready for")

        def has_both(page):
            for certificate in ("good", "expired"):
                clients.ask(watched.port, pki, certificate)
            return any(re.match(r" full handshakes +[1-9]", line) for line in page) and any(
                re.match(r" expired +[0-9.]*[1-9]", line) for line in page)

        page = terminal.until(has_both, "a page with handshakes and refusals")
        text = "\n".join(page)
        assert "127.0.0.1:" in text and "client_ca" in text and "configuration read" in text and "OCSP" in text
        assert re.search(r"requests +\S+ +[0-9.]+ ms +[0-9.]+ ms", text)
        terminal.press(b"q")
        assert terminal.end() == 0 and terminal.is_as_before()


@pytest.mark.parametrize("ending", ["q", "Ctrl-C", "Ctrl-D", "SIGTERM", "SIGHUP", "SIGINT"])
def test_the_terminal_is_given_back(watched, ending):
    with watch(watched) as terminal:
        terminal.until_shows("Traffic")
        assert ENTERED in terminal.shown and not terminal.is_as_before()
        keys = {"q": b"q", "Ctrl-C": b"\x03", "Ctrl-D": b"\x04"}
        if ending in keys:
            terminal.press(keys[ending])
        else:
            terminal.process.send_signal(getattr(signal, ending))
        assert terminal.end() == 0 and terminal.is_as_before()


def test_other_keys_do_nothing(watched):
    with watch(watched) as terminal:
        terminal.until_shows("Traffic")
        terminal.press(b"x\x1b[A?")
        seen = len(terminal.read())
        wait.until(lambda: len(terminal.read()) > seen, "another page")
        assert terminal.process.poll() is None


@pytest.mark.parametrize("rows, columns", [(24, 80), (50, 200), (10, 40), (3, 20), (1, 1), (2000, 2000)])
def test_every_window_is_filled_and_never_left(watched, rows, columns):
    with watch(watched, rows=rows, columns=columns) as terminal:
        page = terminal.until(lambda page: len(page) > 0, "a page")
        assert len(page) == min(rows, 300) and max(map(len, page)) <= columns
        if rows >= 10:
            assert page[0].startswith(" sallyport ") and any("requests" in line for line in page)
            assert any("Refused" in line for line in page)


def test_the_view_follows_the_window(watched):
    with watch(watched) as terminal:
        terminal.until(lambda page: len(page) == 24, "a page of 24 rows")
        for rows, columns in ((50, 200), (10, 40), (30, 100)):
            terminal.resize(rows, columns)
            page = terminal.until(lambda page, rows=rows: len(page) == rows, f"{rows} rows")
            assert max(map(len, page)) <= columns
        terminal.press(b"q")
        assert terminal.end() == 0 and terminal.is_as_before()


def test_stopping_for_a_while_gives_the_terminal_to_the_shell(watched):
    with watch(watched) as terminal:
        terminal.until_shows("Traffic")
        terminal.press(b"\x1a")
        wait.until(lambda: terminal.read() and terminal.is_as_before(), "the terminal")
        path = f"/proc/{terminal.process.pid}/stat"
        wait.until(lambda: open(path, encoding="ascii").read().rpartition(")")[2].split()[0] == "T", "the stop")
        terminal.process.send_signal(signal.SIGCONT)
        terminal.shown = b""
        terminal.until_shows("Traffic")
        terminal.press(b"q")
        assert terminal.end() == 0 and terminal.is_as_before()


def test_a_lost_gateway_is_told_and_met_again(start_sections, backend):
    gateway, sections = start_sections(backend)
    stats.until_ready(gateway)
    with watch(gateway) as terminal:
        terminal.until_shows("ready for")
        gateway.stop()
        page = terminal.until_shows("no answer for")
        assert "no gateway runs there" in page[0] and any("Traffic" in line for line in page)
        again = type(gateway)(gateway.folder, sections, gateway.ports)
        try:
            terminal.until_shows("ready for")
            assert terminal.process.poll() is None
            terminal.press(b"q")
            assert terminal.end() == 0 and terminal.is_as_before()
        finally:
            again.stop()


def test_a_key_is_heard_while_the_gateway_hangs(watched):
    with watch(watched) as terminal:
        terminal.until_shows("ready for")
        watched.process.send_signal(signal.SIGSTOP)
        try:
            terminal.press(b"q")
            assert terminal.end(seconds=3) == 0 and terminal.is_as_before()
        finally:
            watched.process.send_signal(signal.SIGCONT)


def test_colours_are_for_terminals_that_want_them(watched):
    for environment, expected in (({}, True), ({"NO_COLOR": "1"}, False)):
        with watch(watched, **environment) as terminal:
            terminal.until_shows("ready for")
            assert (b"\x1b[0;32m" in terminal.shown) is expected
            terminal.press(b"q")
            terminal.end()


def test_a_dumb_terminal_gets_page_after_page(watched):
    """It cannot move its cursor: what would move it is rubbish there."""
    with watch(watched, TERM="dumb") as terminal:
        wait.until(lambda: terminal.read().count(b" sallyport ") >= 3, "three pages")
        assert b"\x1b" not in terminal.shown
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.process.wait(5) == -signal.SIGINT


def test_signs_beyond_ascii_are_for_locales_that_have_them(watched, pki):
    for locale, is_ascii in (("C.UTF-8", False), ("C", True)):
        with watch(watched, LC_ALL=locale) as terminal:
            def has_history(page):
                clients.ask(watched.port, pki, "good")
                return any(re.match(r" requests .*ms {3,}\S", line) for line in page)

            page = terminal.until(has_history, "a chart")
            assert "".join(page).isascii() is is_ascii


def test_once_prints_a_page_without_a_terminal(watched, pki):
    clients.ask(watched.port, pki, "expired")
    done = run_command("top", "-c", watched.config, "--once", *PERIOD)
    assert done.returncode == 0 and done.stderr == "" and "\x1b" not in done.stdout
    assert done.stdout.startswith(" sallyport ") and "expired" in done.stdout and "Certificates" in done.stdout


def test_without_a_terminal_page_follows_page(watched):
    with subprocess.Popen([gateways.BINARY, "top", "--socket", stats.path_of(watched), *PERIOD], stdout=subprocess.PIPE,
                          text=True) as process:
        heads = 0
        for line in process.stdout:
            assert "\x1b" not in line
            heads += line.startswith(" sallyport ")
            if heads == 3:
                break
        process.terminate()


NUMBER = (int, float)
SHAPE = {
    "version": str, "state": str, "interval_seconds": NUMBER, "time_seconds": NUMBER, "uptime_seconds": NUMBER, "workers": NUMBER,
    "resident_bytes": NUMBER, "clients": NUMBER, "requests_open": NUMBER, "backend_connections": NUMBER,
    "log_dropped_lines": NUMBER, "per_second": dict, "timings": dict, "refusals": list, "backends": list, "certificates": list,
    "ocsp": dict, "reload": dict}


def test_json_has_the_shape_that_is_promised(watched, pki):
    clients.ask(watched.port, pki, "expired")
    done = run_command("top", "--socket", stats.path_of(watched), "--once", "--json", *PERIOD)
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    told = json.loads(done.stdout)
    assert told.keys() == SHAPE.keys()
    for name, kind in SHAPE.items():
        assert isinstance(told[name], kind), name
    assert 0.15 < told["interval_seconds"] < 10
    assert told["timings"].keys() == {"handshakes_full", "handshakes_resumed", "judged", "requests", "backend_answers"}
    assert told["timings"]["requests"].keys() == {"per_second", "p50_seconds", "p99_seconds"}
    assert told["refusals"][0].keys() == {"reason", "per_second", "total"}
    assert told["backends"][0]["name"] == "app" and told["backends"][0].keys() == {"name", "server", "state"}
    ends = [row["not_after_seconds"] for row in told["certificates"]]
    assert ends == sorted(ends) and told["certificates"][0].keys() == {"role", "path", "not_after_seconds"}
    assert told["reload"]["successful"] is True and told["ocsp"].keys() == {"entries", "good", "revoked", "unknown", "failed"}
    with open(os.path.join(os.path.dirname(__file__), "..", "..", "README.md"), encoding="utf-8") as file:
        described = file.read()
    for name in (*SHAPE, *told["per_second"], *told["timings"], *told["reload"], *told["ocsp"]):
        assert f"`{name}`" in described, f"{name} is not in the README"


def test_json_goes_on_line_by_line(watched):
    with subprocess.Popen([gateways.BINARY, "top", "--socket", stats.path_of(watched), "--json", *PERIOD],
                          stdout=subprocess.PIPE, text=True) as process:
        looks = [json.loads(process.stdout.readline()) for _number in range(3)]
        process.terminate()
    assert looks[0]["time_seconds"] < looks[1]["time_seconds"] < looks[2]["time_seconds"]


@pytest.mark.parametrize("seconds", ["0", "-1", "abc", "", "1s", "nan", "inf", "0.01", "1e9"])
def test_a_wrong_interval_is_wrong_usage(watched, seconds):
    done = run_command("top", "--socket", stats.path_of(watched), "--once", f"--interval={seconds}")
    assert done.returncode == 2 and "--interval" in done.stderr


def test_nobody_there_is_told_at_once(tmp_path):
    done = run_command("top", "--socket", str(tmp_path / "none.sock"))
    assert done.returncode == 1 and "no gateway runs there" in done.stderr and done.stdout == ""
    assert run_command("top").returncode == 2


class StandIn:
    """Whoever asks at the socket is answered with the same body, whatever it is."""

    def __init__(self, path, body):
        self.path, self.body = str(path), body
        self.listening = socket.socket(socket.AF_UNIX)
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.listening.bind(self.path)
        self.listening.listen()
        self.thread.start()
        return self

    def __exit__(self, *_unused):
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listening.close()

    def serve(self):
        while True:
            try:
                sock, _address = self.listening.accept()
            except OSError:
                return
            with sock:
                sock.recv(65536)
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(self.body), self.body))


ESCAPES = "\x1b]0;taken\x07\x1b[2J\u009b31m\u202e\\"
HOSTILE = {
    "version": ESCAPES, "state": ESCAPES, "verdicts": {"success": 1, ESCAPES: 7},
    "backends": [{"name": ESCAPES, "servers": [{"address": ESCAPES, "state": ESCAPES}]}],
    "certificates": [{"role": ESCAPES, "path": f"{ESCAPES}seen.pem", "not_after_seconds": 1}],
    "ocsp": {"ocsp_failed": 1}, "ocsp_faults": {ESCAPES: 1}}


@pytest.mark.parametrize("is_ascii", [True, False])
def test_hostile_words_never_reach_the_terminal(tmp_path, is_ascii):
    body = json.dumps(HOSTILE, ensure_ascii=is_ascii).encode()
    arguments = [gateways.BINARY, "top", "--socket", str(tmp_path / "s.sock")]
    with StandIn(tmp_path / "s.sock", body), Terminal([*arguments, *PERIOD], columns=160) as terminal:
        page = terminal.until_shows("seen.pem")
        assert all(line.isprintable() for line in page)
        for part in (b"\x1b]", b"\x07", b"\x1b[2J\xc2", b"\xc2\x9b", b"\xe2\x80\xae"):
            assert part not in terminal.shown
        terminal.press(b"q")
        assert terminal.end() == 0
    (tmp_path / "s.sock").unlink()
    with StandIn(tmp_path / "s.sock", body):
        done = run_command(*arguments[1:], "--once", "--json", *PERIOD)
    assert done.returncode == 0 and done.stdout.isascii() and done.stdout.rstrip("\n").isprintable()
    assert json.loads(done.stdout)["certificates"][0]["path"] == f"{ESCAPES}seen.pem"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"{}" * 10, b'{"timings": {"request": {"counts": [1e999]}}}x'])
def test_who_tells_no_figures_is_found_out(tmp_path, body):
    with StandIn(tmp_path / "s.sock", body):
        done = run_command("top", "--socket", str(tmp_path / "s.sock"))
    assert done.returncode == 1 and "is that a gateway?" in done.stderr


def test_a_server_that_is_down_stands_out(tmp_path):
    servers = [{"address": "10.0.0.1:80", "state": "up"}, {"address": "10.0.0.2:80", "up": False},
               {"address": "10.0.0.3:80", "state": "ejected"}]
    body = json.dumps({"backends": [{"name": "app", "servers": servers}]}).encode()
    with StandIn(tmp_path / "s.sock", body), Terminal([gateways.BINARY, "top", "--socket", str(tmp_path / "s.sock")]) as terminal:
        page = terminal.until_shows("10.0.0.3:80")
        lines = [line for line in page if "10.0.0." in line]
        assert [line.split()[-1] for line in lines] == ["up", "down", "ejected"]
        assert b"\x1b[0;1;31m down" in terminal.shown and b"\x1b[0;32m up" in terminal.shown
        terminal.press(b"q")
        terminal.end()
