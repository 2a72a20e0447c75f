"""Names as they are written on a command line, to DER."""

import ipaddress
import re

from .der import OIDS, SUBJECT_KEYS, object_identifier, sequence, tlv
from .mistake import Mistake

UTF8, PRINTABLE, IA5 = 0x0C, 0x13, 0x16
STRING_TAGS = {"C": PRINTABLE, "serialNumber": PRINTABLE, "DC": IA5, "emailAddress": IA5}
GENERAL_NAME_TAGS = {"email": 0x81, "DNS": 0x82, "URI": 0x86, "IP": 0x87}


def distinguished_name(text):
    """/C=US/O=Contoso/OU=a+CN=b, as openssl's -subj: a backslash takes the special meaning from
    / + = and itself."""
    relative_names = []
    for part in re.split(r"(?<!\\)/", text)[1:]:
        pairs = [_attribute(text, pair) for pair in re.split(r"(?<!\\)\+", part)]
        relative_names.append(tlv(0x31, *sorted(pairs)))
    if text not in ("", "/") and not relative_names:
        raise Mistake(f"subject {text!r}: must begin with /, as in /O=Example/CN=client")
    return sequence(*relative_names)


def _attribute(text, pair):
    key, equals, value = pair.partition("=")
    if not equals or not (key in OIDS or re.fullmatch(r"\d+(\.\d+)+", key)):
        raise Mistake(f"subject {text!r}: {pair!r} is no KEY=VALUE with a key of "
                      f"{', '.join(SUBJECT_KEYS)}")
    octets = re.sub(r"\\(.)", r"\1", value).encode()
    return sequence(object_identifier(key), tlv(STRING_TAGS.get(key, UTF8), octets))


def _address(value):
    """An address; with a slash a network, as name constraints have it (RFC 5280 4.2.1.10)."""
    if "/" not in value:
        return ipaddress.ip_address(value).packed
    network = ipaddress.ip_network(value)
    return network.network_address.packed + network.netmask.packed


def general_name(text):
    kind, colon, value = text.partition(":")
    if not colon or kind not in GENERAL_NAME_TAGS:
        raise Mistake(f"alternative name {text!r}: expected DNS:name, IP:address, URI:uri or "
                      "email:address")
    try:
        octets = _address(value) if kind == "IP" else value.encode()
    except ValueError as error:
        raise Mistake(f"alternative name {text!r}: {error}") from error
    return tlv(GENERAL_NAME_TAGS[kind], octets)
