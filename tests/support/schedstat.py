"""What the kernel gave to each thread of a program: /proc/PID/task/THREAD/schedstat.

Threads come and go while we look (io_uring has some of its own in the program's list): one that has ended is left out.
"""

import os
import time


class Threads:
    """Those that a program has now; the files stay open until close(), for who asks before and after each request."""

    def __init__(self, pid):
        self.files = {}
        folder = f"/proc/{pid}/task"
        for thread in os.listdir(folder):
            try:
                self.files[thread] = os.open(f"{folder}/{thread}/schedstat", os.O_RDONLY)
            except (FileNotFoundError, ProcessLookupError):
                continue

    def close(self):
        for file in self.files.values():
            os.close(file)

    def _seconds(self, column):
        found = {}
        for thread, file in self.files.items():
            try:
                found[thread] = int(os.pread(file, 100, 0).split()[column]) / 1e9
            except ProcessLookupError:
                continue
        return found

    def ran(self):
        """{thread: seconds that it had a processor}, to the nanosecond."""
        return self._seconds(0)

    def waited(self):
        """{thread: seconds that it was ready and had none}."""
        return self._seconds(1)


def ran(pid):
    """Seconds that the program's threads of now have had a processor, together."""
    threads = Threads(pid)
    try:
        return sum(threads.ran().values())
    finally:
        threads.close()


def longest_wait(before, after):
    """Of the one thread that waited longest between two waited()."""
    return max((seconds - before[thread] for thread, seconds in after.items() if thread in before), default=0.0)


def waited_here():
    """Seconds that the calling thread was ready and had no processor."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        return int(file.read().split()[1]) / 1e9


def _waited_by_threads(pid):
    threads = Threads(pid)
    try:
        return threads.waited()
    finally:
        threads.close()


class Undisturbed:
    """As wait.Stopwatch, without what the machine withheld from us, from another thread of ours and from one of the gateway's."""

    def __init__(self, gateway):
        self.pids = (gateway.process.pid, os.getpid())

    def __enter__(self):
        self.here, self.before = waited_here(), [_waited_by_threads(pid) for pid in self.pids]
        self.begun = time.monotonic()
        return self

    def __exit__(self, *_unused):
        self.seconds = self.so_far()

    def so_far(self):
        passed = time.monotonic() - self.begun
        withheld = waited_here() - self.here
        for pid, before in zip(self.pids, self.before):
            withheld += longest_wait(before, _waited_by_threads(pid))
        return max(0.0, passed - withheld)
