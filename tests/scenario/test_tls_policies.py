"""Versions, suites, groups and ALPN, as the profile says; ECDSA and RSA certificates side by side."""

import pytest

from support import programs


def shaken(pki, port, *arguments):
    """What s_client negotiated, as {what: value}; None when the handshake failed."""
    done = programs.run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
                        "-CAfile", pki.file("server-root"), "-brief", *arguments, given="")
    text = done.stdout + done.stderr
    if "CONNECTION ESTABLISHED" not in text:
        return None
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def start_with(start, backend, listener=None, **profile):
    return start(backend, profile={"verify_client_auth_mode": "off", **profile}, listener=listener)


@pytest.mark.parametrize("policy, versions", [
    ("AppGwSslPolicy20220101S", {"-tls1_2", "-tls1_3"}),
    ("AppGwSslPolicy20220101", {"-tls1_2", "-tls1_3"}),
    ("AppGwSslPolicy20170401S", {"-tls1_2"}),
])
def test_a_named_policy_speaks_its_versions_and_no_other(start, backend, pki, policy, versions):
    gateway = start_with(start, backend, ssl_policy=policy)
    for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3"):
        found = shaken(pki, gateway.port, version, "-cipher", "ALL:@SECLEVEL=0")
        assert (found is not None) == (version in versions), version


SUITES = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA256",
          "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-CHACHA20-POLY1305"]


@pytest.mark.parametrize("policy, accepted", [
    ("AppGwSslPolicy20220101S", SUITES[:2]), ("AppGwSslPolicy20220101", SUITES[:4]), ("AppGwSslPolicy20170401S", SUITES[:5])])
def test_a_named_policy_speaks_its_suites_and_no_other(start, backend, pki, policy, accepted):
    gateway = start_with(start, backend, ssl_policy=policy)
    for suite in SUITES:
        found = shaken(pki, gateway.port, "-tls1_2", "-cipher", suite)
        assert (found is not None) == (suite in accepted), suite
        if found:
            assert found["Ciphersuite"] == suite


def test_a_custom_policy_takes_the_order_of_the_gateway(start, backend, pki):
    gateway = start_with(start, backend, ssl_policy="Custom", tls_version="TLSv1.2", cipher_suite=[
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"])
    assert shaken(pki, gateway.port, "-tls1_3") is None
    found = shaken(pki, gateway.port, "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384")
    assert found["Ciphersuite"] == "ECDHE-ECDSA-AES256-GCM-SHA384"


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("group, shown", [("X25519", "X25519"), ("P-256", "prime256v1"), ("P-384", "secp384r1")])
def test_each_group_works(start, backend, pki, version, group, shown):
    gateway = start_with(start, backend, group=group)
    # P-256 too, since TLS 1.2 means the curve of the certificate by the same list (RFC 8422 5.1).
    offered = ":".join(dict.fromkeys(["P-256", group]))
    found = shaken(pki, gateway.port, version, "-groups", offered)
    assert shown in found["Server Temp Key"]


def test_a_group_that_is_not_listed_is_refused(start, backend, pki):
    gateway = start_with(start, backend, group=["P-256"])
    assert shaken(pki, gateway.port, "-groups", "X25519") is None
    assert shaken(pki, gateway.port, "-groups", "P-256") is not None
    assert shaken(pki, gateway.port, "-groups", "X25519:P-256") is not None, "a second ClientHello, asked for, did not help"


@pytest.mark.parametrize("name", ["server", "server-rsa", "server-p384"])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_each_kind_of_server_certificate_works(start, backend, connect, name, version):
    gateway = start_with(start, backend, listener={"certificate": name})
    with connect(gateway, version=version) as client:
        assert client.request().status == 200


def test_ecdsa_and_rsa_serve_side_by_side(start, backend, pki):
    gateway = start_with(start, backend, listener={"certificates": ["server", "server-rsa"]})
    for algorithms, kind in (("ECDSA+SHA256", "ECDSA"), ("RSA-PSS+SHA256", "RSA-PSS")):
        for version in ("-tls1_2", "-tls1_3"):
            found = shaken(pki, gateway.port, version, "-sigalgs", algorithms)
            assert found["Signature type"] == kind, version


@pytest.mark.parametrize("offered, chosen", [(["http/1.1"], "http/1.1"), (["h2", "http/1.1"], "http/1.1"), (None, None)])
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_alpn_agrees_on_http_1_1(start, backend, connect, version, offered, chosen):
    gateway = start_with(start, backend)
    with connect(gateway, version=version, alpn=offered) as client:
        assert client.sock.selected_alpn_protocol() == chosen
        assert client.request().status == 200


def test_a_protocol_that_is_not_spoken_is_not_agreed_on(start, backend, connect):
    """RFC 7301 3.2: no_application_protocol; whatever comes, it must not be h2."""
    gateway = start_with(start, backend)
    try:
        with connect(gateway, alpn=["h2"]) as client:
            assert client.sock.selected_alpn_protocol() is None
    except OSError:
        pass


def test_the_log_names_protocol_and_suite(start, backend, connect):
    gateway = start_with(start, backend)
    for version in ("1.2", "1.3"):
        with connect(gateway, version=version) as client:
            assert client.request().status == 200
            record = gateway.record_of(client)
            assert record["sslProtocol"] == client.sock.version()
            assert record["sslCipher"]
