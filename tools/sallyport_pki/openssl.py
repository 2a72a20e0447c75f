"""The openssl command: what needs keys is left to it."""

import os
import subprocess
import tempfile

from .der import elements, object_identifier, sequence
from .mistake import Mistake

RSA, ELLIPTIC = ["-algorithm", "RSA", "-pkeyopt"], ["-algorithm", "EC", "-pkeyopt"]
KEY_KINDS = {
    "p256": [*ELLIPTIC, "ec_paramgen_curve:P-256"],
    "p384": [*ELLIPTIC, "ec_paramgen_curve:P-384"],
    "p521": [*ELLIPTIC, "ec_paramgen_curve:P-521"],
    "rsa1024": [*RSA, "rsa_keygen_bits:1024"],
    "rsa2048": [*RSA, "rsa_keygen_bits:2048"],
    "rsa4096": [*RSA, "rsa_keygen_bits:4096"],
    "ed25519": ["-algorithm", "ED25519"],
}


def start(*arguments, given=None, environment=None):
    """Runs the command to its end, whatever that is."""
    try:
        return subprocess.run(["openssl", *arguments], input=given, capture_output=True,
                              check=False, env={**os.environ, **(environment or {})})
    except FileNotFoundError as error:
        raise Mistake("the openssl command is not installed (apt-get install openssl)") from error


def openssl(*arguments, given=None, environment=None):
    """What the command prints; it must succeed."""
    done = start(*arguments, given=given, environment=environment)
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise Mistake(f"openssl {arguments[0]} failed: {lines[-1]}")
    return done.stdout


def secret_arguments(option, passphrase_file):
    return [option, f"file:{passphrase_file}"] if passphrase_file else []


def make_key(kind, passphrase_file):
    encrypt = ["-aes-256-cbc"] if passphrase_file else []
    return openssl("genpkey", *KEY_KINDS[kind], *encrypt,
                   *secret_arguments("-pass", passphrase_file))


def signature_kind(public_key, digest):
    """The name of the signature algorithm that a key makes, from its SubjectPublicKeyInfo."""
    algorithm = elements(elements(public_key)[0][2])[0][2]
    if object_identifier("1.2.840.113549.1.1.1") in algorithm:
        return f"rsa-{digest}"
    return f"ecdsa-{digest}" if object_identifier("1.2.840.10045.2.1") in algorithm else "ed25519"


def signature_algorithm(kind):
    return sequence(object_identifier(kind), b"\x05\x00" if kind.startswith("rsa") else b"")


def sign_with(key_path, kind, octets, passphrase_file):
    secret = secret_arguments("-passin", passphrase_file)
    if kind != "ed25519":
        digest = "-" + kind.partition("-")[2]
        return openssl("dgst", digest, "-sign", key_path, *secret, given=octets)
    with tempfile.NamedTemporaryFile() as file:
        file.write(octets)
        file.flush()
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", key_path, *secret, "-in", file.name)
