"""Started as root the gateway becomes somebody without any privilege, in every thread, and can still do its work."""

import os
import pwd
import shutil
import signal
import socket
import tempfile

import pytest

from support import client as clients
from support import edge, service, wait
from support.gateway import ini_text, run_command

OFF = {"verify_client_auth_mode": "off"}
USER = "nobody"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up root")


@pytest.fixture
def folder_of_user():
    """A folder that the user may write to, and reach."""
    path = tempfile.mkdtemp(prefix="sallyport-test-")
    os.chown(path, pwd.getpwnam(USER).pw_uid, -1)
    yield path
    shutil.rmtree(path)


def privileged_port():
    for port in range(600, 1000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port below 1000 is free")


def status_of_threads(gateway):
    """/proc/PID/task/*/status, each as a dictionary."""
    for _thread, text in service.files_of_threads(gateway.process.pid, "status"):
        yield {name: value.split() for name, _, value in (line.partition(":") for line in text.splitlines())}


@needs_root
def test_every_thread_is_the_user_without_any_capability(start, backends, pki, folder_of_user, monkeypatch):
    # The leak sanitizer looks into its own process, which nobody may any more.
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))
    port, log = privileged_port(), os.path.join(folder_of_user, "access.log")
    stats_socket = os.path.join(folder_of_user, "stats.sock")
    gateway = start(backends(), profile=OFF, listener={"port": port},
                    gateway={"user": USER, "access_log": log, "stats_socket": stats_socket})
    assert clients.connect(port, pki).request().status == 200
    assert "running as root" not in gateway.stderr()
    account = pwd.getpwnam(USER)
    threads = list(status_of_threads(gateway))
    assert len(threads) >= 4, "control, log writer, two workers"
    for status in threads:
        assert set(map(int, status["Uid"])) == {account.pw_uid} and set(map(int, status["Gid"])) == {account.pw_gid}
        assert "0" not in status["Groups"]
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind][0], 16) == 0, kind
        assert status["NoNewPrivs"] == ["1"]
    assert os.stat(f"/proc/{gateway.process.pid}/environ").st_uid == 0, "it can be dumped and traced by its user"
    assert os.stat(log).st_uid == account.pw_uid and os.stat(stats_socket).st_uid == account.pw_uid


@needs_root
def test_a_reload_without_access_to_the_keys_is_refused_and_the_gateway_serves_on(start, backends, pki, folder_of_user,
                                                                                  monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", "detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))
    log = os.path.join(folder_of_user, "access.log")
    gateway = start(backends(), profile=OFF, gateway={"user": USER, "access_log": log,
                                                      "stats_socket": os.path.join(folder_of_user, "stats.sock")})
    assert clients.connect(gateway.port, pki).request().status == 200
    gateway.signal(signal.SIGHUP)
    wait.until(lambda: "the configuration in use stays" in gateway.stderr(), "the refusal")
    assert "Permission denied" in gateway.stderr()
    assert clients.connect(gateway.port, pki).request().status == 200


@needs_root
def test_a_log_that_the_user_cannot_write_is_said_at_the_start(tmp_path, pki, backends):
    path = tmp_path / "refused.ini"
    path.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backends(), profile=OFF, gateway={"user": USER})))
    done = run_command("run", "-c", str(path))
    assert done.returncode == 1 and "access.log: Permission denied" in done.output


@needs_root
def test_root_without_a_user_is_warned(start, backends):
    gateway = start(backends())
    wait.until(lambda: "warning: running as root, which nothing here needs: set user in [gateway]" in gateway.stderr(),
               "the warning")


@pytest.mark.parametrize("settings, message", [
    ({"user": "no-such-user"}, "[gateway] user = no-such-user: expected a user of this machine"),
    ({"user": USER, "group": "no-such-group"}, "[gateway] group = no-such-group: expected a group of this machine"),
    ({"user": "root"}, "[gateway] user = root: expected a user and a group without privileges, not root"),
    ({"group": "daemon"}, "[gateway] group = daemon: expected a user beside it"),
    ({"user": '""'}, "user = : expected a name"),
])
def test_who_cannot_be_become_is_a_mistake_with_its_line(tmp_path, pki, backends, settings, message):
    path = tmp_path / "mistaken.ini"
    path.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backends(), gateway=settings)))
    done = run_command("check", "-c", str(path))
    assert done.returncode == 1 and f"{path}:" in done.output and message in done.output, done.output
