"""What a service manager does for a gateway, by stand-ins: the socket that it reads, threads that are held still."""

import contextlib
import ctypes
import os
import socket

from support import gateway, wait

PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207
WAIT_FOR_ANY_CHILD = 0x40000000  # __WALL

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class NotifySocket:
    """Reads what the service says. name as NOTIFY_SOCKET has it."""

    def __init__(self, name):
        self.name = name
        self.states = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)

    def close(self):
        self.socket.close()

    def next(self, seconds=wait.PATIENCE_SECONDS):
        """The next datagram as a dictionary, or None when none comes in time."""
        self.socket.settimeout(seconds)
        try:
            lines = self.socket.recv(4096).decode().splitlines()
        except (TimeoutError, BlockingIOError):
            return None
        self.states.append(dict(line.split("=", 1) for line in lines))
        return self.states[-1]

    def until(self, key):
        """The next state that has this key."""
        with wait.Stopwatch() as watch:
            while watch.so_far() < wait.PATIENCE_SECONDS:
                state = self.next()
                if state is not None and key in state:
                    return state
        raise AssertionError(f"the service did not say {key}, but {self.states[-5:]}")

    def forget(self):
        """Passes over what has been said until now."""
        while self.next(0) is not None:
            pass


def threads(pid, name):
    """The ids of the threads whose names begin so."""
    return sorted(thread for thread, comm in files_of_threads(pid, "comm") if comm.startswith(name))


def files_of_threads(pid, name):
    """(thread, what /proc/PID/task/THREAD/NAME says) of all there are; one that ends meanwhile is left out."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/{name}", encoding="utf-8") as file:
                text = file.read()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(thread), text


def _trace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace({request:#x}, {thread})")


@contextlib.contextmanager
def held(thread):
    """One thread of another process stands still meanwhile, the others run: no signal can do that."""
    _trace(PTRACE_SEIZE, thread)
    try:
        _trace(PTRACE_INTERRUPT, thread)
        os.waitpid(thread, WAIT_FOR_ANY_CHILD)
        yield
    finally:
        _trace(PTRACE_DETACH, thread)


def listening(port, host="127.0.0.1", reuse_port=False):
    """A socket as a .socket unit opens it."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, int(reuse_port))
    made.bind((host, port))
    made.listen(4096)
    return made


PASSING = """\
#!/usr/bin/python3
# Puts sockets where sd_listen_fds(3) has them, and becomes the gateway.
import fcntl, os, sys
moved = [fcntl.fcntl(each, fcntl.F_DUPFD, 100) for each in {descriptors}]
for number, each in enumerate(moved):
    os.dup2(each, 3 + number, inheritable=True)
    os.close(each)
os.environ.update(LISTEN_PID=str({pid}), LISTEN_FDS=str(len(moved)), LISTEN_FDNAMES="x")
os.execv("{binary}", ["{binary}", *sys.argv[1:]])
"""


def pass_sockets(monkeypatch, folder, sockets, pid="os.getpid()"):
    """Until the test's end every gateway is given these sockets by the service manager."""
    path = os.path.join(str(folder), "pass_sockets.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PASSING.format(descriptors=[each.fileno() for each in sockets], pid=pid, binary=gateway.BINARY))
    os.chmod(path, 0o755)
    monkeypatch.setattr(gateway, "BINARY", path)
    monkeypatch.setattr(gateway, "PASSED", [each.fileno() for each in sockets])
