"""The gateway and the peers that the machine has. Each is a process with one worker on one CPU."""

import os
import re
import shutil
import signal
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
    reload_arguments: others where it is to be reloaded, by reload_signal to the process that was started."""

    def __init__(self, name, config, arguments, version, **others):
        self.name, self.config, self.arguments, self.version = name, config, arguments, version
        self.forks = others.get("forks", False)
        self.reload_arguments = others.get("reload_arguments", arguments)
        self.reload_signal = others.get("reload_signal", signal.SIGHUP)

    def program(self):
        if self.name == "sallyport":
            return machine.GATEWAY
        return shutil.which(self.name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


# HAProxy reloads with a master process only, which starts itself and its worker anew.
KINDS = [
    Kind("sallyport", "sallyport.ini", lambda path: ["run", "-c", path], sallyport_version),
    Kind("nginx", "nginx.conf", lambda path: ["-c", path], nginx_version, forks=True),
    Kind("haproxy", "haproxy.cfg", lambda path: ["-db", "-f", path], haproxy_version,
         reload_arguments=lambda path: ["-W", "-f", path], reload_signal=signal.SIGUSR2),
    Kind("hitch", "hitch.conf", lambda path: [f"--config={path}"], hitch_version, forks=True),
]


class Server:
    """One that runs. processes: those whose CPU time and memory are its own. is_reloaded: started so that it can be; cpus:
    for a worker each, instead of one on the server's CPU; connections: at most, instead of as many as may be."""

    def __init__(self, kind, folder, backend_port, is_reloaded=False, cpus=None, connections=None):
        self.name, self.folder, self.reload_signal = kind.name, folder, kind.reload_signal
        self.port = machine.free_port()
        cpus = cpus or [machine.cpus()[0]]
        config = machine.fill_in(kind.config, folder, port=self.port, backend_port=backend_port, workers=len(cpus),
                                 connections=connections or machine.connections_max(),
                                 cpu=",".join(map(str, cpus)), cpu_mask=f"{sum(1 << cpu for cpu in set(cpus)):b}")
        arguments = kind.reload_arguments if is_reloaded else kind.arguments
        self.process = machine.start([kind.program(), *arguments(config)], folder, kind.name, cpus)
        try:
            machine.wait_for_port(self.process, self.port, folder, kind.name)
            self.processes = machine.children(self.process.pid) if kind.forks else [self.process.pid]
        except BaseException:
            machine.stop(self.process)
            raise

    def stop(self):
        machine.stop(self.process)


class Named:
    """What is said of a server in every table."""

    def __init__(self, kind):
        self.name = kind.name
        self.version, self.tls = kind.version(kind.program())


class Farm:
    """with Farm(kinds, folder) as farm: farm.running are all of them, behind them one backend."""

    def __init__(self, kinds, folder, is_reloaded=False):
        self.kinds, self.folder, self.is_reloaded = kinds, folder, is_reloaded
        self.running, self.backend = [], None

    def __enter__(self):
        try:
            self.backend = Backend(self.folder)
            for kind in self.kinds:
                self.running.append(Server(kind, self.folder, self.backend.port, self.is_reloaded))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_unused):
        for server in [*self.running, *([self.backend] if self.backend else [])]:
            server.stop()


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
