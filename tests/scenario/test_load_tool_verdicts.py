"""sallyport-load says what went wrong: errors by kind, limits, exit statuses, servers that fail or wait."""

import html.parser
import json
import signal
import subprocess

import pytest

from support import browser, load_tool, ports
from support.load_tool import identity, load

COUNT = 30


# ------------------------------------------------------------------------------------------ errors by kind


@pytest.mark.parametrize("certificate", ["expired", "stranger", "self-signed", None])
def test_a_refused_certificate_is_an_error_and_no_success(gateway, pki, certificate):
    who = identity(pki, certificate) if certificate else []
    result = load("handshake", gateway, "-n", COUNT, *who)
    assert result.status == 1 and result.json["operations"] == 0, result
    assert result.errors() == {"http_400": COUNT}, result
    text = load_tool.run("handshake", "-n", COUNT, "--quiet", *who, load_tool.url(gateway)).text
    assert "http_400" in text and "no operation succeeded" in text, text


def test_a_refusal_may_be_what_is_measured(gateway):
    result = load("handshake", gateway, "-n", COUNT, "--expect", 400)
    assert result.status == 0 and result.json["operations"] == COUNT and result.errors() == {}, result


@pytest.mark.parametrize("status, kind", [(404, "http_4xx"), (503, "http_5xx"), (302, "http_other")])
def test_statuses_are_kinds_of_errors(gateway, pki, status, kind):
    result = load("request", gateway, "-n", COUNT, *identity(pki), path=f"/status/{status}")
    assert result.status == 1 and result.errors() == {kind: COUNT}, result
    assert result.json["errors"][kind]["example"] == f"status {status}"


def test_nobody_listening_is_said_at_once():
    result = load_tool.run("handshake", "-d", "5s", f"https://127.0.0.1:{ports.free_port()}/")
    assert result.status == 1 and result.text == "" and "nobody listens there" in result.complaint, result


def test_a_server_without_tls_is_said_at_once(backend):
    result = load_tool.run("handshake", "-d", "5s", f"https://{backend.address}/", "--timeout", "1s")
    assert result.status == 1 and result.text == "" and "127.0.0.1" in result.complaint, result


def test_a_server_that_dies_is_told(start, backend, pki):
    gateway = start(backend)
    with subprocess.Popen([load_tool.PROGRAM, "request", "--json", "-q", "-d", "3s", "--warmup", "0", *identity(pki),
                           load_tool.url(gateway)], stdout=subprocess.PIPE, text=True) as process:
        gateway.record(requestUri="/status/200")
        gateway.signal(signal.SIGQUIT)
        gateway.wait_for_exit()
        result = json.loads(process.stdout.read())
    kinds = set(result["errors"])
    assert "connect_refused" in kinds and kinds <= {"connect_refused", "reset", "closed"}, result["errors"]


def test_a_backend_that_never_answers_is_a_timeout(start, backends, pki):
    backend = backends()
    gateway = start(backend)
    result = load("request", gateway, "-n", 4, "--timeout", "300ms", *identity(pki), path="/wait")
    backend.gate.set()
    assert result.status == 1 and result.complaint and "longer than --timeout" in result.complaint, result


def close_halfway(conversation):
    while conversation.read_request():
        conversation.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        conversation.backend.closed = True
        return


def test_an_answer_that_ends_early_is_an_error(start, backends, pki):
    gateway = start(backends(close_halfway))
    result = load("request", gateway, "-n", COUNT, *identity(pki))
    assert result.status == 1 and result.json["operations"] == 0 and set(result.errors()) <= {"closed", "reset"}, result


# ------------------------------------------------------------------------------------------ open loop


def test_an_open_loop_keeps_its_rate(gateway, pki):
    result = load("request", gateway, "--rate", 200, "-c", 4, "-d", "1s", "--warmup", "200ms", *identity(pki))
    assert result.status == 0 and result.errors() == {}, result
    assert abs(result.json["operations"] + result.json["late"] - 200) <= 2, result


def stall_once(conversation):
    """The tenth request waits for a second, and all others behind it with this one connection."""
    while conversation.read_request():
        conversation.backend.served = getattr(conversation.backend, "served", 0) + 1
        if conversation.backend.served == 10:
            conversation.pause(1)
        conversation.answer(b"late")


def test_a_stall_is_felt_by_all_that_should_have_begun_meanwhile(start, backends, pki):
    """A closed loop would count one slow operation; with twenty a second about twenty were kept waiting."""
    gateway = start(backends(stall_once))
    result = load("request", gateway, "--rate", 20, "-c", 1, "-d", "3s", "--warmup", "0", *identity(pki))
    assert result.status == 0 and result.errors() == {}, result
    assert abs(result.json["operations"] + result.json["late"] - 60) <= 2, result
    assert result.measure("latency_max_us") > 900_000
    assert result.measure("latency_p90_us") > 500_000 > result.measure("latency_p50_us"), result


def stop_after_ten(conversation):
    while conversation.read_request():
        conversation.backend.served = getattr(conversation.backend, "served", 0) + 1
        if conversation.backend.served > 10:
            conversation.backend.gate.wait(20)
        conversation.answer()


def test_what_could_not_begin_is_no_success(start, backends, pki):
    backend = backends(stop_after_ten)
    gateway = start(backend)
    result = load("request", gateway, "--rate", 50, "-c", 1, "-d", "1s", "--warmup", "0", "--timeout", "500ms",
                  *identity(pki))
    backend.gate.set()
    counted = result.json["operations"] + result.json["late"] + sum(result.errors().values())
    assert 48 <= counted <= 52 and set(result.errors()) <= {"timeout", "unfinished", "http_5xx", "closed"}, result
    assert result.errors()["timeout"] >= 1 and result.errors()["unfinished"] > 10, result
    assert result.measure("latency_p90_us") > 500_000, result


def test_what_timed_out_is_in_the_latency_of_a_closed_loop(start, backends, pki):
    backend = backends(stop_after_ten)
    gateway = start(backend)
    result = load("request", gateway, "-n", 12, "-c", 1, "--timeout", "500ms", "--max-p99", "400ms", *identity(pki))
    backend.gate.set()
    # The first of the ten is the one that is tried before the run.
    assert result.status == 1 and result.errors() == {"timeout": 3} and result.json["operations"] == 9, result
    assert result.measure("latency_max_us") >= 500_000 > result.measure("latency_p50_us"), result


# ------------------------------------------------------------------------------------------ limits


def test_limits_that_are_kept_are_fine(gateway, pki):
    result = load("request", gateway, "-n", COUNT, "--max-p50", "20s", "--max-p99", "20s", "--min-rate", 1,
                  "--max-errors", 0, *identity(pki))
    assert result.status == 0 and all(limit["kept"] for limit in result.json["limits"]), result
    assert len(result.json["limits"]) == 4


@pytest.mark.parametrize("limit, value", [("max-p50", "1us"), ("max-p90", "1us"), ("max-p99", "1us"), ("max-p999", "1us"),
                                          ("max-latency", "1us"), ("min-rate", "1m"), ("max-cpu", "1ns")])
def test_a_limit_that_is_missed_is_status_1(gateway, pki, limit, value):
    result = load("request", gateway, "-n", COUNT, f"--{limit}", value, "--server-pid", gateway.process.pid, *identity(pki))
    assert result.status == 1 and result.json["operations"] == COUNT, result
    assert [(found["option"], found["kept"]) for found in result.json["limits"]] == [(limit, False)]


def test_errors_within_the_limit_are_fine_when_something_succeeds(start, backends, pki):
    def every_third_fails(conversation):
        while conversation.read_request():
            conversation.backend.served = getattr(conversation.backend, "served", 0) + 1
            conversation.answer(status="500 Oh" if conversation.backend.served % 3 == 0 else "200 OK")

    gateway = start(backends(every_third_fails))
    fine = load("request", gateway, "-n", COUNT, "-c", 1, "--max-errors", 11, *identity(pki))
    assert fine.status == 0 and 9 <= fine.errors()["http_5xx"] <= 11, fine
    missed = load("request", gateway, "-n", COUNT, "-c", 1, "--max-errors", 5, *identity(pki))
    assert missed.status == 1, missed


# ------------------------------------------------------------------------------------------ wrong usage


@pytest.mark.parametrize("arguments, part", [
    ([], "the mode is missing"),
    (["handshake"], "the URL is missing"),
    (["dance", "URL"], "there is no mode 'dance'"),
    (["handshake", "http://127.0.0.1/"], "begins with https://"),
    (["handshake", "--conections", "3", "URL"], "unknown option --conections"),
    (["handshake", "-c", "none", "URL"], "expected a number"),
    (["handshake", "--cert", "/nowhere.pem", "URL"], "/nowhere.pem: No such file"),
    (["handshake", "--cert-folder", "/nowhere", "URL"], "/nowhere: No such file"),
    (["handshake", "--cacert", "/nowhere", "URL"], "--cacert /nowhere cannot be read"),
    (["handshake", "--groups", "X448", "URL"], "there is no group 'X448'"),
    (["handshake", "--suites", "NULL-MD5", "URL"], "--suites NULL-MD5 cannot be used"),
    (["handshake", "--cpus", "x", "URL"], "--cpus x"),
    (["handshake", "--source", "everywhere", "URL"], "--source everywhere"),
    (["request", "-c", "100m", "URL"], "too much"),
    (["request", "--storm", "8", "URL"], "--storm is for mix, not for request"),
    (["--compare", "a.json", "b.json", "--json"], "--json is for all modes, not for --compare"),
    (["--compare", "/nowhere.json", "/nowhere.json"], "/nowhere.json: No such file"),
])
def test_wrong_usage_is_status_2_and_said(gateway, arguments, part):
    result = load_tool.run(*[load_tool.url(gateway) if word == "URL" else word for word in arguments])
    assert result.status == 2 and result.text == "" and part in result.complaint, result
    assert result.complaint.startswith("sallyport-load: ") and result.complaint.count("\n") == 1, result


def test_a_key_of_somebody_else_is_status_2(gateway, pki, tmp_path):
    result = load("handshake", gateway, "--cert", pki.chain("good"), "--key", pki.key("expired"))
    assert result.status == 2 and "does not belong to its certificate" in result.complaint, result
    result = load("handshake", gateway, "--cert", pki.key("good"))
    assert result.status == 2 and "cannot be read as PEM" in result.complaint, result
    (tmp_path / "x").write_text("no certificate")
    result = load("handshake", gateway, "--generate", 5, "--issuer", tmp_path / "x", "--issuer-key", pki.key("root"))
    assert result.status == 2 and "expected a CA and its P-256 key" in result.complaint, result
    result = load("handshake", gateway, "--cert-folder", tmp_path)
    assert result.status == 2 and "no NAME.key" in result.complaint, result


def test_help_and_version():
    result = load_tool.run("--help")
    assert result.status == 0 and "Usage: sallyport-load MODE" in result.text and "--max-p99 T" in result.text
    assert max(map(len, result.text.split("\n"))) < 140
    result = load_tool.run("--version")
    assert result.status == 0 and result.text.startswith("sallyport-load ")


# ------------------------------------------------------------------------------------------ reports


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_reports_are_written_beside_the_text(gateway, pki, tmp_path):
    result = load_tool.run("request", "-n", 200, "--label", "a <b> & c", f"--json={tmp_path}/out.json", "--hgrm",
                           tmp_path / "out.hgrm", "--html", tmp_path / "out.html", *identity(pki), load_tool.url(gateway))
    assert result.status == 0 and "operations a second" in result.text, result
    assert json.loads((tmp_path / "out.json").read_text())["label"] == "a <b> & c"
    tags = Tags()
    page = (tmp_path / "out.html").read_text()
    tags.feed(page)
    assert tags.open == [] and tags.seen.count("svg") == 2 and "a &lt;b&gt; &amp; c" in page
    lines = (tmp_path / "out.hgrm").read_text().splitlines()
    rows = [list(map(float, line.split())) for line in lines[2:] if not line.startswith("#")]
    assert rows == sorted(rows) and rows[-1][1:3] == [1.0, 200.0]


def test_a_browser_shows_the_page(gateway, pki, tmp_path):
    page, picture = tmp_path / "out.html", tmp_path / "out.png"
    load_tool.run("request", "-n", 200, "--html", page, *identity(pki), load_tool.url(gateway))
    browser.run(tmp_path, f"--screenshot={picture}", "--window-size=1000,1200", f"file://{page}")
    assert picture.stat().st_size > 20_000


def test_a_report_that_cannot_be_written_is_told(gateway, pki, tmp_path):
    result = load_tool.run("request", "-n", 5, "--html", tmp_path / "nowhere" / "x.html", *identity(pki),
                           load_tool.url(gateway))
    assert result.status == 1 and "No such file" in result.complaint, result


def test_two_results_are_compared(gateway, pki, tmp_path):
    for name in ("a", "b"):
        load_tool.run("request", "-n", 100, f"--json={tmp_path}/{name}.json", "--label", name, *identity(pki),
                      load_tool.url(gateway))
    same = load_tool.run("--compare", tmp_path / "a.json", tmp_path / "a.json", "--max-regression", 0)
    assert same.status == 0 and "operations a second" in same.text and "1.00" in same.text, same
    worse = json.loads((tmp_path / "b.json").read_text())
    worse["measures"]["rate"] = worse["measures"]["rate"] / 100
    (tmp_path / "b.json").write_text(json.dumps(worse))
    result = load_tool.run("--compare", tmp_path / "a.json", tmp_path / "b.json", "--max-regression", 1000)
    assert result.status == 1 and "worse" in result.text, result
    assert load_tool.run("--compare", tmp_path / "a.json", tmp_path / "b.json").status == 0
    (tmp_path / "b.json").write_text("{}")
    result = load_tool.run("--compare", tmp_path / "a.json", tmp_path / "b.json")
    assert result.status == 2 and "not a result" in result.complaint, result
