"""The table of modes: strict, passthrough and off, each with no certificate, a bad one and a good one."""

import json

import pytest

VERSIONS = ["1.2", "1.3"]
RULES = {"request_header": ["X-Verification: {var_client_certificate_verification}",
                            "X-Verdict: {var_client_certificate_verdict}",
                            "X-Subject: {var_client_certificate_subject}"]}

# mode, certificate, status, client_certificate_verification, client_certificate_verdict
TABLE = [
    ("strict", None, 400, None, None),
    ("strict", "expired", 400, None, None),
    ("strict", "stranger", 400, None, None),
    ("strict", "good", 200, "SUCCESS", "SUCCESS"),
    ("passthrough", None, 200, "NONE", "NONE"),
    ("passthrough", "expired", 200, "PASSTHROUGH", "FAILED:certificate has expired"),
    ("passthrough", "self-signed", 200, "PASSTHROUGH", "FAILED:self-signed certificate"),
    ("passthrough", "good", 200, "PASSTHROUGH", "SUCCESS"),
    ("off", None, 200, "", None),
    ("off", "expired", 200, "", None),
    ("off", "good", 200, "", None),
]


@pytest.mark.parametrize("mode", ["strict", "passthrough", "off"])
@pytest.mark.parametrize("version", VERSIONS)
def test_each_mode_treats_each_certificate_as_the_table_says(start, backend, pki, connect, mode, version):
    trusted = {"trusted_client_ca": pki.file("root")} if mode != "off" else {}
    gateway = start(backend, profile={"verify_client_auth_mode": mode, **trusted}, rewrite=RULES)
    for _mode, certificate, status, verification, verdict in [row for row in TABLE if row[0] == mode]:
        with connect(gateway, certificate, version=version) as client:
            response = client.request(target="/mode")
            assert response.status == status, certificate
            if status != 200:
                continue
            fields = {name.lower(): value for name, value in json.loads(response.body)["fields"]}
            assert fields.get("x-verification", "") == verification, certificate
            if verdict is not None:
                assert fields.get("x-verdict", "") == verdict, certificate
            assert ("x-subject" in fields) == (mode != "off" and certificate is not None), certificate


def test_passthrough_needs_no_authority(start, backend, connect):
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough"})
    for certificate in (None, "good", "stranger", "self-signed"):
        with connect(gateway, certificate) as client:
            assert client.request().status == 200
            assert client.sock.getpeercert()


def test_a_listener_in_mode_off_asks_for_no_certificate(start, backend, connect):
    gateway = start(backend, profile={"verify_client_auth_mode": "off"})
    with connect(gateway, "good") as client:
        assert client.request().status == 200
        assert gateway.record_of(client)["sslClientCertificateFingerprint"] == ""


def test_somebody_elses_certificate_in_the_chain_helps_no_stranger(start, backend, pki, connect):
    """The first certificate is the one whose key was proved; a good one further down the chain counts for nothing."""
    gateway = start(backend)
    path = pki.bundle("thief", "stranger", "good", "devices", "root")
    with connect(gateway, (path, pki.key("stranger"))) as client:
        assert client.request(target="/stolen").status == 400
    assert not backend.sent_to("/stolen")
