"""A program on a terminal of its own: what it shows, keys, sizes, and whether it gives the terminal back as it was."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from support import wait

PAINT = re.compile(rb"\x1b\[[0-9;]*m")
ENTERED, LEFT = b"\x1b[?1049h\x1b[?25l", b"\x1b[?25h\x1b[?1049l"


class Terminal:
    def __init__(self, arguments, rows=24, columns=80, **environment):
        self.controller, self.user = pty.openpty()
        self.resize(rows, columns, tell=False)
        self.before = termios.tcgetattr(self.user)
        self.shown = b""
        names = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **environment}
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            arguments, stdin=self.user, stdout=self.user, stderr=self.user, start_new_session=True,
            env={**{name: value for name, value in os.environ.items() if name != "NO_COLOR"}, **names},
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))  # pylint: disable=subprocess-popen-preexec-fn

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.controller)
        os.close(self.user)

    def resize(self, rows, columns, tell=True):
        fcntl.ioctl(self.user, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.process.send_signal(signal.SIGWINCH)

    def press(self, keys):
        os.write(self.controller, keys)

    def read(self):
        while select.select([self.controller], [], [], 0)[0]:
            self.shown += os.read(self.controller, 65536)
        return self.shown

    def page(self):
        """The latest page that is complete, as lines without paint; None before the first one."""
        pages = self.read().split(b"\x1b[H")
        whole = [each.partition(b"\x1b[J")[0] for each in pages if b"\x1b[J" in each]
        if not whole:
            return None
        # The terminal adds a carriage return of its own to each line end.
        lines = PAINT.sub(b"", whole[-1]).replace(b"\r", b"").split(b"\n")
        return [line.removesuffix(b"\x1b[K").decode() for line in lines]

    def until(self, claim, what):
        """Waits for a page of which the claim is true."""
        def found():
            page = self.page()
            return page if page and claim(page) else None

        return wait.until(found, what)

    def until_shows(self, part):
        return self.until(lambda page: any(part in line for line in page), f"a page with {part!r}")

    def end(self, seconds=20):
        """The exit status; what it wrote to its end is read meanwhile."""
        limit = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < limit:
            self.read()
            time.sleep(0.01)
        self.read()
        return self.process.wait(timeout=1)

    def is_as_before(self):
        entered, left = self.shown.rfind(ENTERED), self.shown.rfind(LEFT)
        return termios.tcgetattr(self.user) == self.before and left > entered
