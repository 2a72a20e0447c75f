"""What a comparison needs of the machine: free ports, CPUs, certificates, processes and their children."""

import os
import resource
import socket
import string
import subprocess
import sys
import time

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCH)
sys.path.insert(0, os.path.join(ROOT, "tools"))

from sallyport_pki import Folder  # noqa: E402 # pylint: disable=wrong-import-position # the line above finds it
from sallyport_pki.certificate import authority_plan, client_plan, server_plan  # noqa: E402 # pylint: disable=wrong-import-position

GATEWAY = os.path.join(ROOT, os.environ.get("SALLYPORT", os.path.join("build", "sallyport")))
LOAD = GATEWAY + "-load"
START_SECONDS = 10
RESERVED_DESCRIPTORS = 200
SMALL, LARGE = 300, 1_000_000


class Failure(Exception):
    """What ends a comparison, in words."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpus():
    """(the server's, the others'): one CPU is the server's alone, if there are two."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[1:] or allowed


def connections_max():
    """How many clients a gateway may hold here: each is counted with a descriptor for its backend."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min((hard - RESERVED_DESCRIPTORS) // 2, 1_000_000)


def make_files(folder):
    """P-256 everywhere, a leaf and an intermediate on both sides; a small file and a large one to be fetched."""
    pki = Folder(folder)
    pki.make("root", authority_plan("/CN=Bench Root"))
    pki.make("ca", authority_plan("/CN=Bench CA", "root"))
    pki.make("server", server_plan("/CN=localhost", "ca", ["DNS:localhost"]))
    pki.make("client", client_plan("/CN=device", "ca"))
    pki.write("server", "-all.pem", pki.read("server", "-chain.pem") + pki.read("server", ".key"), 0o600)
    www = os.path.join(folder, "www")
    os.mkdir(www)
    for name, size in (("300", SMALL), ("1m", LARGE)):
        with open(os.path.join(www, name), "wb") as file:
            file.write(b"x" * size)


def fill_in(name, folder, **values):
    """bench/peers/NAME with its $names, written to the folder; its path."""
    with open(os.path.join(BENCH, "peers", name), encoding="utf-8") as file:
        text = string.Template(file.read()).substitute(folder=folder, **values)
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def start(command, folder, name, cpu_list):
    """In the foreground, on these CPUs; what it prints goes to a file."""
    if not os.access(command[0], os.X_OK):
        raise Failure(f"{command[0]} is missing")
    with open(os.path.join(folder, name + ".out"), "wb") as output:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder,
                                preexec_fn=lambda: os.sched_setaffinity(0, cpu_list))


def wait_for_port(process, port, folder, name):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    with open(os.path.join(folder, name + ".out"), encoding="utf-8", errors="replace") as file:
        raise Failure(f"{name} does not listen on port {port}: {file.read()[-1000:]}")


def children(process):
    """The process ids that a process has started, and those have."""
    with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
        direct = [int(word) for word in file.read().split()]
    return direct + [each for child in direct for each in children(child)]


def stop(process):
    process.terminate()
    try:
        process.wait(START_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
