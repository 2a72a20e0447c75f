"""Everything that a responder may do to the gateway, a row each: what it says, how it travels, what must come of it.

BEHAVIOURS has them all by name; ROW_B6 names the 27 that a gateway which fails closed must refuse within its timeout.
openssl is what the `openssl ocsp` command makes of the same: tests/scenario/test_ocsp_responder_tool.py asks it, so
that a row which is not what its name says is found out. Where it is laxer or stricter than we are, the row has both.
"""

import dataclasses

from support import ocsp_delivery as way
from support import ocsp_answer, ocsp_answer_edits as edits
from support.ocsp_answer import Answer, Single
from support.ocsp_asking import HANGS, REFUSED
from support.revocable import GOOD, REVOKED, UNKNOWN

UNAVAILABLE = ("revocation_unavailable",)
EITHER = ""                      # OpenSSL's answer is a matter of luck
GOOD_IN = {"words": (), "openssl": GOOD}
LAX = {"openssl": GOOD}          # OpenSSL is content, a gateway is not
STALLS = {"openssl": HANGS}


@dataclasses.dataclass(frozen=True)
class Behaviour:
    """words: of the access log, any of them; none: the client gets in (with ocsp_failure = deny). answer: an Answer, or
    octets.

    connection: "" it is accepted, refused, unaccepted (the queue is full), deaf (never read), closed (at once).
    asks_nonce: means something only when the request has a nonce (ocsp_nonce = on).
    """

    words: tuple = ()
    answer: object = Answer()
    deliver: object = way.plain
    openssl: str = GOOD
    connection: str = ""
    asks_nonce: bool = False


def said(words=UNAVAILABLE, openssl=REFUSED, asks_nonce=False, **plan):
    """What is said is special."""
    return Behaviour(words, Answer(**plan), openssl=openssl, asks_nonce=asks_nonce)


def one(words=UNAVAILABLE, openssl=REFUSED, **single):
    """The one SingleResponse is special."""
    return said(words, openssl, singles=(Single(**single),))


def sent(deliver, words=UNAVAILABLE, openssl=REFUSED):
    """A good answer, on a special way."""
    return Behaviour(words, deliver=deliver, openssl=openssl)


def connected(connection, openssl=REFUSED):
    return Behaviour(UNAVAILABLE, connection=connection, openssl=openssl)


OURS, OTHER, ANOTHER = Single(), Single(serial_offset=1, status=REVOKED), Single(serial_offset=2, status=GOOD)
SAYS_GOOD, SAYS_REVOKED = Single(status=GOOD), Single(status=REVOKED)
MANY = tuple(Single(serial_offset=offset, status=GOOD) for offset in range(1, 300))
UNKNOWN_CRITICAL = ocsp_answer.extension("unknown", b"\x05\x00", critical=True)
UNKNOWN_PLAIN = ocsp_answer.extension("unknown", b"\x05\x00")
CUTOFF = ocsp_answer.extension(ocsp_answer.ARCHIVE_CUTOFF, ocsp_answer.when(-ocsp_answer.YEAR))

STATUSES = {
    "good": said((), GOOD),
    "revoked": one(("revoked",), REVOKED, status=REVOKED),
    "revoked with a reason": one(("revoked",), REVOKED, status=edits.revoked(-3600, ocsp_answer.KEY_COMPROMISE)),
    "revoked: on hold": one(("revoked",), REVOKED, status=edits.revoked(-3600, ocsp_answer.CERTIFICATE_HOLD)),
    "revoked: off hold": one(("revoked",), REVOKED, status=edits.revoked(-3600, ocsp_answer.REMOVE_FROM_CRL)),
    "revoked tomorrow": one(("revoked",), REVOKED, status=edits.revoked(24 * 3600, None)),
    "unknown": one(("revocation_unknown",), UNKNOWN, status=UNKNOWN),
    "malformed request": said(status=ocsp_answer.MALFORMED_REQUEST),
    "internal error": said(status=ocsp_answer.INTERNAL_ERROR),
    "try later": said(status=ocsp_answer.TRY_LATER),
    "a signature is required": said(status=ocsp_answer.SIG_REQUIRED),
    "unauthorized": said(status=ocsp_answer.UNAUTHORIZED),
    "status 4, which is not used": said(status=4),
    "status 7, which nobody knows": said(status=7),
    "try later, with a good answer inside": said(status=ocsp_answer.TRY_LATER, has_bytes=True),
    "successful, with nothing inside": said(has_bytes=False),
    "status of no known form": one(status=b"\x83\x00"),
    "good, with content": one(status=b"\x80\x01\x00"),
    "revoked, without a time": one(status=b"\xa1\x00"),
}

SINGLES = {
    "ours first of three": said((), GOOD, singles=(OURS, OTHER, ANOTHER)),
    "ours last of three": said((), GOOD, singles=(OTHER, ANOTHER, OURS)),
    "ours behind three hundred": said((), GOOD, singles=(*MANY, OURS)),
    "beside a stale one": said((), GOOD, singles=(dataclasses.replace(OTHER, next_update=-7200), OURS)),
    "ours twice: good, then revoked": said(UNAVAILABLE + ("revoked",), GOOD, singles=(SAYS_GOOD, SAYS_REVOKED)),
    "ours twice: revoked, then good": said(UNAVAILABLE + ("revoked",), REVOKED, singles=(SAYS_REVOKED, SAYS_GOOD)),
    "only of others": said(singles=(OTHER, ANOTHER)),
    "of nobody": said(singles=()),
    "wrong serial": one(serial_offset=1),
    "negative serial": one(edit_id=edits.negative_serial),
    "wrong issuer name hash": one(edit_id=edits.flip_name_hash),
    "wrong issuer key hash": one(edit_id=edits.flip_key_hash),
    "hashes of the authority above": one(id_of="root"),
    "hashes of a foreign authority": one(id_of="foreign"),
    "name hash too short": one(edit_id=edits.cut_name_hash),
    "key hash too long": one(edit_id=edits.lengthen_key_hash),
    "hashes empty": one(edit_id=edits.empty_hashes),
    "SHA-256 CertID": one((), REFUSED, digest="sha256"),
    "SHA-256 CertID of another": one(digest="sha256", serial_offset=1),
    "CertID that says SHA-256 and has SHA-1": one(edit_id=edits.say_sha256),
    "CertID without parameters": one((), GOOD, edit_id=edits.without_parameters),
}

TIMES = {
    "expired": said(this_update=-7200, next_update=-3600),
    "expired within the skew": said((), GOOD, this_update=-7200, next_update=-250),
    "expired beyond the skew": said(this_update=-7200, next_update=-320),
    "future": said(this_update=3600, next_update=7200),
    "future within the skew": said((), GOOD, this_update=250, next_update=7200),
    "future beyond the skew": said(this_update=330, next_update=7200),
    "nextUpdate before thisUpdate": said(this_update=-10, next_update=-20),
    "no nextUpdate": said((), GOOD, next_update=False),
    "no nextUpdate, a year old": said(this_update=-ocsp_answer.YEAR, next_update=False, **LAX),
    "produced in an hour": said(produced_at=3600, **LAX),
    "UTCTime": one(form="%y%m%d%H%M%SZ", tag=0x17),
    "time with a fraction": one(form="%Y%m%d%H%M%S.5Z", **LAX),
    "time without a zone": one(form="%Y%m%d%H%M%S"),
    "time with an offset": one(form="%Y%m%d%H%M%S+0000", **LAX),
    "time without seconds": one(form="%Y%m%d%H%MZ", **LAX),
    "time that is none": one(form="%Y9999999999Z"),
}

SIGNERS = {
    "delegate": said((), GOOD, signer="delegate"),
    "delegate by name": said((), GOOD, signer="delegate", identified="name"),
    "issuer by name": said((), GOOD, identified="name"),
    "delegate RSA": said((), GOOD, signer="delegate-rsa"),
    "delegate RSA, SHA-384": said((), GOOD, signer="delegate-rsa", kind="rsa-sha384"),
    "delegate RSA-PSS": said((), GOOD, signer="delegate-rsa", kind="rsa-pss"),
    "delegate P-384": said((), GOOD, signer="delegate-p384", kind="ecdsa-sha384"),
    "delegate Ed25519": said((), GOOD, signer="delegate-ed25519"),
    "delegate without key usage": said((), GOOD, signer="delegate-without-key-usage"),
    "issuer's certificate besides": said((), GOOD, certificates=("issuer",)),
    "delegate behind its issuer": said((), GOOD, signer="delegate", certificates=("issuer", "delegate")),
    "delegate between others": said((), GOOD, signer="delegate", certificates=("delegate-rsa", "delegate", "good")),
    "delegate not enclosed": said(signer="delegate", certificates=()),
    "another delegate enclosed": said(signer="delegate", certificates=("delegate-p384",)),
    "wrong signer": said(signer="foreign", identified_as="issuer", certificates=()),
    "signer of a foreign CA, enclosed": said(signer="foreign"),
    "authority above as signer": said(signer="root", certificates=("root",)),
    "key of its own in the issuer's name": said(signer="shadow", identified="name"),
    "the same, with its certificate": said(signer="shadow", identified="name", certificates=("shadow",)),
    "forged delegate": said(signer="delegate-forged"),
    "forged delegate by name": said(signer="delegate-forged", identified="name"),
    "forged delegate and the issuer": said(signer="delegate-forged", certificates=("delegate-forged", "issuer")),
    "delegate without the purpose": said(signer="delegate-without-purpose"),
    "delegate for clients": said(signer="delegate-for-clients"),
    "delegate for anything": said(signer="delegate-for-anything"),
    "another client as delegate": said(signer="good"),
    "delegate that may not sign": said(signer="delegate-may-not-sign", **LAX),
    "delegate expired": said(signer="delegate-expired"),
    "delegate of tomorrow": said(signer="delegate-of-tomorrow"),
    "delegate with a critical extension": said(signer="delegate-critical"),
    "delegate whose signature is broken": said(signer="delegate-broken"),
    "delegate signed with SHA-1": said(signer="delegate-sha1", **LAX),
    "delegate RSA of 1024 bits": said(signer="delegate-rsa1024", **LAX),
    "delegate of the authority above": said(signer="delegate-from-above", certificates=("delegate-from-above",)),
    "delegate of an authority below": said(signer="delegate-from-below",
                                           certificates=("delegate-from-below", "below")),
    "delegate of another CA": said(signer="delegate-from-elsewhere"),
    "delegate of its own": said(signer="delegate-of-itself"),
    "responderID of another key": said(identified_as="root"),
    "responderID of another name": said(identified="name", identified_as="root"),
    "responderID of the issuer, signed by a delegate": said(signer="delegate", identified_as="issuer"),
    "no responderID": said(identified="none"),
    "key hash of SHA-256 as responderID": said(edit_data=edits.long_responder_id),
}

SIGNATURES = {
    "SHA-1 signature": said(kind="ecdsa-sha1", **LAX),
    "RSA signature with SHA-1": said(signer="delegate-rsa", kind="rsa-sha1", **LAX),
    "broken signature": said(edit_signature=edits.flip_last),
    "signature cut": said(edit_signature=lambda octets: octets[:-1]),
    "signature longer": said(edit_signature=lambda octets: octets + b"\x00"),
    "empty signature": said(edit_signature=lambda octets: b""),
    "signature of zeros": said(edit_signature=lambda octets: bytes(len(octets))),
    "signature (0, 0)": said(edit_signature=lambda octets: bytes.fromhex("3006020100020100")),
    "another algorithm stated": said(said_kind="ecdsa-sha384"),
    "algorithm of another key stated": said(said_kind="rsa-sha256"),
    "data changed behind the signature": said(edit_basic=edits.change_data),
}

NONCES = {
    "nonce that nobody asked for": said((), GOOD, nonce="unasked"),
    "nonce": Behaviour(asks_nonce=True),
    "nonce missing": said(nonce="missing", asks_nonce=True, **LAX),
    "nonce wrong": said(nonce="wrong", asks_nonce=True),
    "nonce empty": said(nonce="empty", asks_nonce=True),
    "nonce a byte short": said(nonce="first-bytes", asks_nonce=True),
    "nonce a byte long": said(nonce="more-bytes", asks_nonce=True),
    "nonce twice, the wrong one first": said(nonce="wrong-then-right", asks_nonce=True),
}

FORMS = {
    "extension nobody knows": said((), GOOD, extensions=(UNKNOWN_PLAIN,)),
    "archive cutoff": said((), GOOD, singles=(Single(extensions=(CUTOFF,)),)),
    "critical extension nobody knows": said(extensions=(UNKNOWN_CRITICAL,), **LAX),
    "critical extension of the one certificate": said(singles=(Single(extensions=(UNKNOWN_CRITICAL,)),), **LAX),
    "version 2": said(version=1, **LAX),
    "version 1000": said(version=1000, **LAX),
    "another type of response": said(type="1.3.6.1.5.5.7.48.1.9"),
    "trailing bytes": said(edit=lambda octets: octets + b"\x00\x00"),
    "trailing bytes inside": said(edit_basic=lambda octets: octets + b"\x05\x00", **LAX),
    "empty": said(edit=lambda octets: b"", **STALLS),
    "one byte": said(edit=lambda octets: octets[:1], **STALLS),
    "truncated": said(edit=lambda octets: octets[:len(octets) // 2]),
    "last byte missing": said(edit=lambda octets: octets[:-1]),
    "length of 4 GB": said(edit=lambda octets: b"\x30\x84\xff\xff\xff\xff" + octets[4:]),
    "indefinite length": said(edit=edits.indefinite),
    "length longer than it need be": said(edit=edits.long_length, **LAX),
    "twice": said(edit=lambda octets: octets + octets),
    "as base64": said(edit=edits.base64),
    "as PEM": said(edit=edits.pem),
}

WAYS = {
    "closing": sent(way.closing, **GOOD_IN),
    "closing, and does not say so": sent(way.close_untold, **GOOD_IN),
    "HTTP/1.0 with a length": sent(way.with_head(version="HTTP/1.0"), **GOOD_IN),
    "HTTP/1.0 until it closes": sent(way.until_close(), **GOOD_IN),
    "HTTP/1.1 until it closes": sent(way.until_close("HTTP/1.1"), **GOOD_IN),
    "chunked": sent(way.chunked(), (), REFUSED),
    "chunked, with extensions and trailers": sent(way.chunked(7, b";a=b", b"X-Trailer: yes\r\n"), (), REFUSED),
    "byte by byte": sent(way.byte_by_byte, (), EITHER),
    "100 Continue first": sent(way.preceded_by(b"HTTP/1.1 100 Continue\r\n\r\n"), (), REFUSED),
    "103 Early Hints first": sent(way.preceded_by(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), (), REFUSED),
    "garbage follows": sent(way.followed_by(way.noise(500)), **GOOD_IN),
    "a second response follows": sent(way.followed_by(lambda octets: way.head(len(octets)) + octets), **GOOD_IN),
    "type in capitals": sent(way.with_head(kind=way.TYPE.upper()), **GOOD_IN),
    "type with a parameter": sent(way.with_head(kind=way.TYPE + "; a=b"), (), REFUSED),
    "wrong type": sent(way.with_head(kind="text/html")),
    "no type": sent(way.with_head(kind=None)),
    "gzip": sent(way.as_gzip),
    "late": sent(way.late, **STALLS),
    "never": sent(way.silent, **STALLS),
    "a byte at a time": sent(way.dripping, **STALLS),
    "a byte of a header at a time": sent(way.dripping_header, **STALLS),
    "headers, then silence": sent(way.headers_then_silence, **STALLS),
    "half, then silence": sent(way.half_then_silence, **STALLS),
    "no answer": sent(way.no_answer),
    "reset": sent(way.reset),
    "half, then closed": sent(way.half_then_close),
    "half, then reset": sent(way.half_then_reset),
    "half a header": sent(way.half_header),
    "301": sent(way.redirect("301 Moved Permanently")),
    "302": sent(way.redirect("302 Found")),
    "307": sent(way.redirect("307 Temporary Redirect")),
    "308, to itself": sent(way.redirect("308 Permanent Redirect", "/ocsp")),
    "204": sent(way.raw(b"HTTP/1.1 204 No Content\r\n\r\n")),
    "304": sent(way.raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "206": sent(way.with_head(status="206 Partial Content")),
    "404": sent(way.with_head(status="404 Not Found")),
    "404 in HTML": sent(way.with_body(lambda octets: b"<h1>Not found</h1>", status="404 Not Found", kind="text/html")),
    "500": sent(way.with_head(status="500 Internal Server Error")),
    "503": sent(way.with_head(status="503 Service Unavailable", more=["Retry-After: 1"])),
    "101": sent(way.raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: ocsp\r\n\r\n")),
}

FRAMES = {
    "garbage": sent(way.with_body(way.noise(1000))),
    "HTML": sent(way.with_body(lambda octets: b"<html>captive portal</html>", kind="text/html")),
    "not HTTP": sent(way.raw(bytes(range(128, 256)) * 8)),
    "SSH": sent(way.raw(b"SSH-2.0-server\r\n", stays=True)),
    "HTTP/2": sent(way.raw(bytes.fromhex("000006040000000000000300000064"), stays=True), **STALLS),
    "HTTP/0.9": sent(lambda exchange, octets: exchange.send(octets)),
    "status line alone": sent(way.raw(b"HTTP/1.1 200 OK\r\n\r\n")),
    "status 99999": sent(way.with_head(status="99999 OK")),
    "oversized": sent(way.with_body(way.padded)),
    "oversized as it says": sent(way.with_length(lambda octets: way.NEVER)),
    "oversized by one": sent(way.with_length(lambda octets: way.OVER_LIMIT)),
    "endless": sent(way.endless_body, **LAX),
    "endless chunks": sent(way.endless_chunks),
    "endless header line": sent(way.endless_line),
    "endless headers": sent(way.endless_header),
    "endless 100 Continue": sent(way.endless_interim),
    "chunk size that is none": sent(way.chunked_wrong(lambda octets: b"xyz\r\n" + octets)),
    "chunk size of 2^64": sent(way.chunked_wrong(lambda octets: b"10000000000000000\r\n" + octets)),
    "chunk size that is negative": sent(way.chunked_wrong(lambda octets: b"-5\r\n" + octets)),
    "chunk longer than it says": sent(way.chunked_wrong(lambda octets: b"5\r\n" + octets + b"\r\n0\r\n\r\n")),
    "last chunk missing": sent(way.chunked_wrong(way.chunk)),
    "length too long": sent(way.with_length(lambda octets: len(octets) + 1)),
    "length too short": sent(way.with_length(lambda octets: len(octets) - 1)),
    "length 0": sent(way.with_length(lambda octets: 0), **LAX),
    "length that is negative": sent(way.with_length(lambda octets: -1)),
    "length that is no number": sent(way.with_length(lambda octets: "0x100")),
    "length of 2^64 and a little": sent(way.with_length(lambda octets: (1 << 64) + len(octets))),
    "two lengths": sent(way.with_head(more=["Content-Length: 5"])),
    "length and chunks": sent(way.with_head(more=["Transfer-Encoding: chunked"]), **LAX),
    "bare line feeds": sent(lambda exchange, octets: exchange.send(
        way.head(len(octets)).replace(b"\r\n", b"\n") + octets), **LAX),
    "folded header": sent(way.with_head(more=["X-Folded: a", " b"]), **LAX),
    "NUL in a header": sent(way.with_head(more=["X-Nul: a\x00b"]), **LAX),
}

CONNECTIONS = {
    "refused": connected("refused", HANGS),
    "not accepted": connected("unaccepted", HANGS),
    "deaf": connected("deaf", HANGS),
    "closed at once": connected("closed"),
}

BEHAVIOURS = {**STATUSES, **SINGLES, **TIMES, **SIGNERS, **SIGNATURES, **NONCES, **FORMS, **WAYS, **FRAMES,
              **CONNECTIONS}

# Row B6: a gateway with ocsp_failure = deny lets nobody in on any of these.
ROW_B6 = (
    "revoked", "unknown", "try later", "internal error", "unauthorized",
    "wrong serial", "wrong issuer key hash", "expired", "future", "no nextUpdate, a year old",
    "wrong signer", "forged delegate", "delegate without the purpose", "delegate expired", "broken signature",
    "trailing bytes", "truncated", "garbage", "refused", "never",
    "a byte at a time", "half, then closed", "reset", "302", "404",
    "oversized", "endless chunks")
