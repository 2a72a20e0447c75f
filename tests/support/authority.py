"""The certificates of the tests: made by tools/sallyport-pki once a run, asked for by name."""

import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))

import sallyport_pki as tool  # noqa: E402 # the line above finds it

KINDS = tool.KINDS


class Certificates:
    """A folder of them. make: what puts the first ones into it."""

    def __init__(self, path, make=tool.make_everything):
        self.folder = tool.Folder(str(path))
        make(self.folder)

    def file(self, name, ending=".pem"):
        return self.folder.file(name, ending)

    def chain(self, name):
        return self.file(name, "-chain.pem")

    def key(self, name):
        return self.file(name, ".key")

    def der(self, name):
        return self.folder.certificate(name)

    def chain_der(self, name):
        return tool.certificates_in(self.folder.read(name, "-chain.pem"))

    def bundle(self, name, *members):
        """A file of several certificates, such as a trusted client CA chain; its path."""
        self.folder.bundle(name, *members)
        return self.file(name)

    def shown(self, name, *options):
        """What `openssl x509 -noout` says; without the part up to the equals sign."""
        done = subprocess.run(["openssl", "x509", "-noout", "-in", self.file(name), *options],
                              capture_output=True, text=True, check=True)
        return done.stdout.partition("=")[2].rstrip("\n")
