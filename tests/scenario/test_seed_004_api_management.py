"""Seed 004, the tree of certificates for API Management: how it is made, in which files, and what its clients may."""

import json
import os
import ssl
import sys

import pytest
from sallyport_pki.der import elements, integer, pem, sequence, tlv

from support import edge, http, programs, wait
from support.authority import ROOT
from support.judged import expect_entry, expect_refusal
from support.trusted_files import read

STAGES = ["dev", "test"]
CLIENTS = [f"{stage}-client-{number}" for stage in STAGES for number in ("01", "02")]
AUTHORITIES = ["root", "dev-intermediate", "test-intermediate"]


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"reveal_reason": "on"}}


def issuer_of(pki, name):
    return pki.shown(name, "-issuer", "-nameopt", "RFC2253")


def subject_of(pki, name):
    return pki.shown(name, "-subject", "-nameopt", "RFC2253")


def other(stage):
    return STAGES[1 - STAGES.index(stage)]


def profile_of(pki, stage):
    """An environment's own: its intermediate must have issued the certificate."""
    return {"trusted_client_ca": pki.bundle(f"seed-004-{stage}", f"{stage}-intermediate", "root"),
            "verify_client_cert_issuer_dn": "on", "reveal_reason": "on"}


# ---------------------------------------------------------------------------------- the tree


def test_there_is_one_root_ca(pki):
    """It signed itself and is an authority."""
    assert issuer_of(pki, "root") == subject_of(pki, "root")
    assert programs.run("openssl", "verify", "-CAfile", pki.file("root"), pki.file("root")).stdout.endswith(": OK\n")


@pytest.mark.parametrize("stage", STAGES)
def test_there_is_an_intermediate_for_development_and_one_for_test_below_the_root(pki, stage):
    """Each with a name of its own, signed by the root."""
    name = f"{stage}-intermediate"
    assert issuer_of(pki, name) == subject_of(pki, "root") and stage.upper() in subject_of(pki, name)
    assert programs.run("openssl", "verify", "-CAfile", pki.file("root"), pki.file(name)).stdout.endswith(": OK\n")


@pytest.mark.parametrize("stage", STAGES)
def test_there_are_two_clients_in_each_environment(pki, stage):
    """Signed by the intermediate of their environment."""
    for name in (f"{stage}-client-01", f"{stage}-client-02"):
        assert issuer_of(pki, name) == subject_of(pki, f"{stage}-intermediate")
        done = programs.run("openssl", "verify", "-CAfile", pki.file("root"),
                            "-untrusted", pki.file(f"{stage}-intermediate"), pki.file(name))
        assert done.stdout.endswith(": OK\n")


def test_one_command_makes_the_whole_tree(tmp_path):
    """tools/sallyport-pki tree: seven certificates and their files."""
    done = programs.run(sys.executable, os.path.join(ROOT, "tools", "sallyport-pki"), "tree", "--dir", tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in tmp_path.glob("*.cer")} == {*AUTHORITIES, *CLIENTS}
    assert {path.stem for path in tmp_path.glob("*.pfx")} == set(CLIENTS)


# --------------------------------------------------------------------------------- the files


@pytest.mark.parametrize("name", AUTHORITIES + CLIENTS)
def test_every_certificate_is_exported_as_a_base64_cer_file(pki, name):
    """X.509 between delimiters, without a key: the very certificate."""
    text = read(pki.file(name, ".cer"))
    assert text.startswith("-----BEGIN CERTIFICATE-----\n") and "PRIVATE KEY" not in text
    assert ssl.PEM_cert_to_DER_cert(text) == pki.der(name)


@pytest.mark.parametrize("name", CLIENTS)
def test_every_client_is_exported_with_its_private_key_as_a_pfx_file(pki, name):
    """Certificate, intermediate and key in one; the key is that of the certificate."""
    shown = programs.run("openssl", "pkcs12", "-in", pki.file(name, ".pfx"), "-passin", "pass:", "-nodes").stdout
    assert shown.count("BEGIN CERTIFICATE") == 2 and shown.count("BEGIN PRIVATE KEY") == 1
    public = programs.run("openssl", "x509", "-in", pki.file(name), "-noout", "-pubkey").stdout
    assert programs.run("openssl", "pkey", "-pubout", given=shown[shown.index("-----BEGIN PRIVATE"):]).stdout == public


def test_the_cer_files_are_trusted_files_for_the_gateway(start, backend, pki, tmp_path, connect):
    """Root and intermediate put together, as they were exported."""
    path = tmp_path / "dev.cer"
    path.write_text(read(pki.file("dev-intermediate", ".cer")) + read(pki.file("root", ".cer")))
    gateway = start(backend, profile={"trusted_client_ca": str(path), "reveal_reason": "on"})
    with connect(gateway, "dev-client-01", chain=False) as client:
        expect_entry(gateway, backend, client)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_gets_in_with_its_pfx_file(gateway, pki, name):
    """curl takes it as it is."""
    status, _body, exit_status = programs.curl(pki, gateway.port, f"/pfx/{name}", "--cert-type", "P12", "--cert",
                                               pki.file(name, ".pfx") + ":")
    assert (status, exit_status) == (200, 0)
    record = gateway.record(requestUri=f"/pfx/{name}")
    assert record["sslClientVerify"] == "SUCCESS" and record["sslClientCertificateSubject"] == subject_of(pki, name)


# ---------------------------------------------------------------------- what the clients may


@pytest.mark.parametrize("name", CLIENTS)
def test_with_the_root_trusted_clients_of_both_environments_get_in(gateway, backend, connect, name):
    """Nothing but the root matters then."""
    with connect(gateway, name) as client:
        expect_entry(gateway, backend, client)


@pytest.mark.parametrize("stage", STAGES)
def test_clients_of_an_environment_get_in_there_and_those_of_the_other_do_not(start, backend, pki, connect, stage):
    """The gateway of an environment verifies that its own intermediate issued the certificate."""
    gateway = start(backend, profile=profile_of(pki, stage))
    for number in ("01", "02"):
        with connect(gateway, f"{stage}-client-{number}") as client:
            expect_entry(gateway, backend, client)
        with connect(gateway, f"{other(stage)}-client-{number}") as client:
            expect_refusal(gateway, backend, client, ["issuer_dn_mismatch"])


@pytest.mark.parametrize("stage", STAGES)
def test_both_environments_are_served_by_one_gateway_and_kept_apart(start, backend, pki, connect, stage):
    """A listener and a profile for each."""
    more = [edge.listener_section(pki, name="test", ssl_profile="test"),
            edge.profile_section(pki, "test", **profile_of(pki, "test"))]
    gateway = start(backend, profile=profile_of(pki, "dev"), more=more)
    port = gateway.ports[STAGES.index(stage)]
    with connect(gateway, f"{stage}-client-01", port=port) as client:
        expect_entry(gateway, backend, client)
    with connect(gateway, f"{other(stage)}-client-01", port=port) as client:
        expect_refusal(gateway, backend, client, ["issuer_dn_mismatch"])


@pytest.mark.parametrize("name", CLIENTS)
def test_one_client_alone_is_let_in_by_its_thumbprint(start, backend, pki, connect, name):
    """As API Management compares thumbprints: the other three are valid and not invited."""
    thumbprint = pki.shown(name, "-fingerprint", "-sha1").replace(":", "")
    gateway = start(backend, profile={"allow_identity": f"thumbprint={thumbprint}"})
    for each in CLIENTS:
        with connect(gateway, each) as client:
            assert client.request(target="/").status == (200 if each == name else 400)
            assert gateway.record_of(client)["reason"] == ("" if each == name else "identity_not_matched")


def test_a_client_certificate_is_validated_as_in_api_management(start, backend, pki, connect):
    """Its answers: 401 and JSON, one message for none and one for any that is wrong."""
    gateway = start(backend, profile={"failure_style": "api_management", "allow_identity": "common_name=dev-client-01"})
    wrong = "Invalid client certificate"
    cases = {"dev-client-01": None, "dev-client-02": wrong, "expired": wrong, "stranger": wrong,
             None: "Client certificate missing"}
    for name, message in cases.items():
        with connect(gateway, name) as client:
            response = client.request(target="/")
            assert response.status == (401 if message else 200)
            if message:
                assert json.loads(response.body) == {"statusCode": 401, "message": message}


def write_false_key(pki, name, path):
    """A private key that is another's and says that its public key is that of NAME: OpenSSL believes it."""
    algorithm, point = elements(elements(pki.folder.public_key(name, ""))[0][2])
    curve = elements(algorithm[2])[1][2]
    key = sequence(integer(1), tlv(0x04, b"\x11" * 32), tlv(0xA0, tlv(0x06, curve)), tlv(0xA1, tlv(0x03, point[2])))
    path.write_text(pem("EC PRIVATE KEY", key))
    return str(path)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("name", CLIENTS)
def test_the_certificate_without_its_key_gets_nobody_in(gateway, backend, pki, tmp_path, connect, name, version):
    """Whoever has the .cer file alone cannot prove that it is his: the handshake ends, and the log has it."""
    identity = (pki.chain(name), write_false_key(pki, name, tmp_path / "false.key"))
    path = f"/false/{name}/{version}"
    before = len(failed_handshakes(gateway))
    with pytest.raises((OSError, http.Ended)):
        with connect(gateway, identity, version=version) as client:
            client.request(target=path)
    record = wait.until(lambda: failed_handshakes(gateway)[before:], "the record of the handshake")[0]
    assert record["sslClientVerify"] == "" and record["sslClientCertificateSubject"] == ""
    assert not backend.sent_to(path)


def failed_handshakes(gateway):
    return [each for each in gateway.records() if each["error_info"] == "ERRORINFO_HTTPS_HANDSHAKE"]
