"""OCSP requests (RFC 6960 4.1): read as a responder reads them, and made for tests that ask one themselves."""

import base64
import binascii
import dataclasses
import hashlib
import urllib.parse

from support.authority import tool

der = tool.der
NONCE = "1.3.6.1.5.5.7.48.1.2"
DIGESTS = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2",
           "sha512": "2.16.840.1.101.3.4.2.3"}
_DIGEST_OF = {der.object_identifier(identifier): name for name, identifier in DIGESTS.items()}


class NoRequest(ValueError):
    """The octets are no OCSP request."""


@dataclasses.dataclass
class CertificateId:
    digest: str              # a name in DIGESTS
    name_hash: bytes
    key_hash: bytes
    serial: int
    algorithm: bytes = b""   # its AlgorithmIdentifier as it was written

    def encoded(self):
        algorithm = self.algorithm or der.sequence(der.object_identifier(DIGESTS[self.digest]), b"\x05\x00")
        return der.sequence(algorithm, der.tlv(0x04, self.name_hash), der.tlv(0x04, self.key_hash),
                            der.integer(self.serial))


@dataclasses.dataclass
class Request:
    ids: list                # of CertificateId
    nonce: object            # the octets inside the extension's OCTET STRING; None: not asked
    extensions: dict         # identifier in DER -> value
    octets: bytes

    @property
    def id(self):
        return self.ids[0]

    @property
    def serial(self):
        return self.ids[0].serial


# ----------------------------------------------------------------------------------- of certificates


def fields_of(certificate):
    """Serial number first: the version may be missing."""
    fields = der.to_be_signed_fields(certificate)
    return fields[1:] if fields[0][0] == 0xA0 else fields


def serial_of(certificate):
    return int.from_bytes(fields_of(certificate)[0][2], "big")


def public_key_of(certificate):
    """Its SubjectPublicKeyInfo."""
    return fields_of(certificate)[5][1]


def key_bits_of(certificate):
    return der.elements(fields_of(certificate)[5][2])[1][2][1:]


def id_for(issuer, serial, digest="sha1"):
    """The CertID of the certificate with this serial number below issuer, a certificate in DER."""
    return CertificateId(digest, hashlib.new(digest, der.subject_of(issuer)).digest(),
                         hashlib.new(digest, key_bits_of(issuer)).digest(), serial)


# ------------------------------------------------------------------------------------------- writing


def request_for(issuer, serial, nonce=None, digest="sha1"):
    asked = der.sequence(der.sequence(id_for(issuer, serial, digest).encoded()))
    extensions = b""
    if nonce is not None:
        told = der.sequence(der.object_identifier(NONCE), der.tlv(0x04, der.tlv(0x04, nonce)))
        extensions = der.tlv(0xA2, der.sequence(told))
    return der.sequence(der.sequence(asked, extensions))


def as_target(path, octets):
    """What GET asks for (RFC 6960 A.1)."""
    return path.rstrip("/") + "/" + urllib.parse.quote(base64.b64encode(octets).decode(), safe="")


# ------------------------------------------------------------------------------------------- reading


def _only(content, tag):
    """The content of the one element that content is."""
    found = der.elements(content)
    if len(found) != 1 or found[0][0] != tag or der.tlv(tag, found[0][2]) != content:
        raise NoRequest("not one whole element where one belongs")
    return found[0][2]


def _id_of(single):
    algorithm, name_hash, key_hash, serial = der.elements(der.elements(single)[0][2])
    digest = _DIGEST_OF[der.elements(algorithm[2])[0][1]]
    return CertificateId(digest, name_hash[2], key_hash[2], int.from_bytes(serial[2], "big"), algorithm[1])


def _parse(octets):
    parts = {tag: content for tag, _whole, content in der.elements(_only(_only(octets, 0x30), 0x30))}
    ids = [_id_of(content) for _tag, _whole, content in der.elements(parts[0x30])]
    extensions = {}
    if 0xA2 in parts:
        for _tag, _whole, content in der.elements(_only(parts[0xA2], 0x30)):
            found = der.elements(content)
            extensions[found[0][1]] = found[-1][2]
    nonce = extensions.get(der.object_identifier(NONCE))
    return Request(ids, None if nonce is None else _only(nonce, 0x04), extensions, octets)


def parse(octets):
    try:
        request = _parse(octets)
    except (ValueError, IndexError, KeyError) as error:
        raise NoRequest(repr(error)) from error
    if not request.ids:
        raise NoRequest("asks for nothing")
    return request


def octets_of_target(target, path="/"):
    """The DER in the target of a GET."""
    base = path.rstrip("/") + "/"
    if not target.startswith(base):
        raise NoRequest(f"{target!r} is not below {path!r}")
    try:
        return base64.b64decode(urllib.parse.unquote(target[len(base):]), validate=True)
    except binascii.Error as error:
        raise NoRequest(str(error)) from error
