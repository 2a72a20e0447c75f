"""What a reload changes of who may enter is felt by the next request of a connection that was open before."""

import pytest
from sallyport_pki.certificate import authority_plan

from support import client as clients
from support import http, resuming, wait
from support.reloading import changed, reload

VERSIONS = ["1.2", "1.3"]
versions = pytest.mark.parametrize("version", VERSIONS)
UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
PROFILE = "ssl_profile devices"
CERTIFICATE_ERROR, NO_CERTIFICATE = b"The SSL certificate error", b"No required SSL certificate was sent"


def expect_refusal(gateway, client, target, reason, text=CERTIFICATE_ERROR):
    response = client.request(target=target)
    assert response.status == 400 and text in response.body
    assert gateway.record(requestUri=target)["reason"] == reason


def open_tunnel(gateway, pki, certificate="good"):
    client = clients.connect(gateway.port, pki, certificate)
    client.start(target="/switch", fields=UPGRADE)
    assert client.response().status == 101
    assert is_alive(client)
    return client


def is_alive(tunnel):
    tunnel.send(b"ping")
    return b"".join(tunnel.reader.parts(4)) == b"ping"


def is_cut(tunnel):
    """Within a second and some; not by a regular end."""
    with wait.Stopwatch() as watch:
        is_ended = tunnel.is_ended()
    return is_ended and tunnel.reader.ending != "closed" and watch.seconds < 5


@versions
def test_a_ca_is_dropped(start_sections, backend, pki, version):
    both = [pki.file("root"), pki.file("stranger-root")]
    gateway, sections = start_sections(backend, profile={"trusted_client_ca": both})
    returner = resuming.Returner(pki, gateway.port, "stranger", version)
    returner.first_visit()
    with (clients.connect(gateway.port, pki, "stranger", version=version) as stranger,
          clients.connect(gateway.port, pki, "good", version=version) as good):
        assert stranger.request().status == good.request().status == 200
        reload(gateway, changed(sections, PROFILE, trusted_client_ca=pki.file("root")))
        expect_refusal(gateway, stranger, f"/dropped/{version}", "unable_to_get_local_issuer")
        assert stranger.is_ended() and good.request().status == 200
    # His ticket is worth nothing either, until his CA is back.
    visit = returner.visit()
    assert (visit.is_resumed, visit.status) == (False, 400)
    reload(gateway, sections)
    assert clients.ask(gateway.port, pki, "stranger", version=version).status == 200


def test_a_ca_is_exchanged_in_its_file(start_sections, backend, pki, tmp_path):
    """The same configuration; the file says other things."""
    path = tmp_path / "ca.pem"

    def install(name):
        with open(pki.file(name), "rb") as file:
            path.write_bytes(file.read())

    install("root")
    gateway, sections = start_sections(backend, profile={"trusted_client_ca": str(path)})
    with clients.connect(gateway.port, pki, "good") as client:
        assert client.request().status == 200
        install("stranger-root")
        reload(gateway, sections)
        expect_refusal(gateway, client, "/exchanged", "unable_to_get_local_issuer")
    assert clients.ask(gateway.port, pki, "stranger").status == 200


@versions
def test_the_issuer_dn_switch(start_sections, backend, pki, version):
    path = pki.bundle("dev-only", "dev-intermediate", "root")
    gateway, sections = start_sections(backend, profile={"trusted_client_ca": path})
    on = changed(sections, PROFILE, verify_client_cert_issuer_dn="on")
    with (clients.connect(gateway.port, pki, "sibling", version=version) as sibling,
          clients.connect(gateway.port, pki, "dev-client-01", version=version) as own):
        assert sibling.request().status == own.request().status == 200
        reload(gateway, on)
        assert own.request().status == 200
        expect_refusal(gateway, sibling, f"/sibling/{version}", "issuer_dn_mismatch")
    with clients.connect(gateway.port, pki, "sibling", version=version) as sibling:
        expect_refusal(gateway, sibling, f"/again/{version}", "issuer_dn_mismatch")
    reload(gateway, sections)
    assert clients.ask(gateway.port, pki, "sibling", version=version).status == 200


@versions
def test_an_identity_rule_is_added(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    with (clients.connect(gateway.port, pki, "good", version=version) as good,
          clients.connect(gateway.port, pki, "odd-subject", version=version) as odd):
        assert good.request().status == odd.request().status == 200
        name = pki.shown("good", "-subject", "-nameopt", "multiline").rpartition("=")[2].strip()
        reload(gateway, changed(sections, PROFILE, allow_identity=f"common_name={name}"))
        assert good.request().status == 200
        expect_refusal(gateway, odd, f"/ruled-out/{version}", "identity_not_matched")


@versions
def test_off_becomes_strict(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend, profile={"verify_client_auth_mode": "off"})
    strict = changed(sections, PROFILE, verify_client_auth_mode="strict", trusted_client_ca=pki.file("root"))
    with clients.connect(gateway.port, pki, "good", version=version) as client:
        assert client.request().status == 200
        reload(gateway, strict)
        # It was never asked for its certificate.
        expect_refusal(gateway, client, f"/strict/{version}", "no_certificate", NO_CERTIFICATE)
        assert client.is_ended()
    assert clients.ask(gateway.port, pki, "good", version=version).status == 200


@versions
def test_strict_becomes_passthrough_and_strict_again(start_sections, backend, pki, version):
    gateway, sections = start_sections(backend)
    through = changed(sections, PROFILE, verify_client_auth_mode="passthrough", trusted_client_ca=None)
    with clients.connect(gateway.port, pki, "good", version=version) as good:
        assert good.request().status == 200
        reload(gateway, through)
        assert good.request().status == 200
        with clients.connect(gateway.port, pki, "stranger", version=version) as stranger:
            assert stranger.request().status == 200
            reload(gateway, sections)
            assert good.request().status == 200
            expect_refusal(gateway, stranger, f"/strict-again/{version}", "unable_to_get_local_issuer")


def test_a_request_in_progress_is_finished_and_the_next_is_not_begun(start_sections, backends, pki):
    server = backends()
    gateway, sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/in-progress")
        wait.until(lambda: server.sent_to("/wait/in-progress"), "the request")
        reload(gateway, changed(sections, PROFILE, trusted_client_ca=pki.file("stranger-root")))
        server.gate.set()
        assert client.response().status == 200
        expect_refusal(gateway, client, "/next", "unable_to_get_local_issuer")


def test_a_request_whose_head_is_half_there_is_judged_by_the_new_rules(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    with clients.connect(gateway.port, pki, "good") as client:
        client.send(b"GET /half-there HTTP/1.1\r\nHo")
        reload(gateway, changed(sections, PROFILE, trusted_client_ca=pki.file("stranger-root")))
        client.send(b"st: localhost\r\n\r\n")
        assert client.response().status == 400
    assert not backend.sent_to("/half-there")


# --------------------------------------------------------------------------------------------- tunnels


def test_a_tunnel_lives_on(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    tunnel = open_tunnel(gateway, pki)
    for turn in range(5):
        reload(gateway, changed(sections, "backend app", request_timeout=f"{20 + turn}s"))
        assert is_alive(tunnel)
    # Its server is no longer one of ours: it is finished with whom it was begun.
    reload(gateway, changed(sections, "backend app", server="127.0.0.1:9"))
    assert is_alive(tunnel)
    tunnel.close()


def test_a_tunnel_whose_ca_is_dropped_is_cut(start_sections, backend, pki):
    both = [pki.file("root"), pki.file("stranger-root")]
    gateway, sections = start_sections(backend, profile={"trusted_client_ca": both})
    stays, goes = open_tunnel(gateway, pki), open_tunnel(gateway, pki, "stranger")
    reload(gateway, changed(sections, PROFILE, trusted_client_ca=pki.file("root")))
    assert is_cut(goes)
    assert is_alive(stays)
    stays.close()


def test_a_tunnel_of_a_client_without_a_certificate_is_cut_when_one_is_wanted(start_sections, backend, pki):
    gateway, sections = start_sections(backend, profile={"verify_client_auth_mode": "off"})
    tunnel = open_tunnel(gateway, pki, None)
    reload(gateway, changed(sections, "backend app", request_timeout="30s"))
    assert is_alive(tunnel)
    reload(gateway, changed(sections, PROFILE, verify_client_auth_mode="strict", trusted_client_ca=pki.file("root")))
    assert is_cut(tunnel)


def test_a_tunnel_whose_listener_goes_has_the_time_of_a_drain(start_sections, backend, pki):
    gateway, sections = start_sections(backend, gateway={"drain_timeout": "1s"})
    tunnel = open_tunnel(gateway, pki)
    renamed = [("listener other" if title == "listener edge" else title, settings) for title, settings in sections]
    with wait.Stopwatch() as watch:
        reload(gateway, renamed)
        with pytest.raises((OSError, http.Ended)):
            while is_alive(tunnel):
                pass
    assert 0.9 < watch.seconds < 10 and tunnel.is_ended() and tunnel.reader.ending != "closed"


def test_many_tunnels_are_reviewed_within_a_second(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    pki.folder.make("other-root", authority_plan("/O=Other/CN=Other Root CA"))
    tunnels = [open_tunnel(gateway, pki) for _turn in range(40)]
    with wait.Stopwatch() as watch:
        reload(gateway, changed(sections, PROFILE, trusted_client_ca=pki.file("other-root")))
        assert all(is_cut(tunnel) for tunnel in tunnels)
    assert watch.seconds < 5
