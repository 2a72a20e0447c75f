"""A name server that never answers: the gateway serves on, ends when it is told to, and is its old self when the answer comes."""

import os
import re
import signal
import time

import pytest

from support import client as clients
from support import launch, wait
from support.reloading import DONE, outcomes

LIMIT_SECONDS = 15


class Names:
    """What names are asked for; silent() until answering()."""

    def __init__(self, path):
        self.path = path

    def silent(self):
        with open(self.path, "w", encoding="utf-8"):
            pass

    def answering(self):
        os.unlink(self.path)

    def are_asked(self):
        return os.path.exists(self.path + ".asked")


@pytest.fixture
def names(tmp_path, monkeypatch):
    path = str(tmp_path / "silent")
    launch.through(monkeypatch, tmp_path, launch.preload("slow_names", file=path))
    return Names(path)


def hang(gateway, names):
    names.silent()
    gateway.signal(signal.SIGHUP)
    wait.until(names.are_asked, "the question for a name")


def test_a_reload_that_hangs_holds_up_nobody_and_ends_when_there_is_an_answer(start_sections, backend, pki, names):
    gateway, _sections = start_sections(backend)
    before = len(outcomes(gateway))
    hang(gateway, names)
    for _turn in range(5):
        assert clients.ask(gateway.port, pki, "good").status == 200
    assert len(outcomes(gateway)) == before
    names.answering()
    wait.until(lambda: len(outcomes(gateway)) > before, "the reload")
    assert outcomes(gateway)[-1].startswith(DONE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_reload_that_hangs_does_not_keep_the_gateway_from_ending(start_sections, backend, pki, names, number):
    gateway, _sections = start_sections(backend)
    hang(gateway, names)
    began = time.monotonic()
    gateway.signal(number)
    assert gateway.wait_for_exit() == 0
    assert time.monotonic() - began < LIMIT_SECONDS
    assert re.search(r"^sallyport: cannot reload .*: it was given up; the configuration in use stays$", gateway.stderr(), re.M)
    assert pki


def test_requests_under_way_are_finished_while_a_reload_hangs(start_sections, backends, pki, names):
    server = backends()
    gateway, _sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/drain")
        wait.until(lambda: server.sent_to("/wait/drain"), "the request")
        hang(gateway, names)
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: "draining" in gateway.stderr(), "the drain")
        server.gate.set()
        assert client.response().status == 200
        assert gateway.wait_for_exit() == 0


def test_an_answer_that_comes_during_the_drain_does_no_harm(start_sections, backends, pki, names):
    server = backends()
    gateway, _sections = start_sections(server)
    with clients.connect(gateway.port, pki, "good") as client:
        client.start(target="/wait/drain")
        wait.until(lambda: server.sent_to("/wait/drain"), "the request")
        threads = len(os.listdir(f"/proc/{gateway.process.pid}/task"))
        hang(gateway, names)
        gateway.signal(signal.SIGTERM)
        wait.until(lambda: "draining" in gateway.stderr(), "the drain")
        names.answering()
        wait.until(lambda: len(os.listdir(f"/proc/{gateway.process.pid}/task")) <= threads, "the end of the thread that read")
        server.gate.set()
        assert client.response().status == 200
        assert gateway.wait_for_exit() == 0
