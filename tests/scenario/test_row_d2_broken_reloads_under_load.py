"""D2: reloads of broken configurations under fifty clients: each is refused, said on standard error, over the stats socket
and by `check`; the old configuration goes on and no request fails."""

import threading

import pytest

from support import edge, figures, load_tool, ports, stats, wait
from support.gateway import run_command
from support.mistakes import MISTAKES
from support.reloading import refuse, reload

CLIENTS = 50


class Load:
    """Kept connections and new ones, as long as it takes."""

    def __init__(self, gateway, pki, seconds):
        self.results = {}
        self.threads = [threading.Thread(target=self.run, args=(mode, gateway, pki, seconds, options)) for mode, options in (
            ("request", ["-c", CLIENTS - 10]), ("handshake", ["-c", 10, "-r", 50]))]
        for thread in self.threads:
            thread.start()

    def run(self, mode, gateway, pki, seconds, options):
        self.results[mode] = load_tool.load(mode, gateway, "-d", f"{seconds}s", "--warmup", "100ms", "--no-pinning", *options,
                                            *load_tool.identity(pki), path="/hello", seconds=seconds + 50)

    def is_under_way(self):
        return all(thread.is_alive() for thread in self.threads)

    def end(self):
        for thread in self.threads:
            thread.join()
        assert set(self.results) == {"request", "handshake"}
        for mode, result in self.results.items():
            assert result.status == 0 and not result.errors(), (mode, result.errors())
        return {mode: result.json["operations"] for mode, result in self.results.items()}


def refused_whole(gateway, broken, words):
    """One reload that must fail, and everybody who may say so does."""
    failures = stats.metrics(gateway)['sallyport_config_reloads_total{result="failure"}']
    refuse(gateway, broken, *words)
    wait.until(lambda: stats.metrics(gateway)['sallyport_config_reloads_total{result="failure"}'] == failures + 1, "its count")
    assert stats.metrics(gateway)["sallyport_config_last_reload_successful"] == 0
    status, said = stats.curl(gateway, "/reload", "-X", "POST")
    # Of what is written wrong, and of what cannot be had.
    assert status == 422 and "the configuration in use stays" in said
    done = run_command("check", "-c", gateway.config)
    assert done.returncode == 1
    for word in words:
        assert word in said and word in done.output, word


@pytest.mark.parametrize("seconds", figures.small_or_full(12, 60))
def test_no_request_fails(start_sections, nginx, pki, tmp_path, seconds):
    gateway, sections = start_sections(nginx, gateway={"access_log": None})
    stats.until_ready(gateway)
    more = edge.listener_section(pki, "more", ports.free_port())
    load, count = Load(gateway, pki, seconds), 0
    while load.is_under_way() and (count < len(MISTAKES) or seconds > 12):
        for change, words in (make(pki, tmp_path) for make in MISTAKES.values()):
            refused_whole(gateway, change(sections) + [more], words)
            count += 1
        reload(gateway, sections)
        wait.until(lambda: stats.metrics(gateway)["sallyport_config_last_reload_successful"] == 1, "the good one")
    done = load.end()
    print(f"{count} broken reloads; kept requests {done['request']}, new connections {done['handshake']}, none failed")
    assert count >= len(MISTAKES) and not ports.is_listening(int(more[1]["address"].rpartition(":")[2]))
