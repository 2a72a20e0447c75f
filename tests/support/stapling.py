"""What a client sees stapled to the gateway's certificate: openssl s_client -status, and what it prints."""

import dataclasses
import re

from support import programs, wait

VERSIONS = {"1.2": "-tls1_2", "1.3": "-tls1_3"}
# What only a client takes that can do with this kind of certificate.
KINDS = {"ecdsa": "ECDSA+SHA256", "rsa": "RSA-PSS+SHA256:RSA+SHA256"}


@dataclasses.dataclass
class Seen:
    """One handshake."""

    text: str
    seconds: float

    @property
    def is_complete(self):
        return "Verify return code" in self.text

    @property
    def has_staple(self):
        return "OCSP Response Status: successful" in self.text

    @property
    def status(self):
        """good or revoked; None without a staple."""
        found = re.search(r"Cert Status: (\w+)", self.text)
        return found and found.group(1)

    @property
    def serial(self):
        """Of the certificate that the staple is about."""
        found = re.search(r"Serial Number: ([0-9A-F]+)", self.text)
        return found and int(found.group(1), 16)

    @property
    def this_update(self):
        return re.search(r"This Update: (.*)", self.text).group(1)

    @property
    def is_resumed(self):
        return "Reused, TLS" in self.text


def look(pki, port, version="1.3", kind=None, asks=True, options=()):
    """A handshake and its end."""
    arguments = [VERSIONS[version], *(["-status"] if asks else []),
                 *(["-sigalgs", KINDS[kind]] if kind else []), *options]
    with wait.Stopwatch() as watch:
        done = programs.run("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
                            "-CAfile", pki.file("server-root"), *arguments, given="")
    seen = Seen(done.stdout + done.stderr, watch.seconds)
    assert seen.is_complete, seen.text
    return seen


def wait_for_staple(pki, port, *arguments, **how):
    """The first handshake that has one."""
    def seen_with_staple():
        seen = look(pki, port, *arguments, **how)
        return seen if seen.has_staple else None
    return wait.until(seen_with_staple, "a staple")
