"""A client that comes back with its ticket is told of and logged as in its full handshake, however often it comes."""

import ssl

import pytest

from support import client as clients
from support import libssl, programs, resuming
from support.resuming import Returner

VERSIONS = ["1.2", "1.3"]
PLAIN = ["client_certificate", "client_certificate_start_date", "client_certificate_end_date",
         "client_certificate_fingerprint", "client_certificate_fingerprint_sha256", "client_certificate_issuer",
         "client_certificate_subject", "client_certificate_serial", "client_certificate_verification",
         "client_certificate_verdict", "client_certificate_common_name", "client_certificate_san", "ciphers_used",
         "client_ip", "host", "http_method", "server_port", "ssl_connection_protocol", "ssl_enabled"]
TIMES = 1000


@pytest.fixture(scope="module")
def shared_changes():
    return {"rewrite": {"request_header": [f"X-Var-{name.replace('_', '-')}: {{var_{name}}}" for name in PLAIN]},
            "listener": {"forward_identity": ["x_client_cert", "x_arr_clientcert", "client_cert", "client_cert_chain"]}}


def come_back(pki, gateway, certificate="good", version="1.3"):
    returner = Returner(pki, gateway.port, certificate, version)
    return returner, returner.first_visit(), returner.expect(is_resumed=True)


# ------------------------------------------------------------------------------- what is told and logged


@pytest.mark.parametrize("certificate", ["good", "odd-subject", "deep", "rsa2048", "empty-subject", "huge"])
@pytest.mark.parametrize("version", VERSIONS)
def test_headers_variables_and_log_of_a_resumed_session_are_those_of_the_full_one(gateway, pki, version, certificate):
    returner, full, resumed = come_back(pki, gateway, certificate, version)
    third = returner.expect(is_resumed=True)
    assert full.told() == resumed.told() == third.told()
    assert "x-client-cert" in full.told() and full.told()["x-var-client-certificate-verification"] == "SUCCESS"
    records = [gateway.record(requestUri=visit.target) for visit in (full, resumed, third)]
    assert [resuming.is_said_reused(record) for record in records] == [False, True, True]
    assert resuming.told_of(records[0]) == resuming.told_of(records[1]) == resuming.told_of(records[2])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_request_of_a_resumed_connection_is_told_and_logged_alike(gateway, pki, version):
    returner, full, _resumed = come_back(pki, gateway, version=version)
    with returner.connect() as client:
        assert client.sock.session_reused
        for turn in range(3):
            response = client.request(target=f"/again/{version}/{turn}", fields=[("Host", "localhost")])
            visit = resuming.Visit("", True, response.status, response.body, None)
            assert visit.told() == full.told()
    for turn in range(3):
        assert resuming.is_said_reused(gateway.record(requestUri=f"/again/{version}/{turn}"))


def test_clients_that_come_back_in_turns_are_not_mixed_up(gateway, pki):
    names = ["good", "p384", "rsa2048", "odd-subject", "ed25519"]
    returners = [Returner(pki, gateway.port, name, version) for name in names for version in VERSIONS]
    told = [returner.first_visit().told() for returner in returners]
    assert len({each["x-client-cert"] for each in told}) == len(names)
    for _turn in range(3):
        for returner, expected in zip(returners, told):
            assert returner.expect(is_resumed=True).told() == expected


# ------------------------------------------------------------------------------------- again and again


@pytest.mark.parametrize("version", VERSIONS)
def test_a_thousand_resumptions_in_a_row_each_from_the_newest_ticket(gateway, pki, version):
    """wolfSSL counts its ticket nonces in one byte that the ticket inherits: the 256th would fail for ever."""
    returner, full, _resumed = come_back(pki, gateway, version=version)
    tickets = set()
    with resuming.Counted(gateway, "handshakes_resumed") as counted:
        for _turn in range(TIMES):
            returner.expect(is_resumed=True, target="/thousand")
            tickets.add(libssl.inside(returner.session).ticket)
    assert counted.by["handshakes_resumed"] == TIMES
    assert returner.expect(is_resumed=True).told() == full.told()
    # RFC 8446 C.4: a ticket used twice makes connections linkable. In TLS 1.2 the server gives one when it likes.
    assert version == "1.2" or len(tickets) == TIMES


@pytest.mark.parametrize("version", VERSIONS)
def test_one_ticket_may_be_used_many_times(gateway, pki, version):
    returner, _full, _resumed = come_back(pki, gateway, version=version)
    kept = returner.session
    for _turn in range(20):
        returner.expect(is_resumed=True, session=kept)


def test_parallel_connections_may_come_from_one_ticket(gateway, pki):
    returner, _full, _resumed = come_back(pki, gateway)
    open_ones = [returner.connect() for _turn in range(10)]
    for client in open_ones:
        assert client.sock.session_reused and client.request().status == 200


# ---------------------------------------------------------------------------------- kinds of handshakes


@pytest.mark.parametrize("suite", ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"])
@pytest.mark.parametrize("groups", ["X25519", "P-256", "P-384", "P-521:X25519", "P-521:P-256", "X448:P-384"])
def test_a_client_that_is_asked_for_another_key_share_still_resumes(start, backend, pki, suite, groups):
    """After a HelloRetryRequest its ticket comes a second time."""
    gateway = start(backend)
    returner = Returner(pki, gateway.port)
    libssl.set_suites13(returner.context, suite)
    libssl.set_groups(returner.context, groups)
    full = returner.first_visit()
    for _turn in range(3):
        assert returner.expect(is_resumed=True).told() == full.told()


def test_a_ticket_of_one_suite_resumes_only_where_the_hash_fits(gateway, pki):
    """RFC 8446 4.2.11: the suite may change with the ticket, its hash may not."""
    returner, full, _resumed = come_back(pki, gateway)
    for suites in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"):
        libssl.set_suites13(returner.context, suites)
        try:
            visit = returner.visit()
        except OSError:
            continue  # a suite that the policy has not
        assert visit.status == 200
        assert {**visit.told(), "x-var-ciphers-used": ""} == {**full.told(), "x-var-ciphers-used": ""}
        assert returner.expect(is_resumed=True).status == 200


def test_a_client_that_allows_keys_without_an_exchange_gets_one(gateway, pki):
    """Without psk_dhe_ke a stolen ticket key would open what was recorded."""
    returner, full, _resumed = come_back(pki, gateway)
    libssl.allow_keys_without_exchange(returner.context)
    visit = returner.visit()
    assert visit.status == 200 and visit.told() == full.told()


def test_tickets_of_one_version_do_not_resume_in_the_other(gateway, pki):
    """A client that may both now, with a ticket of TLS 1.2; one that may TLS 1.2 alone, with a ticket of TLS 1.3."""
    older, newer = clients.VERSIONS["1.2"], clients.VERSIONS["1.3"]
    for first, later in ((older, newer), (newer, older)):
        returner = Returner(pki, gateway.port, version=None)
        returner.context.maximum_version = first
        returner.first_visit()
        returner.context.maximum_version = later
        visit = returner.expect(is_resumed=False)
        assert visit.told()["x-var-ssl-connection-protocol"] == {older: "TLSv1.2", newer: "TLSv1.3"}[later]


# ---------------------------------------------------------------------------------------- real programs


@pytest.mark.parametrize("version", VERSIONS)
def test_s_client_resumes(gateway, pki, tmp_path, version):
    kept = str(tmp_path / "session.pem")
    option = {"1.2": "-tls1_2", "1.3": "-tls1_3"}[version]
    request = "GET /s_client HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    identity = ["-cert", pki.file("good"), "-cert_chain", pki.chain("good"), "-key", pki.key("good")]
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-servername", "localhost", option,
               "-CAfile", pki.file("server-root"), "-ign_eof", *identity]
    first = programs.run(*command, "-sess_out", kept, given=request)
    assert "HTTP/1.1 200" in first.stdout and "\nNew, " in first.stdout, first.stdout + first.stderr
    second = programs.run(*command, "-sess_in", kept, given=request)
    assert "HTTP/1.1 200" in second.stdout and "\nReused, " in second.stdout, second.stdout + second.stderr


def test_curl_resumes_from_one_address_to_the_next(gateway, pki):
    """It keeps tickets as long as it runs (of TLS 1.3: not even OpenSSL's own server sees it resume in TLS 1.2); every
    transfer here has a connection of its own."""
    with resuming.Counted(gateway, "handshakes_resumed") as counted:
        base = f"https://localhost:{gateway.port}"
        status, _body, left = programs.curl(pki, gateway.port, "/curl/0", "--header", "Connection: close", "--tlsv1.3",
                                            f"{base}/curl/1", f"{base}/curl/2", certificate="good")
        assert (status, left) == (200, 0)
    assert counted.by["handshakes_resumed"] == 2
    for number in range(3):
        assert gateway.record(requestUri=f"/curl/{number}")["sslClientVerify"] == "SUCCESS"


# ------------------------------------------------------------------------------------- without a ticket


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_wants_no_ticket_is_served_without(gateway, pki, version):
    returner = Returner(pki, gateway.port, version=version)
    returner.context.options |= ssl.OP_NO_TICKET
    for _turn in range(3):
        assert returner.visit().status == 200
        # In TLS 1.3 nobody can say that he wants none.
        assert version == "1.3" or returner.session is None


@pytest.mark.parametrize("version", VERSIONS)
def test_without_tickets_every_handshake_is_full(start, backend, pki, version):
    gateway = start(backend, gateway={"session_tickets": "off"})
    returner = Returner(pki, gateway.port, version=version)
    for _turn in range(3):
        visit = returner.visit()
        assert visit.status == 200 and not visit.is_resumed
        assert returner.session is None, "a ticket was given"
        assert not resuming.is_said_reused(gateway.record(requestUri=visit.target))
    assert gateway.counters()["handshakes_resumed"] == 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mode, certificate", [("off", None), ("off", "good"), ("passthrough", None)])
def test_clients_without_a_known_identity_resume_as_what_they_were(start, backend, pki, mode, certificate, version):
    gateway = start(backend, profile={"verify_client_auth_mode": mode},
                    rewrite={"request_header": ["X-Verification: {var_client_certificate_verification}",
                                                "X-Verdict: {var_client_certificate_verdict}",
                                                "X-Subject: {var_client_certificate_subject}"]})
    returner, full, resumed = come_back(pki, gateway, certificate, version)
    assert full.told() == resumed.told()
    assert "x-subject" not in full.told()
    records = [gateway.record(requestUri=visit.target) for visit in (full, resumed)]
    assert resuming.told_of(records[0]) == resuming.told_of(records[1])
    assert [resuming.is_said_reused(record) for record in records] == [False, True]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("certificate", ["good", "stranger", "expired", "self-signed"])
def test_what_passes_through_is_told_alike_whether_resumed_or_not(start, backend, pki, certificate, version):
    """A bad certificate may cost a full handshake each time; what is told must be the same."""
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough", "trusted_client_ca": pki.file("root")},
                    rewrite={"request_header": ["X-Verification: {var_client_certificate_verification}",
                                                "X-Verdict: {var_client_certificate_verdict}",
                                                "X-Subject: {var_client_certificate_subject}"]})
    returner = Returner(pki, gateway.port, certificate, version)
    full = returner.first_visit()
    assert full.told()["x-verification"] == "PASSTHROUGH" and full.told()["x-subject"]
    for _turn in range(3):
        visit = returner.visit()
        assert visit.told() == full.told()
        assert resuming.is_said_reused(gateway.record(requestUri=visit.target)) == visit.is_resumed
