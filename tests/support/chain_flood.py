"""Clients that nobody has seen before, in great numbers: see chain_flood.c, which is what they are."""

import subprocess
import time

from support import native

PROCESSES = 3       # each waits for the gateway half of its time
POLL_SECONDS = 0.1


def run(port, pki, names, first, count, meanwhile=lambda: None):
    """count clients with numbers from first on, certificates of these names in turn; how many were answered with which status.

    meanwhile() is called again and again until they are done.
    """
    program = native.built("chain_flood", "chain_flood.c", flags=("-lssl", "-lcrypto"))
    pairs = [path for name in names for path in (pki.key(name), pki.chain(name))]
    bounds = [first + count * index // PROCESSES for index in range(PROCESSES + 1)]
    running = [subprocess.Popen([program, str(port), str(start), str(end - start), *pairs], stdout=subprocess.PIPE, text=True)
               for start, end in zip(bounds, bounds[1:])]
    try:
        while any(process.poll() is None for process in running):
            meanwhile()
            time.sleep(POLL_SECONDS)
        return sum_of(running)
    finally:
        for process in running:
            process.kill()
            process.wait()
            process.stdout.close()


def sum_of(processes):
    total = {}
    for process in processes:
        assert process.returncode == 0, "clients failed; see above"
        for status, count in (line.split() for line in process.stdout):
            total[int(status)] = total.get(int(status), 0) + int(count)
    return total
