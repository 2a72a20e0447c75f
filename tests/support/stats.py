"""Requests over the stats socket of a gateway, with curl and by hand."""

import json
import os
import re
import socket
import subprocess

from support import wait

SAMPLE = re.compile(r'^([a-z_]+)(\{[^}]*\})? (\S+)$')


def path_of(gateway):
    return os.path.join(gateway.folder, "stats.sock")


def await_socket(gateway):
    """The path; the socket is there some moments after the ports."""
    path = path_of(gateway)
    wait.until(lambda: os.path.exists(path), "the stats socket")
    return path


def _is_taken(sock, path):
    try:
        sock.connect(path)
        return True
    except ConnectionRefusedError:  # it is there and does not listen yet
        return False


def connect(gateway, receive_buffer=None):
    path = await_socket(gateway)
    sock = socket.socket(socket.AF_UNIX)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.settimeout(20)
    wait.until(lambda: _is_taken(sock, path), "the stats socket to listen")
    return sock


def read_all(sock):
    parts = []
    while part := sock.recv(65536):
        parts.append(part)
    return b"".join(parts).decode()


def ask(gateway, target, method="GET"):
    """(status, head, body) over the socket, by hand."""
    with connect(gateway) as sock:
        sock.sendall(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = read_all(sock).partition("\r\n\r\n")
    return int(head.split()[1]), head, body


def ask_json(gateway, target):
    status, head, body = ask(gateway, target)
    assert status == 200 and "Content-Type: application/json" in head, head
    return json.loads(body)


def metrics(gateway):
    """{'name{labels}': value} of every sample."""
    status, _head, body = ask(gateway, "/metrics")
    assert status == 200
    found = {}
    for line in body.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            found[name + (labels or "")] = float(value)
    return found


# The file of an earlier run, until it is replaced by one that is served.
NOBODY_YET = (ConnectionRefusedError, FileNotFoundError)


def try_metrics(gateway):
    """The same, or None while nobody listens yet."""
    try:
        return metrics(gateway)
    except NOBODY_YET:
        return None


def labels_of(sample):
    """{label: value} of a sample's name; values hold no quotes here."""
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', sample))


def total(samples, family, **wanted):
    """All samples of a family, without its prefix, that have these labels: their sum."""
    found = [value for name, value in samples.items()
             if name.partition("{")[0] == f"sallyport_{family}" and wanted.items() <= labels_of(name).items()]
    assert found, (family, wanted)
    return sum(found)


def curl(gateway, target, *options, wrapper=()):
    """curl over the socket, perhaps as somebody else; (status, body)."""
    done = subprocess.run([*wrapper, "curl", "-sS", "-w", "\n%{http_code}", "--unix-socket", await_socket(gateway), *options,
                           f"http://localhost{target}"], capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        return 0, done.stderr
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def is_ready(gateway):
    try:
        return ask(gateway, "/readyz")[0] == 200
    except NOBODY_YET:
        return False


def until_ready(gateway):
    wait.until(lambda: is_ready(gateway), "readiness")
