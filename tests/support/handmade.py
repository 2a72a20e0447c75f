"""A TLS 1.3 client made by hand that offers what no library would: several tickets, other people's, in any order.

It knows X25519 alone, checks nothing of the server, and shows no certificate: a full handshake makes it a client without
one. RFC 8446; numbers in comments are its sections.
"""

import ctypes
import dataclasses
import hashlib
import hmac
import os
import struct
import time

from support import forged, libssl, wire

SUITES = {b"\x13\x01": "TLS_AES_128_GCM_SHA256", b"\x13\x02": "TLS_AES_256_GCM_SHA384",
          b"\x13\x03": "TLS_CHACHA20_POLY1305_SHA256"}
HASHES = {b"\x13\x01": "sha256", b"\x13\x02": "sha384", b"\x13\x03": "sha256"}
CIPHERS = {b"\x13\x01": ("aes_128_gcm", 16), b"\x13\x02": ("aes_256_gcm", 32), b"\x13\x03": ("chacha20_poly1305", 32)}
CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, CERTIFICATE, CERTIFICATE_REQUEST, FINISHED = 1, 2, 4, 11, 13, 20
MESSAGE_HASH = 254
SERVER_NAME, GROUPS, SIGNATURES, KEY_SHARE, PRE_SHARED_KEY, EARLY_DATA = 0, 10, 13, 51, 41, 42
VERSIONS, COOKIE, PSK_MODES = 43, 44, 45
WITHOUT_EXCHANGE, WITH_EXCHANGE = 0, 1
X25519 = 29
RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
_X25519_OF_LIBCRYPTO, _GET_TAG, _SET_TAG = 1034, 0x10, 0x11


class Refused(OSError):
    """The server ended it: the number of its alert, or None when it simply closed."""


# ------------------------------------------------------------------------------------------ libcrypto


def _load():
    crypto = ctypes.PyDLL("libcrypto.so.3")
    pointer, text, number, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
    table = {
        "EVP_PKEY_new_raw_private_key": (pointer, [number, pointer, text, size]),
        "EVP_PKEY_new_raw_public_key": (pointer, [number, pointer, text, size]),
        "EVP_PKEY_get_raw_public_key": (number, [pointer, pointer, pointer]),
        "EVP_PKEY_CTX_new": (pointer, [pointer, pointer]),
        "EVP_PKEY_derive_init": (number, [pointer]),
        "EVP_PKEY_derive_set_peer": (number, [pointer, pointer]),
        "EVP_PKEY_derive": (number, [pointer, pointer, pointer]),
        "EVP_PKEY_CTX_free": (None, [pointer]),
        "EVP_PKEY_free": (None, [pointer]),
        "EVP_CIPHER_CTX_new": (pointer, []),
        "EVP_CIPHER_CTX_free": (None, [pointer]),
        "EVP_CIPHER_CTX_ctrl": (number, [pointer, number, number, pointer]),
        "EVP_DecryptInit_ex": (number, [pointer, pointer, pointer, text, text]),
        "EVP_DecryptUpdate": (number, [pointer, pointer, pointer, text, number]),
        "EVP_DecryptFinal_ex": (number, [pointer, pointer, pointer]),
    }
    for name, (result, arguments) in table.items():
        function = getattr(crypto, name)
        function.restype, function.argtypes = result, arguments
    for cipher, _size in CIPHERS.values():
        getattr(crypto, f"EVP_{cipher}").restype = pointer
    return crypto


_crypto = _load()


def must(done):
    if not done or (isinstance(done, int) and done < 0):
        raise RuntimeError("libcrypto refuses")
    return done


class Share:
    """Our half of an X25519 key exchange."""

    def __init__(self):
        self.key = must(_crypto.EVP_PKEY_new_raw_private_key(_X25519_OF_LIBCRYPTO, None, os.urandom(32), 32))
        self.out, self.size = ctypes.create_string_buffer(32), ctypes.c_size_t(32)
        must(_crypto.EVP_PKEY_get_raw_public_key(self.key, self.out, ctypes.byref(self.size)))
        self.public = self.out.raw

    def __del__(self):
        _crypto.EVP_PKEY_free(self.key)

    def agreed(self, theirs):
        peer = must(_crypto.EVP_PKEY_new_raw_public_key(_X25519_OF_LIBCRYPTO, None, theirs, 32))
        work = must(_crypto.EVP_PKEY_CTX_new(self.key, None))
        must(_crypto.EVP_PKEY_derive_init(work))
        must(_crypto.EVP_PKEY_derive_set_peer(work, peer))
        must(_crypto.EVP_PKEY_derive(work, self.out, ctypes.byref(self.size)))
        _crypto.EVP_PKEY_CTX_free(work)
        _crypto.EVP_PKEY_free(peer)
        return self.out.raw


class Opener:
    """The server's direction: decrypts its records one after another."""

    def __init__(self, suite, secret):
        cipher, key_size = CIPHERS[suite]
        self.key = expand(HASHES[suite], secret, b"key", b"", key_size)
        self.vector = expand(HASHES[suite], secret, b"iv", b"", 12)
        self.cipher = getattr(_crypto, f"EVP_{cipher}")()
        self.sequence = 0

    def open(self, body):
        """(kind, content) of a record's body."""
        nonce = forged.xor_sequence(self.vector, self.sequence)
        self.sequence += 1
        header = struct.pack("!BHH", wire.APPLICATION, 0x0303, len(body))
        sealed, tag = body[:-forged.TAG_SIZE], body[-forged.TAG_SIZE:]
        out, size = ctypes.create_string_buffer(len(body)), ctypes.c_int()
        work = must(_crypto.EVP_CIPHER_CTX_new())
        try:
            must(_crypto.EVP_DecryptInit_ex(work, self.cipher, None, self.key, nonce))
            must(_crypto.EVP_DecryptUpdate(work, None, ctypes.byref(size), header, len(header)))
            must(_crypto.EVP_DecryptUpdate(work, out, ctypes.byref(size), sealed, len(sealed)))
            must(_crypto.EVP_CIPHER_CTX_ctrl(work, _SET_TAG, len(tag), ctypes.c_char_p(tag)))
            must(_crypto.EVP_DecryptFinal_ex(work, ctypes.byref(out, len(sealed)), ctypes.byref(size)))
        finally:
            _crypto.EVP_CIPHER_CTX_free(work)
        plain = out.raw[:len(sealed)].rstrip(b"\x00")
        return plain[-1], plain[:-1]


# ----------------------------------------------------------------------------------- the key schedule


def extract(digest, salt, secret):
    return hmac.digest(salt, secret, digest)


def expand(digest, secret, label, context, size):
    """HKDF-Expand-Label of 7.1; one block is enough for all that is needed."""
    label = b"tls13 " + label
    told = struct.pack("!HB", size, len(label)) + label + bytes([len(context)]) + context
    return hmac.digest(secret, told + b"\x01", digest)[:size]


def hashed(digest, octets):
    return hashlib.new(digest, octets).digest()


def derived(digest, secret, label, octets):
    size = hashlib.new(digest).digest_size
    return expand(digest, secret, label, hashed(digest, octets), size)


def finished(digest, secret, octets):
    size = hashlib.new(digest).digest_size
    return hmac.digest(expand(digest, secret, b"finished", b"", size), hashed(digest, octets), digest)


# ------------------------------------------------------------------------------------------- messages


@dataclasses.dataclass
class Offer:
    """A ticket, and the key that belongs to it as far as the client knows it. suite: of the session."""

    ticket: bytes
    secret: bytes
    suite: bytes
    obfuscated_age: int

    @property
    def digest(self):
        return HASHES[self.suite]

    @property
    def binder_size(self):
        return hashlib.new(self.digest).digest_size

    def early_secret(self):
        return extract(self.digest, b"\x00" * self.binder_size, self.secret)

    @classmethod
    def of_session(cls, session):
        """As its owner offers it."""
        known = libssl.inside(session)
        age_ms = int(time.time() - known.made_at) * 1000
        return cls(known.ticket, known.secret, known.suite, (age_ms + known.age_add) % (1 << 32))

    def binder(self, octets):
        key = derived(self.digest, self.early_secret(), b"res binder", b"")
        return finished(self.digest, key, octets)


def message(kind, content):
    return bytes([kind]) + len(content).to_bytes(3, "big") + content


def messages_of(octets):
    """[(kind, whole)] of whole messages, and what is left over."""
    found = []
    while len(octets) >= 4:
        size = 4 + int.from_bytes(octets[1:4], "big")
        if len(octets) < size:
            break
        found.append((octets[0], octets[:size]))
        octets = octets[size:]
    return found, octets


def listed(octets, width=2):
    return len(octets).to_bytes(width, "big") + octets


def extension(kind, content=b""):
    return struct.pack("!H", kind) + listed(content)


def extensions_of(hello):
    """Of a ServerHello: {kind: content}. 4.1.3."""
    at = 4 + 2 + 32
    at += 1 + hello[at] + 2 + 1
    end = at + 2 + int.from_bytes(hello[at:at + 2], "big")
    at += 2
    found = {}
    while at < end:
        kind, size = struct.unpack("!HH", hello[at:at + 4])
        found[kind] = hello[at + 4:at + 4 + size]
        at += 4 + size
    return found


def suite_of(hello):
    at = 4 + 2 + 32
    at += 1 + hello[at]
    return hello[at:at + 2]


# ----------------------------------------------------------------------------------------- the client


class HandmadeClient:
    """offers: in the order in which they are offered. has_share False: the server has to ask again for a key share.

    After run(): selected is the index of the offer that the server resumed from, None after a full handshake.
    """

    def __init__(self, sock, offers, name="localhost", suites=None, has_share=True, modes=(WITH_EXCHANGE,),
                 early_data=None):
        self.sock, self.offers, self.name, self.has_share = sock, offers, name, has_share
        self.suites = suites or [offer.suite for offer in offers] or list(SUITES)
        self.modes, self.early_data = modes, early_data
        self.share = Share()
        self.random, self.session_id = os.urandom(32), os.urandom(32)
        self.transcript = b""
        self.was_asked_again = False
        self.selected = None
        self.buffer = self.pending = b""
        self.opener = self.sealer = None
        self.tickets = []

    # ---------------------------------------------------------------------------- what goes out

    def hello(self, cookie=None):
        share = struct.pack("!H", X25519) + listed(self.share.public) if self.has_share else b""
        parts = [
            extension(SERVER_NAME, listed(b"\x00" + listed(self.name.encode()))) if self.name else b"",
            extension(GROUPS, listed(struct.pack("!H", X25519))),
            extension(SIGNATURES, listed(bytes.fromhex("0403050308040401"))),
            extension(VERSIONS, listed(b"\x03\x04", 1)),
            extension(PSK_MODES, listed(bytes(self.modes), 1)),
            extension(KEY_SHARE, listed(share)),
            extension(COOKIE, cookie) if cookie else b"",
            extension(EARLY_DATA) if self.early_data is not None and not self.was_asked_again else b""]
        binders = listed(b"".join(listed(b"\x00" * offer.binder_size, 1) for offer in self.offers))
        if self.offers:
            identities = b"".join(listed(offer.ticket) + struct.pack("!I", offer.obfuscated_age) for offer in self.offers)
            parts.append(extension(PRE_SHARED_KEY, listed(identities) + binders))
        suites = b"".join(dict.fromkeys(self.suites))
        whole = message(CLIENT_HELLO, b"\x03\x03" + self.random + listed(self.session_id, 1) + listed(suites)
                        + b"\x01\x00" + listed(b"".join(parts)))
        if self.offers:
            begun = whole[:-len(binders)]
            whole = begun + listed(b"".join(listed(self.binder_of(offer, begun), 1) for offer in self.offers))
        return whole

    def binder_of(self, offer, begun):
        """4.2.11.2; after a HelloRetryRequest the first hello is there as its hash, under the hash of the offer."""
        return offer.binder(self.earlier(offer.digest) + begun)

    def earlier(self, digest):
        if not self.was_asked_again:
            return b""
        return message(MESSAGE_HASH, hashed(digest, self.first_hello)) + self.retry

    def send_hello(self, cookie=None):
        hello = self.hello(cookie)
        self.transcript += hello
        version = 0x0303 if self.was_asked_again else 0x0301  # 5.1
        self.sock.sendall(b"".join(wire.record(wire.HANDSHAKE, hello[at:at + 16000], version)
                                   for at in range(0, len(hello), 16000)))

    def send_early_data(self):
        offer = self.offers[0]
        secret = derived(offer.digest, offer.early_secret(), b"c e traffic", self.transcript)
        sealer = forged.Sealer13(SUITES[offer.suite], secret)
        self.sock.sendall(sealer.record(wire.APPLICATION, self.early_data))

    # ----------------------------------------------------------------------------- what comes in

    def take(self, size):
        while len(self.buffer) < size:
            part = self.sock.recv(65536)
            if not part:
                raise Refused(None)
            self.buffer += part
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def next_record(self):
        while True:
            kind, _version, size = struct.unpack("!BHH", self.take(5))
            content = self.take(size)
            if kind == wire.CHANGE_CIPHER_SPEC:
                continue
            if kind == wire.APPLICATION and self.opener:
                kind, content = self.opener.open(content)
            if kind == wire.ALERT:
                raise Refused(content[1])
            return kind, content

    def next_message(self):
        while True:
            found, _left = messages_of(self.pending)
            if found:
                kind, whole = found[0]
                self.pending = self.pending[len(whole):]
                return kind, whole
            kind, content = self.next_record()
            assert kind == wire.HANDSHAKE, kind
            self.pending += content

    # ------------------------------------------------------------------------------ the handshake

    def run(self):
        self.send_hello()
        if self.early_data is not None:
            self.send_early_data()
        _kind, hello = self.next_message()
        if hello[6:38] == RETRY:
            hello = self.answer_retry(hello)
        self.transcript += hello
        told = extensions_of(hello)
        self.suite = suite_of(hello)
        self.digest = HASHES[self.suite]
        if PRE_SHARED_KEY in told:
            self.selected = int.from_bytes(told[PRE_SHARED_KEY], "big")
        self.agree(told.get(KEY_SHARE))
        self.finish()
        return self

    def answer_retry(self, retry):
        self.first_hello, self.retry = self.transcript, retry
        self.was_asked_again, self.has_share = True, True
        self.transcript = self.earlier(HASHES[suite_of(retry)])
        self.send_hello(extensions_of(retry).get(COOKIE))
        return self.next_message()[1]

    def agree(self, share):
        digest, zeros = self.digest, b"\x00" * hashlib.new(self.digest).digest_size
        known = zeros if self.selected is None else self.offers[self.selected].secret
        early = extract(digest, zeros, known)
        exchanged = self.share.agreed(share[4:]) if share else zeros
        secret = extract(digest, derived(digest, early, b"derived", b""), exchanged)
        self.ours = derived(digest, secret, b"c hs traffic", self.transcript)
        self.theirs = derived(digest, secret, b"s hs traffic", self.transcript)
        self.master = extract(digest, derived(digest, secret, b"derived", b""), zeros)
        self.opener = Opener(self.suite, self.theirs)
        self.sealer = forged.Sealer13(SUITES[self.suite], self.ours)

    def finish(self):
        is_asked = False
        while True:
            kind, whole = self.next_message()
            if kind == FINISHED:
                assert whole[4:] == finished(self.digest, self.theirs, self.transcript), "the server's Finished is wrong"
            self.transcript += whole
            is_asked = is_asked or kind == CERTIFICATE_REQUEST
            if kind == FINISHED:
                break
        flight = message(CERTIFICATE, b"\x00" + listed(b"", 3)) if is_asked else b""
        ours = derived(self.digest, self.master, b"c ap traffic", self.transcript)
        theirs = derived(self.digest, self.master, b"s ap traffic", self.transcript)
        flight += message(FINISHED, finished(self.digest, self.ours, self.transcript + flight))
        self.sock.sendall(self.sealer.record(wire.HANDSHAKE, flight))
        self.opener, self.sealer = Opener(self.suite, theirs), forged.Sealer13(SUITES[self.suite], ours)

    # ------------------------------------------------------------------------------- as a socket, after it

    def recv(self, _size=0):
        """The next application bytes; b"" at the server's end."""
        while True:
            try:
                kind, content = self.next_record()
            except Refused as refusal:
                if refusal.args[0]:
                    raise
                return b""
            if kind == wire.APPLICATION:
                return content
            self.tickets += [whole for kind, whole in messages_of(content)[0] if kind == NEW_SESSION_TICKET]

    def sendall(self, octets):
        self.sock.sendall(self.sealer.record(wire.APPLICATION, octets))

    def getsockname(self):
        return self.sock.getsockname()

    def close(self):
        self.sock.close()
