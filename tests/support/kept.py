"""A client that asks again and again on one connection, and what each of its requests took.

As in prober.py, what others do on the machine is not the gateway's: time for which the kernel gave this thread or one of
the gateway's no processor is not counted.
"""

import time

from support import client as clients
from support import schedstat


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def told(times):
    """For figures that are printed."""
    shown = ", ".join(f"{name} {percentile(times, share) * 1e3:.2f}"
                      for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("worst", 1.0)))
    return f"{len(times)} requests, {shown} ms"


class Kept:
    """with Kept(gateway, pki, "good") as kept: kept.measure(1.0)"""

    def __init__(self, gateway, pki, certificate, port=None):
        self.threads = schedstat.Threads(gateway.process.pid)
        self.client = clients.connect(port or gateway.port, pki, certificate)
        self.octets = self.client.head("GET", "/status/200", [])

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.client.close()
        self.threads.close()

    def ask(self):
        before, here = self.threads.waited(), schedstat.waited_here()
        begun = time.monotonic()
        self.client.send(self.octets)
        assert self.client.response().status == 200
        seconds = time.monotonic() - begun
        withheld = schedstat.waited_here() - here + schedstat.longest_wait(before, self.threads.waited())
        return max(0.0, seconds - withheld)

    def measure(self, seconds, least=0):
        """least: so many requests at any rate, however slow the machine is."""
        times, end = [], time.monotonic() + seconds
        while time.monotonic() < end or len(times) < least:
            times.append(self.ask())
        return times
