"""The unit is as tight as it is said to be, and the gateway does its work under the very filters that it sets."""

import os
import re
import shutil
import signal
import subprocess
import sys

import pytest

from support import client as clients
from support import gateway as gateways
from support import service, stats
from support.authority import ROOT

FOLDER = os.path.join(ROOT, "config", "systemd")
UNIT = os.path.join(FOLDER, "sallyport.service")
EXPOSURE_MAX = 16  # tenths
OFF = {"verify_client_auth_mode": "off"}


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, check=False, **how)


@pytest.fixture
def unit_folder(tmp_path):
    """The units with the program of this test in the place of the installed one."""
    for name in "sallyport.service", "sallyport.socket":
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            text = file.read()
        (tmp_path / name).write_text(text.replace("/usr/sbin/sallyport", gateways.BINARY))
    return tmp_path


def test_the_exposure_is_at_most_1_6(unit_folder):
    done = run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager",
               str(unit_folder / "sallyport.service"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_systemd_has_no_complaint(unit_folder):
    done = run("systemd-analyze", "verify", "--man=no", *[str(path) for path in sorted(unit_folder.iterdir())])
    assert done.returncode == 0 and "sallyport" not in done.stderr, done.stderr


def test_the_socket_unit_belongs_to_the_service_and_its_lines_are_addresses(unit_folder):
    text = (unit_folder / "sallyport.socket").read_text()
    lines = re.findall(r"^ListenStream=(.*)$", text, re.M)
    assert lines and all(re.fullmatch(r"(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+", line) for line in lines)
    assert "BindIPv6Only=ipv6-only" in text


def test_the_user_and_the_folders_are_made(tmp_path):
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    for tool, name in ("systemd-sysusers", "sallyport.sysusers"), ("systemd-tmpfiles", "sallyport.tmpfiles"):
        copy = tmp_path / f"{name}.conf"
        shutil.copy(os.path.join(FOLDER, name), copy)
        if tool == "systemd-sysusers":
            done = run(tool, f"--root={root}", str(copy))
            assert "sallyport:" in (root / "etc/passwd").read_text()
            with open(root / "etc/group", "a", encoding="utf-8") as file:
                file.write("adm:x:4:\n")
        else:
            done = run(tool, "--create", f"--root={root}", str(copy))
        assert done.returncode == 0, done.stderr
    assert (root / "etc/sallyport/conf.d").is_dir()
    assert (root / "etc/sallyport").stat().st_mode & 0o777 == 0o750


@pytest.fixture
def filtered(monkeypatch, tmp_path):
    """Until the test's end every gateway runs under the filters of the unit; a call that they forbid kills it."""
    path = tmp_path / "filtered.sh"
    script = os.path.join(ROOT, "tests", "support", "service_filter.py")
    path.write_text(f'#!/bin/sh\nexec /usr/bin/python3 {script} {UNIT} {gateways.BINARY} "$@"\n')
    path.chmod(0o755)
    monkeypatch.setattr(gateways, "BINARY", str(path))
    # The leak sanitizer traces its own process, which is not among the calls of a service.
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))


def cpus_of(gateway, thread):
    with open(f"/proc/{gateway.process.pid}/task/{thread}/status", encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith("Cpus_allowed_list"))


def test_the_gateway_works_under_the_filters_of_its_unit(start, backends, filtered, pki, monkeypatch, tmp_path):
    manager = service.NotifySocket(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", manager.name)
    monkeypatch.setenv("WATCHDOG_USEC", "1000000")
    gateway = start(backends(), gateway={"max_connections": 100, "watch": "on"},
                    rewrite={"request_header": "X-Name: {var_client_certificate_subject}"})
    manager.until("READY")
    for version in "1.2", "1.3":
        with clients.connect(gateway.port, pki, "good", version=version) as client:
            assert client.request("POST", body=b"x" * 100_000).status == 200
    manager.until("WATCHDOG")
    assert "descriptors" not in gateway.stderr(), "the limit could not be raised"
    assert all(cpus_of(gateway, thread).isdigit() for thread in service.threads(gateway.process.pid, "worker-")), "pinned"
    gateway.signal(signal.SIGUSR1)
    gateway.counters()
    gateway.signal(signal.SIGTERM)
    manager.until("STOPPING")
    assert gateway.wait_for_exit() == 0
    manager.close()


def commands_of_unit():
    """{key: the words of its line} of all that systemd runs for the service."""
    with open(UNIT, encoding="utf-8") as file:
        lines = re.findall(r"^(Exec(?:Condition|Start|StartPre|StartPost|Reload|Stop|StopPost))=(.*)$", file.read(), re.M)
    assert len(dict(lines)) == len(lines)
    return {key: line.split() for key, line in lines}


CONFIG = "/etc/sallyport/sallyport.conf"


def test_systemd_runs_these_commands_and_no_others():
    assert commands_of_unit() == {
        "ExecStartPre": ["/usr/sbin/sallyport", "check", "-q", "-c", CONFIG],
        "ExecStart": ["/usr/sbin/sallyport", "run", "-c", CONFIG],
        "ExecReload": ["/usr/sbin/sallyport", "reload", "-c", CONFIG],
    }


def test_the_commands_of_the_unit_do_what_systemd_expects_of_them(start, backends):
    gateway = start(backends())
    stats.until_ready(gateway)
    lines = commands_of_unit()

    def status_of(key):
        program, *arguments = lines[key]
        assert program == "/usr/sbin/sallyport"
        return gateways.run_command(*[gateway.config if word == CONFIG else word for word in arguments])

    assert status_of("ExecStartPre").returncode == 0 and status_of("ExecReload").returncode == 0
    with open(gateway.config, "a", encoding="utf-8") as file:
        file.write("\n[no_such_section]\n")
    for key in "ExecStartPre", "ExecReload":
        done = status_of(key)
        assert done.returncode == 1 and "no_such_section" in done.stderr, done.output


def test_the_filters_are_really_set():
    """Whoever mounts, or makes a page that is written and executed, does not live."""
    script = os.path.join(ROOT, "tests", "support", "service_filter.py")
    maker = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"
    mounter = "import ctypes; ctypes.CDLL(None).mount(b'x', b'/x', b'x', 0, None)"
    netlink = "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"
    for code, wanted in (maker, -signal.SIGSYS), (mounter, -signal.SIGSYS), (netlink, 1), ("", 0):
        assert run(sys.executable, script, UNIT, sys.executable, "-c", code).returncode == wanted, code
