"""Client certificates, good ones and every kind of bad one."""

import dataclasses

from .certificate import Plan, authority_plan

FOREVER = 40 * 365


@dataclasses.dataclass
class Kind:
    """A client certificate of a kind: what is special about it and what a strict profile says of
    it."""

    reason: str          # the word of the access log; empty: it is let in
    help: str
    changes: dict = dataclasses.field(default_factory=dict)
    above: list = dataclasses.field(default_factory=list)  # changes of authorities to be put above
                                                           # it, the highest first
    is_sendable: bool = True  # false: OpenSSL's clients refuse to send it


DEVICES_ONLY = {"permitted": ["DNS:device.example.com"]}
NO_DEVICES = {"excluded": ["DNS:device.example.com"]}
A_DEVICE = {"alternative_names": ["DNS:a.device.example.com"]}
ANOTHER = {"alternative_names": ["DNS:a.example.org"]}
A_THOUSAND = [f"DNS:d{n:04}.a-long-name-for-a-device.example.com" for n in range(1000)]
YESTERDAY = {"starts_days": -30, "ends_days": -1}

# One row a kind: `kinds` prints it, `leaf --kind` makes it, the scenario tests expect its word.
KINDS = {
    # Let in
    "good": Kind("", "nothing wrong: P-256, clientAuth"),
    "no-purpose": Kind(
        "", "no extended key usage at all", {"extended_key_usage": []}),
    "two-purposes": Kind(
        "", "clientAuth and serverAuth", {"extended_key_usage": ["server", "client"]}),
    "p384": Kind("", "P-384 key", {"key": "p384"}),
    "p521": Kind("", "P-521 key", {"key": "p521"}),
    "rsa2048": Kind("", "RSA key of 2048 bits", {"key": "rsa2048"}),
    "ed25519": Kind("", "Ed25519 key", {"key": "ed25519"}),
    "rsa-authority": Kind("", "signed by an RSA authority", {}, [{"key": "rsa2048"}]),
    "ed25519-authority": Kind("", "signed by an Ed25519 authority", {}, [{"key": "ed25519"}]),
    "p384-sha384": Kind(
        "", "signed with SHA-384 by a P-384 authority", {"digest": "sha384"}, [{"key": "p384"}]),
    "empty-subject": Kind(
        "", "no subject, a critical alternative name",
        {"subject": "", "alternative_names": ["DNS:device-1.example.com"]}),
    "deep": Kind("", "three more intermediates above it", {}, [{}, {}, {}]),
    "huge": Kind(
        "", "40 KB: a thousand alternative names", {"alternative_names": A_THOUSAND}),
    "name-permitted": Kind(
        "", "inside its authority's name constraint", A_DEVICE, [DEVICES_ONLY]),
    "until-2060": Kind(
        "", "ends after 2049, where dates have another form", {"ends_days": FOREVER}),

    # Not at this time
    "expired": Kind("expired", "ended yesterday", YESTERDAY),
    "not-yet-valid": Kind(
        "not_yet_valid", "starts tomorrow", {"starts_days": 1, "ends_days": 30}),
    "expired-authority": Kind("expired", "its authority ended yesterday", {}, [YESTERDAY]),
    "future-authority": Kind(
        "not_yet_valid", "its authority starts tomorrow", {}, [{"starts_days": 1}]),

    # Not for this purpose
    "server-only": Kind(
        "unsupported_purpose", "serverAuth only", {"extended_key_usage": ["server"]}),
    "server-authority": Kind(
        "unsupported_purpose", "its authority may sign for servers only", {},
        [{"extended_key_usage": ["server"]}]),

    # Not by an authority that may
    "self-signed": Kind("self_signed", "its own issuer", {"issuer": ""}),
    "self-signed-ca": Kind(
        "self_signed", "a root of its own, used as a client",
        {"issuer": "", "authority": True, "key_usage": ["digitalSignature", "keyCertSign"]}),
    "not-ca": Kind("invalid_ca", "its issuer is CA:FALSE", {}, [{"authority": False}]),
    "no-ca": Kind("invalid_ca", "its issuer has no basicConstraints", {}, [{"authority": None}]),
    "no-cert-sign": Kind(
        "invalid_ca", "its issuer's key usage lacks keyCertSign", {}, [{"key_usage": ["cRLSign"]}]),
    "path-length": Kind(
        "path_length", "an authority below one that allows none", {}, [{"path_length": 0}, {}]),
    "name-constraint": Kind(
        "name_constraint", "outside its authority's permitted names", ANOTHER, [DEVICES_ONLY]),
    "name-excluded": Kind(
        "name_constraint", "inside its authority's excluded names", A_DEVICE, [NO_DEVICES]),
    "name-ancestor": Kind(
        "name_constraint", "outside the names of the authority above its authority", ANOTHER,
        [DEVICES_ONLY, {}]),
    "email-constraint": Kind(
        "name_constraint", "a mail address outside its authority's permitted hosts",
        {"alternative_names": ["email:a@example.org"]}, [{"permitted": ["email:example.com"]}]),
    "address-constraint": Kind(
        "name_constraint", "an IP address inside its authority's excluded network",
        {"alternative_names": ["IP:192.0.2.7"]}, [{"excluded": ["IP:192.0.2.0/24"]}]),
    "critical-extension": Kind(
        "critical_extension", "a critical extension nobody knows", {"unknown_critical": True}),
    "critical-authority": Kind(
        "critical_extension", "the same in its authority", {}, [{"unknown_critical": True}]),
    "too-deep": Kind("chain_too_long", "fourteen more intermediates above it", {}, [{}] * 14),

    # Not strong enough
    "sha1": Kind("weak_algorithm", "signed with SHA-1", {"digest": "sha1"}),
    "sha1-authority": Kind(
        "weak_algorithm", "its authority is signed with SHA-1", {}, [{"digest": "sha1"}]),
    "rsa1024": Kind("weak_algorithm", "RSA key of 1024 bits", {"key": "rsa1024"}),
    "rsa1024-authority": Kind(
        "weak_algorithm", "signed by an RSA authority of 1024 bits", {}, [{"key": "rsa1024"}]),
    "bad-signature": Kind(
        "signature_failure", "one bit of the signature flipped", {"garble": "signature"}),
    "bad-authority": Kind(
        "signature_failure", "one bit of its authority's signature flipped", {},
        [{"garble": "signature"}]),

    # Not a certificate
    "duplicate": Kind(
        "malformed", "the same extension twice", {"garble": "duplicate_extension"},
        is_sendable=False),
    "bad-date": Kind("malformed", "an end that is no date", {"garble": "date"}),
    "bad-constraints": Kind(
        "malformed", "basicConstraints that are not DER", {"garble": "basic_constraints"},
        is_sendable=False),
    "bad-policies": Kind(
        "malformed", "certificatePolicies that are not DER", {"garble": "policies"}),
    "loose": Kind("malformed", "a TRUE that BER allows and DER does not", {"garble": "boolean"}),
}


def make_kind(folder, kind, name, issuer, **changes):
    """NAME and the authorities NAME-ca-1… that its kind wants above it."""
    row = KINDS[kind]
    for number, above in enumerate(row.above, 1):
        authority = f"{name}-ca-{number}"
        subject = f"/O=Sallyport Test/CN={authority}"
        folder.make(authority, authority_plan(subject, issuer, **above))
        issuer = authority
    plan = {"subject": f"/O=Sallyport Test/OU=Clients/CN={name}", "issuer": issuer, **changes,
            **row.changes}
    folder.make(name, Plan(**{"extended_key_usage": ["client"], **plan}))
