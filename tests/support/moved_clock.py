"""The calendar of a gateway, moved by the test while it runs; the test's own, and the clients', stay what they are.

    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    gateway = start(…)
    clock.move(15 * YEAR)
"""

import os
import struct
import time

from support import launch

HOUR, DAY = 3600, 24 * 3600
YEAR = 365 * DAY


class MovedClock:
    """offset: seconds by which the gateway is ahead."""

    def __init__(self, folder):
        self.path = os.path.join(str(folder), "moved-clock")
        self.offset = 0
        with open(self.path, "wb") as file:
            file.write(struct.pack("q", 0))

    def line(self):
        """For launch.through()."""
        return launch.preload("moved_clock", file=self.path)

    def move(self, seconds):
        """To so many seconds ahead of now; negative: behind."""
        self.offset = int(seconds)
        # Eight bytes at once: nobody sees a half of them.
        with open(self.path, "r+b") as file:
            file.write(struct.pack("q", self.offset))

    def advance(self, seconds):
        self.move(self.offset + seconds)

    def now(self):
        return time.time() + self.offset

    def lives(self, responder, life=HOUR, age=0):
        """From now on responder answers as if its clock were the gateway's. age: of what it says, in seconds."""
        responder.answer(this_update=self.offset - age, next_update=self.offset - age + life, produced_at=self.offset - age)

    def go(self, responder, seconds, life=HOUR, age=0):
        """advance() and lives() in one: a review between the two would have an answer of the former time."""
        with responder.calendar:
            self.advance(seconds)
            self.lives(responder, life, age)
