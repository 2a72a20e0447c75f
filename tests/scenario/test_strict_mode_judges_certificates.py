"""Every row of the table of reasons: a certificate of the kind, the word and the sentence in the log, the phrase in the 400."""

import pytest

from support.authority import KINDS
from support.judged import expect_entry, expect_refusal, target

VERSIONS = ["1.2", "1.3"]

GOOD = [kind for kind, row in KINDS.items() if not row.reason]
BAD = [kind for kind, row in KINDS.items() if row.reason and row.is_sendable]


@pytest.fixture(scope="module")
def shared_changes():
    return {"profile": {"reveal_reason": "on"}}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_certificate_gets_in(gateway, backend, connect, kind, version):
    with connect(gateway, kind, version=version) as client:
        expect_entry(gateway, backend, client)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", BAD)
def test_a_bad_certificate_is_refused_with_its_reason(gateway, backend, connect, kind, version):
    with connect(gateway, kind, version=version) as client:
        expect_refusal(gateway, backend, client, [KINDS[kind].reason])


@pytest.mark.parametrize("version", VERSIONS)
def test_no_certificate_is_refused(gateway, backend, connect, version):
    with connect(gateway, version=version) as client:
        expect_refusal(gateway, backend, client, ["no_certificate"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_leaf_without_its_intermediate_cannot_be_verified(gateway, backend, connect, version):
    with connect(gateway, "dev-client-01", chain=False, version=version) as client:
        expect_refusal(gateway, backend, client, ["unable_to_verify_first"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stranger_with_an_intermediate_has_no_local_issuer(gateway, backend, connect, version):
    with connect(gateway, "stranger", version=version) as client:
        expect_refusal(gateway, backend, client, ["unable_to_get_local_issuer"])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stranger_who_sends_his_root_is_self_signed(gateway, backend, pki, connect, version):
    with connect(gateway, (pki.file("stranger", "-full.pem"), pki.key("stranger")), version=version) as client:
        record = expect_refusal(gateway, backend, client, ["self_signed"])
    assert record["sslClientVerify"] == "FAILED:self-signed certificate in certificate chain"


def test_a_stranger_below_the_name_of_our_root_fails_by_signature(gateway, backend, connect):
    with connect(gateway, "same-name") as client:
        expect_refusal(gateway, backend, client, ["signature_failure"])


def test_a_key_identifier_of_another_key_does_not_help_a_stranger(gateway, backend, connect):
    with connect(gateway, "same-name-marked") as client:
        expect_refusal(gateway, backend, client, ["signature_failure", "unable_to_verify_first"])


def test_a_client_of_a_sibling_intermediate_gets_in(gateway, backend, connect):
    with connect(gateway, "sibling") as client:
        expect_entry(gateway, backend, client)


def test_the_order_of_the_chain_does_not_matter(gateway, backend, pki, connect):
    """RFC 8446 4.4.2: the leaf first, the rest in any order."""
    path = pki.bundle("shuffled", "deep", "devices", "deep-ca-1", "deep-ca-3", "deep-ca-2")
    with connect(gateway, (path, pki.key("deep"))) as client:
        expect_entry(gateway, backend, client)


def test_certificates_that_do_not_belong_to_the_path_are_ignored(gateway, backend, pki, connect):
    path = pki.bundle("padded", "good", "stranger-intermediate", "expired", "devices", "devices")
    with connect(gateway, (path, pki.key("good"))) as client:
        expect_entry(gateway, backend, client)


def test_the_root_may_be_sent_too(gateway, backend, pki, connect):
    path = pki.bundle("with-root", "good", "devices", "root")
    with connect(gateway, (path, pki.key("good"))) as client:
        expect_entry(gateway, backend, client)


def test_two_refusals_on_one_connection_are_both_answered(gateway, backend, connect):
    """A refused client may keep its connection or lose it, but never gets in by asking again."""
    with connect(gateway, "expired") as client:
        expect_refusal(gateway, backend, client, ["expired"])
        path = target()
        try:
            assert client.request(target=path).status == 400
        except (OSError, Exception) as ended:  # pylint: disable=broad-except
            assert type(ended).__name__ in ("Ended", "BrokenPipeError", "ConnectionResetError", "SSLEOFError",
                                            "SSLZeroReturnError")
        assert not backend.sent_to(path)


def test_a_refused_body_reaches_nobody(gateway, backend, connect):
    with connect(gateway, "expired") as client:
        path = target()
        client.start("POST", path, body=b"x" * 100000)
        assert client.response("POST").status == 400
        assert not backend.sent_to(path)


def test_an_intermediate_of_the_trusted_file_completes_a_leaf(start, backend, pki, connect):
    gateway = start(backend, profile={"trusted_client_ca": pki.file("devices-trusted"), "reveal_reason": "on"})
    with connect(gateway, "good", chain=False) as client:
        expect_entry(gateway, backend, client)


def test_an_intermediate_whose_root_is_missing_has_no_issuer(start, backend, pki, connect):
    """The file holds one good root and an intermediate of somebody else's."""
    path = pki.bundle("orphan", "stranger-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "reveal_reason": "on"})
    with connect(gateway, "stranger", chain=False) as client:
        expect_refusal(gateway, backend, client, ["unable_to_get_issuer"])


def test_every_file_of_a_profile_is_trusted(start, backend, pki, connect):
    gateway = start(backend, profile={"trusted_client_ca": [pki.file("root"), pki.file("stranger-root")],
                                      "reveal_reason": "on"})
    for certificate in ("good", "stranger"):
        with connect(gateway, certificate) as client:
            expect_entry(gateway, backend, client)


def test_the_reason_is_not_told_to_clients_unless_asked_for(start, backend, connect):
    gateway = start(backend)
    with connect(gateway, "expired") as client:
        response = client.request(target="/")
        assert response.status == 400 and response.get("x-sallyport-reason") is None
        assert b"expired" not in response.body


def test_the_issuer_dn_must_be_that_of_the_file_when_asked_for(start, backend, pki, connect):
    path = pki.bundle("dev-only", "dev-intermediate", "root")
    gateway = start(backend, profile={"trusted_client_ca": path, "verify_client_cert_issuer_dn": "on",
                                      "reveal_reason": "on"})
    with connect(gateway, "dev-client-01") as client:
        expect_entry(gateway, backend, client)
    with connect(gateway, "test-client-01") as client:
        expect_refusal(gateway, backend, client, ["issuer_dn_mismatch"])
