"""163 byte strings that are no good OCSP answer, for row B6: other people's files, and what is left of a good answer.

blobs(pki, good) -> [(name, octets)], always the same ones for the same arguments. good: a good answer for pki's "good",
signed by its issuer, without certificates: then every bit of it matters.
"""

import base64
import functools
import gzip
import json
import random

from support import ocsp_answer, ocsp_request
from support.authority import tool

der = tool.der
COUNT = 163
SEED = 163
UNIVERSAL_TAGS = 31
SIGNED_DATA, PLAIN_DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"


def good_answer(pki, name="good"):
    """What blobs() takes; good for an hour."""
    request = ocsp_request.parse(pki.request(name))
    situation = ocsp_answer.Situation(pki, request, pki.issuers[name], ocsp_answer.Known())
    return ocsp_answer.encode(ocsp_answer.Answer(), situation)


# ------------------------------------------------------------------------------- other people's files


@functools.lru_cache(maxsize=1)     # a signature of ECDSA is another one each time
def revocation_list(pki):
    """A CRL of the issuer, by openssl: RFC 5280 5."""
    folder = pki.folder
    folder.write("crl-index", ".txt", "")
    folder.write("crl", ".cnf", "[ca]\ndefault_ca = own\n[own]\n"
                 f"database = {folder.file('crl-index', '.txt')}\ndefault_md = sha256\ndefault_crl_days = 30\n")
    made = tool.openssl.openssl("ca", "-gencrl", "-config", folder.file("crl", ".cnf"),
                                "-cert", pki.file("intermediate"), "-keyfile", pki.key("intermediate"))
    return tool.openssl.openssl("crl", "-outform", "DER", given=made)


def signed_data(pki):
    """PKCS#7 of certificates alone, as some responders' pages offer it."""
    certificates = der.tlv(0xA0, pki.der("intermediate") + pki.der("root"))
    digests, signers = der.tlv(0x31), der.tlv(0x31)
    content = der.sequence(der.object_identifier(PLAIN_DATA))
    inner = der.sequence(der.integer(1), digests, content, certificates, signers)
    return der.sequence(der.object_identifier(SIGNED_DATA), der.tlv(0xA0, inner))


def files(pki, _good):
    """What may lie behind a URL by mistake."""
    certificate = pki.der("good")
    page = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in.</body></html>"
    said = json.dumps({"status": "good", "serial": f"{pki.serial('good'):X}"}).encode()
    yield "certificate", certificate
    yield "certificate of the issuer", pki.der("intermediate")
    yield "certificate of the root", pki.der("root")
    yield "certificates one after another", certificate + pki.der("intermediate")
    yield "certificate in PEM", der.pem("CERTIFICATE", certificate).encode()
    yield "chain in PEM", pki.folder.read("good", "-chain.pem").encode()
    yield "public key", ocsp_request.public_key_of(certificate)
    yield "revocation list", revocation_list(pki)
    yield "revocation list in PEM", der.pem("X509 CRL", revocation_list(pki)).encode()
    yield "PKCS#7", signed_data(pki)
    yield "PKCS#7 in PEM", der.pem("PKCS7", signed_data(pki)).encode()
    yield "the request", pki.request("good")
    yield "the request with a nonce", pki.request("good", nonce=bytes(16))
    yield "HTML", page
    yield "HTML, compressed", gzip.compress(page, mtime=0)
    yield "XML", b'<?xml version="1.0"?><status>good</status>'
    yield "JSON", said
    yield "JSON list", b"[0]"
    yield "word good", b"good\n"
    yield "word good without a line's end", b"good"
    yield "an HTTP response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    yield "an executable's beginning", b"\x7fELF\x02\x01\x01" + bytes(57)
    yield "an archive's beginning", b"PK\x03\x04" + bytes(26)
    yield "an image's beginning", b"\x89PNG\r\n\x1a\n" + bytes(25)
    yield "UTF-16", "\ufeffgood".encode("utf-16-le")


def wrapped(_pki, good):
    """A good answer in another dress."""
    basic = der.elements(der.elements(der.elements(good)[0][2])[1][2])[0][2]
    inner = der.elements(basic)[1][2]
    yield "base64", base64.b64encode(good)
    yield "hexadecimal", good.hex().encode()
    yield "PEM", der.pem("OCSP RESPONSE", good).encode()
    yield "compressed", gzip.compress(good, mtime=0)
    yield "reversed", good[::-1]
    yield "inverted", bytes(octet ^ 0xFF for octet in good)
    yield "behind a mark of UTF-8", b"\xef\xbb\xbf" + good
    yield "behind a zero", b"\x00" + good
    yield "before a zero", good + b"\x00"
    yield "before a line's end", good + b"\n"
    yield "twice", good + good
    yield "in a SEQUENCE", der.sequence(good)
    yield "in an OCTET STRING", der.tlv(0x04, good)
    yield "ResponseBytes alone", der.sequence(basic)
    yield "BasicOCSPResponse alone", inner
    yield "ResponseData alone", der.elements(der.elements(inner)[0][2])[0][1]
    yield "with CRLF for LF", good.replace(b"\n", b"\r\n") + b"\r\n"


def fillings(_pki, _good):
    chance = random.Random(SEED)
    yield "nothing", b""
    for size in (1, 2, 16, 1000, 65536):
        yield f"{size} zero bytes", bytes(size)
    for size in (1, 1000):
        yield f"{size} bytes of ones", b"\xff" * size
    for size in (1, 2, 3, 10, 100, 1000, 10000, 65535):
        yield f"{size} random bytes", chance.randbytes(size)
    yield "random bytes behind a SEQUENCE of their length", der.sequence(chance.randbytes(700))
    yield "random bytes behind a good beginning", der.sequence(b"\x0a\x01\x00" + chance.randbytes(700))
    yield "a thousand SEQUENCEs in one another", b"\x30\x80" * 1000
    yield "a SEQUENCE of 2^32 bytes", b"\x30\x84\xff\xff\xff\xff"
    yield "a length of 126 bytes", b"\x30\xfe" + b"\xff" * 126


def tags(_pki, _good):
    """A single element of every universal tag but SEQUENCE's own: where an OCSPResponse is expected."""
    for tag in range(UNIVERSAL_TAGS):
        if tag != 0x10:
            yield f"DER of tag {tag}", der.tlv(tag, b"\x00")
    for status in range(1, 9):
        yield f"error status {status}", der.sequence(der.tlv(0x0A, bytes([status])))
    yield "status 0 alone", der.sequence(der.tlv(0x0A, b"\x00"))
    yield "status of two bytes", der.sequence(der.tlv(0x0A, b"\x00\x00"))


# ------------------------------------------------------------------------------------ a good answer's


def boundaries(octets):
    """(where an element begins, where its content does) of all, in order."""
    found, todo = [], [(0, octets)]
    while todo:
        start, content = todo.pop()
        for tag, whole, inner in der.elements(content):
            inside = start + len(whole) - len(inner)
            found.append((start, inside))
            if tag & 0x20 or (tag == 0x04 and len(inner) > 64):   # the latter holds the BasicOCSPResponse
                todo.append((inside, inner))
            start += len(whole)
    return sorted(found)


def flipped(octets, at, bit):
    return octets[:at] + bytes([octets[at] ^ 1 << bit]) + octets[at + 1:]


def cut_and_flipped(good, count):
    """Every element: cut off before it, a bit of its tag; as far as count goes, a bit of its content."""
    found = boundaries(good)
    for start, _inside in found[1:]:
        yield f"cut at {start}", good[:start]
    for number, (start, _inside) in enumerate(found):
        yield f"bit {number % 8} of the tag at {start}", flipped(good, start, number % 8)
    left = count - 2 * len(found) + 1
    filled = [inside for start, inside in found if inside < len(good) and inside not in [each for each, _ in found]]
    for at in range(left):
        place = filled[at * len(filled) // left]
        yield f"bit {at % 8} of the content at {place}", flipped(good, place, at % 8)


def blobs(pki, good=None):
    good = good or good_answer(pki)
    found = [blob for kind in (files, wrapped, fillings, tags) for blob in kind(pki, good)]
    found += cut_and_flipped(good, COUNT - len(found))
    assert len({octets for _name, octets in found}) == len({name for name, _octets in found}) == COUNT
    assert good not in [octets for _name, octets in found]
    return found
