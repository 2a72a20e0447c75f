"""From a plan to a certificate. They are put together here byte by byte, because the openssl
command refuses to make most of the bad ones."""

import dataclasses
import hashlib
import secrets
import time

from .der import (bit_string, elements, integer, moment, object_identifier, sequence, tlv)
from .names import distinguished_name, general_name

DAY = 24 * 3600
KEY_USAGE_BITS = ["digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
                  "keyAgreement", "keyCertSign", "cRLSign"]


@dataclasses.dataclass
class Plan:
    """All that decides about one certificate. Written beside it, so that a second run knows whether
    to keep it."""

    subject: str = ""
    issuer: str = ""                     # name of the signing authority; empty: signs itself
    key: str = "p256"
    key_of: str = ""                     # takes this certificate's key instead of a new one
    starts_days: float = -1              # from now
    ends_days: float = 365
    authority: object = False            # basicConstraints CA: True, False, None: no extension
    path_length: object = None
    key_usage: list = dataclasses.field(default_factory=lambda: ["digitalSignature"])
    extended_key_usage: list = dataclasses.field(default_factory=list)
    alternative_names: list = dataclasses.field(default_factory=list)
    permitted: list = dataclasses.field(default_factory=list)    # name constraints
    excluded: list = dataclasses.field(default_factory=list)
    policies: list = dataclasses.field(default_factory=list)
    explicit_policy: object = None       # certificates until a policy must hold; None: never
    ocsp_url: str = ""
    must_staple: bool = False            # RFC 7633
    digest: str = "sha256"
    serial: int = 0                      # 0: random
    version: int = 3
    key_identifiers: bool = True
    unknown_critical: bool = False
    garble: str = ""                     # signature, date, or what extensions() looks for
    passphrase_file: str = ""
    issuer_print: str = ""               # SHA-256 of the issuer: a renewed authority makes its
                                         # leaves stale


def extension(name, *parts, critical=False):
    mark = tlv(0x01, b"\xff") if critical else b""
    return sequence(object_identifier(name), mark, tlv(0x04, *parts))


def key_usage(names):
    bits = sum(0x80 >> KEY_USAGE_BITS.index(name) for name in names)
    unused = (bits & -bits).bit_length() - 1
    return extension("key_usage", bit_string(bytes([bits]), unused), critical=True)


def basic_constraints(plan):
    if plan.garble == "basic_constraints":
        return extension("basic_constraints", b"\x30\x7fnot DER", critical=True)
    authority = tlv(0x01, b"\xff") if plan.authority else b""
    length = integer(plan.path_length) if plan.path_length is not None else b""
    return extension("basic_constraints", sequence(authority, length), critical=True)


def name_constraints(plan):
    def subtrees(tag, names):
        return tlv(tag, *[sequence(general_name(name)) for name in names]) if names else b""

    both = sequence(subtrees(0xA0, plan.permitted), subtrees(0xA1, plan.excluded))
    return extension("name_constraints", both, critical=True)


def policies(plan):
    made = []
    if plan.policies:
        listed = [sequence(object_identifier(policy)) for policy in plan.policies]
        made.append(extension("policies", sequence(*listed)))
    if plan.explicit_policy is not None:
        made.append(extension("policy_constraints",
                              sequence(integer(plan.explicit_policy, tag=0x80)), critical=True))
    return made


def key_identifier(public_key):
    """RFC 5280 4.2.1.2, method 1."""
    return hashlib.sha1(elements(elements(public_key)[0][2])[1][2][1:]).digest()


def key_identifiers(public_key, issuer_key):
    yield extension("subject_key", tlv(0x04, key_identifier(public_key)))
    yield extension("authority_key", sequence(tlv(0x80, key_identifier(issuer_key))))


def good_extensions(plan, public_key, issuer_key):
    made = []
    if plan.authority is not None:
        made.append(basic_constraints(plan))
    if plan.key_usage:
        made.append(key_usage(plan.key_usage))
    if plan.extended_key_usage:
        purposes = sequence(*map(object_identifier, plan.extended_key_usage))
        made.append(extension("extended_key_usage", purposes))
    if plan.alternative_names:
        names = sequence(*map(general_name, plan.alternative_names))
        made.append(extension("alternative_name", names, critical=not plan.subject.strip("/")))
    if plan.permitted or plan.excluded:
        made.append(name_constraints(plan))
    made += policies(plan)
    if plan.key_identifiers:
        made += key_identifiers(public_key, issuer_key)
    if plan.ocsp_url:
        place = sequence(object_identifier("ocsp"), general_name(f"URI:{plan.ocsp_url}"))
        made.append(extension("authority_access", sequence(place)))
    if plan.must_staple:
        made.append(extension("tls_feature", sequence(integer(5))))
    return made


def extensions(plan, public_key, issuer_key):
    made = good_extensions(plan, public_key, issuer_key)
    if plan.unknown_critical:
        made.append(extension("unknown", tlv(0x0C, b"nobody knows this"), critical=True))
    if plan.garble == "policies":
        made.append(extension("policies", b"\x30\x7fnot DER"))
    if plan.garble == "boolean":
        made[0] = made[0].replace(b"\x01\x01\xff", b"\x01\x01\x01", 1)
    if plan.garble == "duplicate_extension":
        made.append(made[0])
    return tlv(0xA3, sequence(*made)) if made else b""


def to_be_signed(plan, issuer_name, public_key, issuer_key, algorithm):
    start = moment(time.time() + plan.starts_days * DAY)
    end = moment(time.time() + plan.ends_days * DAY)
    if plan.garble == "date":
        end = tlv(0x17, b"99133199999Z?")
    return sequence(
        tlv(0xA0, integer(plan.version - 1)) if plan.version > 1 else b"",
        integer(plan.serial or secrets.randbits(126) | 1 << 126),
        algorithm,
        issuer_name,
        sequence(start, end),
        distinguished_name(plan.subject),
        public_key,
        extensions(plan, public_key, issuer_key) if plan.version == 3 else b"")


def authority_plan(subject, issuer="", **changes):
    return Plan(**{"subject": subject, "issuer": issuer, "authority": True, "ends_days": 3650,
                   "key_usage": ["keyCertSign", "cRLSign"], **changes})


def client_plan(subject, issuer, **changes):
    return Plan(**{"subject": subject, "issuer": issuer, "extended_key_usage": ["client"],
                   **changes})


def server_plan(subject, issuer, names, **changes):
    return Plan(**{"subject": subject, "issuer": issuer, "extended_key_usage": ["server"],
                   "alternative_names": names, **changes})
