"""Seed 000, a certificate of one's own for mutual authentication: each statement about it, by openssl's commands."""

import os
import re
import stat

import pytest
from sallyport_pki.certificate import authority_plan, client_plan

from support import programs
from support.judged import expect_entry, expect_refusal
from support.openssl_authority import PASSPHRASE, OpensslAuthority
from support.trusted_files import check

NAME = "www.contoso.com"
SUBJECT = f"/O=Contoso/CN={NAME}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """The how-to up to its signed certificate for users, and one for servers of the same key."""
    made = OpensslAuthority(tmp_path_factory.mktemp("how-to"))
    made.make_locked_key(NAME)
    for name, extensions in ((NAME, "usr_cert"), ("as-server", "server_cert")):
        made.request(name, NAME, SUBJECT)
        made.sign(name, extensions)
    return made


@pytest.fixture(scope="module")
def shared_changes(authority):
    return {"profile": {"trusted_client_ca": authority.path(authority.cert("ca-chain")), "reveal_reason": "on"}}


def identity_of(authority, name):
    """Chain, key and passphrase, as Python's clients take them."""
    return authority.path(authority.cert(f"{name}-chain")), authority.path(authority.key(NAME)), PASSPHRASE


# -------------------------------------------------------------------------------------- the authority


def test_a_self_signed_ca_is_taken_as_the_root_that_clients_are_verified_against(start, backend, pki, connect):
    """An authority that signed itself, given to a profile, vouches for its clients and for nobody else's."""
    pki.folder.make("seed-000-root", authority_plan("/CN=An authority of my own"))
    pki.folder.make("seed-000-client", client_plan("/CN=my client", "seed-000-root"))
    gateway = start(backend, profile={"trusted_client_ca": pki.file("seed-000-root"), "reveal_reason": "on"})
    with connect(gateway, "seed-000-client") as client:
        expect_entry(gateway, backend, client)
    with connect(gateway, "same-name") as client:
        expect_refusal(gateway, backend, client, ["unable_to_verify_first"])


def test_a_self_signed_ca_is_not_trusted_unless_it_is_given(gateway, backend, pki, connect):
    """What no profile names is not trusted, however good its certificate is, and also not when the client sends it."""
    with connect(gateway, "dev-client-01") as client:
        expect_refusal(gateway, backend, client, ["unable_to_get_local_issuer"])
    path = pki.bundle("seed-000-with-root", "dev-client-01", "dev-intermediate", "root")
    with connect(gateway, (path, pki.key("dev-client-01"))) as client:
        expect_refusal(gateway, backend, client, ["self_signed"])


def test_a_self_signed_ca_with_an_outdated_hash_is_warned_of(tmp_path, pki):
    """An authority may be too old-fashioned to be relied on: the check of the configuration says so."""
    pki.folder.make("seed-000-outdated", authority_plan("/CN=outdated", "root", digest="sha1"))
    done = check(tmp_path, pki, pki.bundle("seed-000-outdated-file", "seed-000-outdated", "root"))
    assert done.returncode == 0 and "is signed with an algorithm too weak" in done.output


@pytest.mark.parametrize("kind", ["sha1", "sha1-authority", "rsa1024"])
def test_a_client_with_an_outdated_hash_or_key_is_refused(start, backend, connect, kind):
    """Weak signatures and keys are not accepted of clients or of authorities between them and the root."""
    gateway = start(backend, profile={"reveal_reason": "on"})
    with connect(gateway, kind) as client:
        expect_refusal(gateway, backend, client, ["weak_algorithm"])


# ----------------------------------------------------------------------------------------- the steps


def test_the_key_is_encrypted_with_aes_256_and_can_be_read_by_its_owner_only(authority):
    """`openssl genrsa -aes256 … 2048`, then chmod 400."""
    path = authority.path(authority.key(NAME))
    assert "ENCRYPTED" in authority.read(authority.key(NAME))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o400
    shown = authority.openssl("rsa", "-in", path, "-passin", f"pass:{PASSPHRASE}", "-noout", "-text").stdout
    assert "2048 bit" in shown
    assert authority.openssl("rsa", "-in", path, "-passin", "pass:wrong", "-noout", may_fail=True).returncode != 0


def test_a_request_is_made_with_the_key(authority):
    """`openssl req -new -sha256 -key …`: signed by the very key, with the subject that was asked for."""
    shown = authority.openssl("req", "-in", authority.csr(NAME), "-noout", "-text", "-verify")
    assert "sha256WithRSAEncryption" in shown.stdout and NAME in shown.stdout
    assert "OK" in shown.stdout + shown.stderr


@pytest.mark.parametrize("subject", ["/O=Contoso/CN=Root of the how-to", "/O=Contoso/CN=Intermediate of the how-to"])
def test_the_common_name_of_an_authority_makes_a_client_no_authority(gateway, backend, connect, authority, subject):
    """The how-to wants a name of its own for the client. One that has the name of an authority all the same is
    judged by signatures, so it is a client like any other; and what it signs itself does not get in."""
    name = subject.rpartition("=")[2].split()[0].lower() + "-named"
    authority.request(name, NAME, subject)
    authority.sign(name, "usr_cert")
    with connect(gateway, identity_of(authority, name)) as client:
        expect_entry(gateway, backend, client)
    authority.request(f"{name}-child", NAME, "/CN=child")
    authority.openssl("x509", "-req", "-in", authority.csr(f"{name}-child"), "-CA", authority.cert(name), "-CAkey",
                      authority.key(NAME), "-passin", f"pass:{PASSPHRASE}", "-set_serial", "7", "-days", "30",
                      "-out", authority.cert(f"{name}-child"))
    authority.join(f"{name}-child", name, "intermediate")
    with connect(gateway, identity_of(authority, f"{name}-child")) as client:
        expect_refusal(gateway, backend, client, ["signature_failure"])


def test_the_intermediate_signs_the_request_for_use_by_a_client(gateway, backend, connect, authority):
    """`openssl ca -extensions usr_cert`: the purpose is client authentication, and with it the client gets in."""
    shown = authority.openssl("x509", "-in", authority.cert(NAME), "-noout", "-ext", "extendedKeyUsage").stdout
    assert "TLS Web Client Authentication" in shown
    with connect(gateway, identity_of(authority, NAME)) as client:
        expect_entry(gateway, backend, client)


def test_a_certificate_signed_with_server_cert_is_refused_for_its_purpose(gateway, backend, connect, authority):
    """The command of the how-to names server_cert where its words name usr_cert: the words are right. A certificate for
    servers is good by its chain and bad for a client."""
    with connect(gateway, identity_of(authority, "as-server")) as client:
        expect_refusal(gateway, backend, client, ["unsupported_purpose"])


def test_the_certificate_is_good_for_375_days_is_signed_with_sha_256_and_cannot_be_written(authority):
    """`-days 375 -md sha256`, chmod 444."""
    path = authority.path(authority.cert(NAME))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o444
    assert "sha256" in authority.openssl("x509", "-in", path, "-noout", "-text").stdout.lower()
    for seconds, status in ((374 * 86400, 0), (376 * 86400, 1)):
        done = authority.openssl("x509", "-in", path, "-noout", "-checkend", str(seconds), may_fail=True)
        assert done.returncode == status


def test_the_issuer_is_the_intermediate_and_the_subject_the_certificate_itself(gateway, backend, connect, authority):
    """As `openssl x509 -noout -text` shows it, and as the access log has it."""
    text = authority.openssl("x509", "-noout", "-text", "-in", authority.cert(NAME)).stdout
    assert re.search(r"Issuer: O ?= ?Contoso, CN ?= ?Intermediate of the how-to", text)
    assert re.search(r"Subject: O ?= ?Contoso, CN ?= ?www.contoso.com", text)
    with connect(gateway, identity_of(authority, NAME)) as client:
        expect_entry(gateway, backend, client)
        record = gateway.record_of(client)
    assert record["sslClientCertificateIssuerName"] == "CN=Intermediate of the how-to,O=Contoso"
    assert record["sslClientCertificateSubject"] == f"CN={NAME},O=Contoso"


def test_openssl_verify_says_ok_with_the_chain_file(authority):
    """`openssl verify -CAfile ca-chain.cert.pem`: the file's name, a colon, OK."""
    assert authority.verify(NAME).stdout == f"{authority.cert(NAME)}: OK\n"


def test_the_chain_file_that_verifies_is_the_file_for_the_gateway(tmp_path, pki, authority):
    """What -CAfile takes, trusted_client_ca takes, without a warning."""
    done = check(tmp_path, pki, authority.path(authority.cert("ca-chain")), "--strict")
    assert done.returncode == 0 and "warning" not in done.output, done.output


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_certificate_is_deployed_to_a_client(gateway, pki, authority, version):
    """`openssl s_client -cert -key` with the certificate and the locked key as they were made."""
    with programs.SClient(pki, gateway.port, version, "-cert", authority.path(authority.cert(NAME)), "-key",
                          authority.path(authority.key(NAME)), "-pass", f"pass:{PASSPHRASE}") as peer:
        assert peer.until(r"Verify return code: 0 \(ok\)")
        peer.say(f"GET /how-to{version} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert peer.until(r"HTTP/1.1 200 OK")
    assert gateway.record(requestUri=f"/how-to{version}", sslClientVerify="SUCCESS")
