"""Asking an OCSP responder without a gateway: by hand, and by `openssl ocsp`, which judges the answer too."""

import re
import subprocess
import tempfile

from support import http, ocsp_request
from support.client import connect_plain

# How long the command may take before a responder counts as one that lets it wait.
HANG_SECONDS, COMMAND_SECONDS = 0.4, 30
REFUSED, HANGS = "refused", "hangs"


def message(port, octets, path="/", method="POST", close=True):
    """The request in HTTP/1.1."""
    more = "Connection: close\r\n" if close else ""
    if method == "GET":
        target = ocsp_request.as_target(path, octets)
        return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode()
    head = (f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/ocsp-request\r\n"
            f"Content-Length: {len(octets)}\r\n{more}\r\n")
    return head.encode() + octets


def ask(port, octets, path="/", method="POST"):
    """On a connection of its own; the http.Response."""
    with connect_plain(port) as sock:
        sock.sendall(message(port, octets, path, method))
        return http.read_response(http.Reader(lambda: sock.recv(65536)))


def command(pki, name, *arguments):
    issuer = pki.issuers[name]
    root = issuer
    while root in pki.issuers:
        root = pki.issuers[root]
    return ["openssl", "ocsp", "-issuer", pki.file(issuer), "-cert", pki.file(name), "-CAfile", pki.file(root),
            *arguments]


def word_of(printed):
    """good, revoked or unknown; refused for whatever the command is not content with."""
    status = re.search(r": (good|revoked|unknown)$", printed, re.M)
    content = "Response verify OK" in printed
    complaint = re.search("WARNING: Status times|Nonce Verify error", printed)
    return status[1] if status and content and not complaint else REFUSED


def word_for_url(pki, name, url, with_nonce=False, may_hang=False):
    """What the command says of the answer that url gives."""
    nonce = "-nonce" if with_nonce else "-no_nonce"
    arguments = command(pki, name, "-url", url, "-timeout", str(COMMAND_SECONDS), nonce)
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            printed, _none = process.communicate(timeout=HANG_SECONDS if may_hang else COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return HANGS
    return word_of(printed)


def word_for_octets(pki, name, octets):
    """What the command says of an answer that it is given as a file."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(octets)
        file.flush()
        done = subprocess.run(command(pki, name, "-no_nonce", "-respin", file.name), capture_output=True, text=True,
                              check=False, timeout=COMMAND_SECONDS)
    return word_of(done.stdout + done.stderr)
