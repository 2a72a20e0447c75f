"""A root and an intermediate kept by the openssl command alone, in the how-to's folders: keys and requests."""

import os
import subprocess

PASSPHRASE = "correct horse"

CONFIG = """
[ca]
default_ca = authority
[authority]
dir = {folder}
new_certs_dir = $dir/newcerts
database = $dir/index.txt
serial = $dir/serial
certificate = $dir/certs/{name}.cert.pem
private_key = $dir/private/{name}.key.pem
default_md = sha256
policy = policy
unique_subject = no
[policy]
organizationName = optional
commonName = supplied
[req]
distinguished_name = nothing
[nothing]
[v3_ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[usr_cert]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth, emailProtection
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server_cert]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


class OpensslAuthority:
    """root/ca and root/ca/intermediate; every path that is given or returned is relative to the first."""

    def __init__(self, folder):
        self.folder = str(folder)
        for name, below in (("ca", ""), ("intermediate", "intermediate")):
            self.make_folders(name, os.path.join(self.folder, below))
        self.make_key("private/ca.key.pem")
        self.openssl("req", "-config", "openssl.cnf", "-key", "private/ca.key.pem", "-new", "-x509", "-days", "7300",
                     "-sha256", "-extensions", "v3_ca", "-subj", "/O=Contoso/CN=Root of the how-to",
                     "-out", "certs/ca.cert.pem")
        self.make_key("intermediate/private/intermediate.key.pem")
        self.request("intermediate", "intermediate", "/O=Contoso/CN=Intermediate of the how-to")
        self.openssl("ca", "-batch", "-config", "openssl.cnf", "-extensions", "v3_ca", "-days", "3650", "-notext",
                     "-md", "sha256", "-in", self.csr("intermediate"), "-out", self.cert("intermediate"))
        with open(self.path(self.cert("ca-chain")), "w", encoding="ascii") as file:
            file.write(self.read(self.cert("intermediate")) + self.read("certs/ca.cert.pem"))

    def make_folders(self, name, folder):
        for each in ("certs", "csr", "newcerts", "private"):
            os.makedirs(os.path.join(folder, each))
        config = CONFIG.format(folder=folder, name=name)
        for file, text in (("index.txt", ""), ("serial", "1000\n"), ("openssl.cnf", config)):
            with open(os.path.join(folder, file), "w", encoding="ascii") as made:
                made.write(text)

    def openssl(self, *arguments, may_fail=False):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True, timeout=30,
                              check=False)
        assert may_fail or done.returncode == 0, done.stderr
        return done

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def cert(self, name):
        return f"intermediate/certs/{name}.cert.pem"

    def csr(self, name):
        return f"intermediate/csr/{name}.csr.pem"

    def key(self, name):
        return f"intermediate/private/{name}.key.pem"

    def make_key(self, path):
        """Of an authority: not encrypted, so that it may sign without being asked."""
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path)

    def make_locked_key(self, name):
        self.openssl("genrsa", "-aes256", "-passout", f"pass:{PASSPHRASE}", "-out", self.key(name), "2048")
        os.chmod(self.path(self.key(name)), 0o400)

    def request(self, name, key_of, subject):
        """name.csr.pem with the key of key_of."""
        self.openssl("req", "-config", "intermediate/openssl.cnf", "-key", self.key(key_of),
                     "-passin", f"pass:{PASSPHRASE}", "-new", "-sha256", "-subj", subject, "-out", self.csr(name))

    def sign(self, name, extensions):
        """name.cert.pem and name-chain.cert.pem, as a client sends it, from name.csr.pem."""
        self.openssl("ca", "-batch", "-config", "intermediate/openssl.cnf", "-extensions", extensions, "-days", "375",
                     "-notext", "-md", "sha256", "-in", self.csr(name), "-out", self.cert(name))
        os.chmod(self.path(self.cert(name)), 0o444)
        self.join(name, "intermediate")

    def join(self, name, *above):
        """name-chain.cert.pem: the certificate and those above it."""
        with open(self.path(self.cert(f"{name}-chain")), "w", encoding="ascii") as file:
            file.write("".join(self.read(self.cert(each)) for each in (name, *above)))

    def verify(self, name):
        return self.openssl("verify", "-CAfile", self.cert("ca-chain"), self.cert(name), may_fail=True)
