"""`sallyport demo`: both tables are as expected, and nothing of it goes on running."""

import os
import re
import shutil
import signal
import subprocess

import pytest

from support import ports, wait
from support.authority import ROOT
from support.gateway import BINARY

SCRIPT = os.path.join(ROOT, "tools", "demo.sh")

# client -> (status, reason in the log), of the first table and of the one without a responder.
FIRST = {
    "good": ("200", "-"), "none": ("400", "no_certificate"), "expired": ("400", "expired"),
    "stranger": ("400", "unable_to_get_local_issuer"), "purpose": ("400", "unsupported_purpose"),
    "self-signed": ("400", "self_signed"), "revoked": ("400", "revoked"), "pump-1": ("200", "-"), "pump-2": ("200", "-"),
    "pump-3": ("200", "-"),
}
WITHOUT_RESPONDER = {
    "pump-1": ("200", "-"), "pump-2": ("200", "-"), "pump-3": ("200", "-"), "revoked": ("400", "revoked"),
    "pump-new": ("400", "revocation_unavailable"),
}
MINUTE = 60


def rows_of(text):
    return {name: (status, reason) for name, status, reason in re.findall(r"^  (\S+) +(\d{3}) +(\S+) ", text, re.M)}


@pytest.fixture(name="demo")
def demo_process(tmp_path):
    """demo(command, **environment) -> Popen in a process group of its own; its ports are in numbers."""
    started = []
    numbers = {name: str(ports.free_port()) for name in ("DEMO_PORT", "DEMO_BACKEND_PORT", "DEMO_RESPONDER_PORT")}

    def starter(*command, **environment):
        started.append(subprocess.Popen(
            command or [SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, **numbers, "SALLYPORT": BINARY, "DEMO_DIR": str(tmp_path / "demo"), **environment}))
        return started[-1]

    starter.numbers = numbers
    yield starter
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def expect_all_gone(demo, process):
    wait.until(lambda: not is_group_alive(process.pid), "the end of all that the demo has started")
    for port in demo.numbers.values():
        assert not ports.is_listening(int(port))


def is_group_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(name="installed")
def installed_program(tmp_path):
    """The program with its script beside it, as after an installation: there is no source tree around."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "sallyport").symlink_to(os.path.join(ROOT, "tools"))
    return shutil.copy(BINARY, tmp_path / "bin" / "sallyport")


def test_both_tables_are_as_expected_and_nothing_remains(demo, installed):
    process = demo(installed, "demo", DEMO_ONCE="1")
    said, complained = process.communicate(timeout=MINUTE)
    assert process.returncode == 0, said + complained
    first, _line, second = said.partition("The OCSP responder has died.\n")
    assert rows_of(first) == FIRST
    assert rows_of(second) == WITHOUT_RESPONDER
    assert "expected" not in said
    expect_all_gone(demo, process)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_goes_on_until_it_is_ended_and_cleans_up(demo, number):
    process = demo()
    said = ""
    while "Ctrl-C ends it." not in said:
        line = process.stdout.readline()
        assert line, said + process.stderr.read()
        said += line
    assert ports.is_listening(int(demo.numbers["DEMO_RESPONDER_PORT"]))  # it is back
    os.kill(process.pid, number)
    assert process.wait(MINUTE) == (0 if number == signal.SIGINT else 143)
    expect_all_gone(demo, process)
    process.communicate()


def test_a_gateway_that_does_not_start_is_a_failure(demo, tmp_path):
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    process = demo(SALLYPORT=str(program), DEMO_ONCE="1")
    _said, complained = process.communicate(timeout=MINUTE)
    assert process.returncode == 1 and "the gateway did not start" in complained
    expect_all_gone(demo, process)
