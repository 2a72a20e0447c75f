"""`sallyport check` tries what a start would: places of logs and of the stats socket, addresses; and touches nothing."""

import json
import os
import socket

import pytest

from support import client as clients
from support import edge, wait
from support.gateway import ini_text, run_command

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def written(tmp_path, pki):
    """Writes a configuration that is right but for these settings; its path."""

    def write(listener=None, **settings):
        sections = edge.edge_sections(str(tmp_path), pki, "127.0.0.1:9", gateway=settings)
        sections = [(title, {**each, **(listener or {})} if title.startswith("listener") else each) for title, each in sections]
        path = tmp_path / "gateway.ini"
        path.write_text(ini_text(sections))
        return str(path)

    return write


def line_of(path, start):
    with open(path, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if line.startswith(start))


# What is wrong, and the words of the error; {folder} is the test's.
ERRORS = {
    "an access log without a folder": ({"access_log": "{folder}/absent/a.log"}, "No such file or directory; make its folder first"),
    "an error log without a folder": ({"error_log": "{folder}/absent/e.log"}, "No such file or directory; make its folder first"),
    "a log below a file": ({"access_log": "{folder}/file/a.log"}, "Not a directory"),
    "a log that is a folder": ({"access_log": "{folder}"}, "Is a directory; name a file in that folder"),
    "a stats socket without a folder": ({"stats_socket": "{folder}/absent/s"}, "No such file or directory"),
    "a stats socket that is a file": ({"stats_socket": "{folder}/file"}, "there is a file that is no socket; remove it"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_place_that_cannot_be_had_is_an_error_as_it_is_for_run(tmp_path, written, name):
    settings, words = ERRORS[name]
    (tmp_path / "file").write_text("kept")
    path = written(**{key: value.format(folder=tmp_path) for key, value in settings.items()})
    before = sorted(os.listdir(tmp_path))
    done = run_command("check", "-c", path)
    (key, _value), = settings.items()
    assert done.returncode == 1, done.output
    assert f"{path}:{line_of(path, key)}: error: [gateway] {key} = " in done.output and words in done.output, done.output
    assert done.output.count("error: ") == 1, done.output
    assert sorted(os.listdir(tmp_path)) == before and (tmp_path / "file").read_text() == "kept"
    assert run_command("run", "-c", path).returncode == 1


@pytest.mark.parametrize("address", ["192.0.2.1:8443", "[2001:db8::1]:8443"])
def test_an_address_of_another_machine_is_an_error(written, address):
    path = written({"address": address})
    done = run_command("check", "-c", path)
    assert done.returncode == 1, done.output
    assert f"{path}:{line_of(path, 'address')}: error: [listener edge] address = {address}: the address is not on" in done.output
    assert run_command("run", "-c", path).returncode == 1


def test_it_comes_in_one_run_with_the_mistakes_of_the_text_and_of_the_files(tmp_path, written):
    path = written({"address": "192.0.2.1:8443", "certificate": "absent.pem"}, workers="many",
                   access_log=f"{tmp_path}/absent/a.log")
    done = run_command("check", "--json", "-c", path)
    assert done.returncode == 1
    found = [(entry["line"], entry["message"]) for entry in json.loads(done.stdout) if entry["severity"] == "error"]
    assert [line for line, _message in found] == sorted(line_of(path, start) for start in (
        "workers", "access_log", "address", "certificate =")), found


def test_a_setting_that_is_refused_is_not_tried(written):
    path = written({"address": "192.0.2.1"}, access_log="")
    done = run_command("check", "-c", path)
    assert done.returncode == 1 and done.output.count("error: ") == 2, done.output
    assert "not on this machine" not in done.output


def test_a_folder_that_a_service_manager_makes_is_a_warning(written):
    path = written(stats_socket="/run/no-such-service/s.sock")
    done = run_command("check", "-c", path)
    assert done.returncode == 0, done.output
    assert f"{path}:{line_of(path, 'stats_socket')}: warning: " in done.output and "service manager" in done.output
    assert run_command("check", "--strict", "-c", path).returncode == 1


@needs_root
def test_the_user_of_the_configuration_must_be_able_to_write(tmp_path, written):
    (tmp_path / "logs").mkdir(mode=0o700)
    path = written(user="nobody", access_log=f"{tmp_path}/logs/a.log", stats_socket=f"{tmp_path}/logs/s")
    done = run_command("check", "-c", path)
    assert done.returncode == 1, done.output
    for key in ("access_log", "stats_socket"):
        assert f"{path}:{line_of(path, key)}: error: [gateway] {key} = " in done.output, done.output
    assert "Permission denied; let the gateway's user write there" in done.output


def test_a_running_gateway_is_not_disturbed(start_sections, backend, pki, tmp_path):
    place = str(tmp_path / "s.sock")
    gateway, sections = start_sections(backend, gateway={"stats_socket": place})
    assert sections
    log = os.stat(tmp_path / "access.log") if os.path.exists(tmp_path / "access.log") else None
    wait.until(lambda: "listening on" in gateway.stderr(), "the last line of the start")
    before, said = os.stat(place).st_ino, gateway.stderr()
    for _turn in range(20):
        done = run_command("check", "-c", gateway.config)
        assert done.returncode == 0 and "error:" not in done.output, done.output
    assert os.stat(place).st_ino == before and gateway.stderr() == said
    assert log is None or os.stat(tmp_path / "access.log").st_size == log.st_size
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(place)
    assert clients.ask(gateway.port, pki, "good").status == 200
