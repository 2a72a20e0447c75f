"""The figures that a release must reach, and what a test measures them with."""

import time

import pytest

from support import schedstat
from support.gateway import MEMORY_SCALE

# A sanitizer makes everything slower, and so everybody who waits for it.
TIME_SCALE = MEMORY_SCALE
KILOBYTE = 1024


def small_or_full(small, full):
    """For parametrize: a smaller figure in every run, the full one in the long suite."""
    full = full if isinstance(full, tuple) else (full,)
    return [small, pytest.param(*full, marks=pytest.mark.big)]


def cpu_seconds(gateway):
    """To the nanosecond, of all its threads; the clock ticks of /proc/PID/stat are too coarse for a hundred handshakes."""
    return schedstat.ran(gateway.process.pid)


# What was used last goes back to the kernel within ten seconds, and little of it in the first of them.
REST_SECONDS = 12


def at_rest(measure):
    """What measure() says once all that was used and freed has gone back to the kernel."""
    time.sleep(REST_SECONDS)
    return measure()


class Growth:
    """The most that the gateway's memory grew, looked at now and then."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.before = gateway.resident_bytes()
        self.most = 0

    def look(self):
        self.most = max(self.most, self.gateway.resident_bytes() - self.before)
        return self.most

    def watch(self, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.look()
            time.sleep(0.02)
        return self.most
