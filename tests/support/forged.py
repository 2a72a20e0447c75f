"""Encrypted TLS records that no honest library would send: empty, oversized, alerts and KeyUpdates by the thousand.

The handshake is Python's; its key log then gives us the client's keys, and libcrypto (which Python's ssl has loaded
anyway) seals what we like under them. RFC 5246 6.2.3.3 and RFC 5288 for TLS 1.2, RFC 8446 5.2 and 7.1 for TLS 1.3.
"""

import ctypes
import hashlib
import hmac
import os
import ssl
import struct
import tempfile

from support import client, wire

KEY_UPDATE, UPDATE_NOT_REQUESTED, UPDATE_REQUESTED = 24, 0, 1
WARNING, USER_CANCELED = 1, 90
TAG_SIZE = 16
_GET_TAG = 0x10

# By what OpenSSL calls the suite: hash, cipher of libcrypto, size of the key.
_SUITES = {
    "TLS_AES_128_GCM_SHA256": ("sha256", "aes_128_gcm", 16),
    "TLS_AES_256_GCM_SHA384": ("sha384", "aes_256_gcm", 32),
    "TLS_CHACHA20_POLY1305_SHA256": ("sha256", "chacha20_poly1305", 32),
    "ECDHE-ECDSA-AES128-GCM-SHA256": ("sha256", "aes_128_gcm", 16),
    "ECDHE-RSA-AES128-GCM-SHA256": ("sha256", "aes_128_gcm", 16),
    "ECDHE-ECDSA-AES256-GCM-SHA384": ("sha384", "aes_256_gcm", 32),
    "ECDHE-RSA-AES256-GCM-SHA384": ("sha384", "aes_256_gcm", 32),
}
_CIPHERS = "ECDHE+AESGCM:@SECLEVEL=0"


def _load():
    crypto = ctypes.PyDLL("libcrypto.so.3")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for _hash, cipher, _size in _SUITES.values():
        getattr(crypto, f"EVP_{cipher}").restype = pointer
    crypto.EVP_CIPHER_CTX_new.restype = pointer
    crypto.EVP_CIPHER_CTX_free.argtypes = [pointer]
    crypto.EVP_EncryptInit_ex.argtypes = [pointer, pointer, pointer, text, text]
    crypto.EVP_EncryptUpdate.argtypes = [pointer, pointer, pointer, text, number]
    crypto.EVP_EncryptFinal_ex.argtypes = [pointer, pointer, pointer]
    crypto.EVP_CIPHER_CTX_ctrl.argtypes = [pointer, number, number, pointer]
    return crypto


_crypto = _load()


class Aead:
    """One key of libcrypto; seal() encrypts under it."""

    def __init__(self, cipher):
        self.context = _crypto.EVP_CIPHER_CTX_new()
        self.out = ctypes.create_string_buffer(1 << 17)
        self.tag = ctypes.create_string_buffer(TAG_SIZE)
        self.size = ctypes.c_int()
        self.must(_crypto.EVP_EncryptInit_ex(self.context, getattr(_crypto, f"EVP_{cipher}")(), None, None, None))

    def __del__(self):
        _crypto.EVP_CIPHER_CTX_free(self.context)

    @staticmethod
    def must(done):
        if done != 1:
            raise RuntimeError("libcrypto refuses")

    def set_key(self, key):
        self.must(_crypto.EVP_EncryptInit_ex(self.context, None, None, key, None))

    def seal(self, nonce, associated, plain):
        context, size = self.context, ctypes.byref(self.size)
        self.must(_crypto.EVP_EncryptInit_ex(context, None, None, None, nonce))
        self.must(_crypto.EVP_EncryptUpdate(context, None, size, associated, len(associated)))
        if plain:
            self.must(_crypto.EVP_EncryptUpdate(context, self.out, size, plain, len(plain)))
        self.must(_crypto.EVP_EncryptFinal_ex(context, self.tag, size))
        self.must(_crypto.EVP_CIPHER_CTX_ctrl(context, _GET_TAG, TAG_SIZE, self.tag))
        return self.out[:len(plain)] + self.tag.raw


def xor_sequence(vector, sequence):
    return vector[:4] + (int.from_bytes(vector[4:], "big") ^ sequence).to_bytes(8, "big")


class Sealer13:
    """The client's direction of TLS 1.3, from its first application record on."""

    def __init__(self, suite, secret):
        self.hash, cipher, self.key_size = _SUITES[suite]
        self.hash_size = hashlib.new(self.hash).digest_size
        self.aead = Aead(cipher)
        self.use(secret)

    def expand(self, label, size):
        """One block of HKDF-Expand-Label is enough for whatever we need."""
        label = b"tls13 " + label
        told = struct.pack("!HB", size, len(label)) + label + b"\x00\x01"
        return hmac.digest(self.secret, told, self.hash)[:size]

    def use(self, secret):
        self.secret, self.sequence = secret, 0
        self.aead.set_key(self.expand(b"key", self.key_size))
        self.vector = self.expand(b"iv", 12)

    def record(self, kind, content, padding=0):
        plain = content + bytes([kind]) + b"\x00" * padding
        header = struct.pack("!BHH", wire.APPLICATION, 0x0303, len(plain) + TAG_SIZE)
        nonce = xor_sequence(self.vector, self.sequence)
        self.sequence += 1
        return header + self.aead.seal(nonce, header, plain)

    def key_update(self, requested=UPDATE_NOT_REQUESTED):
        octets = self.record(wire.HANDSHAKE, bytes([KEY_UPDATE, 0, 0, 1, requested]))
        self.use(self.expand(b"traffic upd", self.hash_size))
        return octets


class Sealer12:
    """The client's direction of TLS 1.2 with AES-GCM, after its Finished."""

    def __init__(self, suite, master, client_random, server_random):
        name, cipher, key_size = _SUITES[suite]
        seed = b"key expansion" + server_random + client_random
        block, link = b"", seed
        while len(block) < 2 * key_size + 8:
            link = hmac.digest(master, link, name)
            block += hmac.digest(master, link + seed, name)
        self.aead = Aead(cipher)
        self.aead.set_key(block[:key_size])
        self.salt = block[2 * key_size:2 * key_size + 4]
        self.sequence = 1

    def record(self, kind, content):
        number = self.sequence.to_bytes(8, "big")
        self.sequence += 1
        associated = number + struct.pack("!BHH", kind, 0x0303, len(content))
        sealed = number + self.aead.seal(self.salt + number, associated, content)
        return struct.pack("!BHH", kind, 0x0303, len(sealed)) + sealed


class Secrets:
    """The key log of one context."""

    def __init__(self, context):
        handle, self.path = tempfile.mkstemp(prefix="keys-")
        os.close(handle)
        context.keylog_filename = self.path

    def find(self, label, client_random):
        with open(self.path, encoding="ascii") as file:
            for line in file:
                words = line.split()
                if words[:2] == [label, client_random.hex()]:
                    return bytes.fromhex(words[2])
        raise KeyError(label)


_secrets = {}


def secrets_of(context):
    if context not in _secrets:
        _secrets[context] = Secrets(context)
    return _secrets[context]


def forget_secrets():
    for secrets in _secrets.values():
        os.unlink(secrets.path)
    _secrets.clear()


class ForgingClient(wire.MemoryClient):
    """After its handshake it writes through `sealer` only; what comes back is read by TLS as ever."""

    def __init__(self, sock, pki, certificate=None, version="1.3"):
        self.version = version
        self.secrets = secrets_of(client.context_for(pki, certificate, version=version, ciphers=_CIPHERS))
        super().__init__(sock, pki, certificate, version=version, ciphers=_CIPHERS)
        self.hello, self.answer = self.flight(), b""
        sock.sendall(self.hello)
        self.handshake(sock.sendall)
        self.sealer = self.make_sealer()

    def arrived(self):
        """Keeps the beginning of what the server says: its random is in there."""
        part = self.sock.recv(65536)
        if not part:
            raise ConnectionResetError("closed by the peer")
        if len(self.answer) < 64:
            self.answer += part
        self.incoming.write(part)

    def make_sealer(self):
        # Record header 5, message header 4, version 2; then the random.
        client_random, server_random = self.hello[11:43], self.answer[11:43]
        suite = self.tls.cipher()[0]
        if self.version == "1.3":
            return Sealer13(suite, self.secrets.find("CLIENT_TRAFFIC_SECRET_0", client_random))
        return Sealer12(suite, self.secrets.find("CLIENT_RANDOM", client_random), client_random, server_random)

    def say(self, octets):
        self.sock.sendall(self.sealer.record(wire.APPLICATION, octets))

    def read_head(self):
        received = b""
        while b"\r\n\r\n" not in received:
            try:
                received += self.tls.read(65536)
            except ssl.SSLWantReadError:
                self.arrived()
        return received

    def ending(self):
        """How the gateway ended it: "closed" after close_notify, the reason of an alert, "cut", or "reset"."""
        try:
            while True:
                try:
                    if not self.tls.read(65536):
                        return "closed"
                except ssl.SSLWantReadError:
                    self.arrived()
        except ssl.SSLZeroReturnError:
            return "closed"
        except ssl.SSLError as error:
            return error.reason or "cut"
        except TimeoutError:
            raise
        except OSError as error:
            return "cut" if "closed by the peer" in str(error) else "reset"
