"""Certificates for tests/trust/differential.py, made by the openssl program."""

import os
import ssl
import subprocess


class Maker:
    """Makes keys once and certificates on demand, with one call of openssl each."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0
        p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        rsa = ["-algorithm", "RSA", "-pkeyopt"]
        self.keys = [self.make_key(n, p256) for n in range(8)]
        self.rsa = self.make_key("rsa", rsa + ["rsa_keygen_bits:2048"])
        self.weak = self.make_key("weak", rsa + ["rsa_keygen_bits:1024"])
        self.ed25519 = self.make_key("ed25519", ["-algorithm", "ed25519"])

    def make_key(self, name, options):
        path = os.path.join(self.folder, f"key_{name}.pem")
        run(["openssl", "genpkey", "-out", path] + options)
        return path

    def make(self, subject, key, issuer, extensions, days=1000, digest="sha256",
             first_version=False):
        """A certificate; issuer is an earlier one or None for a self-signed one."""
        self.count += 1
        base = os.path.join(self.folder, f"c{self.count}")
        sections = "\n".join(extensions)
        with open(base + ".cnf", "w") as file:
            file.write(f"[req]\ndistinguished_name=dn\n[dn]\n[ext]\n{sections}\n"
                       "[dir_good]\nO=Good\n[dir_bad]\nO=Bad\n")
        serial = str(self.count + 1000)
        new = ["openssl", "req", "-new", "-config", base + ".cnf", "-key", key, "-subj", subject]
        command = new + ["-x509", "-days", str(days), "-out", base + ".pem", "-set_serial", serial]
        if digest and self.ed25519 not in (key, issuer["key"] if issuer else None):
            command.append("-" + digest)
        if not first_version:
            command += ["-extensions", "ext"]
        if issuer is not None:
            command += ["-CA", issuer["path"], "-CAkey", issuer["key"]]
        if first_version:
            run(new + ["-out", base + ".csr"])
            command = ["openssl", "x509", "-req", "-in", base + ".csr", "-CA", issuer["path"],
                       "-CAkey", issuer["key"], "-days", str(days), "-set_serial", serial,
                       "-out", base + ".pem"]
        run(command)
        with open(base + ".pem") as source, open(base + ".der", "wb") as file:
            file.write(ssl.PEM_cert_to_DER_cert(source.read()))
        return {"path": base + ".pem", "der": base + ".der", "key": key, "subject": subject}


def run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(" ".join(command) + "\n" + result.stderr)
