"""The folder that holds everything made."""

import dataclasses
import hashlib
import json
import os
import time

from .certificate import DAY, Plan, to_be_signed
from .der import bit_string, certificates_in, pem, sequence, subject_of
from .mistake import Mistake
from .names import distinguished_name, general_name
from .openssl import (make_key, openssl, secret_arguments, sign_with, signature_algorithm,
                      signature_kind)

MADE_OF = (".pem", ".key", ".plan")


def first_line(path):
    if not path:
        return ""
    with open(path, encoding="utf-8") as file:
        return file.readline().rstrip("\n")


class Folder:
    """The only one that reads and writes the files of a name."""

    def __init__(self, path, force=False, say=lambda text: None):
        self.path, self.force, self.say = path, force, say

    def file(self, name, ending):
        return os.path.join(self.path, name + ending)

    def has(self, name, ending):
        return os.path.exists(self.file(name, ending))

    def read(self, name, ending=".pem"):
        try:
            with open(self.file(name, ending), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError as error:
            path = self.file(name, ending)
            raise Mistake(f"{path} does not exist: make {name} first") from error

    def write(self, name, ending, text, mode=0o644):
        """Whole or not at all: another process may read meanwhile."""
        path = self.file(name, ending)
        os.makedirs(self.path, exist_ok=True)
        new = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with open(new, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.rename(path + ".new", path)

    def certificate(self, name):
        found = certificates_in(self.read(name))
        if not found:
            raise Mistake(f"{self.file(name, '.pem')} holds no certificate")
        return found[0]

    def plan(self, name):
        return self._record(name)[0]

    def _record(self, name):
        """What NAME was made from, and when."""
        try:
            record = json.loads(self.read(name, ".plan"))
            return Plan(**record["plan"]), record["made"]
        except (ValueError, TypeError, KeyError) as error:
            path = self.file(name, ".plan")
            raise Mistake(f"{path} is damaged: make {name} anew with --force") from error

    def public_key(self, name, passphrase_file):
        secret = secret_arguments("-passin", passphrase_file)
        return openssl("pkey", "-in", self.file(name, ".key"), "-pubout", "-outform", "DER",
                       *secret)

    def is_made(self, name, plan):
        """Whether NAME is there and was made from this plan; says no when its time is nearly
        over."""
        if self.force or not all(self.has(name, ending) for ending in MADE_OF):
            return False
        made_from, made_at = self._record(name)
        if made_from != plan:
            return False
        return plan.ends_days < 1 or made_at + plan.ends_days * DAY > time.time() + DAY

    def make(self, name, plan, strict=False):
        """Makes the certificate NAME, or keeps what is there. strict: what is there must be from
        the same plan."""
        distinguished_name(plan.subject)  # A mistake in it must not leave a key behind.
        list(map(general_name, plan.alternative_names))
        if plan.issuer:
            plan.issuer_print = hashlib.sha256(self.certificate(plan.issuer)).hexdigest()
        if self.is_made(name, plan):
            self.say(f"{name}: kept")
            return
        if strict and not self.force and self.has(name, ".pem"):
            raise Mistake(f"{self.file(name, '.pem')} was made from other options; --force makes "
                          "it anew")
        if plan.key_of:
            key = self.read(plan.key_of, ".key")
        else:
            key = make_key(plan.key, plan.passphrase_file)
        self.write(name, ".key", key, 0o600)
        self.sign(name, plan, self.public_key(name, plan.passphrase_file))
        self.say(f"{name}: made")

    def sign(self, name, plan, public_key):
        signer = plan.issuer or name
        issuer_key, issuer_name = public_key, distinguished_name(plan.subject)
        signer_secret = plan.passphrase_file
        if plan.issuer:
            signer_secret = self.plan(plan.issuer).passphrase_file
            issuer_key = self.public_key(signer, signer_secret)
            issuer_name = subject_of(self.certificate(plan.issuer))
        kind = signature_kind(issuer_key, plan.digest)
        algorithm = signature_algorithm(kind)
        inner = to_be_signed(plan, issuer_name, public_key, issuer_key, algorithm)
        signature = sign_with(self.file(signer, ".key"), kind, inner, signer_secret)
        if plan.garble == "signature":
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        whole = sequence(inner, algorithm, bit_string(signature))
        self.write(name, ".pem", pem("CERTIFICATE", whole))
        record = {"made": int(time.time()), "plan": dataclasses.asdict(plan)}
        self.write(name, ".plan", json.dumps(record, indent=1) + "\n")
        self.write(name, "-chain.pem", self.chain(name, plan))

    def chain(self, name, plan):
        """What a client sends: itself and its intermediates, without the root."""
        text = self.read(name)
        issuer = plan.issuer
        while issuer and self.plan(issuer).issuer:
            text += self.read(issuer)
            issuer = self.plan(issuer).issuer
        return text

    def root_above(self, name):
        """The name of the authority at the top; NAME itself when it signs itself."""
        while issuer := self.plan(name).issuer:
            name = issuer
        return name

    def bundle(self, name, *members):
        self.write(name, ".pem", "".join(self.read(member) for member in members))

    def make_pfx(self, name, passphrase_file, key_passphrase_file=""):
        # By the environment: openssl would take the second line of a file that is named twice.
        environment = {"PFX_KEY": first_line(key_passphrase_file),
                       "PFX_FILE": first_line(passphrase_file)}
        self.read(name, "-chain.pem")
        made = openssl("pkcs12", "-export", "-in", self.file(name, "-chain.pem"),
                       "-inkey", self.file(name, ".key"), "-name", name,
                       "-passin", "env:PFX_KEY", "-passout", "env:PFX_FILE",
                       environment=environment)
        self.write(name, ".pfx", made, 0o600)
