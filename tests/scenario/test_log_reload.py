"""Logs that a reload moves: no line is lost or doubled, each file has one format, and a mistake leaves them where they were."""

import json
import os
import signal
import threading

import pytest

from support import client as clients
from support import wait
from support.gateway import ini_text
from support.logger import Logger
from support.reloading import changed, refuse, reload, write


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]


def target_of(line):
    return json.loads(line)["requestUri"] if line.startswith("{") else line.split('"')[1].split(" ")[1]


class Traffic(threading.Thread):
    """Requests with numbers, on connections of its own, until it is told to end."""

    def __init__(self, gateway, pki, name):
        super().__init__()
        self.gateway, self.pki, self.title = gateway, pki, name
        self.sent = []
        self.failure = None
        self.must_end = threading.Event()
        self.start()

    def run(self):
        try:
            with clients.connect(self.gateway.port, self.pki, "good") as client:
                while not self.must_end.is_set():
                    target = f"/{self.title}/{len(self.sent)}"
                    assert client.request(target=target).status == 200
                    self.sent.append(target)
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def end(self):
        self.must_end.set()
        self.join()
        assert not self.failure, self.failure
        return self.sent


def test_every_line_is_there_once_in_the_format_of_its_file(start_sections, backend, pki):
    gateway, sections = start_sections(backend)
    traffic = [Traffic(gateway, pki, name) for name in "abc"]
    paths = [gateway.log_path]
    for turn in range(12):
        style = "combined" if turn % 2 == 0 else "json"
        paths.append(os.path.join(gateway.folder, f"{turn}.{style}"))
        reload(gateway, changed(sections, "gateway", access_log=paths[-1], access_log_format=style))
        before = len(traffic[0].sent)
        wait.until(lambda: len(traffic[0].sent) > before + 5, "some requests")  # pylint: disable=cell-var-from-loop
    sent = sorted(target for each in traffic for target in each.end())
    wait.until(lambda: sum(len(lines_of(path)) for path in paths) >= len(sent), "all lines")
    assert sorted(target_of(line) for path in paths for line in lines_of(path)) == sent
    for path in paths:
        assert all(line.startswith("{") != path.endswith("combined") for line in lines_of(path)), path
    counters = gateway.counters()
    assert counters["log_lines_dropped"] == counters["log_lines_lost"] == 0


def test_a_log_is_switched_off_and_on(start_sections, backend, connect):
    gateway, sections = start_sections(backend)
    off = changed(sections, "gateway", access_log=None)
    with connect(gateway, "good") as client:
        for turn, each in enumerate([off, sections, off, sections]):
            reload(gateway, each)
            assert client.request(target=f"/{turn}").status == 200
        gateway.record(requestUri="/3")
    assert [record["requestUri"] for record in gateway.records()] == ["/1", "/3"]


def test_to_syslog_and_back(start_sections, backend, connect, tmp_path):
    gateway, sections = start_sections(backend)
    with Logger(tmp_path / "log") as logger, connect(gateway, "good") as client:
        reload(gateway, changed(sections, "gateway", access_log=logger.setting))
        assert client.request(target="/at-the-logger").status == 200
        logger.await_text("access", "/at-the-logger")
        reload(gateway, sections)
        assert client.request(target="/in-the-file").status == 200
        gateway.record(requestUri="/in-the-file")
        assert len(logger.texts("access")) == 1 and len(gateway.records()) == 1


def test_what_the_gateway_says_moves_too(start_sections, backend):
    gateway, sections = start_sections(backend)
    path = os.path.join(gateway.folder, "error.log")
    write(gateway, ini_text(changed(sections, "gateway", error_log=path)))
    gateway.signal(signal.SIGHUP)
    wait.until(lambda: any("reloaded " in line for line in lines_of(path)), "the outcome, in the new file")
    gateway.messages_path = path
    gateway.counters()
    assert "counter requests" not in gateway.stderr()


MISTAKES = [
    ("access_log", "nowhere/other.log", "No such file or directory; make its folder first"),
    ("access_log", "syslog:/nowhere/log", "start the system's logger, or name its socket"),
    ("error_log", "nowhere/other.log", "No such file or directory; make its folder first"),
    ("error_log", ".", "Is a directory; name a file in that folder"),
    ("error_log", "off", "what goes wrong is always said"),
]


@pytest.mark.parametrize("key, value, part", MISTAKES)
def test_a_place_that_cannot_be_had_leaves_the_old_one_whole(start_sections, backend, connect, key, value, part):
    gateway, sections = start_sections(backend)
    other = os.path.join(gateway.folder, "other.log")
    broken = changed(sections, "gateway", **{"access_log_format": "combined", "access_log": other, key: value})
    refuse(gateway, broken, f"error: [gateway] {key} = ", part, "gateway.ini:")
    descriptors = gateway.descriptors()
    for _turn in range(3):
        refuse(gateway, broken, part)
    assert gateway.descriptors() == descriptors, "what was opened before the mistake"
    with connect(gateway, "good") as client:
        assert client.request(target="/as-before").status == 200
        gateway.record(requestUri="/as-before")
    assert not lines_of(other)


def test_a_mistake_elsewhere_leaves_the_logs_where_they_are(start_sections, backend, connect):
    gateway, sections = start_sections(backend)
    other = os.path.join(gateway.folder, "other.log")
    broken = changed(sections, "gateway", access_log=other, error_log=other)
    broken = changed(broken, "ssl_profile devices", trusted_client_ca="/nowhere/ca.pem")
    refuse(gateway, broken, "/nowhere/ca.pem")
    with connect(gateway, "good") as client:
        assert client.request(target="/as-before").status == 200
        gateway.record(requestUri="/as-before")
    assert not lines_of(other)
