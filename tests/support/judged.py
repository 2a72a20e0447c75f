"""What a client of a strict profile with reveal_reason = on must find: its way to the backend, or a whole refusal."""

import uuid

# What may stand after "FAILED:" for each word.
SENTENCES = {
    "unable_to_get_issuer": ["unable to get issuer certificate"],
    "unable_to_get_local_issuer": ["unable to get local issuer certificate"],
    "unable_to_verify_first": ["unable to verify the first certificate"],
    "self_signed": ["self-signed certificate", "self-signed certificate in certificate chain"],
    "signature_failure": ["certificate signature failure"],
    "not_yet_valid": ["certificate is not yet valid"],
    "expired": ["certificate has expired"],
    "path_length": ["path length constraint exceeded"],
    "invalid_ca": ["invalid CA certificate"],
    "name_constraint": ["permitted subtree violation", "excluded subtree violation"],
    "critical_extension": ["unhandled critical extension"],
    "chain_too_long": ["certificate chain too long"],
    "weak_algorithm": ["CA signature digest algorithm too weak", "EE certificate key too weak",
                       "CA certificate key too weak"],
    "unsupported_purpose": ["unsupported certificate purpose"],
    "issuer_dn_mismatch": ["unable to verify the client certificate issuer"],
    "malformed": ["certificate could not be parsed"],
}


def target():
    return f"/judged/{uuid.uuid4().hex}"


def expect_refusal(gateway, backend, client, words):
    """One request on client: refused for one of words, everywhere where it is told."""
    path = target()
    response = client.request(target=path)
    assert response.status == 400
    phrase = "No required SSL certificate was sent" if words == ["no_certificate"] else "The SSL certificate error"
    text = response.body.decode()
    assert "<h1>400 Bad Request</h1>" in text and phrase in text
    assert response.get("content-type", "").startswith("text/html")
    record = gateway.record_of(client)
    assert record["reason"] in words, record
    assert response.get("x-sallyport-reason") == record["reason"]
    assert int(record["httpStatus"]) == 400
    if words == ["no_certificate"]:
        assert record["sslClientVerify"] == "NONE"
    else:
        result, _colon, sentence = record["sslClientVerify"].partition(":")
        assert result == "FAILED" and sentence in SENTENCES[record["reason"]]
    assert not backend.sent_to(path), "a byte reached the backend"
    return record


def expect_entry(gateway, backend, client):
    path = target()
    response = client.request(target=path)
    assert response.status == 200, response.body
    assert len(backend.sent_to(path)) == 1
    assert gateway.record_of(client)["sslClientVerify"] == "SUCCESS"
