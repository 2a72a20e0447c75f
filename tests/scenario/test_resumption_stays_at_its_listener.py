"""A ticket is good where it was given and nowhere else: other listeners, profiles, names, and the same gateway restarted."""

import pytest

from support import client as clients
from support import edge, libssl, ports
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
TOLD = {"request_header": ["X-Verification: {var_client_certificate_verification}",
                           "X-Subject: {var_client_certificate_subject}"]}

versions = pytest.mark.parametrize("version", VERSIONS)


def start_two(start, backend, pki, listener=None, profile=None, more=()):
    """A gateway with the listener edge and another one on a port of its own, which listener changes."""
    port = ports.free_port()
    sections = [edge.listener_section(pki, "other", port, rewrite="rules", **(listener or {})), *more]
    gateway = start(backend, profile=profile or {}, rewrite=TOLD, more=sections)
    return gateway, port


def expect_full(returner, status=200, **how):
    return returner.expect(is_resumed=False, status=status, **how)


def open_profile(pki):
    return edge.profile_section(pki, "open", verify_client_auth_mode="off")


# ------------------------------------------------------------------------------------ to another listener


@versions
def test_a_ticket_for_another_listener_of_the_same_profile_leads_to_a_full_handshake(start, backend, pki, version):
    gateway, other = start_two(start, backend, pki)
    returner = Returner(pki, gateway.port, version=version)
    session = returner.first_visit().session
    expect_full(returner, port=other, session=session)
    returner.expect(is_resumed=True, session=session)


@versions
def test_a_ticket_for_another_certificate_of_the_gateway_leads_to_a_full_handshake(start, backend, pki, version):
    gateway, other = start_two(start, backend, pki, listener={"certificate": "server-rsa"})
    returner = Returner(pki, gateway.port, version=version)
    session = returner.first_visit().session
    expect_full(returner, port=other, session=session)


@versions
@pytest.mark.parametrize("certificate, status", [("test-client-01", 200), ("good", 400), (None, 400)])
def test_a_profile_that_trusts_others_judges_for_itself(start, backend, pki, version, certificate, status):
    """The other listener trusts the test intermediate's issuer alone, by the DN: what got in at edge need not here."""
    narrow = edge.profile_section(pki, "narrow", trusted_client_ca=pki.bundle("narrow", "test-intermediate", "root"),
                                  verify_client_cert_issuer_dn="on")
    gateway, other = start_two(start, backend, pki, listener={"ssl_profile": "narrow"}, more=[narrow],
                               profile={"verify_client_auth_mode": "passthrough", "trusted_client_ca": pki.file("root")})
    returner = Returner(pki, gateway.port, certificate, version)
    session = returner.first_visit().session
    target = f"/narrow/{version}/{certificate}"
    expect_full(returner, status, port=other, session=session, target=target)
    assert bool(backend.sent_to(target)) == (status == 200)
    returner.expect(is_resumed=True, session=session)


@versions
@pytest.mark.parametrize("certificate", ["good", None])
def test_a_ticket_of_a_listener_that_asks_for_nothing_opens_no_strict_one(start, backend, pki, version, certificate):
    gateway, other = start_two(start, backend, pki, listener={"ssl_profile": "open"}, more=[open_profile(pki)])
    returner = Returner(pki, other, certificate, version)
    session = returner.first_visit().session
    target = f"/open-to-strict/{version}/{certificate}"
    visit = expect_full(returner, 200 if certificate else 400, port=gateway.port, session=session, target=target)
    record = gateway.record(requestUri=target)
    assert record["sslClientVerify"] == ("SUCCESS" if certificate else "NONE")
    assert bool(backend.sent_to(target)) == bool(certificate)
    if certificate:
        assert visit.told()["x-verification"] == "SUCCESS"


@versions
def test_a_strict_ticket_makes_nobody_known_where_nothing_is_asked(start, backend, pki, version):
    gateway, other = start_two(start, backend, pki, listener={"ssl_profile": "open"}, more=[open_profile(pki)])
    returner = Returner(pki, gateway.port, "good", version)
    session = returner.first_visit().session
    visit = expect_full(returner, port=other, session=session)
    assert "x-subject" not in visit.told()
    assert gateway.record(requestUri=visit.target)["sslClientCertificateFingerprint"] == ""
    # And the ticket that the open listener gave says nothing at the strict one.
    returner.expect(is_resumed=True, port=other)
    expect_full(returner, port=gateway.port)


# -------------------------------------------------------------------------------- names on one address


@pytest.fixture
def shared_address(start, backend, pki):
    """One address: api and the default are strict with one profile, shop asks for nothing."""
    port = ports.free_port()
    sections = [
        edge.listener_section(pki, "api", port, "server-api", server_name="api.example.com"),
        edge.listener_section(pki, "shop", port, "server-shop", server_name=["shop.example.com"], ssl_profile="open"),
        open_profile(pki)]
    return start(backend, listener={"port": port}, rewrite=TOLD, more=sections)


@versions
@pytest.mark.parametrize("first, second", [("localhost", "api.example.com"), ("api.example.com", "localhost"),
                                           ("shop.example.com", "api.example.com"), ("api.example.com", "shop.example.com"),
                                           ("shop.example.com", "localhost")])
def test_a_ticket_for_one_name_leads_to_a_full_handshake_at_another(shared_address, pki, version, first, second):
    """CVE-2025-23419 of nginx: the listener was chosen by SNI, the session by the ticket."""
    returner = Returner(pki, shared_address.port, "good", version)
    session = returner.first_visit(name=first).session
    visit = expect_full(returner, name=second, session=session)
    assert ("x-subject" in visit.told()) == (second == "localhost")  # only edge has the rules
    listener = {"localhost": "edge", "api.example.com": "api", "shop.example.com": "shop"}[second]
    record = shared_address.record(requestUri=visit.target)
    assert record["listenerName"] == listener
    assert (record["sslClientVerify"] == "SUCCESS") == (listener != "shop")
    returner.expect(is_resumed=True, name=first, session=session)


@versions
def test_without_a_certificate_no_ticket_leads_from_the_open_name_to_a_strict_one(shared_address, backend, pki, version):
    returner = Returner(pki, shared_address.port, None, version)
    session = returner.first_visit(name="shop.example.com").session
    for name in ("api.example.com", "localhost"):
        target = f"/smuggled/{version}/{name}"
        expect_full(returner, 400, name=name, session=session, target=target)
        assert not backend.sent_to(target)


@versions
def test_a_resumed_session_may_not_ask_for_a_host_of_another_profile(shared_address, pki, version):
    returner = Returner(pki, shared_address.port, None, version, name="shop.example.com")
    returner.first_visit()
    with returner.connect() as client:
        assert client.sock.session_reused
        assert client.request(fields=[("Host", "api.example.com")]).status == 421


@versions
def test_a_ticket_without_a_name_and_one_with_are_not_the_same(shared_address, pki, version):
    """The default listener serves any name; each has its own tickets."""
    returner = Returner(pki, shared_address.port, "good", version)
    session = returner.first_visit().session
    returner.context.check_hostname = False
    expect_full(returner, name="unknown.example.net", session=session)
    # The spelling of a name does not matter.
    returner.expect(is_resumed=True, name="LocalHost", session=session)


# ------------------------------------------------------------------------------------ out of memory


@versions
def test_after_a_restart_every_handshake_is_full_once(start, backend, pki, version):
    port = ports.free_port()
    first = start(backend, listener={"port": port})
    returner = Returner(pki, port, version=version)
    returner.first_visit()
    returner.expect(is_resumed=True)
    clients.close_all()
    first.stop()
    second = start(backend, listener={"port": port})
    expect_full(returner)
    returner.expect(is_resumed=True)
    assert second.counters()["handshakes_resumed"] == 1


@versions
def test_a_client_whom_a_small_cache_forgot_makes_a_full_handshake(start, backend, pki, version):
    """Whom it forgets is the cache's choice; what everybody is told must not depend on it."""
    folder = pki.folder
    names = [f"crowd-{number}" for number in range(60)]
    plan = type(folder.plan("good"))
    for name in names:
        folder.make(name, plan(subject=f"/O=Crowd/CN={name}", issuer="devices", extended_key_usage=["client"]))
    gateway = start(backend, gateway={"trust_cache_entries": 16}, rewrite=TOLD)
    returners = [Returner(pki, gateway.port, name, version) for name in names]
    told = [returner.first_visit().told() for returner in returners]
    assert len({each["x-subject"] for each in told}) == len(names)
    visits = [returner.visit() for returner in returners]
    assert [visit.told() for visit in visits] == told
    assert not all(visit.is_resumed for visit in visits), "a cache of 16 cannot know 60"
    counters = gateway.counters()
    assert counters["handshakes_resumed"] == sum(visit.is_resumed for visit in visits)
    assert counters["trust_cache_evicted"] > 0


def test_a_ticket_says_nothing_readable_of_the_client(start, backend, pki):
    """Whoever listens to the wire sees it: nothing of the certificate may be in there."""
    gateway = start(backend)
    returner = Returner(pki, gateway.port)
    first = libssl.inside(returner.first_visit().session).ticket
    second = libssl.inside(returner.expect(is_resumed=True).session).ticket
    der = pki.der("good")
    for ticket in (first, second):
        assert b"good" not in ticket and der[-40:] not in ticket
    # The key's name may be shared; behind it two tickets of one client have nothing in common.
    same = sum(a == b for a, b in zip(first[16:], second[16:]))
    assert same < len(first) // 4, f"{same} of {len(first)} bytes are the same"
