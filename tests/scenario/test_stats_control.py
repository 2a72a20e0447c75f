"""Control over the stats socket: reload, drain, stop, and sockets that earlier runs have left."""

import os
import signal
import socket
import subprocess

from support import client as clients
from support import edge, gateway as gateways, launch, stats, wait
from support.gateway import ini_text, run_command

OFF = {"verify_client_auth_mode": "off"}


def test_stop_returns_when_the_gateway_has_gone(start, backend):
    gateway = start(backend)
    stats.until_ready(gateway)
    done = run_command("stop", "-c", gateway.config)
    assert done.returncode == 0 and done.stdout == "stopping\n"
    assert gateway.wait_for_exit(5) == 0
    assert not os.path.exists(stats.path_of(gateway))
    assert run_command("stop", "-c", gateway.config).returncode == 1


def test_drain_lets_requests_finish_and_readiness_ends_first(start, backends, pki):
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "10s"})
    stats.until_ready(gateway)
    waiting = clients.connect(gateway.port, pki)
    waiting.start(target="/wait/1")
    wait.until(lambda: backend.requests, "the request, at the backend,")
    status, _head, body = stats.ask(gateway, "/drain", "POST")
    assert status == 200 and body.startswith("draining")
    wait.until(lambda: stats.ask(gateway, "/readyz")[0] == 503, "unreadiness")
    assert stats.ask(gateway, "/healthz")[0] == 200
    assert stats.metrics(gateway)["sallyport_draining"] == 1
    backend.gate.set()
    assert waiting.response().status == 200
    assert gateway.wait_for_exit(5) == 0


def test_who_asks_for_a_drain_again_cuts_nothing_off(start, backends, pki):
    """A second signal means now, a second question does not: the first answer may have been lost on its way."""
    backend = backends()
    gateway = start(backend, profile=OFF, gateway={"drain_timeout": "30s"})
    stats.until_ready(gateway)
    waiting = clients.connect(gateway.port, pki)
    waiting.start(target="/wait/1")
    wait.until(lambda: backend.requests, "the request, at the backend,")
    answers = [stats.ask(gateway, "/drain", "POST") for _turn in range(3)]
    wait.until(lambda: stats.ask(gateway, "/readyz")[0] == 503, "unreadiness")
    answers.append(stats.ask(gateway, "/drain", "POST"))
    assert [status for status, _head, _body in answers] == [200] * 4
    assert [body.startswith("draining already") for _status, _head, body in answers] == [False, True, True, True]
    status, _head, body = stats.ask(gateway, "/reload", "POST")
    assert status == 503 and body.startswith("not reloaded: the gateway is stopping\n")
    backend.gate.set()
    assert waiting.response().status == 200
    assert gateway.wait_for_exit(5) == 0


def test_reload_tells_the_true_result(start, backend):
    gateway = start(backend)
    stats.until_ready(gateway)
    done = run_command("reload", "-c", gateway.config)
    assert done.returncode == 0 and "the new configuration is in use" in done.stdout
    with open(gateway.config, encoding="utf-8") as file:
        good = file.read()
    with open(gateway.config, "w", encoding="utf-8") as file:
        file.write(good + "\n[listener]\nwrong = 1\n")
    done = run_command("reload", "-c", gateway.config)
    assert done.returncode == 1 and "error: [listener]" in done.stderr and "stays" in done.stderr
    figures = stats.metrics(gateway)
    assert figures["sallyport_config_last_reload_successful"] == 0
    assert figures['sallyport_config_reloads_total{result="success"}'] == 1
    assert figures['sallyport_config_reloads_total{result="failure"}'] == 1
    with open(gateway.config, "w", encoding="utf-8") as file:
        file.write(good.replace("[ssl_profile devices]", "[ssl_profile machines]").replace("= devices", "= machines"))
    status, _head, body = stats.ask(gateway, "/reload", "POST")
    assert status == 200, body
    names = [profile["name"] for profile in stats.ask_json(gateway, "/profiles")]
    assert names == ["machines"]
    figures = stats.metrics(gateway)
    assert figures["sallyport_config_last_reload_successful"] == 1
    for name in ("devices", "machines"):
        assert f'sallyport_verdicts_total{{profile="{name}",reason="success"}}' in figures


def test_a_socket_left_behind_never_blocks_a_start(start, backend, tmp_path, pki):
    gateway = start(backend)
    path = stats.await_socket(gateway)
    gateway.signal(signal.SIGKILL)
    gateway.process.wait()
    gateway.exit_status = 0
    assert os.path.exists(path)
    again = edge.start(gateway.folder, edge.edge_sections(gateway.folder, pki, backend))
    try:
        stats.until_ready(again)
        again.stop()
    finally:
        again.kill()


def test_two_gateways_do_not_share_a_socket(start, backend, tmp_path, pki):
    gateway = start(backend)
    sections = edge.edge_sections(str(tmp_path), pki, backend, gateway={"stats_socket": stats.await_socket(gateway)})
    config = tmp_path / "second.ini"
    config.write_text(ini_text(sections), encoding="utf-8")
    done = run_command("run", "-c", str(config))
    assert done.returncode == 1 and "another instance serves it" in done.stderr
    assert f"sallyport: error: stats_socket = {stats.path_of(gateway)}: " in done.stderr   # a log takes it for one by this word
    stats.until_ready(gateway)


def test_what_is_no_socket_stays(start, backend, tmp_path, pki):
    path = tmp_path / "precious"
    path.write_text("do not remove", encoding="utf-8")
    config = tmp_path / "second.ini"
    config.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backend, gateway={"stats_socket": str(path)})),
                      encoding="utf-8")
    done = run_command("run", "-c", str(config))
    assert done.returncode == 1 and "no socket" in done.stderr
    assert path.read_text(encoding="utf-8") == "do not remove"


def test_nobody_else_is_asked(tmp_path):
    """A socket that is bound but not served."""
    path = str(tmp_path / "dead.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    done = run_command("status", "--socket", path)
    assert done.returncode == 1 and "no gateway runs there" in done.stderr


RELOAD = b"POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"


def ask_to_reload(path):
    """A question whose answer nobody waits for; None: nobody took it."""
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(path)
        sock.sendall(RELOAD)
        return sock
    except OSError:
        sock.close()
        return None


def test_who_asks_for_a_reload_does_not_hold_up_a_start_that_fails(tmp_path, pki, backend, monkeypatch):
    """Descriptors for the stats socket, but not for so many workers."""
    launch.through(monkeypatch, tmp_path, "ulimit -n 150")
    path = str(tmp_path / "early.sock")
    config = tmp_path / "gateway.ini"
    changes = {"workers": "60", "stats_socket": path}
    config.write_text(ini_text(edge.edge_sections(str(tmp_path), pki, backend, gateway=changes)), encoding="utf-8")
    # Some are over before we come.
    wait.until(lambda: is_asked_during_a_start(config, path), "a start that fails while it is asked", 40)


def is_asked_during_a_start(config, path):
    process = subprocess.Popen([gateways.BINARY, "run", "-c", str(config)], stderr=subprocess.PIPE, text=True)
    try:
        asking = wait.until(lambda: ask_to_reload(path) or process.poll() is not None, "the stats socket")
        _nothing, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1 and "cannot start: a configured limit is full; raise `ulimit -n`, or LimitNOFILE" in said
    if asking is True:
        return False
    asking.close()
    return True
