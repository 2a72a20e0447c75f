"""The manual and the program say the same, both ways: metrics with their types and labels, fields and words of the access
log, paths of the stats socket, exit statuses, commands and settings; so do the README, the dashboard and the alert rules."""

import json
import os
import re
import socket

import pytest

from support import client as clients
from support import edge, manual, monitoring, ports, stats, wait
from support.authority import ROOT
from support.gateway import run_command
from support.monitoring import text_of
from support.programs import run

README, CONFIG = os.path.join(ROOT, "README.md"), os.path.join(ROOT, "config")


@pytest.fixture(scope="module")
def sallyport():
    return manual.page("sallyport")


# ------------------------------------------------------------------------------------------ metrics


def scraped_families(body):
    """{family: (type, labels of its samples)}; a bound is no label."""
    kinds = dict(re.findall(r"^# TYPE (\S+) (\w+)$", body, re.M))
    helped = set(re.findall(r"^# HELP (\S+) \S", body, re.M))
    assert helped == set(kinds)
    found = {family: (kind, set()) for family, kind in kinds.items()}
    for name, labels in re.findall(r"^([a-z_]+)(\{.*\})? \S+$", body, re.M):
        family = name if name in kinds else re.sub(r"_(bucket|sum|count)$", "", name)
        found[family][1].update(set(stats.labels_of(labels)) - {"le"})
    return {family: (kind, frozenset(labels)) for family, (kind, labels) in found.items()}


def scrape(gateway):
    stats.until_ready(gateway)
    status, _head, body = stats.ask(gateway, "/metrics")
    assert status == 200
    return body


@pytest.fixture(scope="module")
def idle_scrape(shared_gateway):
    return scrape(shared_gateway)


def test_every_metric_is_in_the_manual_and_every_one_of_the_manual_is_there(idle_scrape, sallyport):
    documented, printed = manual.families(sallyport), scraped_families(idle_scrape)
    assert set(documented) == set(printed)
    for family, (kind, labels) in printed.items():
        # What a family has samples of in this configuration; without one only its type is known.
        assert documented[family][0] == kind, family
        assert labels in (documented[family][1], frozenset()), family


def test_every_word_of_a_label_is_in_the_manual(idle_scrape, sallyport):
    words = manual.items(manual.section(sallyport, "WORDS"))
    for label in "reason", "cause", "fault":
        used = set(re.findall(rf'[{{,]{label}="(\w+)"', idle_scrape))
        assert used and used - {"other"} <= set(words), used - set(words)


def test_all_workers_figures_are_there_before_anybody_has_come(start, backends):
    """From the first scrape that is answered on, ready or not, the series are the same."""
    gateway = start(backends(), gateway={"workers": 2})
    first = wait.until(lambda: stats.try_metrics(gateway), "the first scrape")
    stats.until_ready(gateway)
    assert set(stats.metrics(gateway)) == set(first)
    assert stats.total(first, "request_seconds_count") == 0 and stats.total(first, "verdicts_total") == 0


OF_PROMETHEUS = {"instance", "job"}


def test_alert_rules_and_dashboard_ask_only_for_what_a_scrape_has(idle_scrape):
    printed = scraped_families(idle_scrape)
    asked = list(monitoring.expressions())
    assert len(asked) > 30
    for expression in asked:
        known = set(OF_PROMETHEUS)
        for name, labels in monitoring.selectors(expression):
            family = name if name in printed else re.sub(r"_(bucket|sum|count)$", "", name)
            assert family in printed, f"{name} in {expression}"
            assert (name == family) == (printed[family][0] != "histogram"), name
            known |= printed[family][1] | ({"le"} if name.endswith("_bucket") else set())
            assert labels <= known, f"{labels - known} of {name} in {expression}"
        assert monitoring.grouped_by(expression) <= known, expression


def test_values_of_labels_that_alert_rules_name_are_there(idle_scrape):
    for expression in monitoring.expressions():
        for label, values in re.findall(r'(reason|cause|class|kind|fault)[!=]~?"([^"$]+)"', expression):
            for value in values.split("|"):
                assert f'{label}="{value}"' in idle_scrape, f"{label}={value} in {expression}"


# --------------------------------------------------------------------------------------- access log


def refused_connection():
    """An address where nobody listens."""
    return f"127.0.0.1:{ports.free_port()}"


def report_only(pki):
    port = ports.free_port()
    return port, [edge.profile_section(pki, "report", verify_client_auth_mode="passthrough", report="on",
                                       trusted_client_ca=pki.file("root")),
                  edge.listener_section(pki, "report", port, ssl_profile="report", backend="nowhere"),
                  edge.backend_section(refused_connection(), "nowhere")]


def send_plain(port, octets):
    with clients.Client(clients.connect_plain(port)) as client:
        client.send(octets)
        client.rest()


def break_off(port):
    with clients.connect_plain(port) as sock:
        sock.sendall(b"\x16\x03\x01\x02\x00\x01")
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass


# Requests by what becomes of them: (certificate, method, target, fields).
REQUESTS = [
    ("good", "GET", "/hello", ()),
    ("expired", "GET", "/expired", ()),
    (None, "GET", "/none", ()),
    ("good", "TRACE", "/trace", ()),
    ("good", "GET", "no-slash", ()),
    ("good", "GET", "/" + "x" * 40000, ()),
    ("good", "GET", "/fields", (("X-Long", "y" * 40000),)),
    ("good", "GET", "/expect", (("Expect", "something"),)),
    ("good", "POST", "/coding", (("Transfer-Encoding", "gzip, chunked"),)),
]


@pytest.fixture(scope="module")
def records(tmp_path_factory, pki, backend):
    """What a gateway logs of clients of many kinds."""
    report_port, more = report_only(pki)
    folder = tmp_path_factory.mktemp("logged")
    gateway = edge.start(folder, edge.edge_sections(str(folder), pki, backend, more=more))
    for certificate, method, target, fields in REQUESTS:
        clients.ask(gateway.port, pki, certificate, method, target, fields)
    for certificate in "good", "expired":
        assert clients.ask(report_port, pki, certificate).status == 502
    send_plain(gateway.port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    send_plain(gateway.port, b"SSH-2.0-OpenSSH_9.2\r\n")
    break_off(gateway.port)
    count = len(REQUESTS) + 5
    wait.until(lambda: len(gateway.records()) == count, f"{count} records")
    yield gateway.records()
    client_count = gateway.counters()["connections_accepted"]
    assert client_count == count
    gateway.stop()


def test_every_field_of_the_log_is_in_the_manual_and_every_one_of_the_manual_is_there(records, sallyport):
    documented = set(manual.items(manual.section(sallyport, "ACCESS LOG")))
    assert set().union(*records) == documented


def test_every_reason_of_the_log_is_in_the_manual(records, sallyport):
    words = manual.section(sallyport, "WORDS")
    documented = set(manual.items(words)) | manual.quoted(words)
    reasons = {record["reason"] for record in records} | {record.get("wouldRefuse", "") for record in records}
    assert len(reasons) > 8 and reasons - {""} <= documented, reasons - documented


def test_fields_that_need_something_come_when_the_manual_says_so(records):
    for record in records:
        assert ("wouldRefuse" in record) == (record["listenerName"] == "report")
        assert ("transactionId" in record) == ("httpMethod" in record), "of a handshake that failed"


# ------------------------------------------------------------------- paths, exit statuses, commands


def test_every_path_of_the_stats_socket_is_in_the_manual_and_the_readme(gateway, sallyport):
    stats.until_ready(gateway)
    documented = {tuple(word.split()) for word in manual.items(manual.section(sallyport, "STATS SOCKET"))}
    for method, path in documented:
        assert stats.ask(gateway, path, {"GET": "POST", "POST": "GET"}[method])[0] == 405, path
        if method == "GET":
            assert stats.ask(gateway, path)[0] == 200, path
    # Who asks for what is not there is told all that is.
    status, _head, listed = stats.ask(gateway, "/no-such-path")
    assert status == 404
    assert {tuple(row) for row in re.findall(r"^(GET|POST) +(/\S*) ", listed, re.M)} == documented
    readme = text_of(README)
    table = re.search(r"^\| path \| tells \|\n(.*?)\n\n", readme, re.M | re.S).group(1)
    told = {path for cell in re.findall(r"^\| (.*?) \| ", table, re.M) for path in re.findall(r"`(?:GET |POST )?(/[\w/]*)", cell)}
    assert told == {path for _method, path in documented}


STATUSES = {
    0: (("version",), ("manual", "sallyport"), ("config", "reference"), ("--help",)),
    1: (("check", "-c", "/no/such/file"), ("run", "-c", "/no/such/file"), ("status", "--socket", "/no/such/socket"),
        ("reload", "--socket", "/no/such/socket"), ("drain", "--socket", "/no/such/socket")),
    2: ((), ("no-such-command",), ("check", "--no-such-option"), ("manual", "nginx"), ("status",)),
}


def test_exit_statuses_are_those_of_the_manual(sallyport):
    assert {int(word) for word in manual.items(manual.section(sallyport, "EXIT STATUS"))} == set(STATUSES)
    for status, lines in STATUSES.items():
        for arguments in lines:
            done = run_command(*arguments)
            assert done.returncode == status, (arguments, done.output)
            assert status == 0 or done.stderr, arguments


def test_exit_statuses_of_the_load_tool_are_those_of_its_manual():
    documented = manual.items(manual.section(manual.page("sallyport-load"), "EXIT STATUS"))
    assert set(documented) == {"0", "1", "2"}
    tool = os.path.join(os.path.dirname(manual.BINARY), "sallyport-load")
    nobody = f"https://127.0.0.1:{ports.free_port()}/"
    for status, arguments in (0, ["--version"]), (1, ["request", "-d", "100ms", nobody]), (2, ["--no-such-option"]), (2, []):
        assert run(tool, *arguments).returncode == status, arguments


def test_every_option_of_the_load_tool_is_in_its_manual_and_the_other_way_round():
    tool = os.path.join(os.path.dirname(manual.BINARY), "sallyport-load")
    told = set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*)", run(tool, "--help").stdout))
    described = set(re.findall(r"(?<![\w-])(--[a-z][a-z0-9-]*)", manual.plain(manual.page("sallyport-load"))))
    assert len(told) > 20 and told == described


def test_every_setting_of_the_manual_is_one_that_there_is():
    reference = json.loads(run_command("config", "reference", "--json").stdout)
    known = {row["key"] for row in reference["settings"]}
    shown = manual.section(manual.page("sallyport.conf"), "SETTINGS")
    assert {word for word, rest in manual.items(shown).items() if rest.startswith("=")} == known


def shipped_files():
    yield README
    for folder, _folders, names in os.walk(CONFIG):
        yield from (os.path.join(folder, name) for name in names)


def test_every_command_that_is_named_anywhere_is_one_that_there_is():
    known = set(re.findall(r"^  (\S+) +\S", run_command("--help").stdout, re.M))
    named = set()
    for path in shipped_files():
        named |= set(re.findall(r"(?:`|\$ |/sbin/|build/|^)sallyport ([a-z]+)\b", text_of(path), re.M))
    assert len(named) > 5 and named <= known, named - known


def test_every_file_that_the_readme_names_is_there():
    named = set(re.findall(r"`((?:src|include|bench|tests|tools|config)/[\w./*-]+)`", text_of(README)))
    assert len(named) > 15
    for path in named:
        assert "*" in path or os.path.exists(os.path.join(ROOT, path)), path
