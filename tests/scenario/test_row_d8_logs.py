"""D8: a disk that is full, a reader of the log that is stuck or gone: lines are dropped and counted, requests go on, and it is said."""

import fcntl
import json
import os
import re
import resource
import signal

import pytest

from support import figures, stats, wait
from support.logger import Logger
from support.schedstat import Undisturbed

DROPPED = 'sallyport_log_dropped_total{log="access"}'
ERRORS_DROPPED = 'sallyport_log_dropped_total{log="error"}'
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def ask_many(gateway, client, count, seconds, name="x"):
    """Nobody waits for the log, least of all a second."""
    with Undisturbed(gateway) as watch:
        for turn in range(count):
            assert client.request(target=f"/{name}/{turn}").status == 200
    assert watch.seconds < seconds * figures.TIME_SCALE


def await_dropped(gateway, at_least, series=DROPPED):
    wait.until(lambda: stats.metrics(gateway)[series] >= at_least, f"{at_least} in {series}")


def await_said(gateway, pattern):
    return wait.until(lambda: re.search(pattern, gateway.stderr()), f"{pattern!r} on standard error")


def read_some(reader):
    try:
        return os.read(reader, 1 << 20)
    except BlockingIOError:
        return b""


def await_recovery(gateway, client, name, reader=None):
    """A line now and then, until the gateway says that they are written; what a reader has got meanwhile."""
    received = []

    def has_recovered():
        assert client.request(target="/again").status == 200
        received.append(b"" if reader is None else read_some(reader))
        return "takes lines again" in gateway.stderr()

    wait.until(has_recovered, "the recovery")
    return await_said(gateway, rf"sallyport: access_log = \S*{name}: takes lines again; (\d+) were dropped"), b"".join(received)


def test_a_full_disk_costs_lines_and_nothing_else(start, backend, connect):
    gateway = start(backend, gateway={"access_log": "/dev/full"})
    with connect(gateway, "good") as client:
        ask_many(gateway, client, 300, 3)
        await_dropped(gateway, 300)
        await_said(gateway, r"sallyport: error: access_log = /dev/full: No space left on device; its lines are dropped")
        assert gateway.stderr().count("No space left") == 1, "said once, not with every line"
    assert stats.metrics(gateway)[ERRORS_DROPPED] == 0
    assert stats.ask_json(gateway, "/stats")["log"]["dropped_lines"] == 300


def test_when_there_is_room_again_it_is_said_and_every_line_is_whole(start, backend, connect):
    gateway = start(backend)
    with connect(gateway, "good") as client:
        ask_many(gateway, client, 20, 3, "before")
        gateway.record(requestUri="/before/19")
        # A file that may not grow by a whole line: as a disk with a little room left.
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE,
                         (os.path.getsize(gateway.log_path) + 100, resource.RLIM_INFINITY))
        ask_many(gateway, client, 300, 3, "full")
        await_dropped(gateway, 300)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        found, _received = await_recovery(gateway, client, "access.log")
    await_said(gateway, r"sallyport: error: access_log = \S+: File too large; its lines are dropped")
    assert int(found[1]) == stats.metrics(gateway)[DROPPED] == 300
    targets = [json.loads(line)["requestUri"] for line in open(gateway.log_path, encoding="utf-8")]
    assert targets[:20] == [f"/before/{turn}" for turn in range(20)] and not any("full" in each for each in targets)


def test_a_reader_that_is_stuck_holds_up_nobody(start, backend, connect, tmp_path):
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    gateway = start(backend, gateway={"access_log": fifo})
    with connect(gateway, "good") as client:
        ask_many(gateway, client, 500, 5)
        await_dropped(gateway, 1)
        await_said(gateway, r"access_log = \S+fifo: nobody reads what was written; its lines are dropped")
        ask_many(gateway, client, 500, 5)
        assert stats.ask(gateway, "/readyz")[0] == 200
        _found, received = await_recovery(gateway, client, "fifo", reader)
    assert b'"/again"' in received
    for line in received.split(b"\n")[:-1]:
        json.loads(line)
    gateway.stop()
    os.close(reader)


def test_a_reader_that_leaves_ends_nothing(start, backend, connect, tmp_path):
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    gateway = start(backend, gateway={"access_log": fifo})
    os.close(reader)
    with connect(gateway, "good") as client:
        ask_many(gateway, client, 50, 3)
        await_dropped(gateway, 50)
        await_said(gateway, r"access_log = \S+fifo: Broken pipe; its lines are dropped")
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        await_recovery(gateway, client, "fifo", reader)
    os.close(reader)


@pytest.mark.parametrize("way", ["stuck", "gone"])
def test_a_logger_that_is_stuck_or_gone_costs_lines_and_nothing_else(start, backend, connect, tmp_path, way):
    logger = Logger(tmp_path / "log")
    gateway = start(backend, gateway={"access_log": logger.setting})
    if way == "gone":
        logger.leave()
    with connect(gateway, "good") as client:
        # More than any queue of a socket holds.
        wait.until(lambda: client.request().status == 200 and stats.metrics(gateway)[DROPPED] > 0, "lines dropped", 40)
        ask_many(gateway, client, 200, 3)
        await_said(gateway, r"error: access_log = syslog:\S+: .*; its lines are dropped")
        if way == "gone":
            logger.open()
        wait.until(lambda: (client.request(target="/again").status == 200 and any("/again" in text for text in logger.texts("access"))
                            and "takes lines again" in gateway.stderr()), "the recovery")
    logger.sock.close()


def test_what_the_gateway_says_may_be_lost_and_is_counted(start, backend, connect, tmp_path):
    error_log = str(tmp_path / "error.log")
    gateway = start(backend, gateway={"error_log": error_log})
    gateway.messages_path = error_log
    wait.until(lambda: os.path.exists(error_log) and "ready: " in open(error_log, encoding="utf-8").read(), "the message")
    size = os.path.getsize(error_log)
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    gateway.signal(signal.SIGUSR2)
    await_dropped(gateway, 20, ERRORS_DROPPED)
    with connect(gateway, "good") as client:
        assert client.request().status == 200
    # The file of a reload's report is another's matter: the answer is the true one.
    assert stats.ask(gateway, "/reload", "POST")[0] == 200
    assert os.path.getsize(error_log) == size
    resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
    wait.until(lambda: stats.ask(gateway, "/reload", "POST")[0] == 200
               and "takes lines again" in open(error_log, encoding="utf-8").read(), "the recovery")


def test_standard_error_that_nobody_reads_holds_up_neither_reloads_nor_requests(start, backend, connect, tmp_path):
    """As when the terminal or the program behind a pipe hangs: here error_log at a FIFO, which standard error may be, too."""
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    gateway = start(backend, gateway={"error_log": fifo})
    stats.until_ready(gateway)

    def is_dropping():
        gateway.signal(signal.SIGUSR2)
        return stats.metrics(gateway)[ERRORS_DROPPED] > 0

    wait.until(is_dropping, "messages dropped")
    with Undisturbed(gateway) as watch:
        assert stats.ask(gateway, "/reload", "POST")[0] == 200
    assert watch.seconds < 3 * figures.TIME_SCALE
    with connect(gateway, "good") as client:
        ask_many(gateway, client, 50, 3)
    gateway.stop()
    os.close(reader)
