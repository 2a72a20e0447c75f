"""OCSP responses (RFC 6960 4.2), put together byte by byte: the right ones, and what no honest library would say.

An Answer is a plan; encode() makes the DER of it for one request, signed in this process.
"""

import dataclasses
import hashlib
import os
import time

from support import ocsp_request, revocable, signing
from support.authority import tool

der = tool.der
BASIC = "1.3.6.1.5.5.7.48.1.1"
ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6"
SUCCESSFUL, MALFORMED_REQUEST, INTERNAL_ERROR, TRY_LATER, SIG_REQUIRED, UNAUTHORIZED = 0, 1, 2, 3, 5, 6
KEY_COMPROMISE, CA_COMPROMISE, CESSATION, CERTIFICATE_HOLD, REMOVE_FROM_CRL = 1, 2, 5, 6, 8
YEAR = 365 * 24 * 3600


@dataclasses.dataclass(frozen=True)
class Known:
    """What a responder knows of a certificate."""

    status: str = revocable.GOOD
    reason: object = None            # of the revocation; None: not said
    since: float = -3600             # of the revocation, seconds from now


@dataclasses.dataclass(frozen=True)
class Single:
    """One SingleResponse; as it is here, the honest one for the certificate asked for. Times are seconds from now."""

    status: object = None            # of revocable, or octets; None: the truth
    this_update: object = None       # None: the answer's
    next_update: object = None       # None: the answer's; False: left out
    serial_offset: int = 0
    digest: object = None            # of the CertID; None: the one asked with
    id_of: str = ""                  # the authority whose hashes the CertID has; "": the one asked for
    edit_id: object = None           # CertificateId -> CertificateId
    extensions: tuple = ()
    form: str = "%Y%m%d%H%M%SZ"      # of its times
    tag: int = 0x18


@dataclasses.dataclass(frozen=True)
class Answer:
    """One OCSPResponse; as it is here, the honest one, signed by the issuer."""

    status: int = SUCCESSFUL
    has_bytes: object = None         # responseBytes; None: when successful
    type: str = BASIC
    version: object = None           # None: left out, which is version 1
    singles: tuple = (Single(),)
    this_update: float = -60
    next_update: object = 3600       # False: left out
    produced_at: float = 0
    nonce: str = "echo"              # of NONCES
    extensions: tuple = ()
    signer: str = "issuer"           # of revocable.SIGNERS, issuer, shadow, or the name of a certificate
    identified: str = "key"          # key, name, or none: how ResponderID is said
    identified_as: object = None     # a signer; None: the one who signs
    certificates: object = None      # signers; None: the one who signs, unless it is the issuer
    kind: object = None              # of signing.KINDS; None: the usual one of the key
    said_kind: object = None         # the same, as stated beside the signature
    edit_data: object = None         # octets -> octets, of what is signed, before that
    edit_signature: object = None
    edit_basic: object = None
    edit: object = None              # of the whole


@dataclasses.dataclass
class Situation:
    """What an answer depends on."""

    pki: object
    request: object                  # of ocsp_request
    issuer: str                      # the authority asked about
    known: Known
    now: float = dataclasses.field(default_factory=time.time)   # one for all times of an answer


def extension(identifier, value, critical=False):
    mark = der.tlv(0x01, b"\xff") if critical else b""
    return der.sequence(der.object_identifier(identifier), mark, der.tlv(0x04, value))


def nonce_extension(octets):
    return extension(ocsp_request.NONCE, der.tlv(0x04, octets))


def when(seconds, form="%Y%m%d%H%M%SZ", tag=0x18, now=None):
    now = time.time() if now is None else now
    return der.tlv(tag, time.strftime(form, time.gmtime(now + seconds)).encode())


NONCES = {
    "echo": lambda asked: [] if asked is None else [asked],
    "missing": lambda asked: [],
    "unasked": lambda asked: [os.urandom(16) if asked is None else asked],
    "wrong": lambda asked: [os.urandom(len(asked or b"n" * 16))],
    "first-bytes": lambda asked: [(asked or b"n" * 16)[:-1]],
    "more-bytes": lambda asked: [(asked or b"n" * 16) + b"\x00"],
    "empty": lambda asked: [b""],
    "wrong-then-right": lambda asked: [os.urandom(16), asked or b"n" * 16],
}


def status_of(single, known):
    """CertStatus."""
    if isinstance(single.status, bytes):
        return single.status
    status = single.status or known.status
    if status == revocable.GOOD:
        return der.tlv(0x80)
    if status == revocable.UNKNOWN:
        return der.tlv(0x82)
    reason = b"" if known.reason is None else der.tlv(0xA0, der.tlv(0x0A, bytes([known.reason])))
    return der.tlv(0xA1, when(known.since), reason)


def id_of(single, situation):
    asked = situation.request.id
    if single.digest or single.id_of:
        issuer = situation.pki.der(single.id_of or situation.issuer)
        found = ocsp_request.id_for(issuer, asked.serial, single.digest or asked.digest)
    else:
        found = dataclasses.replace(asked)
    found.serial += single.serial_offset
    return single.edit_id(found) if single.edit_id else found


def single_response(single, answer, situation):
    this_update = answer.this_update if single.this_update is None else single.this_update
    next_update = answer.next_update if single.next_update is None else single.next_update
    return der.sequence(
        id_of(single, situation).encoded(),
        status_of(single, situation.known),
        when(this_update, single.form, single.tag, situation.now),
        der.tlv(0xA0, when(next_update, single.form, single.tag, situation.now)) if next_update is not False else b"",
        der.tlv(0xA1, der.sequence(*single.extensions)) if single.extensions else b"")


def responder_id(answer, situation):
    if answer.identified == "none":
        return b""
    name = situation.pki.signer(answer.identified_as or answer.signer, situation.issuer)
    certificate = situation.pki.der(name)
    if answer.identified == "name":
        return der.tlv(0xA1, der.subject_of(certificate))
    return der.tlv(0xA2, der.tlv(0x04, hashlib.sha1(ocsp_request.key_bits_of(certificate)).digest()))


def response_data(answer, situation):
    nonces = NONCES[answer.nonce](situation.request.nonce)
    extensions = [nonce_extension(nonce) for nonce in nonces] + list(answer.extensions)
    return der.sequence(
        der.tlv(0xA0, der.integer(answer.version)) if answer.version is not None else b"",
        responder_id(answer, situation),
        when(answer.produced_at, now=situation.now),
        der.sequence(*[single_response(single, answer, situation) for single in answer.singles]),
        der.tlv(0xA1, der.sequence(*extensions)) if extensions else b"")


def certificates(answer, situation):
    wanted = answer.certificates
    if wanted is None:
        wanted = () if answer.signer in ("issuer", "shadow") else (answer.signer,)
    pki = situation.pki
    found = [pki.der(pki.signer(name, situation.issuer)) for name in wanted]
    return der.tlv(0xA0, der.sequence(*found)) if found else b""


def edited(edit, octets):
    return edit(octets) if edit else octets


def basic_response(answer, situation):
    data = edited(answer.edit_data, response_data(answer, situation))
    key = signing.key_of(situation.pki.key(situation.pki.signer(answer.signer, situation.issuer)))
    algorithm, signature = key.sign(data, answer.kind)
    if answer.said_kind:
        algorithm = signing.KINDS[answer.said_kind].algorithm
    return der.sequence(data, algorithm, der.bit_string(edited(answer.edit_signature, signature)),
                        certificates(answer, situation))


def encode(answer, situation):
    """The DER of an OCSPResponse."""
    has_bytes = answer.status == SUCCESSFUL if answer.has_bytes is None else answer.has_bytes
    inner = b""
    if has_bytes:
        basic = edited(answer.edit_basic, basic_response(answer, situation))
        inner = der.tlv(0xA0, der.sequence(der.object_identifier(answer.type), der.tlv(0x04, basic)))
    return edited(answer.edit, der.sequence(der.tlv(0x0A, bytes([answer.status])), inner))
