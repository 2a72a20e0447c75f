"""The gateway's own certificates are stapled: to whom asks, while the answer is good and of now, and without any delay."""

import signal

import pytest

from support import edge, launch, ocsp_answer, ports, programs, stapling, wait
from support.gateway import ini_text, run_command
from support.moved_clock import MovedClock
from support.ocsp_openssl import OpensslResponder
from support.ocsp_responder import Responder
from support.revocable import Revocable

QUICK_SECONDS = 4.5     # for a handshake of openssl, start of the program included; who waits for a responder waits for 5 or 10
ANNOUNCED = 'server extension "status request"'

versions = pytest.mark.parametrize("version", ["1.2", "1.3"])


def servers_of(pki):
    """Leaf and issuer in one file, as server certificates come."""
    pki.server("server-rsa", key="rsa2048")
    for name in ("server", "server-rsa"):
        pki.folder.write(name, "-chain.pem", pki.folder.read(name) + pki.folder.read("server-root"))


@pytest.fixture(scope="module", name="world")
def one_world(tmp_path_factory):
    with Responder() as responder:
        pki = responder.serve(Revocable(tmp_path_factory.mktemp("revocable"), responder.url))
        servers_of(pki)
        yield responder
        assert not responder.failures, responder.failures


@pytest.fixture(name="pki")
def its_pki(world):
    return world.pki


@pytest.fixture(name="responder")
def well_meant(world):
    """As it was at the beginning."""
    world.behave()
    world.usual_of.clear()
    world.statuses.pop("server", None)
    world.lifetimes = {}
    world.forget_requests()
    return world


def staple_at(responder, port, **how):
    return stapling.wait_for_staple(responder.pki, port, **how)


def staple(gateway, responder, **how):
    return staple_at(responder, gateway.port, **how)


# --------------------------------------------------------------------------------------- what is stapled


@versions
@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_the_response_for_the_certificate_that_was_chosen_is_stapled(start, backend, responder, version, kind):
    gateway = start(backend, listener={"certificates": ["server", "server-rsa"]})
    seen = staple(gateway, responder, version=version, kind=kind, options=["-tlsextdebug"])
    assert seen.status == "good" and ANNOUNCED in seen.text
    assert seen.serial == responder.pki.serial("server" if kind == "ecdsa" else "server-rsa")


@versions
def test_who_does_not_ask_gets_none(start, backend, responder, version):
    gateway = start(backend)
    staple(gateway, responder, version=version)
    seen = stapling.look(responder.pki, gateway.port, version, asks=False, options=["-tlsextdebug"])
    assert ANNOUNCED not in seen.text


@versions
def test_a_resumed_session_carries_none(start, backend, responder, tmp_path, version):
    gateway = start(backend, profile={"verify_client_auth_mode": "off"})
    session = tmp_path / "session"
    with programs.SClient(responder.pki, gateway.port, stapling.VERSIONS[version], "-status", "-sess_out", session) as peer:
        assert peer.until(r"Verify return code: 0 \(ok\)")
        peer.say("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert peer.until("HTTP/1.1 200 OK")
        wait.until(lambda: session.exists() and "END SSL SESSION" in session.read_text(), "the session, whole,")
    staple(gateway, responder, version=version)
    seen = stapling.look(responder.pki, gateway.port, version, options=["-sess_in", session, "-tlsextdebug"])
    assert seen.is_resumed and not seen.has_staple
    assert ANNOUNCED not in seen.text


@versions
def test_a_staple_as_large_as_may_be_goes_over_several_records(start, backend, responder, version):
    """Parts of the messages end at every byte of what stands around the staple; it comes whole all the same."""
    pki, listeners = responder.pki, []
    for size in [*range(15072, 15087), *range(15522, 15537)]:
        name, port = pki.server(f"large-{size}", key_of="server"), ports.free_port()
        pki.folder.write(name, "-chain.pem", pki.folder.read(name) + pki.folder.read("server-root"))
        responder.answer(certificate=name, extensions=(large(size),))
        listeners.append(edge.listener_section(pki, name, port, certificate=name))
    start(backend, more=listeners)
    for _title, settings in listeners:
        seen = staple_at(responder, int(settings["address"].rpartition(":")[2]), version=version)
        assert seen.status == "good"


@versions
def test_a_larger_one_is_left_out(start, backend, responder, version):
    responder.answer(extensions=(large(16500),))
    gateway = start(backend)
    responder.wait_for_answers(1)
    expect_fetched(gateway, "ocsp_good")
    assert not stapling.look(responder.pki, gateway.port, version).has_staple


def large(size):
    return ocsp_answer.extension("unknown", b"\x04\x82" + size.to_bytes(2, "big") + bytes(size))


def test_a_client_that_lacks_the_group_is_asked_again_and_stapled_to(start, backend, responder):
    gateway = start(backend)
    assert staple(gateway, responder, options=["-groups", "P-521:P-256"]).status == "good"


def test_curl_is_content_with_cert_status(start, backend, responder):
    gateway = start(backend)
    staple(gateway, responder)
    for version in ("--tlsv1.3", "--tls-max"):
        more = [version, "1.2"] if version == "--tls-max" else [version]
        status, _body, exit_status = programs.curl(responder.pki, gateway.port, "/", "--cert-status", *more,
                                                   certificate="good")
        assert (status, exit_status) == (200, 0)


def test_curl_misses_the_staple_where_stapling_is_off(start, backend, responder):
    gateway = start(backend, listener={"ocsp_stapling": "off"})
    _status, _body, exit_status = programs.curl(responder.pki, gateway.port, "/", "--cert-status", certificate="good")
    assert exit_status == 91        # CURLE_SSL_INVALIDCERTSTATUS
    assert not responder.requests


def test_the_issuer_may_be_a_trusted_ca_instead(start, backend, responder):
    pki = responder.pki
    bare = pki.server("server-bare")
    assert len(pki.chain_der(bare)) == 1
    gateway = start(backend, listener={"certificate": bare}, profile={
        "trusted_client_ca": [pki.file("root"), pki.file("server-root")]})
    assert staple(gateway, responder).serial == pki.serial(bare)


# ------------------------------------------------------------------------------------------ what is not


def expect_fetched(gateway, counter):
    wait.until(lambda: gateway.counters().get(counter, 0) > 0, f"counter {counter}")


@versions
@pytest.mark.parametrize("behaviour, counter", [
    ("revoked", "ocsp_revoked"), ("unknown", "ocsp_unknown"), ("try later", "ocsp_failed"), ("expired", "ocsp_failed"),
    ("expired within the skew", "ocsp_good"), ("future within the skew", "ocsp_good"), ("wrong serial", "ocsp_failed")])
def test_what_is_not_good_now_is_not_stapled(start, backend, responder, version, behaviour, counter):
    responder.behave(behaviour)
    gateway = start(backend)
    expect_fetched(gateway, counter)
    assert not stapling.look(responder.pki, gateway.port, version).has_staple


def test_a_certificate_that_is_revoked_loses_its_staple(start, backend, responder):
    responder.live(next_update=4)
    gateway = start(backend)
    staple(gateway, responder)
    responder.revoke("server")
    expect_fetched(gateway, "ocsp_revoked")
    assert not stapling.look(responder.pki, gateway.port).has_staple


@versions
@pytest.mark.parametrize("behaviour", ["never", "refused", "deaf"])
def test_a_responder_that_does_not_answer_delays_nobody(start, backend, responder, version, behaviour):
    responder.behave(behaviour)
    gateway = start(backend)
    for _turn in range(3):
        seen = stapling.look(responder.pki, gateway.port, version)
        assert not seen.has_staple and seen.seconds < QUICK_SECONDS


# --------------------------------------------------------------------------------------- kept fresh


def test_it_is_refreshed_ahead_so_that_there_is_always_one(start, backend, responder, tmp_path, monkeypatch):
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    clock.lives(responder, 1000)
    gateway = start(backend)
    seen = staple(gateway, responder)
    for _turn in range(2):
        clock.go(responder, 810, 1000)
        former = seen.this_update
        while seen.this_update == former:
            seen = stapling.look(responder.pki, gateway.port)
            assert seen.status == "good"
    assert len(responder.requests_for("server")) == 3


def test_it_is_refreshed_when_no_client_comes(start, backend, responder):
    responder.live(next_update=3)
    start(backend)
    responder.wait_for_requests(3, seconds=20)


def test_an_answer_that_has_ended_is_not_stapled(start, backend, responder):
    responder.live(next_update=3)
    gateway = start(backend)
    staple(gateway, responder)
    responder.behave("refused")
    wait.until(lambda: not stapling.look(responder.pki, gateway.port).has_staple, "the end of the staple")


def test_a_certificate_on_two_listeners_is_asked_for_once(start, backend, responder):
    pki = responder.pki
    port = ports.free_port()
    gateway = start(backend, more=[edge.listener_section(pki, "other", port)])
    staple(gateway, responder)
    assert stapling.look(pki, port).status == "good"
    assert len(responder.requests_for("server")) == 1


def test_a_reload_staples_to_the_new_certificate(start, backend, responder):
    gateway = start(backend)
    staple(gateway, responder, version="1.2")
    with open(gateway.config, encoding="utf-8") as file:
        text = file.read()
    with open(gateway.config, "w", encoding="utf-8") as file:
        file.write(text.replace("server-chain.pem", "server-rsa-chain.pem").replace("server.key", "server-rsa.key"))
    gateway.process.send_signal(signal.SIGHUP)
    serial = responder.pki.serial("server-rsa")
    wait.until(lambda: stapling.look(responder.pki, gateway.port, "1.2").serial == serial, "the other staple")


# --------------------------------------------------------------------------------------- a real responder


@versions
@pytest.mark.parametrize("delegate", ["delegate", "issuer"])
def test_the_answers_of_openssl_are_stapled(start, backend, tmp_path, version, delegate):
    responder, port = OpensslResponder(), ports.free_port()
    real = Revocable(tmp_path / "revocable", responder.url)
    servers_of(real)
    with responder.start(real, authority="server-root", delegate=delegate):
        start(backend, more=[edge.listener_section(real, "real", port)])
        assert stapling.wait_for_staple(real, port, version).status == "good"


# ------------------------------------------------------------------------------------------- what is said


def check(folder, pki, name, **listener):
    path = folder / "gateway.ini"
    path.write_text(ini_text(edge.edge_sections(str(folder), pki, "127.0.0.1:1",
                                                listener={"certificate": name, **listener})), encoding="utf-8")
    return run_command("check", "-c", str(path)).output


EXPLICIT = {"ocsp_stapling": "on"}
NO_ISSUER = "its issuer is neither behind it in the file nor a trusted_client_ca"
NO_URL = "it names no OCSP responder of http"


@pytest.mark.parametrize("changes, said", [({}, NO_ISSUER), ({"ocsp_url": ""}, NO_URL),
                                           ({"ocsp_url": "https://localhost/"}, NO_URL)])
def test_who_asks_for_stapling_is_told_what_is_missing(tmp_path, pki, changes, said):
    name = pki.server(f"server-without-{len(said)}-{len(changes.get('ocsp_url', 'none'))}", **changes)
    output = check(tmp_path, pki, name, **EXPLICIT)
    assert f"ocsp_stapling = on: nothing can be stapled to the certificate in {pki.chain(name)}" in output
    assert said in output
    assert said not in check(tmp_path, pki, name)
    assert said not in check(tmp_path, pki, name, ocsp_stapling="off")


@pytest.mark.parametrize("listener, changes, said", [
    ({}, {}, NO_ISSUER), ({}, {"ocsp_url": ""}, NO_URL), ({"ocsp_stapling": "off"}, {}, "ocsp_stapling is off")])
def test_a_certificate_that_demands_stapling_in_vain_is_warned_of(tmp_path, pki, listener, changes, said):
    name = pki.server(f"server-must-staple-{len(said)}", must_staple=True, **changes)
    output = check(tmp_path, pki, name, **listener)
    assert "demands OCSP stapling (RFC 7633)" in output and said in output
    assert "clients may refuse the connection" in output


def test_nothing_is_said_of_one_that_is_stapled(tmp_path, pki):
    pki.server("server-must-staple", must_staple=True)
    pki.folder.write("server-must-staple", "-chain.pem",
                     pki.folder.read("server-must-staple") + pki.folder.read("server-root"))
    assert "stapl" not in check(tmp_path, pki, "server-must-staple", **EXPLICIT)
    assert "stapl" not in check(tmp_path, pki, "server", **EXPLICIT)
