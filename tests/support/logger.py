"""A system's logger at a datagram socket, as /dev/log is: it keeps what it was sent, or does not read at all."""

import os
import re
import socket

from support import wait

# RFC 5424, without structured data: <PRI>VERSION TIME HOST APP PID KIND - TEXT
MESSAGE = re.compile(r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255}) sallyport (\d+) (access|message) - (.*)",
                     re.S)


class Logger:
    def __init__(self, path):
        self.path = str(path)
        self.setting = f"syslog:{path}"
        self.seen = []
        self.sock = None
        self.open()

    def open(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.sock.setblocking(False)

    def leave(self):
        """As a logger that is stopped: its socket's file goes, too."""
        self.sock.close()
        os.unlink(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.sock.close()

    def messages(self):
        """(priority, pid, kind, text) of everything until now; all of it must be well formed."""
        while True:
            try:
                datagram = self.sock.recv(1 << 20).decode()
            except BlockingIOError:
                return self.seen
            match = MESSAGE.fullmatch(datagram)
            assert match, datagram
            self.seen.append((int(match[1]), int(match[4]), match[5], match[6]))

    def texts(self, kind):
        return [text for _priority, _pid, its, text in self.messages() if its == kind]

    def await_text(self, kind, part):
        return wait.until(lambda: next((text for text in self.texts(kind) if part in text), None), f"{part!r} at the logger")
