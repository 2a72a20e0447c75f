"""Every client_certificate variable and every ready-made header in its exact format, held against openssl and Python."""

import base64
import hashlib
import json
import textwrap
import urllib.parse

import pytest

CERTIFICATES = ["good", "odd-subject", "small-serial", "long-serial", "empty-subject", "rsa2048", "until-2060"]
VARIABLES = ["client_certificate", "client_certificate_start_date", "client_certificate_end_date",
             "client_certificate_fingerprint", "client_certificate_fingerprint_sha256", "client_certificate_issuer",
             "client_certificate_subject", "client_certificate_serial", "client_certificate_verification",
             "client_certificate_verdict", "client_certificate_common_name", "client_certificate_san"]


def header_of(variable):
    return "X-" + variable.replace("_", "-")


@pytest.fixture(scope="module")
def shared_changes():
    return {"rewrite": {"request_header": [f"{header_of(name)}: {{var_{name}}}" for name in VARIABLES]},
            "listener": {"forward_identity": ["x_client_cert", "x_arr_clientcert", "client_cert", "client_cert_chain"]}}


def told_of(client, target="/identity"):
    response = client.request(target=target)
    assert response.status == 200, response.body
    fields = {}
    for name, value in json.loads(response.body)["fields"]:
        assert name.lower() not in fields, f"{name} twice"
        fields[name.lower()] = value
    return fields


def variables_of(client):
    fields = told_of(client)
    return {name: fields.get(header_of(name).lower(), "") for name in VARIABLES}


def pem_of(der):
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "-----BEGIN CERTIFICATE-----\n" + "\n".join(lines) + "\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("name", CERTIFICATES)
def test_the_variables_say_what_openssl_says(gateway, pki, connect, name, version):
    with connect(gateway, name, version=version) as client:
        told = variables_of(client)
    der = pki.der(name)
    assert told["client_certificate"] == urllib.parse.quote(pem_of(der), safe="-._~")
    assert told["client_certificate_fingerprint"] == hashlib.sha1(der).hexdigest()
    assert told["client_certificate_fingerprint_sha256"] == hashlib.sha256(der).hexdigest()
    assert told["client_certificate_subject"] == pki.shown(name, "-subject", "-nameopt", "RFC2253")
    assert told["client_certificate_issuer"] == pki.shown(name, "-issuer", "-nameopt", "RFC2253")
    assert told["client_certificate_serial"] == pki.shown(name, "-serial")
    assert told["client_certificate_start_date"] == pki.shown(name, "-startdate")
    assert told["client_certificate_end_date"] == pki.shown(name, "-enddate")
    assert told["client_certificate_verification"] == "SUCCESS"
    assert told["client_certificate_verdict"] == "SUCCESS"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_two_values_in_one_relative_name_are_told_as_openssl_tells_them(gateway, pki, connect, version):
    """RFC 5280 4.1.2.4 allows OU=a+CN=b; the handshake must not fail for it."""
    with connect(gateway, "two-in-one", version=version) as client:
        assert variables_of(client)["client_certificate_subject"] == pki.shown(
            "two-in-one", "-subject", "-nameopt", "RFC2253")


@pytest.mark.parametrize("name, common_name, alternative_names", [
    ("good", "good", ""),
    ("empty-subject", "", "DNS:device-1.example.com"),
    ("odd-subject", "odd <one>;=two", "DNS:odd.example.com,URI:urn:device:7,email:odd@example.com,IP:192.0.2.7"),
])
def test_common_name_and_alternative_names_need_no_regular_expression(gateway, connect, name, common_name,
                                                                      alternative_names):
    with connect(gateway, name) as client:
        told = variables_of(client)
    assert told["client_certificate_common_name"] == common_name
    assert sorted(told["client_certificate_san"].split(",")) == sorted(alternative_names.split(","))


def test_the_escaped_certificate_is_the_certificate(gateway, pki, connect):
    with connect(gateway, "good") as client:
        fields = told_of(client)
    escaped = fields["x-client-cert"]
    assert escaped == urllib.parse.quote(pem_of(pki.der("good")), safe="-._~")
    assert escaped.endswith("-----END%20CERTIFICATE-----%0A")
    assert urllib.parse.unquote(escaped) == pem_of(pki.der("good"))


def test_the_arr_header_is_base64_of_the_der(gateway, pki, connect):
    with connect(gateway, "good") as client:
        assert base64.b64decode(told_of(client)["x-arr-clientcert"], validate=True) == pki.der("good")


def byte_sequences(value):
    """RFC 8941 3.3.5, as RFC 9440 uses it."""
    found = []
    for item in value.split(","):
        item = item.strip(" ")
        assert item[0] == ":" and item[-1] == ":" and len(item) > 2, item
        found.append(base64.b64decode(item[1:-1], validate=True))
    return found


@pytest.mark.parametrize("name", ["good", "deep"])
def test_client_cert_and_its_chain_are_those_of_rfc_9440(gateway, pki, connect, name):
    with connect(gateway, name) as client:
        fields = told_of(client)
    assert byte_sequences(fields["client-cert"]) == [pki.der(name)]
    assert byte_sequences(fields["client-cert-chain"]) == pki.chain_der(name)[1:]


def test_identity_is_told_with_every_request_of_a_connection(gateway, connect):
    with connect(gateway, "good") as client:
        first = told_of(client)["x-client-cert"]
        assert first
        for _turn in range(3):
            assert told_of(client)["x-client-cert"] == first


def test_two_connections_never_share_an_identity(gateway, pki, connect):
    """Both over the same pooled backend connections."""
    clients = {name: connect(gateway, name) for name in ("good", "p384", "small-serial")}
    expected = {name: hashlib.sha1(pki.der(name)).hexdigest() for name in clients}
    for turn in range(20):
        for name, client in clients.items():
            fields = told_of(client, f"/{turn}/{name}")
            assert fields["x-client-certificate-fingerprint"] == expected[name]


def test_no_certificate_gives_empty_variables_and_no_ready_made_header(start, backend, connect):
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough"}, rewrite={
        "request_header": [f"{header_of(name)}: {{var_{name}}}" for name in VARIABLES]},
        listener={"forward_identity": ["x_client_cert", "x_arr_clientcert", "client_cert", "client_cert_chain"]})
    with connect(gateway) as client:
        fields = told_of(client)
    assert fields.pop("x-client-certificate-verification") == "NONE"
    assert fields.pop("x-client-certificate-verdict") == "NONE"
    carried = [name for name in fields if "cert" in name]
    assert all(fields[name] == "" for name in carried) and not {"x-client-cert", "client-cert"} & set(carried)


def test_passthrough_tells_of_a_certificate_that_strict_would_refuse(start, backend, pki, connect):
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough"},
                    listener={"forward_identity": "x_client_cert"})
    for name in ("expired", "stranger", "self-signed", "bad-policies", "bad-date"):
        with connect(gateway, name) as client:
            assert urllib.parse.unquote(told_of(client)["x-client-cert"]) == pem_of(pki.der(name))


def test_without_a_switch_no_ready_made_header_is_sent(start, backend, connect):
    gateway = start(backend)
    with connect(gateway, "good") as client:
        assert not [name for name in told_of(client) if "cert" in name]


def test_a_huge_certificate_is_told_whole_or_refused_but_never_cut(start, backend, pki, connect):
    gateway = start(backend, listener={"forward_identity": "x_client_cert"})
    with connect(gateway, "huge") as client:
        response = client.request(target="/huge")
        assert response.status in (200, 400, 431, 500, 502)
        if response.status == 200:
            fields = {name.lower(): value for name, value in json.loads(response.body)["fields"]}
            assert urllib.parse.unquote(fields["x-client-cert"]) == pem_of(pki.der("huge"))
    with connect(gateway, "good") as client:
        assert client.request().status == 200
