"""Ports of loopback that nobody listens on."""

import itertools
import os
import random
import socket

# Below the range that the kernel takes for outgoing connections: a client of another test cannot grab the
# port between our look and the gateway's bind. Nor can a test beside it: each of the runs at once has a share of its own.
# A port comes again only when all of the share had their turn: what has been closed on purpose stays closed for its test.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
SHARE = 20000 // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
FIRST, LAST = 12000 + WORKER * SHARE, 12000 + (WORKER + 1) * SHARE
turns = itertools.cycle(random.Random(os.getpid()).sample(range(FIRST, LAST), SHARE))


def free_port():
    while True:
        port = next(turns)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def is_listening(port):
    """From the kernel's own table, so that looking is no connection."""
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(path, encoding="ascii") as table:
            for line in list(table)[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    return True
    return False


def listening_of(pid):
    """The ports that this program itself listens on: others on the machine may have taken one meanwhile."""
    folder, inodes = f"/proc/{pid}/fd", set()
    for name in os.listdir(folder):
        try:
            inodes.add(os.readlink(os.path.join(folder, name)))
        except FileNotFoundError:   # closed since
            pass
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in list(table)[1:]]
    return {int(fields[1].rpartition(":")[2], 16) for fields in rows
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes}
