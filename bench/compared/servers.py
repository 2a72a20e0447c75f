"""The gateway and the peers that the machine has. Each is a process with one worker on one CPU."""

import os
import re
import shutil
import subprocess

from . import machine


def printed(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def found(pattern, text):
    match = re.search(pattern, text)
    return match.group(1) if match else "?"


def linked_openssl(program):
    """For a program that does not tell: the version within the library it is linked with."""
    path = found(r"libssl\.so\.\d+ => (\S+)", printed("ldd", program)).replace("libssl", "libcrypto")
    if not os.path.exists(path):
        return "?"
    with open(path, "rb") as file:
        return found(r"(OpenSSL \d[.\w]+)", file.read().decode("latin-1"))


def sallyport_version(program):
    text = printed(program, "version", "-v")
    return found(r"sallyport\s+(\S+)", text), "wolfSSL " + found(r"tls_running\s+(?:wolfSSL )?(\S+)", text)


def nginx_version(program):
    text = printed(program, "-V")
    tls = found(r"running with (OpenSSL \S+)", text)
    return found(r"nginx/(\S+)", text), found(r"built with (OpenSSL \S+)", text) if tls == "?" else tls


def haproxy_version(program):
    text = printed(program, "-vv")
    return found(r"version ([\d.]+)", text), found(r"Running on OpenSSL version : (OpenSSL \S+)", text)


def hitch_version(program):
    return found(r"hitch (\d\S*)", printed(program, "--version")), linked_openssl(program)


class Kind:
    """How one sort of server is run. arguments: of its configuration's path; forks: the work is its children's;
    reloads: on SIGHUP."""

    def __init__(self, name, config, arguments, version, forks=False, reloads=True):
        self.name, self.config, self.arguments, self.version = name, config, arguments, version
        self.forks, self.reloads = forks, reloads

    def program(self):
        if self.name == "sallyport":
            return os.path.join(machine.ROOT, "build", "sallyport")
        return shutil.which(self.name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


KINDS = [
    Kind("sallyport", "sallyport.ini", lambda path: ["run", "-c", path], sallyport_version),
    Kind("nginx", "nginx.conf", lambda path: ["-c", path], nginx_version, forks=True),
    Kind("haproxy", "haproxy.cfg", lambda path: ["-db", "-f", path], haproxy_version, reloads=False),
    Kind("hitch", "hitch.conf", lambda path: [f"--config={path}"], hitch_version, forks=True),
]


class Server:
    """One that runs. processes: those whose CPU time and memory are its own."""

    def __init__(self, kind, folder, backend_port):
        self.name, self.folder, self.reloads = kind.name, folder, kind.reloads
        self.port = machine.free_port()
        self.version, self.tls = kind.version(kind.program())
        cpu, _others = machine.cpus()
        config = machine.fill_in(kind.config, folder, port=self.port, backend_port=backend_port, cpu=cpu,
                                 cpu_mask=f"{1 << cpu:b}")
        self.process = machine.start([kind.program(), *kind.arguments(config)], folder, kind.name, [cpu])
        try:
            machine.wait_for_port(self.process, self.port, folder, kind.name)
            self.processes = machine.children(self.process.pid) if kind.forks else [self.process.pid]
        except BaseException:
            machine.stop(self.process)
            raise

    def stop(self):
        machine.stop(self.process)


class Backend:
    """nginx on plain HTTP, away from the server's CPU."""

    def __init__(self, folder):
        program = KINDS[1].program()
        if not program:
            raise machine.Failure("nginx is missing: it is the backend of all; `make deps-test` installs it")
        self.port = machine.free_port()
        _cpu, others = machine.cpus()
        config = machine.fill_in("backend.conf", folder, backend_port=self.port)
        self.process = machine.start([program, "-c", config], folder, "backend", others)
        try:
            machine.wait_for_port(self.process, self.port, folder, "backend")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        machine.stop(self.process)
