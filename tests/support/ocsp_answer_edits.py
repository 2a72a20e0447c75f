"""What is changed of a right OCSP answer to make a wrong one of it; for the rows of ocsp_behaviours.py."""

import base64 as encoding
import dataclasses
import textwrap

from support import ocsp_answer, ocsp_request
from support.authority import tool

der = tool.der


def revoked(since, reason):
    """CertStatus, with a time told at the moment of loading: none of them is near."""
    said = b"" if reason is None else der.tlv(0xA0, der.tlv(0x0A, bytes([reason])))
    return der.tlv(0xA1, ocsp_answer.when(since), said)


def flip_last(octets):
    return octets[:-1] + bytes([octets[-1] ^ 1])


# --------------------------------------------------------------------------------------------- CertID


def flip_name_hash(found):
    return dataclasses.replace(found, name_hash=flip_last(found.name_hash))


def flip_key_hash(found):
    return dataclasses.replace(found, key_hash=flip_last(found.key_hash))


def cut_name_hash(found):
    """A comparison of as many bytes as are there would not notice."""
    return dataclasses.replace(found, name_hash=found.name_hash[:-1])


def lengthen_key_hash(found):
    return dataclasses.replace(found, key_hash=found.key_hash + b"\x00")


def empty_hashes(found):
    return dataclasses.replace(found, name_hash=b"", key_hash=b"")


def say_sha256(found):
    return dataclasses.replace(found, digest="sha256", algorithm=b"")


def without_parameters(found):
    """RFC 5754 2: NULL or nothing, the same algorithm."""
    return dataclasses.replace(found, algorithm=der.sequence(
        der.object_identifier(ocsp_request.DIGESTS[found.digest])))


class Negative:
    """A CertID whose serial number is the right one with a sign before it."""

    def __init__(self, found):
        self.found = found

    def encoded(self):
        parts = [whole for _tag, whole, _content in der.elements(der.elements(self.found.encoded())[0][2])]
        size = self.found.serial.bit_length() // 8 + 1
        parts[3] = der.tlv(0x02, (-self.found.serial).to_bytes(size, "big", signed=True))
        return der.sequence(*parts)


def negative_serial(found):
    return Negative(found)


# ------------------------------------------------------------------------------------- ResponseData


def long_responder_id(data):
    """KeyHash of 32 bytes where SHA-1 belongs."""
    parts = [whole for _tag, whole, _content in der.elements(der.elements(data)[0][2])]
    parts[0] = der.tlv(0xA2, der.tlv(0x04, bytes(32)))
    return der.sequence(*parts)


def change_data(basic):
    """A byte of the first thisUpdate: a second of its year, so that all stays well-formed."""
    at = basic.index(b"\x18\x0f20") + 2
    at = basic.index(b"\x18\x0f20", at) + 2 + 13
    digit = basic[at]
    return basic[:at] + bytes([digit ^ 1]) + basic[at + 1:]


# ------------------------------------------------------------------------------------------ the whole


def content_of(octets):
    return der.elements(octets)[0][2]


def indefinite(octets):
    return b"\x30\x80" + content_of(octets) + b"\x00\x00"


def long_length(octets):
    content = content_of(octets)
    return b"\x30\x84" + len(content).to_bytes(4, "big") + content


def base64(octets):
    return encoding.b64encode(octets)


def pem(octets):
    lines = textwrap.wrap(encoding.b64encode(octets).decode(), 64)
    return "\n".join(["-----BEGIN OCSP RESPONSE-----", *lines, "-----END OCSP RESPONSE-----", ""]).encode()
