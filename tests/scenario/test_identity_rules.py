"""allow_identity, the validate_ switches, failure_style and report: as API Management's validate-client-certificate has them."""

import hashlib
import json
import os

import pytest
from sallyport_pki.certificate import client_plan

from support import edge
from support.gateway import ini_text, run_command

NOT_MATCHED = "FAILED:certificate does not match any of allowed identities"


def thumbprint(pki, name, algorithm="sha1"):
    return hashlib.new(algorithm, pki.der(name)).hexdigest().upper()


def spaced(digits):
    return " ".join(digits[at:at + 2] for at in range(0, len(digits), 2))


def dn(pki, name, which="-subject"):
    """As the variable for backends shows it, written into a line: quoted, with quotes and backslashes escaped."""
    text = pki.shown(name, which, "-nameopt", "RFC2253")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def expect_entry(gateway, connect, name, **how):
    with connect(gateway, name, **how) as client:
        response = client.request(target="/")
        assert response.status == 200, response.body
        assert gateway.record_of(client)["sslClientVerify"] == "SUCCESS"


def expect_refusal(gateway, connect, name, reason="identity_not_matched", **how):
    with connect(gateway, name, **how) as client:
        response = client.request(target="/")
        assert response.status == 400, response.body
        record = gateway.record_of(client)
        assert record["reason"] == reason
        if reason == "identity_not_matched":
            assert record["sslClientVerify"] == NOT_MATCHED
            assert b"The SSL certificate error" in response.body and b"identit" not in response.body


# What lets dev-client-01 in and keeps dev-client-02 and test-client-01 out.
ONE_CLIENT = {
    "thumbprint": lambda pki: f"thumbprint={thumbprint(pki, 'dev-client-01')}",
    "thumbprint in lower case": lambda pki: f"thumbprint={thumbprint(pki, 'dev-client-01').lower()}",
    "thumbprint as Windows shows it": lambda pki: f'thumbprint="{spaced(thumbprint(pki, "dev-client-01"))}"',
    "thumbprint of SHA-256": lambda pki: f"thumbprint={thumbprint(pki, 'dev-client-01', 'sha256')}",
    "serial number": lambda pki: f"serial_number={pki.shown('dev-client-01', '-serial')}, "
                                 f"issuer_subject={dn(pki, 'dev-intermediate')}",
    "common name": lambda pki: "common_name=dev-client-01",
    "subject": lambda pki: f"subject={dn(pki, 'dev-client-01')}",
    "subject with blanks and in capitals": lambda pki: 'subject="cn = DEV-CLIENT-01 , OU=iot, O=contoso"',
    "all claims": lambda pki: f"common_name=dev-client-01, subject={dn(pki, 'dev-client-01')}, "
                              f"thumbprint={thumbprint(pki, 'dev-client-01')}, "
                              f"serial_number={pki.shown('dev-client-01', '-serial')}, "
                              f"issuer_subject={dn(pki, 'dev-client-01', '-issuer')}, "
                              f"issuer_thumbprint={thumbprint(pki, 'dev-intermediate')}",
}


@pytest.mark.parametrize("name", ONE_CLIENT)
def test_a_claim_lets_one_client_in_and_no_other(start, backend, pki, connect, name):
    gateway = start(backend, profile={"allow_identity": ONE_CLIENT[name](pki)})
    expect_entry(gateway, connect, "dev-client-01")
    expect_refusal(gateway, connect, "dev-client-02")
    expect_refusal(gateway, connect, "test-client-01")


@pytest.mark.parametrize("claim", ["issuer_thumbprint", "issuer_subject"])
def test_seed_004_clients_of_development_get_in_and_those_of_test_do_not(start, backend, pki, connect, claim):
    value = thumbprint(pki, "dev-intermediate") if claim == "issuer_thumbprint" else dn(pki, "dev-intermediate")
    gateway = start(backend, profile={"allow_identity": f"{claim}={value}"})
    for client in ("dev-client-01", "dev-client-02"):
        expect_entry(gateway, connect, client, version="1.2")
        expect_entry(gateway, connect, client, version="1.3")
    for client in ("test-client-01", "test-client-02", "sibling"):
        expect_refusal(gateway, connect, client)


def test_lines_are_alternatives_and_claims_of_a_line_are_not(start, backend, pki, connect):
    gateway = start(backend, profile={"allow_identity": [
        f"common_name=dev-client-01, issuer_thumbprint={thumbprint(pki, 'test-intermediate')}",
        "common_name=test-client-02", f"thumbprint={thumbprint(pki, 'good')}"]})
    expect_refusal(gateway, connect, "dev-client-01")
    expect_entry(gateway, connect, "test-client-02")
    expect_entry(gateway, connect, "good")


ODD = {
    "dns_name=odd.example.com": True, "dns_name=ODD.Example.COM": True, "dns_name=example.com": False,
    "dns_name=*.example.com": False, "dns_name=odd.example.com.": False, "dns_name=odd@example.com": False,
    "uri=urn:device:7": True, "uri=urn:device:70": False, "uri=URN:device:7": False, "uri=urn:device:": False,
    "serial_number=A1B2C3D4E5": True, "serial_number=00:a1:b2:c3:d4:e5": True, "serial_number=A1B2C3D4": False,
    'common_name="odd <one>;=two"': True, 'common_name="Odd <one>;=two"': False,
    "uri=urn:device:7, dns_name=odd.example.com": True, "uri=urn:device:7, dns_name=other.example.com": False,
}


@pytest.mark.parametrize("line", ODD)
def test_names_are_compared_as_the_reference_says(start, backend, connect, line):
    gateway = start(backend, profile={"allow_identity": line})
    (expect_entry if ODD[line] else expect_refusal)(gateway, connect, "odd-subject")


@pytest.mark.parametrize("name", ["odd-subject", "two-in-one", "long-serial", "dev-client-01"])
def test_the_subject_that_backends_are_told_can_be_pasted_into_a_line(start, backend, pki, connect, name):
    gateway = start(backend, profile={"allow_identity": f"subject={dn(pki, name)}, issuer_subject={dn(pki, name, '-issuer')}"})
    expect_entry(gateway, connect, name)
    expect_refusal(gateway, connect, "good")


SPOOFS = {
    "two-names": ("/O=Contoso/CN=pump-7/CN=other", []),
    "joined": ("/CN=pump-7,O=Contoso", []),
    "escaped": ("/O=Contoso/CN=pump\\\\2D7", []),
    "in-unit": ("/O=Contoso/OU=pump-7/CN=other", []),
    "only-dns": ("/O=Contoso/CN=other", ["DNS:pump-7", "URI:pump-7"]),
    "blank": ("/O=Contoso/CN=pump-7 ", []),
}


@pytest.mark.parametrize("spoof", SPOOFS)
def test_a_certificate_that_only_reads_like_the_one_wanted_is_refused(start, backend, pki, connect, spoof):
    subject, names = SPOOFS[spoof]
    pki.folder.make(f"spoof-{spoof}", client_plan(subject, "devices", alternative_names=names))
    pki.folder.make("pump-7", client_plan("/O=Contoso/CN=pump-7", "devices"))
    gateway = start(backend, profile={"allow_identity": ["common_name=pump-7", "dns_name=pump-7.example.com"]})
    expect_entry(gateway, connect, "pump-7")
    expect_refusal(gateway, connect, f"spoof-{spoof}")


def test_a_rule_does_not_make_a_stranger_trusted(start, backend, pki, connect):
    gateway = start(backend, profile={"allow_identity": f"thumbprint={thumbprint(pki, 'stranger')}"})
    expect_refusal(gateway, connect, "stranger", "unable_to_get_local_issuer")


def test_the_issuers_name_is_looked_at_before_the_rules(start, backend, pki, connect):
    path = pki.bundle("dev-only", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on",
                                      "allow_identity": "common_name=nobody"})
    expect_refusal(gateway, connect, "test-client-01", "issuer_dn_mismatch")
    expect_refusal(gateway, connect, "dev-client-01")


# ---------------------------------------------------------------------------------------------- switches


def test_each_date_can_be_let_go_by_itself(start, backend, connect):
    gateway = start(backend, profile={"validate_not_after": "off"})
    expect_entry(gateway, connect, "expired")
    expect_refusal(gateway, connect, "not-yet-valid", "not_yet_valid")
    gateway = start(backend, profile={"validate_not_before": "off"})
    expect_entry(gateway, connect, "not-yet-valid")
    expect_refusal(gateway, connect, "expired", "expired")


def test_without_trust_a_certificate_is_known_by_its_thumbprint_alone(start, backend, pki, connect):
    gateway = start(backend, profile={"validate_trust": "off",
                                      "allow_identity": f"thumbprint={thumbprint(pki, 'self-signed')}"})
    expect_entry(gateway, connect, "self-signed")
    expect_refusal(gateway, connect, "stranger")
    expect_refusal(gateway, connect, "good")
    expect_refusal(gateway, connect, "expired", "expired")
    with connect(gateway) as client:
        assert client.request(target="/").status == 400
        assert gateway.record_of(client)["reason"] == "no_certificate"


def check(folder, pki, *options, **profile):
    path = os.path.join(folder, "gateway.ini")
    with open(path, "w", encoding="utf-8") as file:
        file.write(ini_text(edge.edge_sections(str(folder), pki, "127.0.0.1:9", profile=profile)))
    return run_command("check", *options, "-c", path)


@pytest.mark.parametrize("switch", ["validate_trust", "validate_not_before", "validate_not_after", "validate_revocation"])
def test_a_switch_turned_off_is_warned_of(tmp_path, pki, switch):
    done = check(tmp_path, pki, **{switch: "off"})
    assert done.returncode == 0 and f"warning: [ssl_profile devices] {switch} = off: " in done.output, done.output
    assert check(tmp_path, pki, "--strict", **{switch: "off"}).returncode == 1
    assert "warning" not in check(tmp_path, pki, **{switch: "on"}).output


BAD_LINES = {
    "comon_name=a": "did you mean 'common_name'?",
    "thumbprint=5E7F": "expected 40 (SHA-1) or 64 (SHA-256)",
    "common_name=a common_name=b": "expected a comma before the next claim",
    "common_name=a, common_name=b": "a second time",
    "subject=CN=a, O=b": "goes in double quotes",
    'subject="CN=a, XX=b"': "the distinguished name 'CN=a, XX=b' cannot be read: at 'XX=b'",
    'issuer_subject="/O=a/CN=b"': "cannot be read: at '/O=a/CN=b'",
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_refused_with_file_line_and_remedy(tmp_path, pki, line):
    done = check(tmp_path, pki, allow_identity=["common_name=good", line])
    assert done.returncode == 1
    number = 1 + (tmp_path / "gateway.ini").read_text(encoding="utf-8").split("\n").index(f"allow_identity = {line}")
    message = next(text for text in done.output.split("\n") if f"gateway.ini:{number}: error: " in text)
    assert BAD_LINES[line] in message


# ----------------------------------------------------------------------------- failure_style and report


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_refusals_of_api_management_are_401_and_json(start, backend, connect, version):
    gateway = start(backend, profile={"failure_style": "api_management", "allow_identity": "common_name=dev-client-01"})
    expect_entry(gateway, connect, "dev-client-01", version=version)
    cases = {None: ("Client certificate missing", "no_certificate"),
             "good": ("Invalid client certificate", "identity_not_matched"),
             "expired": ("Invalid client certificate", "expired")}
    for certificate, (message, reason) in cases.items():
        with connect(gateway, certificate, version=version) as client:
            response = client.request(target="/")
            assert response.status == 401
            assert response.get("content-type") == "application/json"
            assert response.body == b'{"statusCode":401,"message":"%s"}' % message.encode()
            assert json.loads(response.body)["statusCode"] == 401
            record = gateway.record_of(client)
            assert record["reason"] == reason and int(record["httpStatus"]) == 401
            assert record["error_info"] == "ERRORINFO_HTTPS_NO_CERT"


def test_report_only_refuses_nobody_and_tells_what_strict_would_have_done(start, backend, pki, connect):
    gateway = start(backend, profile={"verify_client_auth_mode": "passthrough", "report": "on",
                                      "trusted_client_ca": pki.file("root"), "allow_identity": "common_name=dev-client-01"},
                    rewrite={"request_header": ["X-Verdict: {var_client_certificate_verdict}",
                                                "X-Verification: {var_client_certificate_verification}"]})
    cases = {"dev-client-01": ("SUCCESS", ""), "good": (NOT_MATCHED, "identity_not_matched"),
             "expired": ("FAILED:certificate has expired", "expired"), None: ("NONE", "no_certificate")}
    for certificate, (verdict, reason) in cases.items():
        with connect(gateway, certificate) as client:
            response = client.request(target="/identity")
            assert response.status == 200
            fields = {name.lower(): value for name, value in json.loads(response.body)["fields"]}
            assert fields["x-verdict"] == verdict
            assert fields["x-verification"] == ("PASSTHROUGH" if certificate else "NONE")
            record = gateway.record_of(client)
            assert record["sslClientVerify"] == verdict and record["wouldRefuse"] == reason
            assert record["reason"] == "" and int(record["httpStatus"]) == 200
