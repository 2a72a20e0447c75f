"""Backends, rewrite rules, timeouts and ticket keys of the new configuration, from the next request on."""

import base64

import pytest

from support import client as clients
from support import resuming, wait
from support.reloading import changed, refuse, reload

versions = pytest.mark.parametrize("version", ["1.2", "1.3"])


def test_a_server_is_exchanged(start_sections, backends, pki):
    """What is in progress ends at the old one, what comes goes to the new one; what was kept idle is closed."""
    old, new = backends(), backends()
    gateway, sections = start_sections(old)
    with clients.connect(gateway.port, pki, "good") as idle, clients.connect(gateway.port, pki, "good") as busy:
        assert idle.request().status == 200
        busy.start(target="/wait/busy")
        wait.until(lambda: old.sent_to("/wait/busy"), "the request")
        reload(gateway, changed(sections, "backend app", server=[new.address]))
        for number in range(10):
            assert idle.request(target=f"/new/{number}").status == 200
        old.gate.set()
        assert busy.response().status == 200 and gateway.record(requestUri="/wait/busy")["serverRouted"] == old.address
        assert busy.request(target="/new/10").status == 200
    assert len([request for request in new.requests if request.target.startswith("/new/")]) == 11
    assert not [request for request in old.requests if request.target.startswith("/new/")]
    wait.until(lambda: not old.open, "the end of all connections to the old server")


def test_a_server_is_added_and_taken_away(start_sections, backends, pki):
    first, second = backends(), backends()
    gateway, sections = start_sections(first, gateway={"workers": "1"})
    both = changed(sections, "backend app", server=[first.address, second.address])
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, both)
        assert [client.request().status for _turn in range(6)] == [200] * 6
        assert len(second.requests) == 3
        reload(gateway, sections)
        assert [client.request().status for _turn in range(6)] == [200] * 6
    assert len(second.requests) == 3 and first.connections == 1


def test_a_retry_of_a_request_that_began_before_ends_where_it_began(start_sections, backends, pki):
    """Its server is gone, and so is its place in the configuration."""
    old, new = backends(), backends()
    gateway, sections = start_sections(old)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/cut")
        wait.until(lambda: old.sent_to("/wait/cut"), "the request")
        reload(gateway, changed(sections, "backend app", server=[new.address]))
        old.stop_listening()
        old.close_idle()
        assert client.response().status == 502
        assert client.request().status == 200
    old.gate.set()


def test_rewrite_rules(start_sections, backend, pki):
    rule = {"request_header": "X-Rule: first", "response_header": "X-Answer: first"}
    gateway, sections = start_sections(backend, rewrite=rule)
    with clients.connect(gateway.port, pki, "good") as client:
        for word in ("first", "second", "third {var_client_certificate_subject}"):
            reload(gateway, changed(sections, "rewrite rules", request_header=f"X-Rule: {word}",
                                    response_header=f"X-Answer: {word.split()[0]}"))
            target = f"/rule/{word.split()[0]}"
            assert client.request(target=target).get("x-answer") == word.split()[0]
            told = backend.sent_to(target)[0].get("x-rule")
            assert told.startswith(word.split()[0]) and "{" not in told


def test_an_answer_in_progress_keeps_its_rules(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server, rewrite={"response_header": "X-Answer: old"})
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/rules")
        wait.until(lambda: server.sent_to("/wait/rules"), "the request")
        reload(gateway, changed(sections, "rewrite rules", response_header="X-Answer: new"))
        server.gate.set()
        assert client.response().get("x-answer") == "old"
        assert client.request().get("x-answer") == "new"


def test_a_backends_timeout(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, changed(sections, "backend app", request_timeout="300ms"))
        with wait.Stopwatch() as watch:
            assert client.request(target="/wait/late").status == 504
        assert watch.seconds < 5
    server.gate.set()


def test_the_idle_time_of_clients(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        reload(gateway, changed(sections, "gateway", keepalive_timeout="300ms"))
        assert client.request().status == 200
        with wait.Stopwatch() as watch:
            assert client.is_ended()
        assert watch.seconds < 5


# ------------------------------------------------------------------------------------------ ticket keys


def write_keys(path, *numbers):
    path.write_bytes(b"".join(base64.b64encode(bytes([number]) * 31 + b"k") + b"\n" for number in numbers))
    path.chmod(0o600)


@versions
def test_the_keys_in_their_file_change(start_sections, backend, pki, tmp_path, version):
    path = tmp_path / "keys"
    write_keys(path, 1)
    gateway, sections = start_sections(backend, gateway={"ticket_key_file": str(path)})
    returner = resuming.Returner(pki, gateway.port, version=version)
    of_first = returner.first_visit().session
    returner.expect(is_resumed=True)
    # Both open, the new one seals.
    write_keys(path, 2, 1)
    reload(gateway, sections)
    returner.expect(is_resumed=True, session=of_first)
    of_second = returner.first_visit().session
    # The old one opens nothing any more.
    write_keys(path, 2)
    reload(gateway, sections)
    returner.expect(is_resumed=False, session=of_first)
    returner.expect(is_resumed=True, session=of_second)
    # A file that is no good changes nothing.
    path.write_bytes(b"rubbish\n")
    refuse(gateway, sections, f"{path}:1: expected 32 bytes")
    returner.expect(is_resumed=True, session=of_second)


@versions
def test_keys_of_a_file_come_and_go(start_sections, backend, pki, tmp_path, version):
    path = tmp_path / "keys"
    write_keys(path, 1)
    gateway, sections = start_sections(backend)
    returner = resuming.Returner(pki, gateway.port, version=version)
    of_chance = returner.first_visit().session
    reload(gateway, changed(sections, "gateway", ticket_key_file=str(path)))
    returner.expect(is_resumed=False, session=of_chance)
    of_file = returner.first_visit().session
    returner.expect(is_resumed=True, session=of_file)
    reload(gateway, sections)
    returner.expect(is_resumed=False, session=of_file)
    # Keys that were dropped once do not come back.
    returner.expect(is_resumed=False, session=of_chance)
    of_chance = returner.first_visit().session
    reload(gateway, sections)
    returner.expect(is_resumed=True, session=of_chance)
