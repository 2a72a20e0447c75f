"""Waiting for something to become true: by looking at it until a deadline, never by sleeping for a result."""

import time

# How long a sanitizer build on a busy machine may need for what usually takes milliseconds.
PATIENCE_SECONDS = 10.0
POLL_SECONDS = 0.005


def until(condition, what, seconds=PATIENCE_SECONDS):
    """The first true value of condition(). what completes the sentence "… did not come"."""
    deadline = time.monotonic() + seconds
    while True:
        is_last = time.monotonic() > deadline   # before the look: nothing is said to be late that nobody looked at since
        value = condition()
        if value:
            return value
        if is_last:
            raise AssertionError(f"within {seconds:g} s: {what} did not come")
        time.sleep(POLL_SECONDS)


class Stopwatch:
    """with Stopwatch() as watch: …; then watch.seconds."""

    def __enter__(self):
        self.start = time.monotonic()
        return self

    def __exit__(self, *_unused):
        self.seconds = time.monotonic() - self.start

    def so_far(self):
        return time.monotonic() - self.start
