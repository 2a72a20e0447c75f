"""DER (X.690), as far as certificates need it, and PEM around it."""

import base64
import re
import time

# One row a name that this tool uses. The first rows are the keys of subjects.
OIDS = {
    "CN": "2.5.4.3",
    "SN": "2.5.4.4",
    "serialNumber": "2.5.4.5",
    "C": "2.5.4.6",
    "L": "2.5.4.7",
    "ST": "2.5.4.8",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "DC": "0.9.2342.19200300.100.1.25",
    "UID": "0.9.2342.19200300.100.1.1",
    "emailAddress": "1.2.840.113549.1.9.1",
    "basic_constraints": "2.5.29.19",
    "key_usage": "2.5.29.15",
    "extended_key_usage": "2.5.29.37",
    "alternative_name": "2.5.29.17",
    "subject_key": "2.5.29.14",
    "authority_key": "2.5.29.35",
    "name_constraints": "2.5.29.30",
    "policies": "2.5.29.32",
    "policy_constraints": "2.5.29.36",
    "authority_access": "1.3.6.1.5.5.7.1.1",
    "tls_feature": "1.3.6.1.5.5.7.1.24",
    "ocsp": "1.3.6.1.5.5.7.48.1",
    "client": "1.3.6.1.5.5.7.3.2",
    "server": "1.3.6.1.5.5.7.3.1",
    "ocsp-signing": "1.3.6.1.5.5.7.3.9",
    "any": "2.5.29.37.0",
    "ecdsa-sha1": "1.2.840.10045.4.1",
    "ecdsa-sha256": "1.2.840.10045.4.3.2",
    "ecdsa-sha384": "1.2.840.10045.4.3.3",
    "ecdsa-sha512": "1.2.840.10045.4.3.4",
    "rsa-sha1": "1.2.840.113549.1.1.5",
    "rsa-sha256": "1.2.840.113549.1.1.11",
    "rsa-sha384": "1.2.840.113549.1.1.12",
    "rsa-sha512": "1.2.840.113549.1.1.13",
    "ed25519": "1.3.101.112",
    # Nobody knows these: an arc for examples.
    "unknown": "2.999.1",
    "example-policy": "2.999.2",
}
SUBJECT_KEYS = list(OIDS)[:11]


def tlv(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(number, tag=0x02):
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def object_identifier(name):
    arcs = [int(arc) for arc in OIDS.get(name, name).split(".")]
    octets = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        piece = bytes([arc & 0x7F])
        while arc := arc >> 7:
            piece = bytes([0x80 | arc & 0x7F]) + piece
        octets += piece
    return tlv(0x06, octets)


def moment(seconds):
    """RFC 5280 4.1.2.5: UTCTime up to 2049, GeneralizedTime after it."""
    then = time.gmtime(seconds)
    if 1950 <= then.tm_year < 2050:
        return tlv(0x17, time.strftime("%y%m%d%H%M%SZ", then).encode())
    return tlv(0x18, time.strftime("%Y%m%d%H%M%SZ", then).encode())


def bit_string(octets, unused=0):
    return tlv(0x03, bytes([unused]), octets)


def elements(content):
    """The elements of a well-formed content: (tag, whole element, its content)."""
    found, at = [], 0
    while at < len(content):
        length, start = content[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(content[at + 2:start], "big")
        found.append((content[at], content[at:start + length], content[start:start + length]))
        at = start + length
    return found


def to_be_signed_fields(signed):
    """The elements of what was signed, of a certificate or a request."""
    return elements(elements(elements(signed)[0][2])[0][2])


def subject_of(certificate):
    fields = to_be_signed_fields(certificate)
    return (fields[1:] if fields[0][0] == 0xA0 else fields)[4][1]


def pem(label, octets):
    text = base64.b64encode(octets).decode()
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    return f"-----BEGIN {label}-----\n" + "\n".join(lines) + f"\n-----END {label}-----\n"


def certificates_in(text):
    """The DER of every certificate of a PEM text."""
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.S)
    return [base64.b64decode(block) for block in blocks]
