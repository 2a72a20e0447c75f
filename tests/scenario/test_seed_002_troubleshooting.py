"""Seed 002, what goes wrong with client certificates: each error code and each entry of the log with all its causes."""

import re
import socket
import ssl

import pytest
from sallyport_pki.certificate import Plan, authority_plan, client_plan

from support import client as clients
from support import programs, wire
from support.authority import KINDS
from support.judged import expect_entry, expect_refusal
from support.trusted_files import (INVALID, NO_CA, NOTHING, ONE_ROOT, PRIVATE_KEY, check_text, expect_code, garbled,
                                   read, text_of)

GET = "GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
BEGIN, END = "-----BEGIN CERTIFICATE-----\n", "-----END CERTIFICATE-----\n"
SENDABLE = [kind for kind, row in KINDS.items() if row.reason and row.is_sendable]


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"reveal_reason": "on"}}


def basic_constraints(pki, name):
    """What `openssl x509 -text` shows of them."""
    done = programs.run("openssl", "x509", "-in", pki.file(name), "-text", "-noout")
    found = re.search(r"Basic Constraints:.*\n\s*(\S.*)", done.stdout)
    return found[1].strip() if found else ""


def expect_sentence(gateway, backend, client, word, sentence):
    """400, and the sentence behind FAILED in the access log."""
    assert expect_refusal(gateway, backend, client, [word])["sslClientVerify"] == f"FAILED:{sentence}"


# ---------------------------------------------------------------------------------- overview


def test_an_upload_without_a_root_is_an_error(tmp_path, pki):
    """The first of the common causes."""
    expect_code(check_text(tmp_path, pki, text_of(pki, "dev-intermediate", "test-intermediate")), ONE_ROOT)


def test_an_upload_with_several_roots_is_an_error(tmp_path, pki):
    """The second: chains of two organizations in one file."""
    expect_code(check_text(tmp_path, pki, text_of(pki, "root", "stranger-intermediate", "stranger-root")), ONE_ROOT)


def test_an_upload_of_a_leaf_alone_is_an_error(tmp_path, pki):
    """The third: no authority at all."""
    expect_code(check_text(tmp_path, pki, text_of(pki, "dev-client-01")), NO_CA)


def test_an_issuer_dn_that_does_not_match_is_an_error(start, backend, pki, connect):
    """The fourth: a good client of another intermediate."""
    path = pki.bundle("seed-002-dev", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on",
                                      "reveal_reason": "on"})
    with connect(gateway, "test-client-01") as client:
        expect_refusal(gateway, backend, client, ["issuer_dn_mismatch"])


def test_an_incorrect_extended_key_usage_is_an_error_and_a_missing_one_is_not(gateway, backend, connect):
    """The fifth. The original counts a missing one too; the product looks at the purpose when it is there."""
    with connect(gateway, "server-only") as client:
        expect_refusal(gateway, backend, client, ["unsupported_purpose"])
    with connect(gateway, "no-purpose") as client:
        expect_entry(gateway, backend, client)


@pytest.mark.parametrize("kind", ["no certificate", *SENDABLE])
def test_every_failure_of_authentication_is_answered_with_400(gateway, backend, connect, kind):
    """Whatever is wrong with the certificate, also when there is none."""
    with connect(gateway, None if kind == "no certificate" else kind) as client:
        expect_refusal(gateway, backend, client, [KINDS[kind].reason if kind in KINDS else "no_certificate"])


# ------------------------------------------------------------------ self-signed certificates


def test_a_self_signed_certificate_that_is_no_ca_is_refused(tmp_path, pki):
    """CA:FALSE, or no basicConstraints at all, which for openssl is a blank."""
    pki.folder.make("seed-002-bare", Plan(subject="/CN=bare", authority=None))
    assert basic_constraints(pki, "self-signed") == "CA:FALSE" and not basic_constraints(pki, "seed-002-bare")
    for name in ("self-signed", "seed-002-bare"):
        expect_code(check_text(tmp_path, pki, text_of(pki, name)), NO_CA)


def test_a_self_signed_certificate_with_ca_true_is_taken(tmp_path, pki):
    """The extension 2.5.29.19 with TRUE in it, as openssl shows it."""
    pki.folder.make("seed-002-root", authority_plan("/CN=self-signed and a CA"))
    assert basic_constraints(pki, "seed-002-root") == "CA:TRUE"
    assert check_text(tmp_path, pki, text_of(pki, "seed-002-root")).returncode == 0


# -------------------------------------------------------------------------------------- NONE


def test_none_is_logged_when_the_client_application_is_not_set_up_for_certificates(gateway, pki):
    """curl without --cert: 400, the phrase about the missing certificate, NONE."""
    status, body, _exit = programs.curl(pki, gateway.port, "/not-set-up")
    assert status == 400 and "No required SSL certificate was sent" in body
    assert gateway.record(requestUri="/not-set-up")["sslClientVerify"] == "NONE"


def test_none_is_logged_when_the_client_certificate_is_not_accessible(gateway, backend, pki, tmp_path):
    """openssl s_client gives up before it connects; an application that goes on without its certificate gets 400."""
    missing = tmp_path / "missing.pem"
    done = programs.run("openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-cert", missing, given="")
    assert done.returncode != 0 and "missing.pem" in done.stderr
    context = ssl.create_default_context(cafile=pki.file("server-root"))
    with pytest.raises(FileNotFoundError):
        context.load_cert_chain(missing)
    sock = context.wrap_socket(clients.connect_plain(gateway.port), server_hostname="localhost")
    with clients.Client(sock) as client:
        expect_refusal(gateway, backend, client, ["no_certificate"])


def record_of_a_client_without_trust(gateway, pki, version):
    """Of a client that has a good certificate and does not know the gateway's root."""
    context = ssl.create_default_context(cafile=pki.file("root"))
    context.minimum_version = context.maximum_version = clients.VERSIONS[version]
    context.load_cert_chain(pki.chain("good"), pki.key("good"))
    sock = clients.connect_plain(gateway.port)
    port = sock.getsockname()[1]
    with pytest.raises(ssl.SSLCertVerificationError):
        context.wrap_socket(sock, server_hostname="localhost")
    return gateway.record(clientPort=port)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_no_certificate_arrives_from_a_client_that_does_not_trust_the_gateway(gateway, pki, version):
    """It ends the handshake by itself: no request, and a record of the handshake that has NONE and no certificate."""
    record = record_of_a_client_without_trust(gateway, pki, version)
    assert record["error_info"] == "ERRORINFO_HTTPS_HANDSHAKE" and record["reason"]
    assert record["sslClientVerify"] == "NONE"
    assert record["sslClientCertificateFingerprint"] == "" and "requestUri" not in record


HALF_HANDSHAKES = {
    "gone at once": lambda pki: b"",
    "gone within its hello": lambda pki: wire.client_hello(pki, "good")[:100],
    "gone after its hello": lambda pki: wire.client_hello(pki, "good"),
    "a certificate request that it cannot read": lambda pki: wire.client_hello(pki) + wire.record(wire.ALERT, b"\x02\x32"),
    "HTTP without TLS": lambda pki: GET.format(target="/").encode(),
    "neither TLS nor HTTP": lambda pki: b"SSH-2.0-OpenSSH_9.2\r\n",
}


@pytest.mark.parametrize("what", HALF_HANDSHAKES)
def test_none_is_logged_when_the_handshake_ends_before_a_certificate_arrives(gateway, pki, what):
    """Whoever ended it, and however far it was."""
    with clients.Client(clients.connect_plain(gateway.port)) as client:
        client.send(HALF_HANDSHAKES[what](pki))
        client.sock.shutdown(socket.SHUT_WR)
        client.rest()
        record = gateway.record_of(client)
    assert record["sslClientVerify"] == "NONE" and record["reason"], record


def test_none_is_logged_when_no_certificate_arrives_in_time(start, backend, pki):
    """The client stops after its hello."""
    gateway = start(backend, gateway={"handshake_timeout": "1s"})
    with clients.Client(clients.connect_plain(gateway.port)) as client:
        client.send(wire.client_hello(pki, "good"))
        record = gateway.record_of(client)
    assert record["sslClientVerify"] == "NONE" and record["reason"] == "handshake_timeout", record


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_s_client_with_cert_and_key_shows_that_authentication_is_set_up(gateway, pki, version):
    """`openssl s_client -connect -cert -key -verify_return_error`: certificates are asked for, and this one gets in."""
    target = f"/s-client{version}"
    with programs.SClient(pki, gateway.port, version, "-verify_return_error", certificate="good") as peer:
        assert peer.until(r"Verify return code: 0 \(ok\)")
        peer.say(GET.format(target=target))
        assert peer.until(r"HTTP/1.1 200 OK")
        assert "Acceptable client certificate CA names" in peer.text and "Contoso Root CA" in peer.text
    assert gateway.record(requestUri=target)["sslClientVerify"] == "SUCCESS"


def test_s_client_without_cert_and_key_gets_400_and_none(gateway, pki):
    """The same command without them."""
    with programs.SClient(pki, gateway.port) as peer:
        assert peer.until(r"Verify return code: 0 \(ok\)")
        peer.say(GET.format(target="/s-client-bare"))
        assert peer.until(r"HTTP/1.1 400 Bad Request")
    assert gateway.record(requestUri="/s-client-bare")["sslClientVerify"] == "NONE"


def test_s_client_with_verify_return_error_fails_when_the_gateway_is_not_the_one_expected(gateway):
    """Verification of the gateway by the client: the command ends with an error."""
    done = programs.run("openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", "-verify_return_error",
                        given="")
    assert done.returncode != 0 and "verify error" in done.stdout + done.stderr


# ------------------------------------------------------------------------------------ FAILED


def test_failed_unable_to_get_issuer_certificate(start, backend, pki, connect):
    """The file has the leaf's issuer, and nobody has the issuer's."""
    path = pki.bundle("seed-002-orphan", "stranger-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "stranger", chain=False) as client:
        expect_sentence(gateway, backend, client, "unable_to_get_issuer", "unable to get issuer certificate")


def test_failed_unable_to_get_local_issuer_certificate(gateway, backend, connect):
    """The client sends its intermediate; what is above that is not among the trusted."""
    with connect(gateway, "stranger") as client:
        expect_sentence(gateway, backend, client, "unable_to_get_local_issuer",
                        "unable to get local issuer certificate")


def test_failed_unable_to_verify_the_first_certificate(gateway, backend, connect):
    """The client sends its leaf and nothing else, and the file lacks the intermediate."""
    with connect(gateway, "dev-client-01", chain=False) as client:
        expect_sentence(gateway, backend, client, "unable_to_verify_first", "unable to verify the first certificate")


@pytest.mark.parametrize("certificate, chain", [("dev-client-01", False), ("dev-client-01", True), ("deep", False)])
def test_a_complete_chain_in_the_file_is_the_remedy_for_all_three(start, backend, pki, connect, certificate, chain):
    """With every authority of the client's in the file the leaf alone is enough, and more than that does no harm."""
    path = pki.bundle("seed-002-complete", "root", "dev-intermediate", "devices",
                      *[f"deep-ca-{number}" for number in (1, 2, 3)])
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, certificate, chain=chain) as client:
        expect_entry(gateway, backend, client)


def test_failed_unable_to_verify_the_client_certificate_issuer(start, backend, pki, connect):
    """Only with verify_client_cert_issuer_dn = on; the same client gets in without."""
    path = pki.bundle("seed-002-dev", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on",
                                      "reveal_reason": "on"})
    with connect(gateway, "sibling") as client:
        expect_sentence(gateway, backend, client, "issuer_dn_mismatch",
                        "unable to verify the client certificate issuer")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "sibling") as client:
        expect_entry(gateway, backend, client)


PURPOSES = {"server": False, "server client": True, "client": True, "email": False, "ocsp-signing": False}


@pytest.mark.parametrize("purposes", PURPOSES)
def test_failed_unsupported_certificate_purpose_unless_it_has_client_authentication(gateway, backend, pki, connect,
                                                                                    purposes):
    """The extended key usage must have 1.3.6.1.5.5.7.3.2 in it; what else is there does not matter."""
    oids = {"email": "1.3.6.1.5.5.7.3.4", "ocsp-signing": "1.3.6.1.5.5.7.3.9"}
    name = f"seed-002-{purposes.replace(' ', '-')}"
    pki.folder.make(name, client_plan(f"/CN={purposes}", "devices",
                                      extended_key_usage=[oids.get(each, each) for each in purposes.split()]))
    with connect(gateway, name) as client:
        if PURPOSES[purposes]:
            expect_entry(gateway, backend, client)
        else:
            expect_sentence(gateway, backend, client, "unsupported_purpose", "unsupported certificate purpose")


# ------------------------------------------------------------------------- the five error codes


@pytest.mark.parametrize("text", ["", "\n \n", "The CA is in the other file.\n"])
def test_must_specify_data_when_the_file_is_empty_or_without_certificate_data(tmp_path, pki, text):
    """Nothing, blanks, words without a delimiter."""
    expect_code(check_text(tmp_path, pki, text), NOTHING)


@pytest.mark.parametrize("key", ["root", "rsa2048", "ed25519", "server-locked"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_must_not_have_private_key_when_there_is_one_in_the_chain(tmp_path, pki, key, place):
    """Of any kind, plain or encrypted, wherever it is; without it the file is taken."""
    chain, secret = text_of(pki, "devices", "root"), read(pki.key(key))
    expect_code(check_text(tmp_path, pki, secret + chain if place == "before" else chain + secret), PRIVATE_KEY)
    assert check_text(tmp_path, pki, chain).returncode == 0


UNREADABLE = {
    "bytes changed": garbled,
    "no base64": lambda pki: BEGIN + "???\n" + END,
    "without its end": lambda pki: text_of(pki, "root").replace(END, ""),
    "cut off": lambda pki: "\n".join(text_of(pki, "root").split("\n")[:4]) + "\n" + END,
    "two in one pair of delimiters": lambda pki: text_of(pki, "devices", "root").replace(END + BEGIN, ""),
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_invalid_data_when_a_certificate_cannot_be_parsed(tmp_path, pki, fault):
    """Not the right form: PEM, each certificate between delimiters of its own."""
    expect_code(check_text(tmp_path, pki, UNREADABLE[fault](pki)), INVALID)


@pytest.mark.parametrize("between", ["", "\n", "   \n\n"])
def test_invalid_data_when_there_is_nothing_between_the_delimiters(tmp_path, pki, between):
    """Also when a good certificate stands beside."""
    empty = BEGIN + between + END
    for text in (empty, text_of(pki, "root") + empty, empty + text_of(pki, "root")):
        expect_code(check_text(tmp_path, pki, text), INVALID)


def test_does_not_contain_any_ca_when_the_file_holds_leaves_only(tmp_path, pki):
    """One leaf or several."""
    for names in (["good"], ["dev-client-01", "test-client-01"]):
        expect_code(check_text(tmp_path, pki, text_of(pki, *names)), NO_CA)


@pytest.mark.parametrize("names", [["dev-client-01", "dev-intermediate", "root"],
                                   ["root", "dev-intermediate", "dev-client-01"]])
def test_a_leaf_besides_authorities_is_ignored(start, tmp_path, backend, pki, connect, names):
    """The file is taken with a note, the leaf in it is no authority, and clients are judged as without it."""
    done = check_text(tmp_path, pki, text_of(pki, *names))
    line = 1 + text_of(pki, *names[:names.index("dev-client-01")]).count("\n")
    assert done.returncode == 0 and f"ca.pem:{line}: note: " in done.output, done.output
    gateway = start(backend, profile={"trusted_client_ca": pki.bundle("seed-002-leaf", *names), "reveal_reason": "on"})
    with connect(gateway, "dev-client-02", chain=False) as client:
        expect_entry(gateway, backend, client)


def test_every_ca_of_an_accepted_file_shows_ca_true(tmp_path, pki):
    """As `openssl x509 -text` has it for root and intermediates; an issuer with CA:FALSE is no authority."""
    for name in ("root", "dev-intermediate", "test-intermediate"):
        assert basic_constraints(pki, name).startswith("CA:TRUE")
    assert basic_constraints(pki, "not-ca-ca-1") == "CA:FALSE"
    expect_code(check_text(tmp_path, pki, text_of(pki, "not-ca-ca-1")), NO_CA)


def test_only_one_root_allowed_when_there_are_several(tmp_path, pki):
    """Two of different names, two of one name, two chains with theirs."""
    for names in (["root", "stranger-root"], ["root", "same-name-root"],
                  ["dev-intermediate", "root", "stranger-intermediate", "stranger-root"]):
        expect_code(check_text(tmp_path, pki, text_of(pki, *names)), ONE_ROOT)


def test_only_one_root_allowed_when_there_is_none(tmp_path, pki):
    """One intermediate, several, one with its leaf."""
    for names in (["dev-intermediate"], ["dev-intermediate", "test-intermediate"],
                  ["dev-client-01", "dev-intermediate"]):
        expect_code(check_text(tmp_path, pki, text_of(pki, *names)), ONE_ROOT)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_exactly_one_root_and_any_number_of_intermediates_are_taken(tmp_path, pki, count):
    """In any order."""
    names = ["root", "devices", "dev-intermediate", "test-intermediate", "deep-ca-1", "policy-authority"][:count + 1]
    for ordered in (names, names[::-1]):
        assert check_text(tmp_path, pki, text_of(pki, *ordered)).returncode == 0
