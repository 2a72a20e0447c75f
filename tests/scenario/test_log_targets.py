"""Where logs go: standard output, syslog, a file for what the gateway says; opened anew by SIGUSR1, also by logrotate."""

import contextlib
import json
import os
import re
import signal
import subprocess

import pytest

from support import edge, wait
from support.authority import ROOT
from support.gateway import ini_text, run_command
from support.logger import Logger

TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z .+")


def text_of(path):
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def await_text(path, part):
    wait.until(lambda: part in text_of(path), f"{part!r} in {path}")


@pytest.fixture
def error_log(tmp_path):
    return str(tmp_path / "error.log")


@pytest.mark.parametrize("word", ["-", "stdout", "stderr"])
def test_standard_streams_get_the_records(start, backend, connect, word):
    gateway = start(backend, gateway={"access_log": word})
    with connect(gateway, "good") as client:
        assert client.request(target="/streamed").status == 200
    await_text(gateway.stderr_path, '"requestUri":"/streamed"')
    record = next(line for line in gateway.stderr().split("\n") if line.startswith("{"))
    assert json.loads(record)["httpStatus"] == 200


def test_syslog_gets_the_records(start, backend, connect, tmp_path):
    with Logger(tmp_path / "log") as logger:
        gateway = start(backend, gateway={"access_log": logger.setting})
        with connect(gateway, "good") as client:
            for turn in range(100):
                assert client.request(target=f"/{turn}").status == 200
                logger.messages()   # or a slow test would be a logger that is stuck, and lose some
        wait.until(lambda: len(logger.texts("access")) == 100, "a hundred records")
        assert [json.loads(text)["requestUri"] for text in logger.texts("access")] == [f"/{turn}" for turn in range(100)]
        assert {message[:3] for message in logger.seen} == {(30, gateway.process.pid, "access")}


def test_syslog_gets_what_the_gateway_says_with_its_severity(start, backend, connect, tmp_path):
    with Logger(tmp_path / "log") as logger:
        gateway = start(backend, gateway={"error_log": logger.setting})
        logger.await_text("message", "ready: ")
        with open(gateway.config, "a", encoding="utf-8") as file:
            file.write("[gatewey]\n")
        gateway.signal(signal.SIGHUP)
        logger.await_text("message", "the configuration in use stays")
        found = {text: priority for priority, _pid, _kind, text in logger.messages()}
        assert next(found[text] for text in found if "[gatewey]" in text) == 27
        assert next(found[text] for text in found if text.startswith("ready: ")) == 29
        assert not any(text.startswith("sallyport") for text in found)
        gateway.stop()
        assert logger.await_text("message", "stopped")


def test_a_file_gets_what_the_gateway_says(start, backend, error_log):
    gateway = start(backend, gateway={"error_log": error_log})
    gateway.messages_path = error_log
    await_text(error_log, "sallyport: ready: ")
    await_text(error_log, "sallyport: listening on ")
    before = gateway.stderr()
    assert "sallyport: ready: " in before, "until it is ready standard error has it too"
    gateway.signal(signal.SIGHUP)
    await_text(error_log, "sallyport: reloaded ")
    gateway.check_calm()
    gateway.stop()
    assert text_of(error_log).rstrip().endswith("sallyport: stopped")
    assert gateway.stderr() == before, "and no longer"
    for line in text_of(error_log).rstrip().split("\n"):
        assert TIMED.fullmatch(line), line


def test_what_keeps_it_from_starting_is_in_the_file_too(tmp_path, pki, backend, error_log):
    taken = edge.edge_sections(str(tmp_path), pki, backend, gateway={"error_log": error_log, "stats_socket": "/nowhere/s.sock"})
    path = tmp_path / "gateway.ini"
    path.write_text(ini_text(taken))
    done = run_command("run", "-c", str(path))
    assert done.returncode == 1 and "/nowhere/s.sock" in done.output
    assert "/nowhere/s.sock" in text_of(error_log)


@pytest.mark.parametrize("key", ["access_log", "error_log"])
@pytest.mark.parametrize("value, part", [
    ("nowhere/x.log", "No such file or directory; make its folder first"),
    (".", "Is a directory; name a file in that folder"),
    ("syslog:/nowhere/log", "No such file or directory; start the system's logger, or name its socket")])
def test_a_place_that_cannot_be_had_is_said_with_the_line_and_a_remedy(tmp_path, pki, backend, key, value, part):
    path = tmp_path / "gateway.ini"
    path.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backend, gateway={key: value})))
    line = 1 + path.read_text().split("\n").index(f"{key} = {value}")
    done = run_command("run", "-c", str(path))
    assert done.returncode == 1
    assert f"gateway.ini:{line}: error: [gateway] {key} = " in done.output and part in done.output, done.output


def test_a_signal_opens_both_files_anew(start, backend, connect, error_log):
    gateway = start(backend, gateway={"error_log": error_log})
    gateway.messages_path = error_log
    await_text(error_log, "ready: ")
    for path in (gateway.log_path, error_log):
        os.rename(path, path + ".1")
    gateway.signal(signal.SIGUSR1)
    wait.until(lambda: os.path.exists(gateway.log_path) and os.path.exists(error_log), "the new files")
    with connect(gateway, "good") as client:
        assert client.request(target="/new").status == 200
    gateway.record(requestUri="/new")
    gateway.signal(signal.SIGHUP)
    await_text(error_log, "reloaded ")
    assert "reloaded" not in text_of(error_log + ".1") and text_of(gateway.log_path + ".1") == ""


def test_a_file_that_cannot_be_opened_anew_is_written_on(start, backend, connect):
    gateway = start(backend)
    wait.until(lambda: os.path.exists(gateway.log_path), "the log")
    os.rename(gateway.log_path, gateway.log_path + ".1")
    os.mkdir(gateway.log_path)
    gateway.signal(signal.SIGUSR1)
    await_text(gateway.stderr_path, "cannot be opened anew: Is a directory; what was open stays in use")
    with connect(gateway, "good") as client:
        assert client.request(target="/kept").status == 200
    await_text(gateway.log_path + ".1", '"requestUri":"/kept"')


def rotation(gateway, folder):
    """The file that is shipped, for the log folder of this gateway and without systemd."""
    with open(os.path.join(ROOT, "config", "sallyport.logrotate"), encoding="utf-8") as file:
        text = file.read()
    assert "create 0640 sallyport adm" in text and "--signal=SIGUSR1 sallyport.service" in text
    text = text.replace("/var/log/sallyport", folder).replace("create 0640 sallyport adm", "create 0640 root root")
    text = re.sub(r"systemctl .*\|\| true", f"kill -USR1 {gateway.process.pid}", text)
    path = os.path.join(folder, "rotation")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o644)
    return path


def is_writing_to(gateway, path):
    folder = f"/proc/{gateway.process.pid}/fd"
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):    # closed since
            if os.readlink(os.path.join(folder, name)) == path:
                return True
    return False


@pytest.mark.skipif(os.geteuid() != 0, reason="logrotate gives the files to an owner")
def test_logrotate_loses_no_line(start, backend, connect, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir(mode=0o755)
    gateway = start(backend, gateway={"access_log": str(folder / "access.log"), "error_log": str(folder / "error.log")})
    gateway.messages_path = str(folder / "error.log")
    path = rotation(gateway, str(folder))
    with connect(gateway, "good") as client:
        for turn in range(3):
            for number in range(20):
                assert client.request(target=f"/{turn}/{number}").status == 200
            done = subprocess.run(["logrotate", "--force", "--state", str(tmp_path / "state"), path], capture_output=True,
                                  text=True, check=False)
            assert done.returncode == 0, done.stderr
            # A day has room for it: the file that is compressed next is not written to any more.
            wait.until(lambda: is_writing_to(gateway, str(folder / "access.log")), "the opening of the new file")
        assert client.request(target="/last").status == 200

    def all_lines():
        subprocess.run(["sh", "-c", "gunzip -f *.gz 2>/dev/null || true"], cwd=folder, check=True)
        return [line for each in sorted(folder.iterdir()) if each.name.startswith("access.log")
                for line in each.read_text().split("\n")[:-1]]

    wait.until(lambda: len(all_lines()) >= 61, "all lines")
    targets = sorted(json.loads(line)["requestUri"] for line in all_lines())
    assert targets == sorted([f"/{turn}/{number}" for turn in range(3) for number in range(20)] + ["/last"])
