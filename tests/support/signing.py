"""Signatures made in this process by libcrypto: ours are needed by the thousand, and one call of openssl takes 10 ms.

A kind is a row of KINDS: the digest, the AlgorithmIdentifier that stands beside the signature, RSA-PSS or not.
"""

import ctypes
import dataclasses

from support.authority import tool

der = tool.der
SHA256, MGF1, RSA_PSS = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.8", "1.2.840.113549.1.1.10"
_PSS, _PSS_SALT_SIZE = 6, 32
_NULL = b"\x05\x00"


def _load():
    crypto = ctypes.PyDLL("libcrypto.so.3")
    pointer, text, number, size = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
    table = {
        "BIO_new_mem_buf": (pointer, [text, number]),
        "BIO_free": (number, [pointer]),
        "PEM_read_bio_PrivateKey": (pointer, [pointer, pointer, pointer, pointer]),
        "EVP_PKEY_get_base_id": (number, [pointer]),
        "EVP_MD_CTX_new": (pointer, []),
        "EVP_MD_CTX_free": (None, [pointer]),
        "EVP_get_digestbyname": (pointer, [text]),
        "EVP_DigestSignInit": (number, [pointer, pointer, pointer, pointer, pointer]),
        "EVP_DigestSign": (number, [pointer, pointer, pointer, text, size]),
        "EVP_PKEY_CTX_set_rsa_padding": (number, [pointer, number]),
        "EVP_PKEY_CTX_set_rsa_pss_saltlen": (number, [pointer, number]),
    }
    for name, (result, arguments) in table.items():
        function = getattr(crypto, name)
        function.restype, function.argtypes = result, arguments
    return crypto


_crypto = _load()


def must(done):
    if not done or (isinstance(done, int) and done < 0):
        raise RuntimeError("libcrypto refuses")
    return done


def _pss_algorithm():
    """RFC 4055 3.1, everything spelled out."""
    digest = der.sequence(der.object_identifier(SHA256), _NULL)
    mask = der.sequence(der.object_identifier(MGF1), digest)
    return der.sequence(der.object_identifier(RSA_PSS), der.sequence(
        der.tlv(0xA0, digest), der.tlv(0xA1, mask), der.tlv(0xA2, der.integer(_PSS_SALT_SIZE))))


@dataclasses.dataclass
class Kind:
    digest: object           # a name of libcrypto's; None: the algorithm brings its own
    algorithm: bytes
    is_pss: bool = False


KINDS = {
    **{f"{key}-{digest}": Kind(digest.encode(), tool.openssl.signature_algorithm(f"{key}-{digest}"))
       for key in ("rsa", "ecdsa") for digest in ("sha1", "sha256", "sha384", "sha512")},
    "rsa-pss": Kind(b"sha256", _pss_algorithm(), is_pss=True),
    "ed25519": Kind(None, tool.openssl.signature_algorithm("ed25519")),
}
_USUAL = {6: "rsa-sha256", 408: "ecdsa-sha256", 1087: "ed25519"}


class Key:
    """A private key; lives as long as the process."""

    def __init__(self, text):
        octets = text.encode()
        bio = must(_crypto.BIO_new_mem_buf(octets, len(octets)))
        self.handle = must(_crypto.PEM_read_bio_PrivateKey(bio, None, None, None))
        _crypto.BIO_free(bio)
        self.usual_kind = _USUAL[_crypto.EVP_PKEY_get_base_id(self.handle)]

    def sign(self, octets, kind=None):
        """(AlgorithmIdentifier, signature). kind: a name in KINDS; None: the usual one of this key."""
        row = KINDS[kind or self.usual_kind]
        work = must(_crypto.EVP_MD_CTX_new())
        try:
            options = ctypes.c_void_p()
            digest = must(_crypto.EVP_get_digestbyname(row.digest)) if row.digest else None
            must(_crypto.EVP_DigestSignInit(work, ctypes.byref(options), digest, None, self.handle))
            if row.is_pss:
                must(_crypto.EVP_PKEY_CTX_set_rsa_padding(options, _PSS))
                must(_crypto.EVP_PKEY_CTX_set_rsa_pss_saltlen(options, _PSS_SALT_SIZE))
            size = ctypes.c_size_t(1024)
            out = ctypes.create_string_buffer(size.value)
            must(_crypto.EVP_DigestSign(work, out, ctypes.byref(size), octets, len(octets)))
            return row.algorithm, out.raw[:size.value]
        finally:
            _crypto.EVP_MD_CTX_free(work)


_keys = {}


def key_of(path):
    """The key in a PEM file, read once."""
    if path not in _keys:
        with open(path, encoding="ascii") as file:
            _keys[path] = Key(file.read())
    return _keys[path]
