"""Whatever is wrong with the new configuration: the old one stays whole, the mistake is named, a later reload is fine. D2, D3."""

import os
import re
import signal
import socket

import pytest

from support import client as clients
from support import edge, launch, ports, wait
from support.gateway import ini_text
from support.mistakes import MISTAKES, PROFILE
from support.reloading import STAYS, ask, changed, refuse, reload, write

@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_leaves_the_old_configuration_whole(start_sections, backend, pki, tmp_path, mistake):
    gateway, sections = start_sections(backend)
    change, words = MISTAKES[mistake](pki, tmp_path)
    more = edge.listener_section(pki, "more", ports.free_port())
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        said = refuse(gateway, change(sections) + [more], *words)
        # The line of the configuration, or that of the file which it names.
        assert re.search(r"\.(ini|pem|key):\d+: error: |\.(ini|pem|key): error: ", said), said
        assert not ports.is_listening(int(more[1]["address"].rpartition(":")[2]))
        assert client.request().status == 200
        assert clients.ask(gateway.port, pki, "good").status == 200
        assert clients.ask(gateway.port, pki, "stranger").status == 400
        reload(gateway, sections + [more])
        assert client.request().status == 200
    assert clients.ask(int(more[1]["address"].rpartition(":")[2]), pki, "good").status == 200


@pytest.mark.parametrize("text, word", [("[gateway\n", "gateway.ini:1"), ("", "gateway.ini"), ("\0\xff\n", "gateway.ini:1"),
                                        ("= 1\n", "gateway.ini:1"), ("[listener x]\n" * 3, "gateway.ini")])
def test_a_file_that_is_no_configuration(start_sections, backend, pki, text, word):
    gateway, sections = start_sections(backend)
    refuse(gateway, text, word)
    assert clients.ask(gateway.port, pki, "good").status == 200
    reload(gateway, sections)


def test_a_file_that_is_gone_or_a_folder(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    os.unlink(gateway.config)
    assert STAYS in ask(gateway)
    os.mkdir(gateway.config)
    assert STAYS in ask(gateway)
    os.rmdir(gateway.config)
    assert clients.ask(gateway.port, pki, "good").status == 200
    reload(gateway, sections)


def test_an_expired_ca_is_warned_of_and_trusted_by_nobody(start_sections, backend, pki):
    """Not an error, as at the start: with --strict alone."""
    gateway, sections = start_sections(backend)
    plan = type(pki.folder.plan("good"))
    pki.folder.make("expired-root", plan(subject="/O=Old/CN=Old Root CA", authority=True, key_usage=["keyCertSign"],
                                         starts_days=-20, ends_days=-10))
    said = reload(gateway, changed(sections, PROFILE, trusted_client_ca=[pki.file("root"), pki.file("expired-root")]))
    assert "warning:" in said and "expired" in said
    assert clients.ask(gateway.port, pki, "good").status == 200


def test_what_needs_a_restart_is_said_and_the_rest_applied(start_sections, backend, pki):
    gateway, sections = start_sections(backend, gateway={"workers": "2"})
    other = changed(sections, "gateway", workers="3", max_connections="77", session_tickets="off",
                    ocsp_max_inflight="17")
    other = changed(other, PROFILE, trusted_client_ca=pki.file("stranger-root"))
    # As long as it is so, at each reload; by what is in use, not by what was last wished for.
    for _turn in range(2):
        said = reload(gateway, other)
        for line in ("workers = 3: takes effect after a restart; until then it is 2",
                     "max_connections = 77: takes effect after a restart; until then it is 10000",
                     "session_tickets = off: takes effect after a restart; until then it is on",
                     "ocsp_max_inflight = 17"):
            assert line in said, (line, said)
        assert clients.ask(gateway.port, pki, "stranger").status == 200
    assert "takes effect after" not in reload(gateway, sections)
    assert clients.ask(gateway.port, pki, "good").status == 200


def test_one_signal_after_another_is_one_reload_at_least(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    write(gateway, ini_text(changed(sections, PROFILE, trusted_client_ca=pki.file("stranger-root"))))
    for _turn in range(50):
        gateway.signal(signal.SIGHUP)
    wait.until(lambda: clients.ask(gateway.port, pki, "stranger").status == 200, "the new trust")
    assert STAYS not in ask(gateway)


# -------------------------------------------------------------------------------------------- stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_stopping_while_reloads_are_asked_for(start_sections, backend, pki, number):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        for _turn in range(5):
            gateway.signal(signal.SIGHUP)
        gateway.signal(number)
        for _turn in range(5):
            try:
                gateway.signal(signal.SIGHUP)
            except ProcessLookupError:
                break
        assert gateway.wait_for_exit() == 0
    assert sections


def test_a_reload_while_the_gateway_drains_is_none(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/drain")
        wait.until(lambda: server.sent_to("/wait/drain"), "the request")
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: "draining" in gateway.stderr(), "the drain")
        write(gateway, ini_text(changed(sections, PROFILE, trusted_client_ca=pki.file("stranger-root"))))
        gateway.signal(signal.SIGHUP)
        wait.until(lambda: "not reloaded: the gateway is stopping" in gateway.stderr(), "the refusal")
        server.gate.set()
        assert client.response().status == 200
        assert gateway.wait_for_exit() == 0


# ------------------------------------------------------------------------------------------ exhaustion


def test_at_the_limit_of_descriptors_it_is_all_or_nothing(start_sections, backend, pki, tmp_path, monkeypatch):
    """D3. Every descriptor is taken, and now and then one or two are free: a reload that wants many more fails whole."""
    launch.through(monkeypatch, tmp_path, "ulimit -n 96", launch.preload("generous_limit"))
    gateway, sections = start_sections(backend, gateway={"handshake_timeout": "60s"})
    inside = clients.connect(gateway.port, pki, "good")
    assert inside.request().status == 200
    more = [edge.listener_section(pki, f"more-{number}", ports.free_port()) for number in range(3)]
    more_ports = [int(each[1]["address"].rpartition(":")[2]) for each in more]
    crowd = []
    wait.until(lambda: press(gateway, crowd), "exhaustion")
    for _turn in range(12):
        held = gateway.descriptors()
        said = refuse_or_reload(gateway, sections + more)
        if STAYS not in said:
            break
        assert not [port for port in more_ports if ports.is_listening(port)], said
        assert inside.request().status == 200
        # No reload keeps anything: what is free is taken by the crowd, and nothing else.
        assert gateway.descriptors() <= max(held, 96)
        for sock in crowd[:2]:
            sock.close()
        del crowd[:2]
    for sock in crowd:
        sock.close()
    wait.until(lambda: gateway.counters()["connections_open"] <= 1, "the end of the crowd")
    reload(gateway, sections + more)
    for port in more_ports:
        assert clients.ask(port, pki, "good").status == 200
    reload(gateway, sections)
    assert inside.request().status == 200
    assert not [port for port in more_ports if ports.is_listening(port)]


def press(gateway, crowd):
    for _turn in range(10):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", gateway.port))
        crowd.append(sock)
    for sock in crowd:
        try:
            sock.send(b"\x16")
        except OSError:
            pass
    return gateway.descriptors() >= 95


def refuse_or_reload(gateway, sections):
    write(gateway, ini_text(sections))
    return ask(gateway)
